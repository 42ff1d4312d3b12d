"""How old somebody is by a birth that may be a year alone; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

_YEAR, _MONTH = len("1959"), len("1959-03")
_MONTHS: Final = 12


def full_years(birth: str, on: date) -> int | None:
    """Return the years somebody has surely lived on a day, by a partial ISO date; None for no date."""
    months = full_months(birth, on)
    return None if months is None else months // _MONTHS


def full_months(birth: str, on: date) -> int | None:
    """Return the months somebody has surely lived on a day: of a year alone those since its end; None for no date, 0 for one that is to come."""
    if not birth[:_YEAR].isdecimal() or len(birth) < _YEAR:
        return None
    year = int(birth[:_YEAR])
    month = int(birth[5:7]) if len(birth) >= _MONTH else _MONTHS
    day = int(birth[8:10]) if len(birth) > _MONTH else 28
    return max(0, (on.year - year) * _MONTHS + on.month - month - (on.day < day))


def most_months(birth: str, on: date) -> int | None:
    """Return the months somebody may have lived at the most: of a year alone those since its beginning; None for no date."""
    if not birth[:_YEAR].isdecimal() or len(birth) < _YEAR:
        return None
    year = int(birth[:_YEAR])
    month = int(birth[5:7]) if len(birth) >= _MONTH else 1
    day = int(birth[8:10]) if len(birth) > _MONTH else 1
    return max(0, (on.year - year) * _MONTHS + on.month - month - (on.day < day))
