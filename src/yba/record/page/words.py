"""How dates, ages and numbers of the page are written for people; the words themselves are the faces' own."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_DAY: Final = 10
_MONTH: Final = 7
_NEWBORN_DAYS: Final = 28
_MONTHS_UNTIL: Final = 24  # a nurse says "14 tháng" below two years


def day(iso: str) -> str:
    """Write an ISO date or date-time as dd/mm/yyyy, as precise as it is: "1959-03" -> "03/1959"."""
    if len(iso) >= _DAY:
        return f"{iso[8:10]}/{iso[5:7]}/{iso[:4]}"
    if len(iso) == _MONTH:
        return f"{iso[5:7]}/{iso[:4]}"
    return iso


def moment(iso: str) -> str:
    """Write an ISO date-time as dd/mm/yyyy hh:mm; a date stays a date."""
    return f"{day(iso)} {iso[11:16]}" if len(iso) > _DAY and iso[11:16] not in ("", "00:00") else day(iso)


def age(birth: str, on: date) -> tuple[int, str] | None:
    """Give (number, "day" | "month" | "year") of the age; None when the birth date does not say.

    A birth year alone gives the age reached in this year.
    """
    if not birth[:4].isdigit():
        return None
    if len(birth) < _DAY:
        month = int(birth[5:7]) if len(birth) == _MONTH else 1
        return on.year - int(birth[:4]) - (len(birth) == _MONTH and on.month < month), "year"
    try:
        born = date.fromisoformat(birth[:_DAY])
    except ValueError:
        return None
    days = (on - born).days
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    if days < 0:
        return None
    if days < _NEWBORN_DAYS:
        return days, "day"
    return (months, "month") if months < _MONTHS_UNTIL else (months // 12, "year")


def covered(number: str) -> str:
    """Show of a number what a clerk compares, not what a passer-by may copy: "011159001234" -> "0111 5900 ••••"."""
    kept = max(len(number) - 4, 0)
    return " ".join(re.findall(".{1,4}", number[:kept] + "•" * (len(number) - kept)))


def covered_phone(number: str) -> str:
    """Show the first two and last three digits of a telephone number."""
    digits = number.strip()
    hidden = max(len(digits) - 5, 0)
    return digits[:2] + "•" * hidden + digits[2 + hidden :] if hidden else digits
