"""Numbers, dates and lists as claims write them: judged once per distinct text and remembered, never raising."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MOST_KEPT: Final = 8192
"""Distinct texts remembered per table of answers; then it starts anew (bounds memory on hostile input)."""
LONGEST_KEPT: Final = 64
LONGEST_NUMBER: Final = 40
"""A longer number is no amount: it is reported for its length and left out of sums."""

NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
COMMA_NUMBER: Final = re.compile(r"[+-]?[0-9]+,[0-9]+")
FIRST_YEAR, LAST_YEAR = 1850, 2200
ANY_DATE: Final = (4, 8, 12)


class Remembered(dict[str, T], Generic[T]):
    """Answers by text: a hit is one dict look-up in C, a miss asks `answer` and keeps what it says."""

    __slots__ = ("answer",)

    def __init__(self, answer: Callable[[str], T]) -> None:
        super().__init__()
        self.answer = answer

    def __missing__(self, text: str) -> T:
        found = self.answer(text)
        if len(text) <= LONGEST_KEPT:
            if len(self) >= MOST_KEPT:
                self.clear()
            self[text] = found
        return found


def _calendar_day(text: str) -> date | None:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):  # noqa: PLR2004 yyyyMMdd
        return None
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    real = FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]  # noqa: PLR2004 months of a year
    return date(year, month, day) if real else None


CALENDAR: Final = Remembered[date | None](_calendar_day)
"""The day that eight characters name; None when there is none."""
_OF_DAY: Final = frozenset(f"{hour:02}{minute:02}" for hour in range(24) for minute in range(60))
TIMES: Final = {(8,): frozenset({""}), (12,): _OF_DAY, (8, 12): _OF_DAY | {""}}
"""What may follow the day, by the sizes a moment may have."""


def is_moment(text: str, digits: tuple[int, ...] = (8, 12), *, partial: bool = False) -> bool:
    """Say whether digits name a day (yyyyMMdd) or minute (yyyyMMddHHmm) that exists; zeros for unknown parts if `partial`."""
    size = len(text)
    if size not in digits:
        return False
    if size != 4 and CALENDAR[text[:8]]:  # noqa: PLR2004 a year alone
        return size == 8 or text[8:] in _OF_DAY  # noqa: PLR2004 a day alone
    return (partial or size == 4) and _is_partial(text)  # noqa: PLR2004


def _is_partial(text: str) -> bool:
    """Say whether digits name a year, or a month or year with zeros for what is unknown."""
    if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text[:4]) <= LAST_YEAR):
        return False
    return len(text) == 4 or (text[6:8] == "00" and text[4:6] <= "12" and text[8:] in TIMES[8, 12])  # noqa: PLR2004


MOMENTS: Final = Remembered[bool](is_moment)
"""Whether a text is a full day or minute."""


def _day(text: str) -> date | None:
    return CALENDAR[text[:8]] if is_moment(text) else None


DAYS: Final = Remembered[date | None](_day)
"""The day of yyyyMMdd or yyyyMMddHHmm; None when it is not one."""


def _minutes(text: str) -> int | None:
    day = DAYS[text]
    if day is None or len(text) < 12:  # noqa: PLR2004 yyyyMMddHHmm
        return None
    return day.toordinal() * 1440 + int(text[8:10]) * 60 + int(text[10:12])


MINUTES: Final = Remembered[int | None](_minutes)
"""Minutes since year 1 of yyyyMMddHHmm; None when it is not one."""


def _number(text: str) -> Decimal | None:
    if len(text) > LONGEST_NUMBER:
        return None
    if NUMBER.fullmatch(text):
        return Decimal(text)
    if COMMA_NUMBER.fullmatch(text):
        return Decimal(text.replace(",", "."))
    return None


NUMBERS: Final = Remembered[Decimal | None](_number)
"""The exact value of a number (a lone decimal comma is understood); None when it is none."""

ZERO: Final = Decimal(0)


def shortest(text: str) -> str:
    """Write a number without trailing zeros, so that "100.00" is no longer than "100"."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def parts(text: str) -> list[str]:
    """Split a list joined with ";" and drop blanks and empty parts."""
    if ";" not in text:
        text = text.strip()
        return [text] if text else []
    return [part for part in (piece.strip() for piece in text.split(";")) if part]
