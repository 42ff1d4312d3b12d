"""What the charts of an opened tile are drawn from: the funnel around the whole, the limits of a course. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yba.warehouse.limits import binomial_quantile, funnel_proportions, individuals, proportions, signals
from yba.warehouse.measures import State

from .model import Limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yba.specs.measures import Dimension, Measure
    from yba.warehouse.limits import Limits, RunRule
    from yba.warehouse.measures import Cell

    from .model import Shown

_STROKES: Final = 24  # sizes the drawn limits are computed at, denser where they are steep


class Unit(NamedTuple):
    """One place of a funnel: its value in per cent, how many it is made of, where it lies."""

    code: str
    value: float
    size: float
    limit: Limit


class Funnel(NamedTuple):
    """The places of a share over their sizes, with limits as (size, lower, upper) in per cent around ``centre``; none around 0 and 100."""

    centre: float
    units: tuple[Unit, ...]
    narrow: tuple[tuple[float, float, float], ...]  # 95 %
    wide: tuple[tuple[float, float, float], ...]  # 99.8 %


class Controlled(NamedTuple):
    """One moment of a course with its limits (unit of the measure) and the run rules it breaks."""

    period: str
    cell: Cell | None
    value: float | None
    limits: Limits
    rules: tuple[RunRule, ...]


def limit_of(cell: Cell, centre: float) -> Limit:
    """Say beyond which limits around ``centre`` (0 to 1) a share lies, by exact counts: a drawn limit runs between counts and would name 10 of 10."""
    events, size = round(cell.numerator or 0), round(cell.denominator or 0)
    for limit, tail in ((Limit.BEYOND, 0.001), (Limit.WATCH, 0.025)):
        if not binomial_quantile(size, centre, tail) <= events <= binomial_quantile(size, centre, 1 - tail):
            return limit
    return Limit.WITHIN


def funnel_of(shown: Shown, dimension: Dimension) -> Funnel | None:
    """Lay the places of a share over their sizes; None where it is none of things counted one by one, or nothing may be shown of it."""
    whole = shown.now
    if not shown.tile.spec.is_proportion or whole is None or not whole.denominator:
        return None
    return funnel(shown.places.get(dimension, ()), dimension, (whole.numerator or 0) / whole.denominator)


def funnel(places: Iterable[Cell], dimension: Dimension, centre: float) -> Funnel | None:
    """Lay places over their sizes around ``centre`` (0 to 1), their cells being shares of things counted; None where nothing may be shown."""
    cells = [one for one in places if one.state is State.SHOWN and one.denominator and one.dimensions.get(dimension)]
    if not cells:
        return None
    sizes = [round(one.denominator or 0) for one in cells]
    units = [Unit(str(one.dimensions[dimension]), one.value or 0.0, one.denominator or 0.0, limit_of(one, centre)) for one in cells]
    steps = range(1, _STROKES + 1) if 0 < centre < 1 else ()  # where none or all have it chance has no limits
    strokes = sorted({max(1, round(max(sizes) * (step / _STROKES) ** 2)) for step in steps})
    bands = funnel_proportions(centre, strokes)
    narrow = tuple((float(n), 100 * one.low95, 100 * one.high95) for n, one in zip(strokes, bands, strict=True))
    wide = tuple((float(n), 100 * one.low998, 100 * one.high998) for n, one in zip(strokes, bands, strict=True))
    return Funnel(100 * centre, tuple(units), narrow, wide)


def control_of(shown: Shown) -> tuple[Controlled, ...]:
    """Give a course with control limits: of a proportion by the p chart, else by individuals and moving ranges; the last period makes none.

    The last point may be a period that has not ended: it is held against the limits of those before it, and has no part in them.
    """
    return control(shown.tile.spec, shown.periods, shown.course, shown.values)


def control(measure: Measure, periods: Sequence[str], course: Sequence[Cell | None], values: Sequence[float | None]) -> tuple[Controlled, ...]:
    """Give any course with its limits, as `control_of` does; ``values``: of each period what may be shown."""
    base = max(len(values) - 1, 0)
    if measure.is_proportion:
        told = [cell if value is not None else None for cell, value in zip(course, values, strict=True)]
        limits = [
            one._replace(**{name: None if (part := getattr(one, name)) is None else 100 * part for name in one._fields})
            for one in proportions(
                [one.numerator if one else None for one in told], [one.denominator if one else None for one in told], baseline=base
            )
        ]
    else:
        limits = [
            one._replace(lower=None if one.lower is None else max(one.lower, 0.0)) for one in individuals(values, baseline=base)
        ]  # nothing counted is below zero
    rules = signals(values, limits)
    return tuple(Controlled(*one) for one in zip(periods, course, values, limits, rules, strict=True))
