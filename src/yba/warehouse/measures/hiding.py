"""Small numbers: a cell of few people is not shown, and neither is one that would give it away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from yba.specs.measures import Kind

from .model import FEW, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Cell


def hidden(cells: Sequence[Cell], people: Sequence[tuple[int, int]], kind: Kind, smallest: int) -> list[Cell]:
    """Hide cells of 1 to ``smallest`` - 1 people in numerator or denominator; of ``people`` (counted, asked) one pair a cell.

    Where one cell alone is hidden, the next smallest goes too: the sum of all would tell the first. Of several as small it is the first in the
    order of the dimensions, whatever order an engine gives rows in: two answers that hide different ones would tell both. For a mean only the
    people asked count.
    """
    sizes = [asked if kind is Kind.MEAN else min((one for one in (counted, asked) if one), default=0) for counted, asked in people]
    small = {place for place, size in enumerate(sizes) if 0 < size < smallest}
    if len(small) == 1:
        others = [place for place, size in enumerate(sizes) if size >= smallest]
        small |= {min(others, key=lambda place: (sizes[place], order(cells[place])))} if others else set()
    return [_hide(cell) if place in small else cell for place, cell in enumerate(cells)]


def order(cell: Cell) -> list[tuple[bool, str]]:
    """Give the place of a cell in its answer: by its dimensions, what is not known last."""
    return [(value is None, value or "") for value in cell.dimensions.values()]


def _hide(cell: Cell) -> Cell:
    return replace(cell, numerator=None, denominator=None, value=None, state=State.TOO_FEW, words=FEW)
