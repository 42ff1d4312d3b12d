"""Codecs: raw claim text to a FHIR value and back, exact or not at all; what is not exact stays raw in the residue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from html import escape, unescape
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.specs.unborn import without_fetal_sex

from .dates import is_date

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED: Final = 20_000
"""Values one codec remembers: a hospital's codes, prices and units repeat; about 2 MB a codec at the most."""
LONGEST_REMEMBERED: Final = 64
NOT_FHIR: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters FHIR strings, JSON or PostgreSQL cannot hold."""
_CODE: Final = re.compile(r"\S+(?: \S+)*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?")
_LOOSE: Final = re.compile(r"\s*(?:[<>]=?|[≤≥])?\s*(-?[0-9]{1,15})(?:[.,]([0-9]{1,6}))?\s*")
_DIV: Final = '<div xmlns="http://www.w3.org/1999/xhtml">'
_END: Final = "</div>"


@dataclass(frozen=True, slots=True)
class Codec:
    """`encode` gives a value only where `decode` gives the very same text back; `loose` gives one worth showing anyway, or None."""

    name: str
    encode: Callable[[str], Any]
    decode: Callable[[Any], str]
    loose: Callable[[str], Any]


def _nothing(_raw: str) -> None:
    return None


class Remembered(dict[str, Any]):
    """Values by short raw text, worked out at first use; reading one is a third of the price of a call."""

    def __init__(self, encode: Callable[[str], Any]) -> None:
        super().__init__()
        self._encode = encode

    def __missing__(self, raw: str) -> Any:  # noqa: ANN401 - a FHIR value of any JSON type
        value = self._encode(raw)
        if value is not None and len(raw) <= LONGEST_REMEMBERED:
            if len(self) >= REMEMBERED:
                self.clear()
            self[raw] = value
        return value


def _remember(encode: Callable[[str], Any]) -> Callable[[str], Any]:
    return Remembered(encode).__getitem__


FILLERS: Final = frozenset({"null", "undefined", "none", "n/a", "nan"})
"""What programs write where they have nothing to say; kept raw in the residue, never a fact of the record."""
_LONGEST_FILLER: Final = 9


def _says_nothing(raw: str) -> bool:
    return len(raw) <= _LONGEST_FILLER and raw.lower() in FILLERS


def _text(raw: str) -> str | None:
    # printable texts hold none of them, and most texts are
    sound = (raw.isprintable() or not NOT_FHIR.search(raw)) and not raw.isspace()
    return raw if sound and not _says_nothing(raw) else None


def _loose_text(raw: str) -> str | None:
    text = NOT_FHIR.sub("", raw).strip()
    return None if not text or _says_nothing(text) else text


def _code(raw: str) -> str | None:
    return raw if _CODE.fullmatch(raw) and not NOT_FHIR.search(raw) and not _says_nothing(raw) else None


def _loose_code(raw: str) -> str | None:
    code = " ".join(NOT_FHIR.sub("", raw).split())
    return None if not code or _says_nothing(code) else code


def _decimal(raw: str) -> int | orjson.Fragment | None:
    if not _NUMBER.fullmatch(raw) or raw[:2] == "-0":
        return None
    return orjson.Fragment(raw.encode()) if "." in raw else int(raw)


def _loose_decimal(raw: str) -> int | orjson.Fragment | None:
    match = _LOOSE.fullmatch(raw)
    if match is None:
        return None
    whole, fraction = str(int(match[1])), match[2]
    if fraction is None:
        return int(whole)
    sign = "-" if match[1].startswith("-") and not whole.startswith("-") else ""
    return orjson.Fragment(f"{sign}{whole}.{fraction}".encode())


def number_text(value: object) -> str:
    """Give the JSON text of a number that came from `orjson.Fragment`, Decimal, int or a numeral."""
    if isinstance(value, orjson.Fragment):
        return orjson.dumps(value).decode()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _count(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 9 and str(int(raw)) == raw else None  # noqa: PLR2004 - FHIR integers have 31 bits


_MINUTES: Final = {f"{hour:02}{minute:02}": f"T{hour:02}:{minute:02}:00+07:00" for hour in range(24) for minute in range(60)}
"""HHmm as the end of a FHIR dateTime."""


def _when(raw: str) -> str | None:
    if len(raw) == 12:  # noqa: PLR2004 - yyyyMMddHHmm
        day, minute = _day(raw[:8]), _MINUTES.get(raw[8:])
        return day + minute if day is not None and minute is not None else None
    return _date(raw)


def _loose_when(raw: str) -> str | None:
    digits = raw.strip()
    return _when(digits) or _date(digits[:8])


def _date(raw: str) -> str | None:
    return f"{raw[:4]}-{raw[4:6]}-{raw[6:]}" if len(raw) == 8 and is_date(raw) else None  # noqa: PLR2004 - yyyyMMdd


_day = _remember(_date)


def _loose_date(raw: str) -> str | None:
    return _date(raw.strip()[:8])


def _digits(value: str) -> str:
    day = value[:10].replace("-", "")
    return day + value[11:13] + value[14:16] if "T" in value else day


_SEX: Final = {"1": "male", "2": "female", "3": "unknown"}
_SEX_BACK: Final = {word: code for code, word in _SEX.items()}


def _xhtml(raw: str) -> dict[str, str] | None:
    return {"status": "additional", "div": f"{_DIV}{escape(raw, quote=False)}{_END}"} if _text(raw) else None


def _loose_xhtml(raw: str) -> dict[str, str] | None:
    text = _loose_text(raw)
    return _xhtml(text) if text else None


def _from_xhtml(value: dict[str, str]) -> str:
    return unescape(value["div"][len(_DIV) : -len(_END)])


def _told(encode: Callable[[str], Any], loose: Callable[[str], Any], *, imaging: bool) -> tuple[Callable[[str], Any], Callable[[str], Any]]:
    """Make a pair that never lets the sex of an unborn child through; such a text is raw only in the sealed residue."""

    def exact(raw: str) -> Any:  # noqa: ANN401
        return encode(raw) if without_fetal_sex(raw, imaging=imaging) is raw else None

    def filtered(raw: str) -> Any:  # noqa: ANN401
        return loose(without_fetal_sex(raw, imaging=imaging))

    return exact, filtered


def _same(value: Any) -> str:  # noqa: ANN401
    return str(value)


def _made() -> dict[str, Codec]:
    found = [
        Codec("text", _remember(_text), _same, _loose_text),
        Codec("code", _remember(_code), _same, _loose_code),
        Codec("decimal", _remember(_decimal), number_text, _loose_decimal),
        Codec("count", _remember(_count), number_text, _nothing),
        Codec("when", _remember(_when), _digits, _loose_when),
        Codec("date", _remember(_date), _digits, _loose_date),
        Codec("sex", _SEX.get, _SEX_BACK.__getitem__, lambda raw: _SEX.get(raw.strip())),
        Codec("xhtml", _xhtml, _from_xhtml, _loose_xhtml),
    ]
    for name, imaging in (("told", False), ("imaging", True)):
        exact, decode, loose = _pair(_text, _loose_text, _same, imaging=imaging)
        found.append(Codec(name, _remember(exact), decode, loose))
        found.append(Codec(f"{name}-xhtml", *_pair(_xhtml, _loose_xhtml, _from_xhtml, imaging=imaging)))
    return {codec.name: codec for codec in found}


def _pair(
    encode: Callable[[str], Any], loose: Callable[[str], Any], decode: Callable[[Any], str], *, imaging: bool
) -> tuple[Callable[[str], Any], Callable[[Any], str], Callable[[str], Any]]:
    exact, filtered = _told(encode, loose, imaging=imaging)
    return exact, decode, filtered


CODECS: Final = _made()
