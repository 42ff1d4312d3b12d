"""Watching locked reports: after an export what late data may have changed is counted again, for who signs to be told; nothing locked is touched."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock, log
from yba.kit.db import unit_of_work
from yba.kit.errors import YbaError
from yba.specs.exports import UnitKind
from yba.warehouse.lake import Folder, reader
from yba.warehouse.lake.engine import speaking_of

from . import content, periods, store, store_watch
from .drafting import PLATFORM, counted
from .errors import NotNow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yba.kit import Actor

    from .model import Changed, Draft
    from .store_watch import Watched

_log = log.get(__name__)
MOST: Final = 40  # reports counted again after one export; the others come after the next ones
BACK: Final = timedelta(days=400)  # periods that ended earlier are corrected on demand only
_SHOWN: Final = 200
_TOUCHED: Final = "SELECT row_facility, max(row_seq) FROM encounter WHERE row_facility <> '' GROUP BY ALL"


class Looked(NamedTuple):
    """What one watch did: reports counted again, of those how many have other numbers, and how many are left for the next."""

    looked: int
    changed: int
    left: int


def watch(*, by: Actor, most: int = MOST, folder: Folder | None = None) -> Looked:
    """Hold locked reports against the newest export; twice equals once.

    First those whose facilities sent or changed visits since they were looked at last, then the others, longest unseen first, ``most`` in all. What
    differs is noted beside the report (`changed`) and in the trail when it is another difference than before. Raises Denied.
    """
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    manifest = (folder or Folder()).newest()
    if manifest is None:
        return Looked(0, 0, 0)
    with unit_of_work(by=PLATFORM) as conn:
        waiting = store_watch.watched(conn, since=clock.today() - BACK, seq=manifest.seq)
    if not waiting:
        return Looked(0, 0, 0)
    touched = _touched(folder)
    ordered = sorted(waiting, key=lambda one: (not _is_touched(one, touched), one.looked_at or one.locked_at, one.report, str(one.unit), one.period))
    looked = changed = 0
    for one in ordered[:most]:
        try:
            differs = _look(one, folder)
        except NotNow:  # the lake was filled meanwhile: the next watch sees all of it
            break
        looked, changed = looked + 1, changed + (differs > 0)
    return Looked(looked, changed, len(waiting) - looked)


def changed(*, by: Actor, most: int = _SHOWN) -> list[Changed]:
    """Name the locked reports within the reader's reach whose numbers are others now and that nobody corrects yet. Raises Denied."""
    access.require(by, Right.WAREHOUSE_REPORT_READ)
    with unit_of_work(by=by) as conn:
        return store_watch.changed(conn, access.predicate(conn, by=by, right=Right.WAREHOUSE_REPORT_READ, columns=store.COLUMNS), most=most)


def _touched(folder: Folder | None) -> dict[str, int]:
    """Give of each facility the last export that brought visits of it; restricted ones are not looked at."""
    with reader(by=PLATFORM, types=("Encounter",), folder=folder) as engine, speaking_of("encounter"):
        if not engine.execute("SELECT 1 FROM information_schema.tables WHERE table_name = 'encounter'").fetchone():
            return {}
        return {str(code): int(seq) for code, seq in engine.execute(_TOUCHED).fetchall()}


def _is_touched(one: Watched, touched: Mapping[str, int]) -> bool:
    codes = [one.unit.facility] if one.unit.kind is UnitKind.FACILITY else touched
    return any(touched.get(code, 0) > (one.seq or 0) for code in codes)


def _look(one: Watched, folder: Folder | None) -> int:
    """Count a report again and write down how many numbers differ. Raises NotNow where the lake was filled meanwhile."""
    draft = _again(one, folder)
    if draft is None:
        with unit_of_work(by=PLATFORM) as conn:  # not the first of the next watch too
            newest = (folder or Folder()).newest()
            store_watch.look(conn, one.id, seq=newest.seq if newest else 1, at=clock.now(), differs=one.differs, figures=one.figures)
        return 0
    with unit_of_work(by=PLATFORM) as conn:
        locked = store.one(conn, store_watch.EVERY, one.id)
        if locked is None:
            return 0
        differs = len(content.differences(locked.figures, draft.figures))
        figures = draft.digest if differs else locked.digest
        store_watch.look(conn, one.id, seq=draft.seq, at=clock.now(), differs=differs, figures=figures)
        if figures != one.figures:
            told = {"unit": str(one.unit), "period": one.period, "differs": differs, "seq": draft.seq, "figures": figures.hex()}
            audit.note(
                conn, by=PLATFORM, tag=Tag.REPORT_LATE, about_type="Report", about_id=str(one.id), facility=one.unit.facility or None, detail=told
            )
    return differs


def _again(one: Watched, folder: Folder | None) -> Draft | None:
    """Count as it would be now; None where that cannot be: the others are not kept waiting. Raises NotNow."""
    try:
        edition, when = periods.named(one.report, one.period)
        return counted(edition, one.unit, when, folder=folder)
    except NotNow:
        raise
    except YbaError as error:
        _log.warning("warehouse.report.uncounted", kind=type(error).__name__, facility=one.unit.facility)
        return None
