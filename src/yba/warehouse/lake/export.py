"""The export: what changed in the record since the last one, each version once, written to files that one manifest makes the lake."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from yba import access, audit, ingest, record
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.db import unit_of_work
from yba.kit.durable import to_disk
from yba.kit.errors import Invalid
from yba.specs.side import side_tables
from yba.warehouse import store
from yba.warehouse.views import known_views

from . import flat, side
from .engine import connect, files, readable, speaking_of
from .model import LakeFile, LakeForeign, Manifest, Refreshed, Role, SideFile, Zone
from .working import working
from .writing import Writer, save

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import date, datetime

    from psycopg import Connection

    from yba.fhir import views as sql_on_fhir
    from yba.kit.actor import Actor
    from yba.record import Changes, Mark

    from .engine import Engine
    from .folder import Folder

ALL: Final = "all"
_ANEW: Final = "Build the lake anew: yba warehouse refresh --anew all."


class _Start(NamedTuple):
    """From where an export goes on."""

    before: Manifest | None
    anew: frozenset[str]
    everywhere: bool

    @property
    def since(self) -> Mark | None:
        """The mark to go on from: what exports in between passed over is found only from the last look at every row."""
        if self.before is None:
            return None
        return self.before.looked if self.everywhere else self.before.mark


def refresh(
    *,
    by: Actor,
    anew: Collection[str] = (),
    everywhere: bool = False,
    progress: Callable[[int, int], object] | None = None,
    views: Sequence[sql_on_fhir.View] | None = None,
    folder: Folder | None = None,
) -> Refreshed:
    """Export what changed since the last time; from empty, everything. Twice is once.

    ``anew``: types (and side tables) to be read whole from the database, "all" for a lake from the beginning. ``everywhere``: look at
    every row, whatever its `updated` says; done by itself when the database's clock has gone back. ``progress(done, expected)`` in rows. One
    transaction reads it all and writes the trail. ``views``: what stands in the lake as flat rows too (None: the platform's own); those that
    are new or changed are caught up. Raises Denied, LakeBusy, Unavailable (the bucket), LakeForeign (another database), LakeDamaged,
    Invalid, fhir.views.ViewError.
    """
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    begun = time.monotonic()
    flats = flat.prepare(known_views() if views is None else views)
    with working(folder, anew=ALL in anew) as work:
        lake = work.lake
        before = None if ALL in anew else lake.newest()
        number = work.next_number()
        if before is not None:  # a lake built anew leaves the old one standing until it is done
            lake.sweep(before)
        start = _Start(before, frozenset(anew) - {ALL} - side_tables().keys(), everywhere)
        under_way = record.oldest_under_way()
        with unit_of_work(by=by, steady=True) as conn:
            start = _checked(conn, start)
            changes = record.changed(conn, by=by, since=start.since, under_way=under_way, anew=start.anew, everywhere=start.everywhere)
            _refuse_foreign(before, changes)
            made, seen = _write(lake, number, start, changes, progress)
            beside = side.export(
                conn, by=by, root=lake.root, number=number, standing=before.side if before else (), everything=start.everywhere,
                anew=frozenset(anew),
            )  # fmt: skip
            manifest = _sided(start, _manifest(lake, start, changes, number, made, seen), beside)
            store.note_export(conn, manifest.lake, number, manifest.token, before.token if before else None, changes.at)
            rows = _counted(made)
            if rows:
                detail = {"seq": number, "rows": rows, "anew": sorted(anew), "everywhere": start.everywhere}
                audit.note(conn, by=by, tag=Tag.LAKE_REFRESH, about_type="Lake", about_id=str(manifest.lake), detail=detail)
        manifest = flattened(lake, manifest, flats)  # the database waits for it no longer
        fresh = written_since(before, manifest)
        sync_folders(lake, fresh)
        work.publish(manifest)
        with unit_of_work(by=by) as conn:
            record.forget_touched(conn, by=by, touched=changes.touched)
            ingest.forget_touched(conn, by=by, seen=beside.touched)
    return Refreshed(
        number,
        rows,
        sum(one.bytes for one in fresh),
        round(time.monotonic() - begun, 3),
        sum(bool(one.view) for one in fresh if isinstance(one, LakeFile)),
        start.everywhere,
    )


def _checked(conn: Connection[Any], start: _Start) -> _Start:
    """See that the lake was filled from this database as it is now. Raises LakeForeign, Invalid.

    The database keeps a token for each export, written by the transaction that read for it: a database brought back from before has an older
    one. Newer than the lake's it is when an export died before its manifest (its predecessor is the lake's), or when the lake was brought
    back: then notes of touched people may be gone, and every row is looked at.
    """
    before = start.before
    if before is None:
        return start
    if unknown := start.anew - set(before.types()):
        raise Invalid(f"{', '.join(sorted(unknown))}: the lake has no such type.", advice="Name a FHIR resource type, or all.")
    known = store.last_export(conn, before.lake)
    if known is None or (known.token != before.token and known.seq <= before.seq):
        raise LakeForeign("the database does not know this lake's last export: it was brought back from a backup, or is another one.", advice=_ANEW)
    if before.token not in {known.token, known.previous} or known.now < before.until:
        return start._replace(everywhere=True)
    return start


def _refuse_foreign(before: Manifest | None, changes: Changes) -> None:
    if before is None:
        return
    if before.database != changes.database:
        raise LakeForeign("the lake was filled from another database.", advice=_ANEW)
    if changes.mark.oldest < before.mark.oldest:
        raise LakeForeign("the database has fewer transactions than the lake has seen: it was brought back from a backup.", advice=_ANEW)


def _write(
    lake: Folder, number: int, start: _Start, changes: Changes, progress: Callable[[int, int], object] | None
) -> tuple[list[LakeFile], set[int]]:
    """Write the files of an export; returns them and the transactions they bear that a later snapshot must know."""
    if not changes.slices:
        return [], set()
    done = 0

    def tell(rows: int) -> None:
        nonlocal done
        done += rows
        if progress:
            progress(done, max(done, changes.expected))

    with connect(spill=None) as engine, Writer(engine, lake.root, number, tell) as writer:
        for one in changes.slices:
            whole = start.before is None or one.rtype in start.anew
            zone = Zone.RESTRICTED if one.labelled else Zone.OPEN
            known = _remember(engine, lake, start, one.rtype) if start.everywhere and not whole else ""
            writer.take(one.rtype, zone, Role.BASE if whole else Role.CHANGE, changes.copy(one), known)
        made = list(writer.finish())
        seen = _transactions(engine, lake, made, changes.mark.oldest)
        made += _moved_apart(engine, lake, start, writer, made)
    return made, seen


def _remember(engine: Engine, lake: Folder, start: _Start, rtype: str) -> str:
    """Lay down which rows of a type the lake has of the time a look at every row goes back to; returns the table, "" where there are none."""
    before = start.before
    standing = [one for one in before.files if one.rtype == rtype and not one.view] if before else []
    if before is None or not standing:
        return ""
    name = f"known {rtype}"
    with readable(lake.root, standing) as paths, speaking_of(rtype):
        engine.execute(
            f'CREATE TABLE IF NOT EXISTS "{name}" AS SELECT DISTINCT id, "transaction" FROM read_parquet({files(paths)})'  # noqa: S608  our own
            f' WHERE "transaction" >= {before.looked.oldest} AND NOT apart'
        )
    return name


def _transactions(engine: Engine, lake: Folder, made: list[LakeFile], oldest: int) -> set[int]:
    with readable(lake.root, made) as paths, speaking_of("the new files"):
        found: set[int] = set()
        for path in paths:
            rows = engine.execute('SELECT DISTINCT "transaction" FROM read_parquet(?) WHERE "transaction" >= ?', [path, oldest])
            found.update(row[0] for row in rows.fetchall())
        return found


# What says that a resource went apart: it tells that there is something, of nobody and nothing.
_APART: Final = """
SELECT DISTINCT r.seq, '00000000-0000-0000-0000-000000000000'::UUID AS person_id, r.id, NULL::VARCHAR AS given_id, r.version,
       NULL::BIGINT AS "transaction", NULL::TIMESTAMPTZ AS updated, true AS deleted, true AS apart, NULL::VARCHAR AS facility_id,
       NULL::UUID AS source_id, NULL::VARCHAR[] AS labels, NULL::VARCHAR AS mapped_by, NULL::TIMESTAMPTZ AS start_at,
       NULL::TIMESTAMPTZ AS end_at, NULL::VARCHAR AS doc
  FROM read_parquet($new) r SEMI JOIN read_parquet($standing) s ON s.id = r.id ORDER BY r.id
"""


def _moved_apart(engine: Engine, lake: Folder, start: _Start, writer: Writer, written: list[LakeFile]) -> list[LakeFile]:
    """Write into the open zone that resources which have an open version are restricted now; else readers would go on with that one."""
    made = []
    before = start.before
    for rtype in sorted({one.rtype for one in written if one.zone is Zone.RESTRICTED} if before else ()):
        standing = before.of(rtype, Zone.OPEN) if before and rtype not in start.anew else []
        if not standing:
            continue
        new = [one for one in written if one.rtype == rtype and one.zone is Zone.RESTRICTED]
        path = writer.next_path(rtype, Zone.OPEN)
        with readable(lake.root, new) as paths, speaking_of(f"the export of {rtype}"):
            rows = _APART.replace("$new", files(paths)).replace("$standing", files(lake.root / one.path for one in standing))
            found = save(engine, rows, lake.root, LakeFile(path, rtype, Zone.OPEN, Role.CHANGE, new[0].seq, 0, 0, ""))
        made += [found] if found else []
    return made


def _manifest(lake: Folder, start: _Start, changes: Changes, number: int, made: list[LakeFile], seen: set[int]) -> Manifest:
    before, now = start.before, clock.now()
    mark = changes.mark.having_seen(seen, before.mark if before else None)
    kept = tuple(one for one in before.files if one.view or one.rtype not in start.anew) if before else ()
    gone = tuple((one.path, now) for one in before.files if one.rtype in start.anew and not one.view) if before else ()
    floor = dict(before.floor) if before else {}
    floor |= dict.fromkeys(start.anew, number)
    days = dict(before.days) if before else {}
    days[_day(changes.at)] = number
    return Manifest(
        number=number, seq=number, lake=before.lake if before else uuid4(), database=changes.database, token=uuid4(),
        mark=mark, until=changes.at, looked=mark if before is None or start.everywhere else before.looked,
        files=(*kept, *made), floor=floor, days=days, leaving=(*(lake.still_leaving(before) if before else ()), *gone),
    )  # fmt: skip


def _sided(start: _Start, manifest: Manifest, beside: side.Sided) -> Manifest:
    """Lay new files of side tables beside those that stand; what nothing needs any more leaves."""
    every = (*(start.before.side if start.before else ()), *beside.files)
    kept = side.thinned(every, set(manifest.days.values()))
    gone = {one.path for one in every} - {one.path for one in kept}
    return replace(manifest, side=kept, leaving=(*manifest.leaving, *((path, clock.now()) for path in sorted(gone))))


def flattened(lake: Folder, manifest: Manifest, flats: Sequence[flat.Flat]) -> Manifest:
    """Return the manifest with files of views made where they are wanting, and without those that are no more."""
    gone = flat.stale(manifest.files, flats)
    kept = tuple(one for one in manifest.files if one.path not in gone)
    pairs = flat.wanting(kept, flats)
    made: list[LakeFile] = []
    if pairs:
        with connect() as engine:
            made = flat.make(engine, lake, pairs)
    return replace(manifest, files=(*kept, *made), leaving=(*manifest.leaving, *((path, clock.now()) for path in sorted(gone))))


def written_since(before: Manifest | None, manifest: Manifest) -> list[LakeFile | SideFile]:
    """Return the files a manifest has that the one before had not."""
    known = {one.path for one in before.stored()} if before else set()
    return [one for one in manifest.stored() if one.path not in known]


def sync_folders(lake: Folder, made: Iterable[LakeFile | SideFile]) -> None:
    """Bring the names of new files to the disk."""
    for path in {(lake.root / one.path).parent for one in made}:
        to_disk(path)


def _day(at: datetime) -> date:
    return at.astimezone(clock.VIETNAM).date()


def _counted(made: list[LakeFile]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for one in made:
        if not one.view:
            rows[one.rtype] = rows.get(one.rtype, 0) + one.rows
    return dict(sorted(rows.items()))
