"""Reading reports: one, those of a unit and period, how everything stands for a unit, and whether counting again agrees."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.db import unit_of_work
from yba.kit.errors import Invalid
from yba.specs import exports

from . import periods, store, store_watch
from .drafting import counted, permitted
from .errors import NotThere
from .model import Standing, Step

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit import Actor
    from yba.warehouse.lake import Folder

    from .model import Draft, Kept, Unit


def report(id_: UUID, *, by: Actor) -> Kept:
    """Read one report as it was kept; the reading is noted. Raises Denied, NotFound, Internal where its text is not what was signed."""
    with unit_of_work(by=by) as conn:
        found = store.one(conn, access.predicate(conn, by=by, right=Right.WAREHOUSE_REPORT_READ, columns=store.COLUMNS), id_)
        if found is None:
            raise NotThere("Không có báo cáo này.", "There is no such report.")
        _note(conn, by, found)
        return found


def reports_of(name: str, *, by: Actor, unit: Unit, period: str) -> list[Kept]:
    """Read every report of a unit and period in the order they were made: attempts, then corrections. Raises Denied, NotFound, Invalid."""
    _, when = periods.named(name, period)
    with unit_of_work(by=by) as conn:
        seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_REPORT_READ, columns=store.COLUMNS)
        found = store.of(conn, seen, name, unit, when.label)
        if found:
            _note(conn, by, found[-1])
        return found


def standing(*, by: Actor, unit: Unit, on: date | None = None, count: int = 3) -> list[Standing]:
    """Say how every report stands that a unit makes and the reader may see: the period under way and the ``count`` before it, newest first."""
    access.require(by, Right.WAREHOUSE_REPORT_READ)
    today = on or clock.today()
    wanted = [
        (name, edition, period)
        for name in exports.reports()
        for edition, period in periods.latest(name, today, count)
        if unit.kind in edition.units and permitted(by, Right.WAREHOUSE_REPORT_READ, unit, edition.labels)
    ]
    with unit_of_work(by=by) as conn:
        seen = access.predicate(conn, by=by, right=Right.WAREHOUSE_REPORT_READ, columns=store.COLUMNS)
        since = min((period.end for _, _, period in wanted), default=today)
        kept = store.standing(conn, seen, [str(unit)], since)
        other = {(one.report, one.period): one.differs for one in store_watch.changed(conn, seen, of=unit, most=len(wanted))}
    newest = {(name, label): (number, state) for name, _, label, number, state in kept}  # in order of numbers: the last correction counts
    found = []
    for name, edition, period in wanted:
        number, state = newest.get((name, period.label), (0, None))
        by_when = periods.due(edition, period)
        locked = state is Step.LOCKED or number > 0
        is_late, differs = today > by_when and not locked, other.get((name, period.label), 0)
        found.append(Standing(name, edition, period, by_when, state, number, is_late, period.end > today, differs))
    return sorted(found, key=_order)


def _order(one: Standing) -> tuple[bool, bool, int, str]:
    """What waits comes first, the newest before the older; of what has not ended what is due next."""
    day = one.due.toordinal() if one.running else -one.period.end.toordinal()
    return one.running, one.state is Step.LOCKED, day, one.report


def locked_units(name: str, *, by: Actor, period: str) -> set[str]:
    """Name the units within reach whose report of a period is locked: who has sent, for who receives. Raises Denied, NotFound, Invalid."""
    _, when = periods.named(name, period)
    with unit_of_work(by=by) as conn:
        return store.locked_of(conn, access.predicate(conn, by=by, right=Right.WAREHOUSE_REPORT_READ, columns=store.COLUMNS), name, when.label)


def to_last(drafted: Draft, *, by: Actor, folder: Folder | None = None) -> Draft | None:
    """Count the period before, for comparison; None where no form is known for it. Raises Denied."""
    access.require(by, Right.WAREHOUSE_REPORT_READ)
    last = periods.before(drafted.edition.report, drafted.period)
    edition = exports.edition(drafted.edition.report, last.end - timedelta(days=1)) if last else None
    return counted(edition, drafted.unit, last, folder=folder) if last and edition else None


def recount(id_: UUID, *, by: Actor, folder: Folder | None = None) -> bool | None:
    """Count a kept report again from the very export it was counted from: True when the figures agree, None when that export is not kept any more."""
    found = report(id_, by=by)
    edition = next((one for one in exports.reports().get(found.report, ()) if one.edition == found.edition), None)
    if edition is None or edition.digest != found.origin["definition"]:
        return None  # the definition itself is another one now
    _, period = periods.named(found.report, found.period.label)  # with the beginning of the report's own year, which is not kept
    try:
        again = counted(edition, found.unit, period, folder=folder, as_of=found.origin["seq"])
    except Invalid:
        return None
    return again.digest == found.digest


def _note(conn: Connection[Any], by: Actor, found: Kept) -> None:
    told = {"unit": str(found.unit), "period": found.period.label, "number": found.number}
    audit.note(conn, by=by, tag=Tag.REPORT_READ, about_type="Report", about_id=str(found.id), facility=found.unit.facility or None, detail=told)
