"""Asking for kept results: the right, where it reaches, one row in the trail for all, what is missing counted in one reading of the lake."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work
from yba.kit.errors import NotFound
from yba.specs.measures import measures
from yba.warehouse.lake import Folder, reader
from yba.warehouse.lake.engine import speaking_of
from yba.warehouse.measures.asking import noted, within_reach
from yba.warehouse.measures.running import count, shown
from yba.warehouse.settings import SMALLEST_CELL

from .shelf import Ask, Shelf, Standing, inputs, stand, types_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from psycopg import Connection

    from yba.specs.measures import Dimension
    from yba.warehouse.lake.engine import Engine
    from yba.warehouse.lake.model import Manifest
    from yba.warehouse.measures.model import Answer
    from yba.warehouse.measures.periods import Period

YOUNG: Final = timedelta(minutes=10)  # the job counts after each export: what is older was not on a board
OLD: Final = timedelta(hours=26)  # of periods long past, which late data change little: the night's count will do
_PAST: Final = timedelta(days=45)


class Kept(NamedTuple):
    """An answer, the export it was counted from, until when that export saw the record, and when it was counted."""

    answer: Answer
    seq: int
    until: datetime
    made_at: datetime


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
    return _there(found)


def course(
    name: str,
    *,
    by: Actor,
    periods: Sequence[Period],
    dimensions: Sequence[Dimension] = (),
    facilities: Collection[str] | None = None,
    areas: Collection[str] | None = None,
    conn: Connection[Any] | None = None,
) -> tuple[Kept, ...]:
    """Answer a measure for several periods, in their order, as `kept` does."""
    asks = [Ask(name, one, tuple(dimensions), _set(facilities), _set(areas)) for one in periods]
    return tuple(_there(one) for one in ask_all(asks, by=by, conn=conn))


def ask_all(
    asks: Sequence[Ask], *, by: Actor, conn: Connection[Any] | None = None, wait: bool = True, folder: Folder | None = None
) -> list[Kept | None]:
    """Answer many questions with one row in the trail: for a page of many tiles.

    ``wait``: count what is missing or too old now, in one reading of the lake; without it what is too old is given as it is (`Kept.until` says how
    old), and None where nothing is kept. What a grant limits to facilities is answered for these. Raises Denied, NotFound, Invalid.
    """
    access.require(by, Right.WAREHOUSE_MEASURE_READ)
    known = measures()
    for one in asks:
        if one.name not in known:
            raise NotFound(f"there is no measure {one.name[:40]!r}.", advice="See yba measures list.")
    mine = [replace(one, facilities=within_reach(by, measures()[one.name], one.facilities)) for one in asks]
    _note(mine, by, conn)
    lake = folder or Folder()
    manifest = lake.newest()
    if manifest is None:
        raise NotFound("there is no lake yet.", advice="Fill it: yba warehouse refresh.")
    shelf = Shelf(lake)
    found = {one: _standing(shelf, one, manifest, wait=wait) for one in dict.fromkeys(mine)}
    missing = [one for one, standing in found.items() if standing is None] if wait else []
    found.update(count_anew(missing, shelf, lake, manifest))
    smallest = SMALLEST_CELL()
    return [_shown(found[one], smallest) for one in mine]


def count_anew(asks: Sequence[Ask], shelf: Shelf, lake: Folder, manifest: Manifest) -> dict[Ask, Standing]:
    """Count in one reading of the lake and keep it. Raises Invalid for a period or dimension a measure does not have."""
    made: dict[Ask, Standing] = {}
    platform = Actor.system("warehouse:measure:read")  # a reader of aggregates may not read rows: the platform counts for them
    with ExitStack() as open_:
        engine: Engine | None = None
        for one in asks:
            if engine is None:
                engine = open_.enter_context(reader(by=platform, types=_types(asks, manifest), folder=lake))
            spec = measures()[one.name]
            with speaking_of(one.name):
                counted = count(engine, spec, one.period, by=one.by, facilities=one.facilities, areas=one.areas)
            made[one] = stand(counted, manifest)
            shelf.keep(one, made[one])
    return made


def fresh(one: Standing, manifest: Manifest, *, young: timedelta = YOUNG) -> bool:
    """Whether a count still stands: the files it was made of do, or it is young enough for what it is about."""
    if one.inputs == inputs(manifest, one.counted.measure):
        return True
    now = clock.now()
    past = one.counted.period.end < (now - _PAST).date()
    return timedelta(0) <= now - one.made_at < (OLD if past else young)


def _standing(shelf: Shelf, ask: Ask, manifest: Manifest, *, wait: bool) -> Standing | None:
    found = shelf.find(ask)
    if found is None or found.seq > manifest.seq:  # of a lake that was taken away, or brought back from a backup
        return None
    return found if not wait or fresh(found, manifest) else None


def _types(asks: Sequence[Ask], manifest: Manifest) -> list[str] | None:
    """Return the types of the lake these measures read; None: all."""
    wanted: set[str] = set()
    for one in asks:
        types = types_of(measures()[one.name])
        if types is None:
            return None
        wanted |= types
    return sorted(wanted & set(manifest.types()))


def _note(asks: Sequence[Ask], by: Actor, conn: Connection[Any] | None) -> None:
    names = sorted({one.name for one in asks})
    detail = {
        "measures": names,
        "periods": sorted({one.period.label for one in asks}),
        "by": sorted({"+".join(one.by) for one in asks}),
        "facilities": sorted({code for one in asks for code in one.facilities or ()}) or "all",
        "restricted": False,
    }
    about = names[0] if len(names) == 1 else "board"
    if conn is not None:
        audit.note(conn, by=by, tag=Tag.MEASURE_READ, about_type="Measure", about_id=about, detail=detail)
        return
    with unit_of_work(by=by) as own:
        audit.note(own, by=by, tag=Tag.MEASURE_READ, about_type="Measure", about_id=about, detail=detail)


def _shown(one: Standing | None, smallest: int) -> Kept | None:
    if one is None:
        return None
    return Kept(noted(shown(one.counted, smallest), restricted=False), one.seq, one.until, one.made_at)


def _there(one: Kept | None) -> Kept:
    if one is None:
        raise NotFound("nothing was counted yet.", advice="Count it: yba warehouse refresh.")
    return one


def _set(codes: Collection[str] | None) -> frozenset[str] | None:
    return None if codes is None else frozenset(codes)
