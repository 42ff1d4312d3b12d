"""Asking for kept results: the right, where it reaches, one row in the trail for all, what is missing counted now or left to the queue."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit.db import unit_of_work
from yba.kit.errors import NotFound
from yba.specs.measures import measures
from yba.warehouse.measures.asking import within_reach
from yba.warehouse.measures.model import Answer, Cell, State
from yba.warehouse.measures.running import check
from yba.warehouse.settings import COUNT_SECONDS, SMALLEST_CELL

from .counting import Lake, count_anew, newest
from .leaving import leave
from .shelf import Ask
from .showing import Way, told, way
from .state import YOUNG, Found, looked

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.specs.measures import Dimension
    from yba.specs.reading import Words
    from yba.warehouse.lake import Folder
    from yba.warehouse.measures.periods import Period


class Kept(NamedTuple):
    """An answer, the export it was counted from, until when that export saw the record, and when it was counted.

    ``failed``: why it could not be counted anew; the answer is an older one then, or a cell that says so.
    """

    answer: Answer
    seq: int
    until: datetime
    made_at: datetime
    failed: Words | None = None

    @property
    def blank(self) -> Cell | None:
        """The one cell that stands in the place of all numbers, in whatever way they were asked: there is no source, or nothing could be counted."""
        return next((one for one in self.answer.cells if one.state is State.NO_SOURCE or (self.failed and one.state is State.FAILED)), None)


def kept(
    name: str,
    *,
    by: Actor,
    period: Period,
    dimensions: Sequence[Dimension] = (),
    facilities: Collection[str] | None = None,
    areas: Collection[str] | None = None,
    conn: Connection[Any] | None = None,
) -> Kept:
    """Answer a measure as `measure` does, from what was counted before where that still stands; restricted rows are never in it.

    ``conn``: a unit of work of the asker, for the trail; without one it is noted in its own. Raises Denied, NotFound, Invalid.
    """
    one = Ask(name, period, tuple(dimensions), _set(facilities), _set(areas))
    (found,) = ask_all([one], by=by, conn=conn)
    return _counted(found)


def ask_all(
    asks: Sequence[Ask], *, by: Actor, conn: Connection[Any] | None = None, wait: bool = True, folder: Folder | None = None
) -> list[Kept | None]:
    """Answer many questions with one row in the trail: for a page of many tiles.

    ``wait``: count what is missing or too old now, in one reading of the lake; without it what is too old is given as it is (`Kept.until` says how
    old), and None where nothing is kept. What a grant limits to facilities is answered for these. What fails is said in its own answer
    (`Kept.failed`). Raises Denied, NotFound, Invalid.
    """
    mine, lake = _allowed(asks, by, conn, folder)
    found, missing = _there([one.counted for one in mine], lake, wait=wait)
    if wait and missing:
        found |= count_anew(missing, lake, young=YOUNG)
    return [_shown(one, found.get(one.counted)) for one in mine]


def ask_soon(
    asks: Sequence[Ask], *, by: Actor, conn: Connection[Any] | None = None, old: bool = False, folder: Folder | None = None
) -> list[Kept | None]:
    """Answer as `ask_all` does for a page that must not wait: counted for YBA_COUNT_SECONDS at most, None for what is left to the queue.

    ``old``: what is kept stands, however old it is. Who asks the same meanwhile shares the count; to ask again says how far it is.
    Raises Denied, NotFound, Invalid, TooManyWait.
    """
    until = time.monotonic() + COUNT_SECONDS()
    mine, lake = _allowed(asks, by, conn, folder)
    counted = [one.counted for one in mine]
    found, missing = _there(counted, lake, wait=not old)
    if missing:
        found |= count_anew(missing, lake, young=YOUNG, until=until)
    if left := [one for one in missing if one not in found]:
        leave(left, of=counted, by=by, conn=conn)
    return [_shown(one, found.get(one.counted)) for one in mine]


def _allowed(asks: Sequence[Ask], by: Actor, conn: Connection[Any] | None, folder: Folder | None) -> tuple[list[Way], Lake]:
    """Ask for the right, narrow the questions to where it reaches, write them down, and open the shelf."""
    access.require(by, Right.WAREHOUSE_MEASURE_READ)
    known = measures()
    for one in asks:
        if one.name not in known:
            raise NotFound(f"there is no measure {one.name[:40]!r}.", advice="See yba measures list.")
    mine = [replace(one, facilities=within_reach(by, measures()[one.name], one.facilities)) for one in asks]
    for one in mine:
        check(measures()[one.name], one.period, one.by, one.facilities, one.areas)
    _note(mine, by, conn)
    reach = access.places(by, Right.WAREHOUSE_MEASURE_READ)
    return [way(one, reach) for one in mine], opened(folder)


def opened(folder: Folder | None) -> Lake:
    """Give a lake (None: that of the settings) with its shelf. Raises NotFound where it was never filled."""
    found = newest(folder)
    if found is None:
        raise NotFound("there is no lake yet.", advice="Fill it: yba warehouse refresh.")
    return found


def _there(asks: Sequence[Ask], lake: Lake, *, wait: bool) -> tuple[dict[Ask, Found], list[Ask]]:
    """Give what stands, and what is to be counted."""
    looks = {one: looked(lake.shelf, one, lake.manifest, wait=wait) for one in dict.fromkeys(asks)}
    return {one: found for one, found in looks.items() if found is not None}, [one for one, found in looks.items() if found is None]


def _note(asks: Sequence[Ask], by: Actor, conn: Connection[Any] | None) -> None:
    names = sorted({one.name for one in asks})
    detail = {
        "measures": names,
        "periods": sorted({one.period.label for one in asks}),
        "by": sorted({"+".join(one.by) for one in asks}),
        "facilities": sorted({code for one in asks for code in one.facilities or ()}) or "all",
        **({"areas": areas} if (areas := sorted({code for one in asks for code in one.areas or ()})) else {}),
        "restricted": False,
    }
    about = names[0] if len(names) == 1 else "board"
    if conn is not None:
        audit.note(conn, by=by, tag=Tag.MEASURE_READ, about_type="Measure", about_id=about, detail=detail)
        return
    with unit_of_work(by=by) as own:
        audit.note(own, by=by, tag=Tag.MEASURE_READ, about_type="Measure", about_id=about, detail=detail)


def _shown(asked: Way, found: Found | None) -> Kept | None:
    """Give what was found as it may be shown: an older count says why there is no newer one, a failed one says so in the place of numbers."""
    if found is None:
        return None
    one, fault = found
    if one is not None:
        answer = told(asked, one.counted, SMALLEST_CELL())
        notes = (*answer.notes, *([fault.words] if fault else ()))
        return Kept(replace(answer, notes=notes), one.seq, one.until, one.made_at, fault.words if fault else None)
    if fault is None:
        return None
    ask = asked.asked
    answer = Answer(measures()[ask.name], ask.period, ask.by, (replace(fault.cell, period=ask.period.label),))
    return Kept(answer, fault.seq, fault.until, fault.at, fault.words)


def _counted(one: Kept | None) -> Kept:
    if one is None:
        raise NotFound("nothing was counted yet.", advice="Count it: yba warehouse refresh.")
    return one


def _set(codes: Collection[str] | None) -> frozenset[str] | None:
    return None if codes is None else frozenset(codes)
