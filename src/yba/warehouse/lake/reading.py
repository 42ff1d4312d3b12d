"""Reading the lake: what stands now, or stood at the end of a day, as tables of a DuckDB connection that reaches nothing else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit.db import unit_of_work
from yba.kit.errors import Invalid, NotFound
from yba.warehouse.views import known_views

from . import flat, side, spark
from .engine import COLUMNS, connect, files, literal, readable, speaking_of
from .flat import KEPT
from .folder import Folder
from .hurry import hurried
from .model import Role, Zone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date

    from yba.fhir import views as sql_on_fhir
    from yba.kit.actor import Actor
    from yba.warehouse.engines import Engine

    from .engine import Engine as DuckDB
    from .flat import Flat
    from .model import LakeFile, Manifest
    from .spark import Spark

TYPES: Final = "lake"  # schema of the tables of types: DuckDB takes "Condition" and condition for one name
_ROW: Final = ", ".join(f'"{name}"' for name in COLUMNS if name != "apart")
_NONE: Final = "SELECT " + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in COLUMNS.items() if name != "apart") + " LIMIT 0"


@contextmanager
def reader(
    *,
    by: Actor,
    restricted: bool = False,
    as_of: date | int | None = None,
    types: Collection[str] | None = None,
    views: Sequence[sql_on_fhir.View] | None = None,
    folder: Folder | None = None,
) -> Iterator[DuckDB]:
    """Give a DuckDB connection with a table per view (``condition``) and one per resource type (``lake."Condition"``): a row a living resource.

    ``as_of``: as they stood at the end of a day (Vietnam's), or after an export of that number. ``restricted``: with what bears a restricted
    category, which is opened into memory; without it such a resource is not there at all, in its earlier unrestricted versions neither.
    Columns are those of `engine.COLUMNS`; `whole` makes a document of a row. A view's table has the view's columns and, before them, row_seq,
    row_person and row_facility. Side tables (``intake_claim`` …, specs/views/side.toml) stand beside
    them always. ``types``: these alone; ``views``: None = the platform's own. The reading is noted. Raises Denied, NotFound,
    LakeDamaged, Invalid; a view that is not caught up says so when it is asked (duckdb.Error).
    """
    asked = _ask(by, folder, restricted=restricted, as_of=as_of, types=types)
    with connect() as engine:
        _lay(engine, asked, known_views() if views is None else views)
        _close_doors(engine, asked.lake)
        yield engine


@contextmanager
def hurried_reader(*, by: Actor, until: float, types: Collection[str], folder: Folder) -> Iterator[Engine]:
    """Give what `reader` does to who waits for a page: opening the lake is part of its time, a moment of `time.monotonic`.

    Raises as that does, and EngineFailed of kind `hurry.BROKEN_OFF` where the time is over.
    """
    asked = _ask(by, folder, restricted=False, as_of=None, types=types)
    with connect() as opened, hurried(opened, until) as engine:
        _lay(engine, asked, known_views())
        _close_doors(engine, asked.lake)
        yield engine


@contextmanager
def spark_reader(
    *,
    by: Actor,
    restricted: bool = False,
    as_of: date | int | None = None,
    types: Collection[str] | None = None,
    views: Sequence[sql_on_fhir.View] = (),
    folder: Folder | None = None,
) -> Iterator[Spark]:
    """Give Spark with the tables of `reader`; it takes the same SQL. Raises as that does, and Unavailable where Spark is not installed.

    ``views``: further ones, compiled for Spark and run over the documents: the lake needs no files of them. Restricted files are opened on this
    machine alone: Invalid at a cluster.
    """
    spark.require()
    asked = _ask(by, folder, restricted=restricted, as_of=as_of, types=types)
    with spark.opened() as engine:
        _lay(engine, asked, known_views())
        for view in views:
            engine.lay_view(view)
        engine.close_doors()
        yield engine


class _Asked(NamedTuple):
    """What is read: a lake, of its types some, as after an export (None: the newest)."""

    lake: Folder
    manifest: Manifest
    types: list[str]
    at: int | None
    restricted: bool


def _ask(by: Actor, folder: Folder | None, *, restricted: bool, as_of: date | int | None, types: Collection[str] | None) -> _Asked:
    """Ask for the right and write down the reading."""
    access.require(by, Right.WAREHOUSE_LAKE_READ)
    if restricted:
        access.require(by, Right.WAREHOUSE_RESTRICTED_READ)
    lake = folder or Folder()
    manifest = lake.newest()
    if manifest is None:
        raise NotFound("there is no lake yet.", advice="Fill it: yba warehouse refresh.")
    wanted = sorted(set(types if types is not None else manifest.types()))
    at = _export(manifest, as_of)
    with unit_of_work(by=by) as conn:
        told = {"seq": at or manifest.seq, "restricted": restricted, "types": wanted if types is not None else "all"}
        audit.note(conn, by=by, tag=Tag.LAKE_READ, about_type="Lake", about_id=str(manifest.lake), detail=told)
    return _Asked(lake, manifest, wanted, at, restricted)


def _lay(engine: Engine, asked: _Asked, views: Sequence[sql_on_fhir.View]) -> None:
    """Lay down the tables: of types, of views, and those beside them."""
    lake, manifest, wanted, at, restricted = asked
    engine.execute(f"CREATE SCHEMA {TYPES}")
    for rtype in wanted:
        _require_kept(manifest, rtype, at)
        table(engine, lake, manifest, rtype, restricted=restricted, at=at)
    for one in flat.prepare(views):
        if one.rtype in wanted:
            flat_table(engine, lake, manifest, one, restricted=restricted, at=at)
    side.open_tables(engine, lake.root, manifest.side, at)


def _export(manifest: Manifest, as_of: date | int | None) -> int | None:
    """Say which export a day means; None: the newest. Raises Invalid."""
    if as_of is None:
        return None
    if isinstance(as_of, int):
        if not 0 < as_of <= manifest.seq:
            raise Invalid(f"there was no export {as_of}.", advice=f"The newest is {manifest.seq}.")
        return as_of
    found = [seq for day, seq in sorted(manifest.days.items()) if day <= as_of]
    if not found:
        first = min(manifest.days).isoformat() if manifest.days else "-"
        raise Invalid(f"the lake does not know {as_of.isoformat()}.", advice=f"It can be read as it was from {first} on.")
    return found[-1]


def _require_kept(manifest: Manifest, rtype: str, at: int | None) -> None:
    floor = manifest.floor.get(rtype, 0)
    if at is not None and at < floor:
        raise Invalid(f"{rtype} as it was after export {at} is not kept any more.", advice=f"It can be read from export {floor} on (YBA_LAKE_DAYS).")


def table(engine: Engine, lake: Folder, manifest: Manifest, rtype: str, *, restricted: bool, at: int | None) -> None:
    """Make the table of a type: a view over its files, of sealed ones over their rows in memory: who asks for keys reads no open document."""
    zones = (Zone.OPEN, Zone.RESTRICTED) if restricted else (Zone.OPEN,)
    standing = [one for zone in zones for one in manifest.of(rtype, zone)]
    with speaking_of(rtype):
        if at is None:
            base, later = _base_and_later(engine, lake, f"type {rtype}", standing, COLUMNS)
            rows = current(engine, base, later, rtype)
        else:
            mixed = any(one.zone is Zone.RESTRICTED for one in standing)
            rows = _as_of(engine, _rows(engine, lake, f"type {rtype}", standing, COLUMNS), rtype, at, mixed=mixed)
        engine.execute(f'CREATE VIEW {TYPES}."{rtype}" AS {rows}')


def _base_and_later(engine: Engine, lake: Folder, name: str, some: Sequence[LakeFile], columns: Iterable[str]) -> tuple[str, str]:
    apart = {role: [one for one in some if one.role is role] for role in (Role.BASE, Role.CHANGE)}
    return _rows(engine, lake, f"{name}, base", apart[Role.BASE], columns), _rows(engine, lake, f"{name}, later", apart[Role.CHANGE], columns)


def _rows(engine: Engine, lake: Folder, name: str, some: Sequence[LakeFile], columns: Iterable[str]) -> str:
    """Return what these files are read from: open ones where they lie, sealed ones opened once into a table ``name``; "" for none of them."""
    chosen = ", ".join(f'"{column}"' for column in columns)
    lying = [str(lake.root / one.path) for one in some if one.zone is Zone.OPEN]
    sealed = [one for one in some if one.zone is Zone.RESTRICTED]
    parts = [f"SELECT {chosen} FROM read_parquet({files(lying)})"] if lying else []  # noqa: S608  our own paths
    if sealed:
        with readable(lake.root, sealed) as paths:
            engine.execute(f'CREATE TEMP TABLE "{name}" AS SELECT {chosen} FROM read_parquet({files(paths)})')  # noqa: S608  same
        parts.append(f'SELECT {chosen} FROM "{name}"')  # noqa: S608  same
    return f"({' UNION ALL '.join(parts)})" if parts else ""


def current(engine: Engine, base: str, later: str, rtype: str) -> str:
    """Return the query of the rows that stand; changes are looked through once and remembered in ``engine``."""
    if not later:
        return f"SELECT {_ROW} FROM {base} b WHERE NOT deleted" if base else _NONE  # noqa: S608  our own
    known = f'"changed {rtype}"'
    engine.execute(f"CREATE OR REPLACE TEMP TABLE {known} AS SELECT id, max(seq) AS seq FROM {later} c GROUP BY id")  # noqa: S608  same
    newest = f"SELECT {_ROW} FROM {later} r SEMI JOIN {known} c ON c.id = r.id AND c.seq = r.seq WHERE NOT r.deleted"  # noqa: S608  same
    if not base:
        return newest
    unchanged = f"SELECT {_ROW} FROM {base} r ANTI JOIN {known} c ON c.id = r.id AND c.seq > r.seq WHERE NOT r.deleted"  # noqa: S608  same
    return f"{unchanged} UNION ALL {newest}"


def _as_of(engine: Engine, every: str, rtype: str, at: int, *, mixed: bool) -> str:
    """As it stood after an export; what is apart now is not shown by a version from before it was, but to who may read both zones (``mixed``)."""
    if not every:
        return _NONE
    shown = "true" if mixed else "NOT arg_max(apart, seq)"
    known = f'"as of {rtype}"'
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {known} AS SELECT id, max(seq) FILTER (seq <= {at}) AS seq FROM {every} e GROUP BY id"  # noqa: S608  our own
        f" HAVING {shown} AND max(seq) FILTER (seq <= {at}) IS NOT NULL"
    )
    return f"SELECT {_ROW} FROM {every} r SEMI JOIN {known} k ON k.id = r.id AND k.seq = r.seq WHERE NOT r.deleted"  # noqa: S608  same


def flat_table(engine: Engine, lake: Folder, manifest: Manifest, view: Flat, *, restricted: bool, at: int | None) -> None:
    """Make the table of a view: its rows of the resources that stand, as the type's own table has just found out."""
    zones = (Zone.OPEN, Zone.RESTRICTED) if restricted else (Zone.OPEN,)
    lakes = {one.path for zone in zones for one in manifest.of(view.rtype, zone)}
    some = [one for one in manifest.files if one.view == view.key and one.of in lakes]
    if lakes - {one.of for one in some}:
        engine.execute(f'CREATE VIEW "{view.name}" AS {_not_caught_up(view)}')
        return
    with speaking_of(view.name):
        engine.execute(f'CREATE VIEW "{view.name}" AS {_flat_rows(engine, lake, some, view, at)}')


def _not_caught_up(view: Flat) -> str:
    """Return a query that says so when it is asked, and keeps nobody from the other tables."""
    words = f"the view {view.name} is not caught up: run yba warehouse refresh; what it cannot be made of is named in the log"
    columns = ", ".join(f'NULL AS "{name}"' for name in (*(name for name in KEPT if name != "row_key"), *(one.name for one in view.columns)))
    return f"SELECT {columns} FROM (SELECT error({literal(words)}) AS said) WHERE said IS NULL"  # noqa: S608  our own


def _flat_rows(engine: Engine, lake: Folder, some: Sequence[LakeFile], view: Flat, at: int | None) -> str:
    name, read = f"view {view.name}", (*KEPT, *(one.name for one in view.columns))
    columns = ", ".join(f'v."{column}"' for column in read if column != "row_key")
    if at is not None and some:
        known = f'"as of {view.rtype}" k ON k.id = v.row_key AND k.seq = v.row_seq'
        return f"SELECT {columns} FROM {_rows(engine, lake, name, some, read)} v SEMI JOIN {known}"  # noqa: S608  our own
    base, later = _base_and_later(engine, lake, name, some, read)
    parts = []
    if base:
        newer = f' ANTI JOIN "changed {view.rtype}" c ON c.id = v.row_key AND c.seq > v.row_seq' if later else ""
        parts.append(f"SELECT {columns} FROM {base} v{newer}")  # noqa: S608  our own
    if later:
        newest = f'SEMI JOIN "changed {view.rtype}" c ON c.id = v.row_key AND c.seq = v.row_seq'
        parts.append(f"SELECT {columns} FROM {later} v {newest}")  # noqa: S608  same
    nothing = columns.replace('v."', 'NULL AS "')
    return " UNION ALL ".join(parts) or f"SELECT {nothing} LIMIT 0"


def _close_doors(engine: Engine, lake: Folder) -> None:
    """Let statements reach the files of the lake and nothing else of this machine, for good."""
    engine.execute(f"SET allowed_directories = {files([lake.root])}")
    engine.execute("SET enable_external_access = false")
    engine.execute("SET lock_configuration = true")


def whole(rtype: str, alias: str = "") -> str:
    """Return the SQL of a row's whole document: with `resourceType` and `id`, which the record keeps in columns (record.lines)."""
    at = f'{alias}."doc"' if alias else '"doc"'
    id_ = f'coalesce({alias}."given_id", {alias}."id"::VARCHAR)' if alias else 'coalesce("given_id", "id"::VARCHAR)'
    head = f"""'{{"resourceType":"{rtype}","id":"' || {id_} || '"'"""
    return (
        f"CASE WHEN starts_with({at}, '{{\"resourceType\":') THEN {at} WHEN starts_with({at}, ' ') THEN substr({at}, 2)"
        f" WHEN {at} = '{{}}' THEN {head} || '}}' ELSE {head} || ',' || substr({at}, 2) END"
    )
