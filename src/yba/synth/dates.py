"""Times as minutes since 1900-01-01 00:00 Vietnam time, written in the digits of the claims XML without touching `datetime`."""

from __future__ import annotations

from datetime import date
from functools import cache

EPOCH = date(1900, 1, 1).toordinal()
DAY = 1440
"""Minutes of a day."""
CLOCK = [f"{minute // 60:02d}{minute % 60:02d}" for minute in range(DAY)]
SUNDAY = 6


def day_number(on: date) -> int:
    """Give the number of a calendar day."""
    return on.toordinal() - EPOCH


@cache
def calendar(day: int) -> date:
    """Give the calendar day of a day number."""
    return date.fromordinal(day + EPOCH)


@cache
def ymd(day: int) -> str:
    """Write a day number as yyyyMMdd."""
    on = date.fromordinal(day + EPOCH)
    return f"{on.year:04d}{on.month:02d}{on.day:02d}"


def stamp(minute: int) -> str:
    """Write a time as yyyyMMddHHmm."""
    return ymd(minute // DAY) + CLOCK[minute % DAY]


def weekday(day: int) -> int:
    """Give 0 for Monday … 6 for Sunday (1900-01-01 was a Monday)."""
    return day % 7


def working_day(day: int) -> int:
    """Give the day itself, or Monday when it is a Sunday."""
    return day + 1 if day % 7 == SUNDAY else day


def months_back(on: date, months: int) -> date:
    """Give the first day of the month `months` before the month of `on`."""
    index = on.year * 12 + on.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def month_end(on: date) -> date:
    """Give the last day of the month of `on`."""
    return date.fromordinal(months_back(on, -1).toordinal() - 1)
