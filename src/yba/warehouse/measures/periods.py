"""Periods: week (ISO 8601), month, quarter, year, with cut-offs of a report's own, or any two days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from yba.kit.errors import Invalid
from yba.specs.boards import label
from yba.specs.measures import PeriodKind, Semantics

_FORM: Final = re.compile(r"(\d{4})(?:-(?:(\d{2})|W(\d{2})|Q([1-4])))?(?:@(\d{1,2}))?", re.ASCII)
_ADVICE: Final = "Write 2026, 2026-Q4, 2026-10, 2026-W43, 2026-10@15 (from 15 September to 14 October) or 2026-09-15..2026-10-14."
_CUTS: Final = range(2, 29)  # a cut on the 1st is none; every month has a 28th


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from ``start`` until before ``end``; ``year_start`` is when what accumulates begins."""

    start: date
    end: date
    kind: PeriodKind
    label: str
    year_start: date

    def window(self, semantics: Semantics) -> tuple[date, date]:
        """Return the days a measure looks at: of a stock everything until the end."""
        if semantics is Semantics.CUMULATIVE:
            return self.year_start, self.end
        return (date.min if semantics is Semantics.STOCK else self.start), self.end


def period(text: str) -> Period:
    """Read a period as it is written. Raises Invalid with the forms there are."""
    text = text.strip()
    try:
        return _between(text) if ".." in text else _named(text)
    except (ValueError, OverflowError):
        raise Invalid(f"{text[:40]!r} is no period.", advice=_ADVICE) from None


def holding(kind: PeriodKind, day: date) -> Period:
    """Return the week, month, quarter or year that holds a day."""
    return period(label(kind, day, 0))


def _between(text: str) -> Period:
    first, _, last = text.partition("..")
    start, until = date.fromisoformat(first), date.fromisoformat(last)
    if until < start:
        raise ValueError(text)
    return Period(start, until + timedelta(days=1), PeriodKind.CUSTOM, f"{start}..{until}", date(until.year, 1, 1))


def _named(text: str) -> Period:
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(text)
    year, month, week, quarter, cut = (int(one) if one else 0 for one in found.groups())
    if week:
        if cut:
            raise ValueError(text)
        start = date.fromisocalendar(year, week, 1)
        end = start + timedelta(days=7)
        return Period(start, end, PeriodKind.WEEK, text, date((end - timedelta(days=1)).year, 1, 1))
    if found[5] and cut not in _CUTS:
        raise ValueError(text)
    first, months, kind = (
        (quarter * 3 - 2, 3, PeriodKind.QUARTER) if quarter else (month, 1, PeriodKind.MONTH) if found[2] else (1, 12, PeriodKind.YEAR)
    )
    return Period(_cut(year, first, cut), _cut(year, first + months, cut), kind, text, _cut(year, 1, cut))


def _cut(year: int, month: int, day: int) -> date:
    """Return the first day of a month; with a cut-off that day of the month before it."""
    if not 1 <= month <= 13:  # noqa: PLR2004  13 = January of the next year, the end of December
        raise ValueError(month)
    at = year * 12 + month - 1 - (1 if day else 0)
    return date(at // 12, at % 12 + 1, day or 1)
