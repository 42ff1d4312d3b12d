"""Periods of reports and their due dates: months, quarters, half-years and years, with a report's own cut-off and beginning of the year."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from yba.specs import exports
from yba.specs.exports import Cycle
from yba.specs.measures import PeriodKind
from yba.warehouse.measures import Period

from .errors import NotSo, NotThere

if TYPE_CHECKING:
    from yba.specs.exports import Edition

_FORM: Final = re.compile(r"(?P<year>[12]\d{3})(?:-(?:(?P<month>\d{2})|Q(?P<quarter>[1-4])|H(?P<half>[12])))?")
_MONTHS: Final = {Cycle.MONTH: 1, Cycle.QUARTER: 3, Cycle.HALF: 6, Cycle.YEAR: 12}
_WRITE: Final = {Cycle.MONTH: "2026-10", Cycle.QUARTER: "2026-Q4", Cycle.HALF: "2026-H1", Cycle.YEAR: "2026"}
_WEEKEND: Final = 5  # Saturday


def known(report: str) -> tuple[Edition, ...]:
    """Return the editions of a report. Raises NotFound."""
    found = exports.reports().get(report)
    if found is None:
        raise NotThere(f"Không có báo cáo {report[:40]!r}.", f"There is no report {report[:40]!r}: see yba reports list.")
    return found


def named(report: str, text: str) -> tuple[Edition, Period]:
    """Read a period of a report and give the edition in force on its last day. Raises NotFound, Invalid with the forms the report has."""
    editions = known(report)
    found = _FORM.fullmatch(text.strip())
    cycle = _cycle(found) if found else None
    cycles = editions[0].cycles
    if found is None or cycle not in cycles:
        forms = ", ".join(_WRITE[one] for one in cycles)
        raise NotSo(f"{text[:40]!r} không phải kỳ của báo cáo này: viết {forms}.", f"{text[:40]!r} is no period of this report: write {forms}.")
    place = int(found["month"] or found["quarter"] or found["half"] or 1)
    if cycle is Cycle.MONTH and not 1 <= place <= 12:  # noqa: PLR2004  months
        raise NotSo(f"{text[:40]!r} không phải một tháng.", f"{text[:40]!r} is no month.")
    period = _period(editions[0], cycle, int(found["year"]), place)
    last = period.end - timedelta(days=1)
    edition = exports.edition(report, last)
    if edition is None:
        raise NotSo(
            f"Chưa biết mẫu của báo cáo này cho kỳ kết thúc ngày {last:%d/%m/%Y}: mẫu đầu tiên từ {editions[0].valid_from:%d/%m/%Y}.",
            f"No form of this report is known for periods that end on {last:%d/%m/%Y}: the first one began on {editions[0].valid_from:%d/%m/%Y}.",
        )
    return edition, period


def _cycle(found: re.Match[str]) -> Cycle:
    return Cycle.MONTH if found["month"] else Cycle.QUARTER if found["quarter"] else Cycle.HALF if found["half"] else Cycle.YEAR


def _period(edition: Edition, cycle: Cycle, year: int, place: int) -> Period:
    """Make the period: a year is named by its end, so one that begins in October begins in the year before."""
    months = _MONTHS[cycle]
    begins = year * 12 + edition.year_begins - 1 - (12 if edition.year_begins > 1 else 0)
    first = year * 12 + place - 1 if cycle is Cycle.MONTH else begins + (place - 1) * months
    label = {Cycle.MONTH: f"{year}-{place:02d}", Cycle.QUARTER: f"{year}-Q{place}", Cycle.HALF: f"{year}-H{place}", Cycle.YEAR: str(year)}[cycle]
    year_start = begins if first >= begins else begins - 12
    while first >= year_start + 12:
        year_start += 12
    return Period(_day(first, edition.cut), _day(first + months, edition.cut), PeriodKind.CUSTOM, label, _day(year_start, edition.cut))


def _day(month: int, cut: int) -> date:
    at = month - (1 if cut else 0)
    return date(at // 12, at % 12 + 1, cut or 1)


def latest(report: str, on: date, count: int) -> list[tuple[Edition, Period]]:
    """Give the periods of a report around a day: for each cycle the one under way and the ``count`` before it, the newest first."""
    found = []
    for cycle in known(report)[0].cycles:
        each = 12 // _MONTHS[cycle]
        places = [(year, place) for year in range(on.year - count - 1, on.year + 2) for place in range(1, each + 1)]
        begun = [period for year, place in places if (period := _period(known(report)[0], cycle, year, place)).start <= on]
        for period in begun[-count - 1 :]:
            edition = exports.edition(report, period.end - timedelta(days=1))
            if edition is not None:
                found.append((edition, period))
    return sorted(found, key=lambda one: one[1].end, reverse=True)


def before(report: str, period: Period) -> Period | None:
    """Give the period of the same length that ended when this one began; None where no form is known for it."""
    return next((one for _, one in latest(report, period.start - timedelta(days=1), 1) if one.end == period.start), None)


def due(edition: Edition, period: Period) -> date:
    """Give the last day on which a report is in time: the earliest its rules say. Saturdays, Sundays and known holidays are no working days."""
    rule, last = edition.due, period.end - timedelta(days=1)
    found = []
    if rule.days is not None:
        found.append(last + timedelta(days=rule.days))
    if rule.working_days is not None:
        found.append(_working(last, rule.working_days))
    if rule.day is not None:  # "before the 3rd": there on the 2nd
        month = date(period.end.year, rule.month or period.end.month, rule.day)
        found.append(month - timedelta(days=1))
    return min(found)


def _working(last: date, days: int) -> date:
    at = last
    while days:
        at += timedelta(days=1)
        days -= at.weekday() < _WEEKEND and at not in exports.holidays()
    return at
