"""The values of searches as text: escapes, prefixes, dates and numbers with the precision they are written in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

from yba.fhir.dates import held, moment
from yba.fhir.search_rules import rules
from yba.kit.clock import VIETNAM

from .mistakes import WrongError

if TYPE_CHECKING:
    from .criteria import Prefix

PREFIXES: Final = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"})
_EXACT: Final = frozenset({"gt", "lt", "ge", "le", "sa", "eb"})  # R4: compared without the precision of the writing
_LARGEST: Final = 400  # decimal exponent
_DIGITS: Final = 60
_ESCAPED: Final = re.compile(r"\\([\\,|$])")
_SPECIAL: Final = re.compile(r"([\\,|$])")
_LITERAL: Final = re.compile(r"[^\\,|$]+")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)
_DECEMBER: Final = 12
_LEAP: Final = "60"
_MICRO: Final = 6  # digits of a microsecond


def split(text: str, sign: str) -> list[str]:
    """Cut at a sign that is not escaped; the parts keep their escapes."""
    if "\\" not in text:
        return text.split(sign)
    parts, current, at = [], "", 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            current += text[at : at + 2]
            at += 2
        elif text[at] == sign:
            parts.append(current)
            current = ""
            at += 1
        else:
            current += text[at]
            at += 1
    return [*parts, current]


def unescape(text: str) -> str:
    r"""Undo \, \| \$ and \\."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def escape(text: str) -> str:
    r"""Write , | $ and \ so that they mean themselves."""
    return _SPECIAL.sub(r"\\\1", text)


def prefixed(text: str) -> tuple[Prefix, str]:
    """Take the prefix off a value; eq where there is none."""
    return (cast("Prefix", text[:2]), text[2:]) if text[:2] in PREFIXES else ("eq", text)


def date_range(text: str) -> tuple[datetime, datetime]:
    """Return [low, high) of a date as precise as written, in Vietnamese time unless it says a zone. Raises WrongError."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise WrongError("value", type="date", form="2026, 2026-03, 2026-03-12, 2026-03-12T10:30:00+07:00")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        low = moment(f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}{zone or ''}")
        low = low if low.tzinfo else low.replace(tzinfo=VIETNAM)
        low += timedelta(microseconds=0 if second == _LEAP else int((fraction or "0")[:_MICRO].ljust(_MICRO, "0")))
    except (ValueError, OverflowError):
        raise WrongError("value", type="date", form="0001-01-01 … 9999-12-31") from None
    start, end = held(low), _end(low, match)
    return start, end if end > start else start + timedelta.resolution  # before year 1 in UTC there is one moment alone


def _end(low: datetime, match: re.Match[str]) -> datetime:
    _, month, day, hour, _, second, fraction, _ = match.groups()
    try:
        if month is None:
            return low.replace(year=low.year + 1)
        if day is None:
            return low.replace(year=low.year + 1, month=1) if low.month == _DECEMBER else low.replace(month=low.month + 1)
        if hour is None:
            return low + timedelta(days=1)
        if second is None:
            return low + timedelta(minutes=1)
        if second == _LEAP:
            return low + timedelta(microseconds=1)
        return low + timedelta(microseconds=10 ** max(0, _MICRO - len(fraction))) if fraction else low + timedelta(seconds=1)
    except (ValueError, OverflowError):
        return _LATEST


def number_range(prefix: Prefix, text: str) -> tuple[Decimal, Decimal]:
    """Return low and high of a number under a prefix (see NumberValue). Raises WrongError.

    The implied precision is half of the last digit written: 100 -> [99.5, 100.5), 100.00 -> [99.995, 100.005), 1e2 -> [50, 150)
    (R4's table says [95, 105) of the last, against its own rule; R5 mended it).
    """
    if not _NUMBER.fullmatch(text) or len(text) > _DIGITS or abs((number := Decimal(text)).adjusted()) > _LARGEST:
        raise WrongError("value", type="number", form="5.4, lt100, 1e2")
    if prefix in _EXACT:
        return number, number
    if prefix == "ap":
        about = abs(number) * rules().approximately
        return number - about, number + about
    exponent = number.as_tuple().exponent
    half = Decimal((0, (5,), int(exponent) - 1))
    return number - half, number + half
