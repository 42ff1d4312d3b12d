"""The clock: aware times in Vietnam's zone, frozen in tests."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# A fixed offset, not a zone name: claims and records say +07:00, also for years in which parts of the country kept another time.
VIETNAM: Final = timezone(timedelta(hours=7), "+07:00")

_frozen: list[datetime] = []


def now() -> datetime:
    """Return the present moment, aware, in +07:00."""
    return _frozen[-1] if _frozen else datetime.now(VIETNAM)


def today() -> date:
    """Return the present day in Vietnam."""
    return now().date()


def from_timestamp(seconds: float) -> datetime:
    """Return the moment of a Unix time, aware, in +07:00."""
    return datetime.fromtimestamp(seconds, VIETNAM)


@contextmanager
def frozen(at: datetime | str) -> Iterator[datetime]:
    """Hold the clock at a moment for a test; a text or naive time is taken as Vietnam's."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    moment = moment.replace(tzinfo=VIETNAM) if moment.tzinfo is None else moment.astimezone(VIETNAM)
    _frozen.append(moment)
    try:
        yield moment
    finally:
        _frozen.pop()


def in_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; naive times are refused, because guessing a zone is how days get lost."""
    if moment.tzinfo is None:
        msg = "a naive time has no place here: attach clock.VIETNAM or the zone the source states"
        raise ValueError(msg)
    return moment.astimezone(UTC)
