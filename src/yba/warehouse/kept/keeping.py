"""Keeping what boards show: counted after each export, so that a page only reads it; long past months at night."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from yba import access
from yba.access import Right
from yba.kit import clock
from yba.specs.boards import boards, label
from yba.specs.measures import PeriodKind
from yba.warehouse.measures.periods import period

from . import leaving
from .counting import count_anew, newest
from .shelf import Ask, Shelf
from .state import YOUNG, looked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from yba.kit.actor import Actor
    from yba.warehouse.lake import Folder
    from yba.warehouse.measures.periods import Period

_NOW: Final = timedelta(0)  # a count of the export before does not do


def months(until: date, count: int = 13) -> tuple[Period, ...]:
    """Return so many months, oldest first, the last one that of ``until``."""
    return tuple(period(label(PeriodKind.MONTH, until, back)) for back in range(count - 1, -1, -1))


def asked_by_boards(today: date) -> list[Ask]:
    """Return every question the boards ask, each once."""
    found = (Ask(tile.measure, period(when), by) for board in boards().values() for tile in board.tiles for when, by in tile.asked(today))
    return list(dict.fromkeys(found))


def keep_boards(
    *, by: Actor, asks: Sequence[Ask] | None = None, progress: Callable[[int, int], object] | None = None, folder: Folder | None = None
) -> int:
    """Count what the boards ask and is not kept, or not true any more; returns how many were counted. Twice equals once.

    ``progress(done, of)`` is told after each. Nothing is done where there is no lake yet. Raises Denied.
    """
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    held = newest(folder)
    if held is None:
        return 0
    wanted = [one for one in (asked_by_boards(clock.today()) if asks is None else asks) if looked(held.shelf, one, held.manifest, young=_NOW) is None]
    done = 0
    # Newest first: who opens the desk meanwhile finds what is asked most.
    for piece in _pieces(sorted(wanted, key=lambda one: one.period.end, reverse=True)):
        done += len(count_anew(piece, held, young=_NOW))
        if progress:
            progress(done, len(wanted))
    return done


def keep_asked(*, by: Actor, asks: str, folder: Folder | None = None) -> int:
    """Count what pages left to the queue (`leaving.written`) and nobody has counted since; returns how many. Twice equals once. Raises Denied."""
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    held = newest(folder)
    if held is None:
        return 0
    wanted = [one for one in leaving.read(asks) if looked(held.shelf, one, held.manifest) is None]
    return len(count_anew(wanted, held, young=YOUNG)) if wanted else 0


def sweep(*, by: Actor) -> int:
    """Remove kept results of earlier wordings and what nobody needed for long; returns how many. Raises Denied."""
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    return Shelf().sweep()


def _pieces(asks: Sequence[Ask], size: int = 40) -> list[Sequence[Ask]]:
    return [asks[at : at + size] for at in range(0, len(asks), size)]
