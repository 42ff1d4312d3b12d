"""Small numbers: a cell of few people is not shown, and neither are those that would give it away by a sum that can be asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from yba.specs.measures import Kind

from .model import FEW, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Cell, Counted

    Line = tuple[int, ...]  # places of cells whose sum is a number of its own


def hidden(counted: Counted, smallest: int) -> list[Cell]:
    """Hide cells of 1 to ``smallest`` - 1 people in numerator or denominator, and with them what their sums would tell (docs/decisions/0026).

    Every row and column of a table has its sum, which is asked for by one dimension fewer. So what is hidden in each of them is at least two cells,
    of at least ``smallest`` people together and of more people than cells (else each would be one person): the next smallest go until it is so. Of
    several as small it is the first in the order of the dimensions, whatever order an engine gives rows in: two answers that hide different ones
    would tell both. For a mean only the people asked count.
    """
    cells = counted.cells
    sizes = [_size(one, counted.measure.kind) for one in counted.people]
    small = {place for place, size in enumerate(sizes) if 0 < size < smallest}
    lines = _lines(counted) if small else []
    while more := {place for line in lines for place in _beside(line, small, sizes, cells, smallest)} - small:
        small |= more
    return [_hide(cell) if place in small else cell for place, cell in enumerate(cells)]


def order(cell: Cell) -> list[tuple[bool, str]]:
    """Give the place of a cell in its answer: by its dimensions, what is not known last."""
    return [(value is None, value or "") for value in cell.dimensions.values()]


def _size(people: tuple[int, int], kind: Kind) -> int:
    counted, asked = people
    return asked if kind is Kind.MEAN else min((one for one in (counted, asked) if one), default=0)


def _lines(counted: Counted) -> list[Line]:
    """Give the rows and columns of a table: for each dimension the cells that differ in it alone."""
    found: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, cell in enumerate(counted.cells):
        for along in cell.dimensions:
            found[along, *((name, value) for name, value in cell.dimensions.items() if name is not along)].append(place)
    return [tuple(line) for line in found.values() if len(line) > 1]


def _beside(line: Line, small: set[int], sizes: Sequence[int], cells: Sequence[Cell], smallest: int) -> list[int]:
    """Give the cells of a line that must go beside those hidden in it; each line is looked at as it stood, so their order changes nothing."""
    gone = [place for place in line if place in small]
    if not gone:
        return []
    people, found = sum(sizes[place] for place in gone), list[int]()
    others = [place for place in line if place not in small and sizes[place] >= smallest]
    for place in sorted(others, key=lambda place: (sizes[place], order(cells[place]))):
        count = len(gone) + len(found)
        if count > 1 and people >= smallest and people > count:
            break
        found.append(place)
        people += sizes[place]
    return found


def _hide(cell: Cell) -> Cell:
    return replace(cell, numerator=None, denominator=None, value=None, state=State.TOO_FEW, words=FEW)
