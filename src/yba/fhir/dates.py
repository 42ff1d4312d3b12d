"""FHIR dates, dateTimes, instants, Periods and Timings as ranges of aware datetimes; what has no time zone is Vietnamese."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any, Final

from yba.kit.clock import VIETNAM

_YEAR, _MONTH, _DAY, _MINUTE = 4, 7, 10, 16  # how many letters a text is long that ends there
_REMEMBERED: Final = 16_384

EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=VIETNAM)
Range = tuple[datetime | None, datetime | None]
NOTHING: Final[Range] = (None, None)


class _Points(dict[str, Range]):
    """Remembers parsed dates: one visit writes the same minute many times."""

    def __missing__(self, text: str) -> Range:
        if len(self) >= _REMEMBERED:
            self.clear()
        found = self[text] = _point(text)
        return found


def point(text: str) -> Range:
    """First and last instant of a date or time as precise as it is written; (None, None) where it is none.

    "2026", "2026-03", "2026-03-12" last to their final microsecond; a time of day is one instant.
    """
    return _POINTS[text]


def period(value: dict[str, Any]) -> Range:
    """Start of `start` and end of `end`; a missing side is None (open)."""
    start, end = value.get("start"), value.get("end")
    return (_POINTS[start][0] if start else None), (_POINTS[end][1] if end else None)


def timing(value: dict[str, Any]) -> Range:
    """From the first to the last event of a Timing, else its bounds."""
    points = [_POINTS[event] for event in value.get("event", ()) if event]
    starts = [start for start, _ in points if start]
    ends = [end for _, end in points if end]
    if starts and ends:
        return min(starts), max(ends)
    bounds = value.get("repeat", {}).get("boundsPeriod")
    return period(bounds) if bounds else NOTHING


def moment(text: str) -> datetime:
    """Return a date with a time of day; R4 knows leap seconds, a datetime does not: the last instant of the minute. Raises ValueError."""
    if text[_MINUTE : _MINUTE + 3] == ":60":
        return datetime.fromisoformat(f"{text[:_MINUTE]}:59.999999{text[_MINUTE + 3 :].lstrip('.0123456789')}")
    return datetime.fromisoformat(text)


def held(found: datetime) -> datetime:
    """Return an aware moment, or the next one to it that is one in Vietnam and in UTC too: year 1 begins seven hours later there than here.

    A moment before year 1 in UTC would go into the database and never come out: no search over its type could be answered.
    """
    if MINYEAR < found.year < MAXYEAR:
        return found
    try:
        found.astimezone(UTC)
        found.astimezone(VIETNAM)
    except OverflowError:
        return EARLIEST if found.year == MINYEAR else LATEST
    return found


def _point(text: str) -> Range:
    try:
        return _parsed(text)
    except (ValueError, OverflowError):
        return NOTHING


def _parsed(text: str) -> Range:
    if len(text) > _DAY:
        found = moment(text)
        found = held(found if found.tzinfo else found.replace(tzinfo=VIETNAM))
        return found, found
    if len(text) == _DAY:
        start = datetime.fromisoformat(text).replace(tzinfo=VIETNAM)
        return held(start), _last_instant(start)
    if len(text) == _MONTH:
        start = datetime.fromisoformat(text + "-01").replace(tzinfo=VIETNAM)
        return held(start), _last_instant(start.replace(day=monthrange(start.year, start.month)[1]))
    if len(text) == _YEAR:
        start = datetime.fromisoformat(text + "-01-01").replace(tzinfo=VIETNAM)
        return held(start), _last_instant(start.replace(month=12, day=31))
    return NOTHING


def _last_instant(day: datetime) -> datetime:
    return day.replace(hour=23, minute=59, second=59, microsecond=999_999)


_POINTS: Final = _Points()
