"""What a report would be now: the places of its unit, the platform's own counting of the lake, and the reader's right to the numbers."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, time, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

from yba import access, audit, directory
from yba.access import Denied, Right, Row
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work
from yba.specs.exports import UnitKind
from yba.specs.views import views
from yba.warehouse.lake import Folder, reader
from yba.warehouse.lake.engine import speaking_of

from . import content, periods
from .counting import count
from .errors import NotNow, NotSo, NotThere
from .furnishing import Places
from .model import Draft, Late

if TYPE_CHECKING:
    from collections.abc import Collection

    from yba.specs.exports import Edition
    from yba.warehouse.engines import Engine
    from yba.warehouse.lake import Manifest
    from yba.warehouse.measures import Period

    from .model import Figures, Unit

PLATFORM: Final = Actor.system("warehouse:report:count")  # who reads a report may not read rows: the platform counts for them
_STATION: Final = "trạm y tế"
_KEPT: Final = 64  # figures of drafts that were counted last: a page asks for this period and the one before it
_counted: OrderedDict[tuple[object, ...], Figures] = OrderedDict()
_lock: Final = Lock()
_FACILITIES: Final = "SELECT DISTINCT row_facility FROM {} WHERE coalesce(row_facility, '') <> ''"
_LATE: Final = """
SELECT facility, count(*) FILTER (first_received_at > $at), count(*) FILTER (first_received_at <= $at AND last_received_at > $at)
FROM intake_claim WHERE state <> 'rejected' AND end_date >= $start AND end_date < $end AND last_received_at > $at
GROUP BY facility ORDER BY facility"""


def permitted(by: Actor, right: Right, unit: Unit, labels: Collection[str]) -> bool:
    """Whether a right is held where a unit reports, for the restricted categories a report is about."""
    return access.permits(by, right, Row(facility=unit.facility, labels=frozenset(labels), rtype="MeasureReport"))


def allow(by: Actor, right: Right, unit: Unit, labels: Collection[str]) -> None:
    """Raise Denied unless it is."""
    if not permitted(by, right, unit, labels):
        raise Denied(right)


def draft(report: str, *, by: Actor, unit: Unit, period: str, folder: Folder | None = None) -> Draft:
    """Count a report of a unit and period as it would be now; the asking is noted.

    Restricted rows are counted: a report to whom the law names is no disclosure (docs/reports.md); a report about a restricted category is for who
    may see it. Raises Denied, NotFound (no such report, no lake), Invalid (no such period, unit, or form).
    """
    access.require(by, Right.WAREHOUSE_REPORT_READ)
    edition, when = periods.named(report, period)
    allow(by, Right.WAREHOUSE_REPORT_READ, unit, edition.labels)
    with unit_of_work(by=by) as conn:
        told = {"unit": str(unit), "period": when.label, "draft": True}
        audit.note(conn, by=by, tag=Tag.REPORT_READ, about_type="Report", about_id=report, facility=unit.facility or None, detail=told)
    return counted(edition, unit, when, folder=folder)


def counted(edition: Edition, unit: Unit, period: Period, *, folder: Folder | None = None, as_of: int | None = None) -> Draft:
    """Count a report for whoever may see it (the caller has asked). Raises NotFound, Invalid, Conflict."""
    if unit.kind not in edition.units:
        raise NotSo(f"{edition.number} không do cấp này lập.", f"{edition.number} is not made by a {unit.kind}.")
    _require_place(unit, period)
    manifest = _manifest(folder)
    key = (manifest.lake, as_of or manifest.seq, edition.report, edition.edition, edition.digest, unit, period)
    with _lock:
        figures = _counted.get(key)
    if figures is None:
        figures = _count(edition, unit, period, folder, as_of)
        if _manifest(folder).seq != manifest.seq:  # an export came in between: which one was read is not known
            raise NotNow("Kho vừa được chép thêm trong lúc tính: hỏi lại.", "The lake was filled while the report was counted: ask again.")
        with _lock:
            _counted[key] = figures
            while len(_counted) > _KEPT:
                _counted.popitem(last=False)
    seq = as_of or manifest.seq
    return Draft(edition, unit, period, content.sheet_of(edition), figures, content.digest(figures), seq, manifest.until)


def _manifest(folder: Folder | None) -> Manifest:
    found = (folder or Folder()).newest()
    if found is None:
        raise NotThere("Chưa có kho dữ liệu.", "There is no lake yet: yba warehouse refresh.")
    return found


def _require_place(unit: Unit, period: Period) -> None:
    """A commune's report is made by its station: a hospital or a clinic that stands there is not told of the others."""
    if unit.kind is UnitKind.COMMUNE:
        with unit_of_work(by=PLATFORM) as conn:
            station = directory.facility_at(conn, by=PLATFORM, code=unit.facility, on=period.end - timedelta(days=1))
        if station is None or station.commune != unit.code or not is_station(station):
            raise NotSo(
                f"{unit.facility} không phải trạm của xã {unit.code}: báo cáo của xã do trạm của xã lập.",
                f"{unit.facility} is no facility of commune {unit.code}: a commune's report is made by its station.",
            )


def is_station(facility: directory.Facility) -> bool:
    """Whether a facility is a commune's health station: by its kind on the list of facilities, else by what an administrator calls it."""
    return any(said.casefold().startswith(_STATION) for said in (facility.kind, facility.name))


def _count(edition: Edition, unit: Unit, period: Period, folder: Folder | None, as_of: int | None) -> Figures:
    tables = {view for query in edition.queries.values() for view in query.reads} | {"encounter", "patient"}
    types = {views()[view].doc["resource"] for view in tables if view in views()}
    with reader(by=PLATFORM, restricted=True, types=types & _types(folder), as_of=as_of, folder=folder) as engine, speaking_of(edition.report):
        return count(engine, edition, unit, period, _places(engine, edition, unit, period))


def _types(folder: Folder | None) -> set[str]:
    return set(_manifest(folder).types())


def _places(engine: Engine, edition: Edition, unit: Unit, period: Period) -> Places:
    """Find what a unit is made of: the facilities that ever sent something, with their communes as of the last day of the period."""
    have = {name for (name,) in engine.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    reads = {view for query in edition.queries.values() for view in query.reads} | {"encounter"}
    asked = [_FACILITIES.format(f'"{view}"') for view in sorted(reads & have & {*views()} - {"patient"})]
    known = {code for (code,) in engine.execute(" UNION ".join(asked)).fetchall()} if asked else set()
    codes = {unit.facility} if unit.kind is UnitKind.FACILITY else known | ({unit.facility} - {""})
    with unit_of_work(by=PLATFORM) as conn:
        found = directory.facilities_at(conn, by=PLATFORM, codes=codes, on=period.end - timedelta(days=1))
    facilities = {code: found[code].commune if code in found else "" for code in sorted(codes)}
    if unit.kind is UnitKind.COMMUNE:
        return Places({code: commune for code, commune in facilities.items() if commune == unit.code}, (unit.code,))
    communes = set(facilities.values()) if unit.kind is UnitKind.PROVINCE else set()
    if any(query.by_commune for query in edition.queries.values()) and "area_population" in have:
        communes |= {code for (code,) in engine.execute("SELECT DISTINCT commune FROM area_population").fetchall()}
    return Places(facilities, tuple(sorted(communes - {""})))


def late_since(unit: Unit, period: Period, at: datetime, facilities: Collection[str], *, folder: Folder | None = None) -> tuple[Late, ...] | None:
    """Say what claims of a period facilities of a unit sent after a moment; None where the lake does not know when claims came."""
    if unit.kind is UnitKind.FACILITY:
        facilities = {unit.facility}
    with reader(by=PLATFORM, types=(), folder=folder) as engine, speaking_of("intake_claim"):
        if not engine.execute("SELECT 1 FROM information_schema.tables WHERE table_name = 'intake_claim'").fetchone():
            return None
        if not engine.execute("SELECT 1 FROM intake_claim LIMIT 1").fetchone():
            return None
        rows = engine.execute(_LATE, {"at": at, "start": period.start, "end": period.end}).fetchall()
    return tuple(Late(code, new, again) for code, new, again in rows if code in facilities)


def ended(period: Period) -> datetime:
    """Return the first moment after a period, in Vietnam."""
    return datetime.combine(period.end, time(), clock.VIETNAM)
