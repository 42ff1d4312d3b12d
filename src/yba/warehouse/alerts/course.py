"""What a rule looks at: its measure over the periods it needs, period by period and place by place, as kept results tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from yba.kit.errors import Internal
from yba.specs.alerts import Rule, RuleKind
from yba.specs.forecasts import holidays
from yba.specs.measures import Dimension, Kind, PeriodKind, measures
from yba.warehouse.hearing import MOST, WEEK, monday
from yba.warehouse.kept import Ask, ask_all
from yba.warehouse.measures.model import State
from yba.warehouse.measures.periods import holding

from .model import OF, Place
from .rules import Point

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from yba.kit.actor import Actor
    from yba.warehouse.hearing import Hearing
    from yba.warehouse.lake import Folder
    from yba.warehouse.measures.model import Answer, Cell
    from yba.warehouse.measures.periods import Period

_TET_DAYS: Final = 2  # of Tết in a week, from which on its numbers are compared with no other week


@dataclass(frozen=True, slots=True)
class Course:
    """The answers to one rule: for each period the cells by place."""

    rule: Rule
    periods: tuple[Period, ...]
    cells: tuple[dict[Place, Cell], ...]
    hearing: Hearing
    no_source: bool

    @property
    def places(self) -> set[Place]:
        """Every place any period has a cell of that the rule judges."""
        details = self.rule.details
        return {
            place for cells in self.cells for place, cell in cells.items()
            if cell.state is not State.NOT_HEARD and (place.detail in details if details else True) and None not in self.told_by(place)
        }  # fmt: skip

    def told_by(self, place: Place) -> list[str | None]:
        """Give the values of a place in the dimensions the rule asks by; None: not known."""
        return [getattr(place, OF[one]) for one in asked_by(self.rule)]

    def points(self, place: Place, *, calm: bool = False) -> list[Point | None]:
        """Give a place's periods, oldest first; ``calm``: weeks of Tết are left out."""
        return [None if calm and is_tet(one) else self._point(number, one, place) for number, one in enumerate(self.periods)]

    def _point(self, number: int, when: Period, place: Place) -> Point | None:
        kind = measures()[self.rule.measure].kind
        cells = self.cells[number]
        cell = cells.get(place)
        if cell is None:  # nothing was counted: a zero where the place was heard
            if kind is not Kind.COUNT or not self._was_heard(cells, when, place):
                return None
            return self._of_all(cells, place, 0.0) if self.rule.kind is RuleKind.JUMP else Point(0.0)
        if cell.state is State.TOO_FEW:
            return Point(None, few=True)
        if cell.state is not State.SHOWN or cell.value is None:
            return None
        if kind is Kind.COUNT and place.facility is None and not self._was_heard(cells, when, place):
            return None
        if self.rule.kind is RuleKind.JUMP:
            return self._of_all(cells, place, cell.value)
        return Point(cell.value, cell.numerator if kind is Kind.SHARE else None, cell.denominator)

    def _was_heard(self, cells: dict[Place, Cell], when: Period, place: Place) -> bool:
        if place.facility is not None:
            return any(one.facility == place.facility and cell.state is not State.NOT_HEARD for one, cell in cells.items())
        if place.area is not None and not (place in cells and cells[place].value) and not _tells(cells, place.area):
            return False  # nothing is a zero only where a facility was heard that the commune's people go to
        week, shares = monday(when.start), []
        while week < when.end:
            shares.append(self.hearing.share(week))
            week += WEEK
        return sum(shares) / len(shares) >= MOST

    def _of_all(self, cells: dict[Place, Cell], place: Place, value: float) -> Point | None:
        """Give a detail as a share of all details of its place; None where one of them is hidden: the whole would give it away."""
        whole = [one for where, one in cells.items() if where._replace(detail=None) == place._replace(detail=None) and where.detail is not None]
        if any(one.value is None for one in whole):
            return None
        return Point(value, value, sum(one.value or 0.0 for one in whole))


def _tells(cells: dict[Place, Cell], area: str) -> bool:
    """Whether a facility was heard that residents of a commune go to."""
    return any(one.area == area and cell.heard for one, cell in cells.items())


def asked_by(rule: Rule) -> tuple[Dimension, ...]:
    """Return the dimensions a rule asks by: its own, and the detail where it is about some of them."""
    wants_detail = bool(rule.details) or rule.kind is RuleKind.JUMP or measures()[rule.measure].always_by_detail
    return (*rule.by, *((Dimension.DETAIL,) if wants_detail and Dimension.DETAIL not in rule.by else ()))


def ended(kind: PeriodKind, until: date, count: int) -> list[Period]:
    """Return the last ``count`` periods that ended by the end of a day, oldest first."""
    found: list[Period] = []
    day = until + timedelta(days=1)
    while len(found) < count:
        one = holding(kind, day - timedelta(days=1))
        if one.end <= day or found:
            found.append(one)
        day = one.start
    return found[::-1]


def is_tet(when: Period) -> bool:
    """Whether a week holds days of Tết enough to be like no other; a longer period never does."""
    if when.kind is not PeriodKind.WEEK:
        return False
    days = sum(
        max(0, (min(when.end, one.last + timedelta(days=1)) - max(when.start, one.first)).days)
        for one in holidays()
        if one.kind == "tet"
    )  # fmt: skip
    return days >= _TET_DAYS


class NotCounted(Internal):
    """A number that a rule needs could not be counted: the rule stands as it was judged last."""


def ask(rule: Rule, periods: Sequence[Period], hearing: Hearing, *, by: Actor, folder: Folder | None = None) -> Course:
    """Ask the periods of a rule, those before anybody was heard left out. Raises NotFound (no lake), Denied, NotCounted."""
    first = hearing.first
    wanted = tuple(one for one in periods if first is not None and one.end > first)
    dimensions = asked_by(rule)
    kept = ask_all([Ask(rule.measure, one, dimensions) for one in wanted], by=by, folder=folder) if wanted else []
    answers = [one.answer for one in kept if one is not None]
    failed = next((one.failed for one in kept if one is not None and one.failed), None)
    if failed is not None:
        raise NotCounted(failed.en)
    no_source = any(cell.state is State.NO_SOURCE for one in answers for cell in one.cells)
    return Course(rule, wanted, tuple(_by_place(one) for one in answers), hearing, no_source)


def _by_place(answer: Answer) -> dict[Place, Cell]:
    return {Place(**{OF[name]: value for name, value in cell.dimensions.items() if name in OF}): cell for cell in answer.cells}
