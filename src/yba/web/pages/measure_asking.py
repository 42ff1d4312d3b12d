"""What a reader asks of a measure: period, dimensions, place, one value to look at; read from the address, asked in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from yba import access, warehouse
from yba.access import Right
from yba.kit import clock
from yba.kit.errors import Invalid, NotFound
from yba.specs.boards import COURSE, FLOWS, boards, label
from yba.specs.measures import DetailOf, Dimension, PeriodKind
from yba.warehouse import Ask, State
from yba.web.words import marked as _n

from .desk_places import to_day
from .measure_words import KINDS, period_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.specs.measures import Measure
    from yba.warehouse import Cell, Kept, Period
    from yba.web.edge import Visit

_BACK: Final = {PeriodKind.WEEK: 27, PeriodKind.MONTH: 26, PeriodKind.QUARTER: 12, PeriodKind.YEAR: 5}  # periods to choose from
_CODE: Final = {Dimension.FACILITY: 5, Dimension.COMMUNE: 5}  # characters
_LONGEST: Final = 60
_YEARS: Final = (1900, 2200)  # a course goes back from its period: it must not leave the calendar
_BAD_PERIOD: Final = _n("Kỳ không đọc được: %(text)s. Viết như 2026-10, 2026-W43, 2026-Q4, 2026 hoặc chọn từ ngày đến ngày.")
WHOLE: Final = _n("Số liệu này chỉ tính cho toàn tỉnh, không tách được theo cơ sở của bạn.")
_NO_PERIOD: Final = _n("Số liệu này không tính theo kỳ đó.")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: ``by`` at most two dimensions, ``only`` one facility or commune by dimension, ``value`` the one value a chart looks at."""

    spec: Measure
    period: Period
    by: tuple[Dimension, ...]
    only: dict[Dimension, str]
    value: str

    @property
    def whole(self) -> tuple[Dimension, ...]:
        """The dimensions of the measure's own number: none, unless its details do not add up."""
        return (Dimension.DETAIL,) if self.spec.always_by_detail else ()

    @property
    def flows(self) -> bool:
        """Whether it asks from where to where."""
        return self.spec.detail_of is DetailOf.FACILITY and set(self.by) == set(FLOWS)

    def address(self, **other: str | None) -> str:
        """Return the address of the same question, but for what is given; None leaves it out."""
        by = {"by": self.by[0] if self.by else "", "and": self.by[1] if len(self.by) > 1 else ""}
        only = {"facility": self.only.get(Dimension.FACILITY), "area": self.only.get(Dimension.COMMUNE)}
        given = {"period": self.period.label, **by, **only, "value": self.value, **other}
        return "?" + urlencode({key: value for key, value in given.items() if value})


class Found(NamedTuple):
    """What was answered: the course (its last one is the period asked for), and the parts; nothing where there is no lake yet.

    Nothing either while some of what is ``asked`` is ``left`` to be counted.
    """

    periods: tuple[Period, ...]
    course: tuple[Kept, ...]
    parts: Kept | None
    asked: int = 0
    left: int = 0

    @property
    def now(self) -> Kept | None:
        """The answer of the period, whole."""
        return self.course[-1] if self.course else None


def within_reach(visit: Visit, spec: Measure) -> bool:
    """Whether a reader is answered at all: one whose right ends at facilities is not, of what is counted for the whole province only."""
    return Dimension.FACILITY in spec.dimensions or access.places(visit.by, Right.WAREHOUSE_MEASURE_READ) is None


def read(visit: Visit, spec: Measure) -> Asked:
    """Read the question of an address; what a measure does not have is left out. Raises Invalid for a period nobody can read."""
    period = _period(visit, spec)
    by = _dimensions(visit, spec)
    asked = {Dimension.FACILITY: visit.asked("facility", 10), Dimension.COMMUNE: visit.asked("area", 10)}
    only = {one: code for one, code in asked.items() if one in spec.dimensions and len(code) == _CODE[one] and code.isascii() and code.isalnum()}
    return Asked(spec, period, by, only, visit.asked("value", _LONGEST))


def _period(visit: Visit, spec: Measure) -> Period:
    since, until = visit.asked("since", 10), visit.asked("until", 10)
    text = visit.asked("period", _LONGEST)
    if since and until and PeriodKind.CUSTOM in spec.periods:
        text = f"{to_day(visit, since)}..{to_day(visit, until)}"
    if not text:
        kind = PeriodKind.MONTH if PeriodKind.MONTH in spec.periods else spec.periods[0]
        text = label(kind, clock.today(), 1)
    try:
        found = warehouse.period(text)
    except Invalid:
        found = None
    if found is None or not _YEARS[0] <= found.start.year <= _YEARS[1]:
        raise Invalid(visit.say(_BAD_PERIOD) % {"text": text[:40]})
    if found.kind not in spec.periods:
        raise Invalid(visit.say(_NO_PERIOD))
    return found


def _dimensions(visit: Visit, spec: Measure) -> tuple[Dimension, ...]:
    asked = [visit.asked(field, 20) for field in ("by", "and")]
    found = tuple(Dimension(one) for one in dict.fromkeys(asked) if one in spec.dimensions)
    if spec.always_by_detail:  # it is always told apart by it: two more would be a cube
        return (tuple(one for one in found if one is not Dimension.DETAIL) or found)[:1]
    return found


def answered(visit: Visit, asked: Asked) -> Found | None:
    """Ask the course and the parts in one reading; None where the lake was never filled. Raises Denied; Invalid for what is not `within_reach`."""
    if not within_reach(visit, asked.spec):
        raise Invalid(visit.say(WHOLE))
    periods = course_of(asked.period)
    only = {"facilities": _set(asked.only.get(Dimension.FACILITY)), "areas": _set(asked.only.get(Dimension.COMMUNE))}
    asks = [Ask(asked.spec.name, one, asked.whole, **only) for one in periods]
    parts = [Ask(asked.spec.name, asked.period, asked.by, **only)] if asked.by and asked.by != asked.whole else []
    try:
        found = warehouse.ask_soon([*asks, *parts], by=visit.by, conn=visit.conn)
    except NotFound:  # there is no lake yet: the page still says how the number is made
        return None
    kept = [one for one in found if one is not None]
    if len(kept) < len(found):
        return Found(periods, (), None, len(found), len(found) - len(kept))
    last = kept.pop() if parts else kept[-1] if asked.by else None
    return Found(periods, tuple(kept), last)


def _set(code: str | None) -> frozenset[str] | None:
    return frozenset({code}) if code else None


def course_of(last: Period) -> tuple[Period, ...]:
    """Return the thirteen periods of the same kind that end with one, oldest first; of any two days that one alone."""
    if last.kind is PeriodKind.CUSTOM:
        return (last,)
    text, _, cut = last.label.partition("@")
    begins = warehouse.period(text).start
    return tuple(warehouse.period(label(last.kind, begins, back) + (f"@{cut}" if cut else "")) for back in range(COURSE - 1, -1, -1))


def choices(visit: Visit, asked: Asked) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the periods to choose from, newest first, by kind; the one asked for is among them."""
    found, today = [], clock.today()
    for kind, count in _BACK.items():
        if kind in asked.spec.periods:
            lines = [warehouse.period(label(kind, today, back)) for back in range(count)]
            found.append((visit.say(KINDS[kind]), [(one.label, period_words(one, visit)) for one in lines]))
    if all(asked.period.label != value for _, lines in found for value, _ in lines):
        found.insert(0, (visit.say(KINDS[asked.period.kind]), [(asked.period.label, period_words(asked.period, visit))]))
    return found


def the_value(asked: Asked, cells: Sequence[Cell], dimension: Dimension) -> str | None:
    """Return the value of a dimension that a chart looks at: the one asked for or that a desk shows, else the first."""
    there = {cell.dimensions.get(dimension): None for cell in cells}
    tiles = (board.tile(asked.spec.name) for board in boards().values())
    shown = [tile.detail for tile in tiles if tile is not None and tile.detail in there] if dimension is Dimension.DETAIL else []
    first = [*shown, *(one for one in asked.spec.details if dimension is Dimension.DETAIL and one in there), *there]
    return asked.value if asked.value in there else next(iter(first), None)


def is_shown(cell: Cell | None) -> bool:
    """Whether a cell has a value that may be read."""
    return cell is not None and cell.state is State.SHOWN and cell.value is not None


def last_day(one: Period) -> str:
    """Return the last day of a period, as a form writes it."""
    return f"{one.end - timedelta(days=1):%d/%m/%Y}"


def form_values(asked: Asked) -> dict[str, Any]:
    """Return what the chooser's boxes for any two days hold: nothing unless such days were asked for."""
    if asked.period.kind is not PeriodKind.CUSTOM:
        return {"since": "", "until": ""}
    return {"since": f"{asked.period.start:%d/%m/%Y}", "until": last_day(asked.period)}
