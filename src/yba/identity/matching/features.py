"""From what one source says of a human to flat columns that every engine compares the same; pure, remembered, no database."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from xxhash import xxh3_64_intdigest

from yba.directory import commune_of
from yba.identity.normalise import name_parts
from yba.kit.text import fold, is_syllable, name_key, nfc
from yba.specs.identity.matching import normalising

_RULES: Final = normalising()
_DIGITS: Final = re.compile(r"\D+")
_NOT_NUMBER: Final = re.compile(r"[^0-9A-Z]+")
_NOT_ASCII: Final = re.compile(r"[^a-z ]+")
_SIGNED: Final = 1 << 63
# A tone typed before the last consonants. Only there: "misa" is no "mía"; not r before n or m ("bern"), nor tones a stop cannot bear ("bert").
_TONE_INSIDE: Final = re.compile(r"([a-z]*[aeiouy]w?)(?:([sfxj])([mn])|([sfrxj])(ng|nh)|([sj])(ch|[cpt]))")
_MONTHS, _DAYS = 12, 31
_TREE: Final = date(2026, 1, 1)  # codes of communes are brought into the tree of this day: the set's, not today's, or stored rows would go stale
_CARD_TAIL: Final = 10  # the last ten characters of a card are the insurance number
# Marks of a letter as digits, so that marked names too are compared as ASCII (the digits of the VNI keyboard).
_MARKS: Final = {
    "\u0301": "1", "\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5", "\u0302": "6", "\u031b": "7", "\u0306": "8",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Description:
    """What one source says of a human, as text; "" means not said.

    ``birth`` in any form of normalise.toml; ``commune`` a code as written on ``written`` (None: today); ``insurance`` the ten-digit number or a card.
    """

    name: str = ""
    birth: str = ""
    sex: str = ""
    citizen: str = ""
    old: str = ""
    insurance: str = ""
    phone: str = ""
    commune: str = ""
    address: str = ""
    mother: str = ""
    written: date | None = None


class Features(NamedTuple):
    """The columns of the set ``people``: folded ASCII texts, "" not said; year, month and day None when not said."""

    name: str
    marked: str
    front: str
    front_marked: str
    family: str
    given: str
    bag: str
    year: int | None
    month: int | None
    day: int | None
    days: str
    born: str
    sex: str
    citizen: str
    old: str
    insurance: str
    phone: str
    commune: str
    province: str
    address: str
    mother: str


@lru_cache(maxsize=2048)
def features(said: Description) -> Features:
    """Return the columns of a description; remembered for a while: what is asked for is kept soon after."""
    citizen, old, insurance = numbers(said.citizen, said.old, said.insurance)
    return Features(
        *name_columns(said.name),
        *birth_columns(said.birth),
        sex_column(said.sex),
        citizen,
        old,
        insurance,
        phone_column(said.phone),
        *place_columns(said.commune, said.written),
        address_column(said.address),
        name_columns(said.mother)[0],
    )


def digest(row: Features) -> int:
    """Return a signed 64-bit hash of all columns: the same description, the same digest."""
    return key_of("row", *("" if value is None else str(value) for value in row))


def key_of(block: str, *values: str) -> int:
    """Return the signed 64-bit key of a block's values."""
    made: int = xxh3_64_intdigest("\0".join((block, *values)))
    return made - 2 * _SIGNED if made >= _SIGNED else made


class Name(NamedTuple):
    """A name taken apart; see `Features`."""

    name: str
    marked: str
    front: str
    front_marked: str
    family: str
    given: str
    bag: str


_NAMELESS: Final = Name("", "", "", "", "", "", "")


@lru_cache(maxsize=131_072)
def name_columns(text: str) -> Name:
    """Take a name apart; a newborn's placeholder, a filler and a text without letters say nothing."""
    text = nfc(text)
    if not text.strip() or name_parts(text).placeholder:
        return _NAMELESS
    words = _RULES.name_remove.sub(" ", text.lower()).split()
    marked_words = [_word(word) for word in words]
    folded = [_plain(word) for word in marked_words]
    plain = " ".join(word for word in folded if word)
    shorter = _RULES.name_titles.sub("", plain)
    gone = len(plain.split()) - len(shorter.split())
    keys = [_marked(word) for word, kept in zip(marked_words, folded, strict=True) if kept][gone:]
    name = shorter[: _RULES.name_longest].rstrip()
    parts = name.split()
    if not parts or _RULES.name_fillers.fullmatch(name):
        return _NAMELESS
    marked = " ".join(keys[: len(parts)]) if any(key != part for key, part in zip(keys, parts, strict=False)) else ""
    front = " ".join(parts[:-1])
    family = parts[0] if len(parts) > 1 else ""
    return Name(name, marked, front, " ".join(keys[: len(parts) - 1]) if marked else "", family, parts[-1], " ".join(sorted(parts)))


def plain_words(text: str) -> list[str]:
    """Return the words of what is typed into a search box as names are kept: without marks, one spelling of i and y."""
    return [word for word in map(_plain, nfc(text).lower().split()) if word]


@lru_cache(maxsize=32_768)
def _plain(word: str) -> str:
    """Return a word without marks, with one spelling of i and y (Lý = Lí, Quý = Quí, Yến = Iến)."""
    folded = _NOT_ASCII.sub("", fold(name_key(word)))
    return "y" + folded[1:] if folded.startswith("ie") else folded


@lru_cache(maxsize=32_768)
def _marked(word: str) -> str:
    """Return a word with its marks as digits behind it and its tone last: ASCII, equal for spellings that differ in the place of the tone."""
    key = unicodedata.normalize("NFD", name_key(word).replace("đ", "d9"))
    letters = "".join(_MARKS.get(letter, letter) for letter in key)
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


@lru_cache(maxsize=32_768)
def _word(word: str) -> str:
    """Return what a word typed with the keyboard off was meant to be ("nguyeenx" -> "nguyễn"); any other word as it is."""
    if not word.isascii() or is_syllable(word):
        return word
    inside = _TONE_INSIDE.fullmatch(word)
    body, tone = (word[:-1], _RULES.telex_tones.get(word[-1], "")) if word else ("", "")
    if inside:  # "nguyeexn"
        vowels_before, typed, last = (group for group in inside.groups() if group)
        body, tone = vowels_before + last, _RULES.telex_tones[typed]
    elif not tone:
        body = word
    for typed, letter in _RULES.telex_double.items():
        body = body.replace(typed, letter)
    vowels = [at for at, letter in enumerate(body) if fold(letter) in {"a", "e", "i", "o", "u", "y"}]
    if not vowels or (body == word and not tone):
        return word
    at = next((at for at in vowels if not body[at].isascii()), vowels[0])
    meant = unicodedata.normalize("NFC", body[: at + 1] + tone + body[at + 1 :])
    return meant if is_syllable(meant) else word


Birth = tuple[int | None, int | None, int | None, str, str]
_UNBORN: Final[Birth] = (None, None, None, "", "")


@lru_cache(maxsize=65_536)
def birth_columns(text: str) -> Birth:
    """Return year, month, day, the two ordered, and the full date; a month above twelve is a day put in its place."""
    text = text.strip()
    for form in _RULES.birth_forms:
        match = form.fullmatch(text)
        if match is None:
            continue
        said = match.groupdict()
        year, month, day = int(said["year"]), int(said.get("month") or 0), int(said.get("day") or 0)
        if month > _MONTHS >= day > 0:
            month, day = day, month
        if not _RULES.years[0] <= year <= _RULES.years[1]:
            return _UNBORN
        if not 0 < month <= _MONTHS:
            return (year, None, None, "", "")
        if not 0 < day <= _DAYS:
            return (year, month, None, "", "")
        return (year, month, day, f"{min(month, day):02d}{max(month, day):02d}", f"{year}{month:02d}{day:02d}")
    return _UNBORN


@lru_cache(maxsize=1024)
def sex_column(text: str) -> str:
    """Return male, female or ""."""
    return _RULES.sex.get(fold(text), "")


def numbers(citizen: str, old: str, insurance: str) -> tuple[str, str, str]:
    """Return the personal number, the nine-digit card and the ten-digit insurance number, each whatever column it was typed in."""
    found = {"citizen": "", "old": "", "insurance": ""}
    for kind, text in (("citizen", citizen), ("old", old), ("insurance", insurance)):
        value = _number(text)
        if not value:
            continue
        if _RULES.number["card"].fullmatch(value):
            kind, value = "insurance", value[-_CARD_TAIL:]  # noqa: PLW2901  # a card is its number
        elif _RULES.number["citizen"].fullmatch(value):
            kind = "citizen"  # noqa: PLW2901  # whatever column it stands in
        elif kind == "citizen" and _RULES.number["old"].fullmatch(value):
            kind = "old"  # noqa: PLW2901
        if _RULES.number[kind].fullmatch(value) and not found[kind]:
            found[kind] = value
    return found["citizen"], found["old"], found["insurance"]


def _number(text: str) -> str:
    if not text or len(text) > _RULES.number_longest:
        return ""
    value = _NOT_NUMBER.sub("", text.upper())
    return "" if _RULES.number["junk"].fullmatch(value) else value


def phone_column(text: str) -> str:
    """Return a phone number in the plan of 2018, or "" for what is none."""
    if not text or len(text) > _RULES.number_longest:
        return ""
    value = _DIGITS.sub("", text)
    for pattern, replacement in _RULES.phone_steps:
        value = pattern.sub(replacement, value)
    return value if _RULES.phone_valid.fullmatch(value) and not _RULES.phone_junk.fullmatch(value) else ""


@lru_cache(maxsize=65_536)
def place_columns(code: str, written: date | None = None) -> tuple[str, str]:
    """Return commune and province of the tree in force; a code that is in no tree is compared as it stands."""
    code = code.strip()
    if not code:
        return "", ""
    area = commune_of(code, _TREE, written=written or _TREE)
    return (area.code, area.province) if area else (fold(code)[:20], "")


@lru_cache(maxsize=16_384)
def address_column(text: str) -> str:
    """Return an address that two offices would write alike."""
    value = fold(text)
    for pattern, replacement in _RULES.address_steps:
        value = pattern.sub(replacement, value)
    return "".join(letter for letter in value if letter.isascii()).strip()[: _RULES.address_longest]
