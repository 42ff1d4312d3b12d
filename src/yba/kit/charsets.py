"""Recognise and convert the character sets in which Vietnamese text still arrives.

Every 8-bit candidate is decoded and judged by one question: which share of its accented letters stands in
syllables that Vietnamese spelling allows? Spelling is strict (onset, rhyme, one tone, stops carry two tones
only), so the right table scores near 1 and the wrong ones near 0.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN: Final = "unknown"
DAMAGED_UTF8: Final = "utf-8-damaged"

TONES: Final = "\u0300\u0309\u0303\u0301\u0323"
_STOP_TONES: Final = {"", "\u0301", "\u0323"}
_ONSETS: Final = "ngh ng nh gh gi kh ph th tr ch qu b c d đ g h k l m n p r s t v x".split()
_RHYMES: Final = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu
    i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong
    oong ooc op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut
    uy uya uych uyên uyêt uyn uynh uyp uyt uyu ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
    y ych yêm yên yêng yêt yêu yn ynh yt yu
    """.split(),
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_ACCENTED: Final = re.compile(r"[^\x00-\x7f]+")
_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")
_RUN: Final = re.compile(r"[^<>\r\n]+")
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_NO_CAPITALS: Final = bytes(set(range(128)).difference(range(ord("A"), ord("Z") + 1)))
_SAMPLE: Final = 65_536  # bytes judged per candidate: enough for thousands of accented letters, a few ms
_ENOUGH: Final = 0.7  # the right table scores above 0.9 on claims text, a wrong one below 0.4 (tests/kit/test_text.py)
_UTF8_ENOUGH: Final = 0.9  # share of non-ASCII bytes in sound UTF-8 sequences that makes a broken text "damaged UTF-8"
_CUT_TAIL: Final = 3  # bytes of one character cut off at the end
_UTF16_ZEROS: Final = 0.3  # share of zero high bytes in UTF-16 text of Latin script; markup alone gives more


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Say whether one word is spelled as a Vietnamese syllable (any case, precomposed or not)."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in decomposed if mark in TONES]
    plain = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in TONES))
    if plain.endswith("k"):  # Đắk Lắk
        plain = plain[:-1] + "c"
    if len(tones) > 1 or (plain.endswith(("c", "ch", "p", "t")) and not _STOP_TONES.issuperset(tones)):
        return False
    return plain in _RHYMES or any(plain.startswith(o) and plain[len(o) :] in _RHYMES for o in _ONSETS)


def plausibility(text: str) -> float:
    """Return the share (0 to 1) of non-ASCII characters that stand in Vietnamese syllables; 1.0 without any."""
    total = sum(map(len, _ACCENTED.findall(text)))
    if not total:
        return 1.0
    words = (w for w in _WORD.findall(text) if not w.isascii())
    return sum(sum(map(len, _ACCENTED.findall(w))) for w in words if is_syllable(w)) / total


# TCVN 5712-1 (TCVN3, "ABC") from 0xA1 and VISCII (RFC 1456) from 0x80; both equal the tables of GNU libc.
_TCVN3: Final = dict(
    enumerate(
        "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ",
        start=0xA1,
    ),
)
_VISCII: Final = dict(
    enumerate(
        "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ",
        start=0x80,
    ),
) | {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_TCVN3_TABLE: Final = "".join(_TCVN3.get(code, chr(code)) for code in range(256))
_VISCII_TABLE: Final = "".join(_VISCII.get(code, chr(code)) for code in range(256))
# VNI for Windows: a base letter followed by one byte that carries the tone, or the circumflex/breve with the tone.
_VNI_TONES: Final = {"ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ù": "\u0301", "ï": "\u0323"}
_VNI_MARKS: Final = _VNI_TONES | {
    "â": "\u0302", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303", "á": "\u0302\u0301",
    "ä": "\u0302\u0323", "ê": "\u0306", "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303",
    "é": "\u0306\u0301", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS: Final = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ì": "ì", "í": "í"}
_VNI_MARKED: Final = re.compile(
    "([AEOUYaeouyÔÖôö])([{}{}])".format("".join(_VNI_MARKS), "".join(_VNI_MARKS).upper()),
)
_VNI_LETTER: Final = re.compile("[{}{}]".format("".join(_VNI_LETTERS), "".join(_VNI_LETTERS).upper()))


def _abc_capitals(run: re.Match[str]) -> str:
    """Raise a run whose ASCII letters are all capitals: ABC has a second font for accented capitals."""
    text = run[0]
    if text.isascii():  # nothing to raise: tags, codes, numbers
        return text
    plain = text.encode("ascii", "ignore")
    return text.upper() if plain.isupper() and len(plain.translate(None, _NO_CAPITALS)) > 1 else text


def _from_tcvn3(latin: str) -> str:
    return _RUN.sub(_abc_capitals, unicodedata.normalize("NFC", _by_table(latin, _TCVN3_TABLE)))


def _from_viscii(latin: str) -> str:
    return _by_table(latin, _VISCII_TABLE)


def _by_table(latin: str, table: str) -> str:
    """`str.translate` looks every character up in a dictionary; a table of 256 characters does the same fifty times as fast."""
    return codecs.charmap_decode(latin.encode("latin-1"), "strict", table)[0]


def _vni_letter(match: re.Match[str]) -> str:
    letter = match[0]
    return _VNI_LETTERS[letter] if letter in _VNI_LETTERS else _VNI_LETTERS[letter.lower()].upper()


def _from_vni(latin: str) -> str:
    def marked(match: re.Match[str]) -> str:
        base = match[1]
        return _VNI_LETTER.sub(_vni_letter, base) + _VNI_MARKS[match[2].lower()]

    out: list[str] = []
    at = 0
    for found in _VNI_MARKED.finditer(latin):
        out += (_VNI_LETTER.sub(_vni_letter, latin[at : found.start()]), marked(found))
        at = found.end()
    return unicodedata.normalize("NFC", "".join((*out, _VNI_LETTER.sub(_vni_letter, latin[at:]))))


def _from_1258(latin: str) -> str:
    return unicodedata.normalize("NFC", latin.encode("latin-1").decode("cp1258", "replace"))


# Order breaks ties: Windows-1258 and TCVN3 are the two seen in claims files.
_CANDIDATES: Final[dict[str, Callable[[str], str]]] = {
    "windows-1258": _from_1258,
    "tcvn3": _from_tcvn3,
    "vni": _from_vni,
    "viscii": _from_viscii,
}


def _best(latin: str, first: str = "") -> tuple[str, float]:
    """Return the candidate whose reading is most plausible, and its score; ``first`` wins ties."""
    names = sorted(_CANDIDATES, key=lambda name: name != first)
    scored = [(plausibility(_CANDIDATES[name](latin)), name) for name in names]
    score, name = max(scored, key=lambda pair: pair[0])
    return name, score


def decode_legacy(data: bytes) -> tuple[str, str]:
    """Decode bytes of unknown character set into NFC-safe text and say which set it was.

    Returns ``(text, name)`` with name one of utf-8, utf-8-sig, utf-16-le, utf-16-be, windows-1258, tcvn3, vni,
    viscii, utf-8-damaged (unreadable bytes became U+FFFD) or unknown (read as Latin-1, every byte kept). A byte
    order mark is not part of the text. Sound UTF-8 is returned as it stands, not normalised. Never raises.
    """
    if data.startswith(codecs.BOM_UTF8):
        text, name = decode_legacy(data[3:])
        return text, "utf-8-sig" if name == "utf-8" else name
    wide = _utf16(data)
    if wide:
        return data.decode(wide, "replace").removeprefix("\ufeff"), wide
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_8bit(data)


def _utf16(data: bytes) -> str:
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    head = data[:4096]
    if b"\0" not in head:
        return ""
    half = len(head) // 2
    even, odd = head[0::2].count(0) / max(half, 1), head[1::2].count(0) / max(half, 1)
    if odd > _UTF16_ZEROS and even < odd / 4:
        return "utf-16-le"
    return "utf-16-be" if even > _UTF16_ZEROS and odd < even / 4 else ""


def _decode_8bit(data: bytes) -> tuple[str, str]:
    latin = data.decode("latin-1")
    first = _NOT_ASCII.search(data)
    start = max(0, first.start() - 64) if first else 0
    sample = data[start : start + _SAMPLE]
    declared = _DECLARED.match(data[:200])
    name, score = _best(sample.decode("latin-1"), declared[1].decode("ascii").lower() if declared else "")
    if score >= _ENOUGH:
        return _CANDIDATES[name](latin), name
    lenient = sample.decode("utf-8", "ignore")
    kept = sum(len(c.encode()) for c in _ACCENTED.findall(lenient))
    if kept and kept + _CUT_TAIL >= _UTF8_ENOUGH * len(_NOT_ASCII.findall(sample)):
        return data.decode("utf-8", "replace"), DAMAGED_UTF8
    return latin, UNKNOWN


def mend(text: str) -> tuple[str, str] | None:
    """Recognise text that was read with the wrong table before it reached us, and return ``(mended, name)``.

    Covers TCVN3, VNI, VISCII and Windows-1258 text pasted into Unicode as Latin-1 ("NguyÔn V¨n An") and UTF-8 read
    as Windows-1252 ("Nguyá»…n", name "utf-8-twice"). None when the text is plausible as it stands or nothing fits.
    """
    if text.isascii() or plausibility(text) >= _ENOUGH:
        return None
    raw = _narrow(text)
    if raw is None:
        return None
    try:
        twice = raw.decode("utf-8")
    except UnicodeDecodeError:
        name, score = _best(raw.decode("latin-1"))
        return (_CANDIDATES[name](raw.decode("latin-1")), name) if score >= _UTF8_ENOUGH else None
    return (twice, "utf-8-twice") if plausibility(twice) >= _ENOUGH else None


def _narrow(text: str) -> bytes | None:
    out = bytearray()
    for c in text:
        if ord(c) < 0x100:  # noqa: PLR2004  Latin-1 covers it, also where Windows-1252 has a hole
            out.append(ord(c))
        else:
            try:
                out += c.encode("cp1252")
            except UnicodeEncodeError:
                return None
    return bytes(out)
