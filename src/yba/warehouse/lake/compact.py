"""Compaction: the changes of a type become part of its base, what no promised day needs goes, what went apart leaves the open zone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock, keys
from yba.kit.db import unit_of_work
from yba.kit.errors import NotFound
from yba.kit.keys import Purpose
from yba.warehouse.settings import LAKE_DAYS
from yba.warehouse.views import known_views

from . import flat
from .engine import COLUMNS, connect, files, readable, speaking_of
from .export import flattened, sync_folders, written_since
from .model import Compacted, LakeFile, Manifest, Role, Zone
from .working import working
from .writing import save

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from yba.fhir import views as sql_on_fhir
    from yba.kit.actor import Actor

    from .engine import Engine
    from .folder import Folder

_MANY: Final = 24  # change files of a type from which it is worth it
_SHARE: Final = 10  # percent of the base that has changed, the same
_ROWS: Final = 300_000  # in one file: sorted in memory
_COLUMNS: Final = ", ".join(f'r."{name}"' for name in COLUMNS)
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
_LAST: Final = "ffffffff-ffff-ffff-ffff-ffffffffffff"


class _Type(NamedTuple):
    """One type being rewritten: its files, and the oldest export that must stay readable."""

    rtype: str
    files: list[LakeFile]
    floor: int


def compact(
    *,
    by: Actor,
    types: Collection[str] | None = None,
    rewrap: bool = False,
    views: Sequence[sql_on_fhir.View] | None = None,
    folder: Folder | None = None,
) -> Compacted:
    """Rewrite types whose changes have become many (``types``: these, however few); what stands, and stood on promised days, stays the same.

    ``rewrap``: and what an older key of the lake sealed. Readers that began before keep their files for an hour. Raises Denied, NotFound,
    LakeBusy, LakeDamaged.
    """
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    with working(folder) as work:
        lake = work.lake
        before = lake.newest()
        if before is None:
            raise NotFound("there is no lake yet.", advice="Fill it: yba warehouse refresh.")
        lake.sweep(before)
        promised = before.promised_from(clock.today(), LAKE_DAYS())
        wanted = sorted({*(_worth(before) if types is None else types), *(_old(before) if rewrap else ())})
        chosen = [_Type(rtype, _of(before, rtype), max(promised, before.floor.get(rtype, 0))) for rtype in wanted]
        made: list[LakeFile] = []
        for one in chosen:
            made += _rewritten(lake, before.number + 1, one)
        if not chosen:
            return Compacted((), (0, 0), (0, 0), 0)
        manifest = flattened(lake, _manifest(lake, before, chosen, made), flat.prepare(known_views() if views is None else views))
        sync_folders(lake, written_since(before, manifest))
        work.publish(manifest)
    replaced = [one for typed in chosen for one in typed.files]
    told = Compacted(
        tuple(one.rtype for one in chosen), (len(replaced), len(made)), (_bytes(replaced), _bytes(made)), _rows(replaced) - _rows(made)
    )  # fmt: skip
    with unit_of_work(by=by) as conn:
        detail = {"types": list(told.types), "files": told.files, "bytes": told.bytes, "dropped": told.dropped}
        audit.note(conn, by=by, tag=Tag.LAKE_COMPACT, about_type="Lake", about_id=str(before.lake), detail=detail)
    return told


def _of(manifest: Manifest, rtype: str) -> list[LakeFile]:
    """Both zones together: a resource goes from one to the other."""
    return manifest.of(rtype, Zone.OPEN) + manifest.of(rtype, Zone.RESTRICTED)


def _bytes(some: Collection[LakeFile]) -> int:
    return sum(one.bytes for one in some)


def _rows(some: Collection[LakeFile]) -> int:
    return sum(one.rows for one in some)


def _old(manifest: Manifest) -> list[str]:
    """Types of which a file was sealed by an older key."""
    newest = keys.ring().current(Purpose.LAKE).version
    return [rtype for rtype in manifest.types() if any(one.key != newest for one in manifest.of(rtype, Zone.RESTRICTED))]


def _worth(manifest: Manifest) -> list[str]:
    found = []
    for rtype in manifest.types():
        some = _of(manifest, rtype)
        base, later = (_rows([one for one in some if one.role is role]) for role in (Role.BASE, Role.CHANGE))
        if sum(one.role is Role.CHANGE for one in some) > _MANY or later * 100 > base * _SHARE:
            found.append(rtype)
    return found


def _manifest(lake: Folder, before: Manifest, chosen: list[_Type], made: list[LakeFile]) -> Manifest:
    now, rewritten = clock.now(), {one.rtype for one in chosen}
    gone = tuple((one.path, now) for one in before.files if one.rtype in rewritten and not one.view)
    return replace(
        before,
        number=before.number + 1,
        files=(*(one for one in before.files if one.view or one.rtype not in rewritten), *made),
        floor={**before.floor, **{one.rtype: one.floor for one in chosen}},
        days={day: seq for day, seq in before.days.items() if seq >= before.promised_from(clock.today(), LAKE_DAYS())},
        leaving=(*lake.still_leaving(before), *gone),
    )


# Of resources with more than one row: each step, the next one, and whether the last one bears a restricted category. A row that says that a
# resource went apart and the restricted one itself are of one export: one step.
_STEPS: Final = """
CREATE TEMP TABLE steps AS
WITH told AS (SELECT r.id, r.seq, bool_or(r.labels IS NOT NULL) AS labelled FROM read_parquet($all) r SEMI JOIN
                     (SELECT DISTINCT id FROM read_parquet($later)) l ON l.id = r.id GROUP BY r.id, r.seq)
SELECT id, seq, lead(seq) OVER (PARTITION BY id ORDER BY seq) AS next,
       last_value(labelled) OVER (PARTITION BY id ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS hidden FROM told
"""
_STANDS: Final = "NOT r.deleted AND NOT r.apart AND (s.id IS NULL OR s.next IS NULL)"
_STOOD: Final = "s.id IS NOT NULL AND (s.next > $floor OR (s.next IS NULL AND r.deleted AND NOT r.apart AND r.seq > $floor))"
_FROM: Final = "read_parquet($all) r LEFT JOIN steps s ON s.id = r.id AND s.seq = r.seq"
# Where a row goes: (role, zone, condition). Earlier open versions of what is restricted now leave the open zone.
_PLACES: Final = (
    (Role.BASE, Zone.OPEN, f"{_STANDS} AND r.labels IS NULL"),
    (Role.BASE, Zone.RESTRICTED, f"{_STANDS} AND r.labels IS NOT NULL"),
    (Role.PAST, Zone.OPEN, f"{_STOOD} AND r.labels IS NULL AND NOT s.hidden"),
    (Role.PAST, Zone.RESTRICTED, f"{_STOOD} AND NOT r.apart AND (r.labels IS NOT NULL OR s.hidden)"),
)


def _rewritten(lake: Folder, number: int, one: _Type) -> list[LakeFile]:
    made: list[LakeFile] = []
    with connect() as engine, readable(lake.root, one.files) as paths, speaking_of(f"the compaction of {one.rtype}"):
        later = [path for about, path in zip(one.files, paths, strict=True) if about.role is not Role.BASE] or paths[:0]
        every = files(paths)
        if later:
            engine.execute(_STEPS.replace("$all", every).replace("$later", files(later)))
        else:
            engine.execute("CREATE TEMP TABLE steps (id UUID, seq INTEGER, next INTEGER, hidden BOOLEAN)")
        seq = max(about.seq for about in one.files)
        for role, zone, where in _PLACES:
            condition = where.replace("$floor", str(one.floor))
            for low, high in _ranges(engine, every, condition):
                path = f"{zone}/{one.rtype}/{number:06}-{len(made)}.parquet"
                between = f"r.person_id >= '{low}' AND r.person_id {'<=' if high == _LAST else '<'} '{high}'"
                rows = f"SELECT {_COLUMNS} FROM {_FROM.replace('$all', every)} WHERE {between} AND {condition} ORDER BY r.person_id, r.id, r.seq"  # noqa: S608  our own
                found = save(engine, rows, lake.root, LakeFile(path, one.rtype, zone, role, seq, 0, 0, ""))
                made += [found] if found else []
    return made


def _ranges(engine: Engine, every: str, condition: str) -> list[tuple[str, str]]:
    """Cut people into ranges of about so many rows as are sorted in memory."""
    source = f"FROM {_FROM.replace('$all', every)} WHERE {condition}"
    found: Any = engine.execute(f"SELECT count(*) {source}").fetchone()
    count = int(found[0])
    if not count:
        return []
    pieces = -(-count // _ROWS)
    cuts: list[str] = []
    if pieces > 1:
        sample = engine.execute(f"SELECT person_id::VARCHAR FROM (SELECT r.person_id {source}) USING SAMPLE 20000 ROWS ORDER BY 1").fetchall()  # noqa: S608  our own
        cuts = sorted({sample[len(sample) * piece // pieces][0] for piece in range(1, pieces)} - {_NOBODY})
    return list(pairwise([_NOBODY, *cuts, _LAST]))
