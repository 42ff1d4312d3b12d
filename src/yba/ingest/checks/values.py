"""Numbers, dates and lists as claims write them: judged once per distinct text and remembered, never raising."""

from __future__ import annotations

import re
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
_DAYS: Final = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


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


def is_moment(text: str, digits: tuple[int, ...] = (8, 12), *, partial: bool = False) -> bool:
    """Say whether digits name a day (yyyyMMdd) or minute (yyyyMMddHHmm) that exists; zeros for unknown parts if `partial`."""
    size = len(text)
    if size not in digits or not (text.isascii() and text.isdigit()):
        return False
    if not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        return False
    if size == 4:  # noqa: PLR2004 a year alone
        return True
    month, day = int(text[4:6]), int(text[6:8])
    known = 1 <= month <= 12 and 1 <= day <= _days_of(int(text[:4]), month)  # noqa: PLR2004 months of a year
    if not known and not (partial and day == 0 and month <= 12):  # noqa: PLR2004
        return False
    return size == 8 or (int(text[8:10]) < 24 and int(text[10:12]) < 60)  # noqa: PLR2004 hours and minutes


def _days_of(year: int, month: int) -> int:
    if month == 2 and (year % 4 or (year % 100 == 0 and year % 400)):  # noqa: PLR2004 February of a common year
        return 28
    return _DAYS[month]


MOMENTS: Final = Remembered[bool](is_moment)
"""Whether a text is a full day or minute."""


def _day(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if MOMENTS[text] else None


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
