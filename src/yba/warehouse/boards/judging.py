"""Which places stand out: against the whole by the funnel, never by rank alone; improved where chance seldom does as much. Pure.

Only shares are judged whose tile says which direction is better. A place is compared with the whole of the same period (Spiegelhalter 2005: exact
binomial limits), not with the target, from which all may be far; and with itself a period earlier by the test of two proportions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from yba.specs.boards import PLACES, Better
from yba.warehouse.measures import State

from .curves import limit_of
from .model import Limit, Place
from .saying import improved_words, worse_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yba.specs.measures import Dimension
    from yba.warehouse.measures import Cell

    from .model import Shown

MOST: Final = 5
_SELDOM: Final = 1.96  # standard errors: chance goes as far in this direction once in forty times


def judged(tiles: Iterable[Shown]) -> list[Place]:
    """Judge every place of every tile that has a better direction; in no order."""
    return [place for shown in tiles for dimension in PLACES for place in _places(shown, dimension)]


def worst(places: Iterable[Place], most: int = MOST) -> tuple[Place, ...]:
    """Give the places furthest on the worse side, of those beyond the 95 % limits."""
    found = [one for one in places if one.limit is not Limit.WITHIN and one.distance > 0]
    return tuple(sorted(found, key=lambda one: (-one.distance, one.code))[:most])


def improved(places: Iterable[Place], most: int = MOST) -> tuple[Place, ...]:
    """Give the places that improved most since the period before, of those where chance seldom does as much."""
    found = [one for one in places if one.change is not None and one.change >= _SELDOM]
    return tuple(sorted(found, key=lambda one: (-(one.change or 0), one.code))[:most])


def _places(shown: Shown, dimension: Dimension) -> Iterator[Place]:
    tile, whole = shown.tile, shown.now
    cells = shown.places.get(dimension, ())
    if tile.better is Better.NEITHER or not tile.spec.is_proportion or whole is None or not _counts(whole):
        return
    centre = (whole.numerator or 0) / (whole.denominator or 1)
    kept = [(cell, code) for cell in cells if _counts(cell) and (code := cell.dimensions.get(dimension))]
    earlier = {cell.dimensions.get(dimension): cell for cell in shown.earlier.get(dimension, ())}
    sign = -1 if tile.better is Better.HIGHER else 1
    for cell, code in kept:
        before = earlier.get(code)
        distance = sign * _distance(cell, centre)
        moved = _change(before, cell)
        change = -sign * moved if moved is not None else None
        limit = limit_of(cell, centre)
        reason, gain = worse_words(cell, before, centre, limit), improved_words(cell, before)
        yield Place(tile, dimension, code, cell, before, 100 * centre, distance, change, limit, reason, gain)


def _counts(cell: Cell) -> bool:
    return cell.state is State.SHOWN and cell.numerator is not None and bool(cell.denominator)


def _share(cell: Cell) -> float:
    return (cell.numerator or 0) / (cell.denominator or 1)


def _distance(cell: Cell, centre: float) -> float:
    """How far a place's share lies from the whole's, in standard errors; 0 where the whole is none or all."""
    error = math.sqrt(centre * (1 - centre) / (cell.denominator or 1)) if 0 < centre < 1 else 0.0
    return (_share(cell) - centre) / error if error else 0.0


def _change(before: Cell | None, now: Cell) -> float | None:
    """The test of two proportions: how many standard errors it rose; None where one of the two is not known."""
    if before is None or not _counts(before):
        return None
    first, second = before.denominator or 1, now.denominator or 1
    pooled = ((before.numerator or 0) + (now.numerator or 0)) / (first + second)
    error = math.sqrt(pooled * (1 - pooled) * (1 / first + 1 / second)) if 0 < pooled < 1 else 0.0
    return (_share(now) - _share(before)) / error if error else 0.0
