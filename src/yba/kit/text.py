"""Vietnamese text: normal form, keys for comparing and searching, and signs of damage."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from .charsets import DAMAGED_UTF8, TONES, UNKNOWN, decode_legacy, is_syllable, mend, plausibility

__all__ = [
    "DAMAGED_UTF8",
    "UNKNOWN",
    "decode_legacy",
    "fold",
    "is_syllable",
    "looks_lost",
    "mend",
    "name_key",
    "nfc",
    "plausibility",
    "whole",
]

# Eth and d with stroke look alike in capitals and are typed for one another (TCVN 6909 knows only đ).
_ETH: Final = {"\u00d0": "Đ", "\u00f0": "đ"}
_ETH_TABLE: Final = str.maketrans(_ETH)
_DIGITS: Final = 18  # of a whole number that every column and `int` takes
_APOSTROPHES: Final = "\u2018\u2019\u02bc\u02b9\u2032\u00b4`"


def nfc(text: str) -> str:
    """Return the text composed (NFC), with the letter eth (Ð ð) as the Vietnamese Đ đ."""
    if text.isascii():
        return text
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.translate(_ETH_TABLE) if "\u00d0" in text or "\u00f0" in text else text


def whole(text: str) -> int | None:
    """Read a whole number typed with the digits 0 to 9 alone, eighteen at most; None where it is anything else.

    `str.isdigit` lets ² through, which `int` refuses.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _fold_table() -> dict[int, str | None]:
    table: dict[int, str | None] = dict.fromkeys(map(ord, _APOSTROPHES), "'")
    table |= {0xA0: " ", ord("đ"): "d", ord("ð"): "d"}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFKD", chr(code))
        if len(base) > 1 and base[0].isascii():
            table[code] = base[0].lower()
    table |= dict.fromkeys(range(0x300, 0x370))
    return table | dict.fromkeys((ord("Đ"), ord("Ð")), "d")


_FOLD: Final = _fold_table()


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return the text without marks, đ as d, lower case, blanks collapsed: "  Nguyễn  ĐÌNH " -> "nguyen dinh"."""
    if not text.isascii():
        text = text.translate(_FOLD)
    return " ".join(text.lower().split())


_Y_ALONE: Final = re.compile(r"^(qu|[bcdđghklmnprstvx]{0,3})y$")
_TONE: Final = re.compile(f"[{TONES}]")


@lru_cache(maxsize=65_536)
def name_key(text: str) -> str:
    """Return a key equal for spellings that differ only in the place of the tone, in i/y, case, blanks or form.

    Hoà = Hòa, Thuý = Thúy, Quí = Quý (= the misplaced Qúy), Lý = Lí, Yến = Iến. Marks stay: Hòa, Hóa and Hoa differ.
    """
    text = nfc(text).lower().translate({ord(c): "'" for c in _APOSTROPHES})
    return " ".join(map(_word_key, text.split()))


@lru_cache(maxsize=16_384)
def _word_key(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word)
    tones = "".join(_TONE.findall(decomposed))
    plain = unicodedata.normalize("NFC", _TONE.sub("", decomposed))
    if _Y_ALONE.match(plain):
        plain = plain[:-1] + "i"
    elif plain.startswith("yê"):
        plain = "i" + plain[1:]
    return plain + tones


_LOST_INSIDE: Final = re.compile(r"[^\W\d_]\?+[^\W\d_]|(?:^|[\s(])\?+[^\W\d_]")
_LOST_WORD: Final = re.compile(r"(?:[^\W\d_]|\?)\?$")


@lru_cache(maxsize=65_536)
def looks_lost(text: str) -> bool:
    """Say whether accented letters were replaced by "?" (or U+FFFD) in an export: "Nguy?n Th? Hà".

    A single question mark after a word, or alone, is punctuation; inside or before a word, or in two words, it is damage.
    """
    if "\ufffd" in text:
        return True
    if "?" not in text:
        return False
    return bool(_LOST_INSIDE.search(text)) or sum(_LOST_WORD.search(word) is not None for word in text.split()) > 1
