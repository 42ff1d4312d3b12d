"""Rounding: what is asked freely is rounded at random to a multiple, so that two answers do not tell of the one person they differ by."""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.specs.alerts import alerts
from yba.specs.boards import FLOWS, Chart, boards
from yba.specs.measures import Dimension, Kind, PeriodKind

from .model import ROUGH, State

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from yba.specs.measures import Measure

    from .model import Cell, Counted
    from .periods import Period

_PLAIN: Final = frozenset({PeriodKind.WEEK, PeriodKind.MONTH})
_MANY: Final = 100  # people from which on a share is told by whole per cents
_MOST: Final = 1000  # … and by tenths, and a mean by three digits
_STEPS: Final = (1, 2, 5, 10)


class Coarse(NamedTuple):
    """How to round: to multiples of ``base`` people, drawn by ``key`` (secret); ``only``: the places a question is narrowed to."""

    key: bytes
    base: int
    only: tuple[tuple[Dimension, tuple[str, ...]], ...] = ()


def is_free(measure: Measure, period: Period, by: Collection[Dimension], *, narrowed: bool) -> bool:
    """Whether a question is one that nobody publishes by plan (docs/decisions/0026).

    By plan are numbers of the whole (of everything the asker's grants reach) and by one dimension for weeks and months, of the whole for any period
    of the calendar, and what boards and alert rules ask. Free are periods and cut-offs of one's own, crossings, quarters and years told apart, and
    what is ``narrowed`` to places of the asker's choice.
    """
    if narrowed or period.kind is PeriodKind.CUSTOM or "@" in period.label:
        return True
    apart = frozenset(by) - ({Dimension.DETAIL} if measure.always_by_detail else set())
    if not apart or (measure.name, period.kind, frozenset(by)) in _planned():
        return False
    return len(apart) > 1 or period.kind not in _PLAIN


@cache
def _planned() -> frozenset[tuple[str, PeriodKind, frozenset[Dimension]]]:
    """Give what boards and alert rules ask: measure, kind of period, dimensions."""
    tiles = [tile for board in boards().values() for tile in board.tiles]
    shown = {(tile.measure, tile.period, frozenset(tile.by(one))) for tile in tiles for one in tile.dimensions}
    flows = {(tile.measure, tile.period, frozenset(FLOWS)) for tile in tiles if tile.chart is Chart.SANKEY}
    rules = {(rule.measure, rule.period, frozenset({*rule.by, *more})) for rule in alerts().values() for more in ((), (Dimension.DETAIL,))}
    return frozenset(shown | flows | rules)


def rounded(cells: Sequence[Cell], counted: Counted, how: Coarse) -> list[Cell]:
    """Round the cells that are shown; what is about nobody (beds, findings) stays. ``cells`` in the order of ``counted``."""
    if how.base < 2:  # noqa: PLR2004  no number is too small to be shown: none is rounded
        return [*cells]
    return [
        _rounded(cell, people, counted, how) if cell.state is State.SHOWN and cell.numerator is not None and any(people) else cell
        for cell, people in zip(cells, counted.people, strict=True)
    ]


def _rounded(cell: Cell, people: tuple[int, int], counted: Counted, how: Coarse) -> Cell:
    """Round one cell: the same people asked for in the same period by whatever way give the same number."""
    kind, (whose, of) = counted.measure.kind, people
    where = dict(how.only) | {name: (value or "",) for name, value in cell.dimensions.items()}
    period = counted.period
    about = repr((counted.measure.name, period.start, period.end, period.year_start, sorted(where.items())))
    numerator = _drawn(cell.numerator or 0.0, whose, how, f"n {about}")
    if kind is Kind.COUNT:
        return replace(cell, numerator=numerator, value=numerator, words=ROUGH)
    denominator = None if cell.denominator is None else _drawn(cell.denominator, of, how, f"d {about}")
    if cell.value is None:  # nobody in the denominator
        return replace(cell, numerator=numerator, denominator=denominator)
    return replace(cell, numerator=numerator, denominator=denominator, value=_coarse(cell.value, of, kind), words=ROUGH)


def _drawn(number: float, people: int, how: Coarse, about: str) -> float:
    """Round up or down at random, nearer multiples the likelier, so that on average nothing is added (unbiased random rounding)."""
    unit = _unit(number, people, how.base)
    below = math.floor(number / unit) * unit
    drawn = hmac.digest(how.key, f"{about} {number!r}".encode(), hashlib.sha256)
    up = int.from_bytes(drawn[:8], "big") / 2**64 < (number - below) / unit
    found = below + unit if up else below
    return float(max(found, unit)) if number else 0.0


def _unit(number: float, people: int, base: int) -> int:
    """What ``base`` people bring together: of a count of people ``base``, of money as much as so many cost, to a round number."""
    each = number / people if people else 1.0
    if each < 2:  # noqa: PLR2004  a visit or two each: people
        return base
    wanted = base * each
    power = 10 ** math.floor(math.log10(wanted))
    return int(next(step * power for step in _STEPS if step * power >= wanted))


def _coarse(value: float, people: int, kind: Kind) -> float:
    """Tell a share or mean no finer than the people it is of allow: made of the true numbers, or small ones would be far off."""
    if kind is Kind.MEAN:
        return float(f"{value:.{3 if people >= _MOST else 2}g}")
    step = 5.0 if people < _MANY else 1.0 if people < _MOST else 0.1
    return round(round(value / step) * step, 1)
