"""The words of a desk: a tile with its course and its places, a place that stands out, the desk of all tiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from yba.specs.boards import Better
from yba.warehouse.measures import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from yba.specs.boards import Board, Tile
    from yba.specs.measures import Dimension
    from yba.specs.reading import Words
    from yba.warehouse.measures import Cell


class Limit(StrEnum):
    """How far a place lies from the whole, by the funnel: within chance, beyond the 95 % limits, beyond the 99.8 % limits."""

    WITHIN = "within"
    WATCH = "95"
    BEYOND = "99.8"


@dataclass(frozen=True, slots=True)
class Shown:
    """A tile with its numbers: the course (oldest first; None: nothing was counted), and its cells now and before by each dimension it is opened by.

    ``refused``: why the tile cannot be asked within the chosen places; then there are no numbers. ``waiting``: its number is being counted.
    """

    tile: Tile
    periods: tuple[str, ...]
    course: tuple[Cell | None, ...]
    places: Mapping[Dimension, tuple[Cell, ...]] = field(default_factory=dict)
    earlier: Mapping[Dimension, tuple[Cell, ...]] = field(default_factory=dict)
    flows: tuple[Cell, ...] = ()
    notes: tuple[Words, ...] = ()
    until: datetime | None = None  # what the lake had seen when this was counted
    refused: Words | None = None
    waiting: bool = False

    @property
    def now(self) -> Cell | None:
        """The cell of the tile's own period."""
        return self.course[-1] if self.course else None

    @property
    def before(self) -> Cell | None:
        """The cell of the period before it."""
        return self.course[-2] if len(self.course) > 1 else None

    @property
    def meets(self) -> bool | None:
        """Whether the tile's own period reaches its target, on the side that is better; None where there is no target or no value to hold to it."""
        target, cell = self.tile.target, self.now
        if target is None or cell is None or cell.value is None or cell.state is not State.SHOWN:
            return None
        return cell.value <= target.value if self.tile.better is Better.LOWER else cell.value >= target.value

    @property
    def values(self) -> tuple[float | None, ...]:
        """The course as plain numbers; None where nothing may be shown."""
        return tuple(cell.value if cell is not None and cell.state is State.SHOWN else None for cell in self.course)


@dataclass(frozen=True, slots=True)
class Place:
    """One place against the whole, in standard errors: ``distance`` (positive = worse), ``change`` since the period before (positive = better)."""

    tile: Tile
    dimension: Dimension
    code: str
    cell: Cell
    before: Cell | None
    centre: float
    distance: float
    change: float | None
    limit: Limit
    reason: Words  # why it is among the worst
    gain: Words  # from where to where it went


@dataclass(frozen=True, slots=True)
class Desk:
    """A board with its numbers: tiles in its order, the places that are worst and those most improved, worst first.

    ``until``: what the lake had seen of the record, the oldest of the tiles; ``code``: the one facility or commune it is about, "" the whole;
    ``waiting``: how many of its ``asked`` questions are still being counted.
    """

    board: Board
    tiles: tuple[Shown, ...]
    worst: tuple[Place, ...]
    improved: tuple[Place, ...]
    until: datetime | None
    dimension: Dimension | None = None
    code: str = ""
    waiting: int = 0
    asked: int = 0
