"""Decide about one claim and the others of its person: chronic re-visit (VR080), split dialysis (VR179), overlapping stays (VR180)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.ingest.checks.model import Fault
from yba.kit.clock import VIETNAM

from .traits import CHRONIC, DIALYSIS, STAY, disease

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .store import Other

SOONEST_REVISIT: Final = 30
MOST_DIALYSIS_CLAIMS: Final = 12
_YEAR: Final = timedelta(days=366)


class Span(NamedTuple):
    """The time in which other claims matter to one."""

    first: datetime
    last: datetime


def span(one: Other) -> Span:
    """Give the time in which other claims can matter to this one, by its traits."""
    first, last = one.start, one.end
    if one.traits & CHRONIC:
        near = timedelta(days=SOONEST_REVISIT)
        first, last = first - near, last + near
    if one.traits & DIALYSIS:  # its year, whatever day it is
        year = _day(one.start).year
        first = min(first, datetime(year, 1, 1, tzinfo=VIETNAM))
        last = max(last, datetime(year, 1, 1, tzinfo=VIETNAM) + _YEAR)
    return Span(first, last)


def faults(one: Other, others: Sequence[Other]) -> Iterator[tuple[str, Fault]]:
    """Yield (rule, fault) for a claim against the other claims of its person, each claim once."""
    if one.traits & STAY:
        yield from _overlap(one, others)
    if one.traits & CHRONIC:
        yield from _revisit(one, others)
    if one.traits & DIALYSIS:
        yield from _split(one, others)


def _overlap(one: Other, others: Sequence[Other]) -> Iterator[tuple[str, Fault]]:
    """VR180: the same minutes in beds of two facilities; the receipt does not say which the other is."""
    shared = [
        (max(one.start, other.start), min(one.end, other.end))
        for other in others
        if other.traits & STAY and other.facility != one.facility and other.start < one.end and one.start < other.end
    ]
    if shared:
        first, last = min(shared)
        expected = f"không nằm viện ở cơ sở khác trong {_minute(first)}-{_minute(last)}"
        yield "VR180", Fault("XML1", 1, "NGAY_VAO", _minute(one.start), expected)


def _revisit(one: Other, others: Sequence[Other]) -> Iterator[tuple[str, Fault]]:
    """VR080: the same chronic disease again within thirty days, before or after; the nearest visit is told."""
    near = [
        (abs((_day(one.start) - _day(other.start)).days), _where(other, one))
        for other in others
        if other.traits & CHRONIC and disease(other.traits) == disease(one.traits)
    ]
    days, where = min(near, default=(SOONEST_REVISIT, ""))
    if days < SOONEST_REVISIT:
        expected = f"cách lượt {where} từ {SOONEST_REVISIT} ngày trở lên (hiện {days} ngày, bệnh {disease(one.traits)})"
        yield "VR080", Fault("XML1", 1, "NGAY_VAO", _minute(one.start), expected)


def _split(one: Other, others: Sequence[Other]) -> Iterator[tuple[str, Fault]]:
    """VR179: more than twelve claims with dialysis in the year."""
    year = _day(one.start).year
    count = 1 + sum(1 for other in others if other.traits & DIALYSIS and _day(other.start).year == year)
    if count > MOST_DIALYSIS_CLAIMS:
        yield "VR179", Fault("XML1", 1, "", f"{count} hồ sơ năm {year}", f"≤ {MOST_DIALYSIS_CLAIMS} hồ sơ một năm")


def _where(other: Other, one: Other) -> str:
    """How another visit may be named to the facility of this one."""
    return f"MA_LK {other.link}" if other.facility == one.facility else "ở cơ sở khác"


def _day(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)


def _minute(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%Y%m%d%H%M")
