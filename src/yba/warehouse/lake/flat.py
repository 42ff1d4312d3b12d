"""Files of views: the flat rows of one lake file under one ViewDefinition, made from that file alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson
import xxhash

from yba.fhir import views as sql_on_fhir
from yba.kit import log

from .engine import THREADS, engine_error, literal, readable
from .model import LakeFile, Zone
from .writing import save

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .engine import Engine
    from .folder import Folder

_log = log.get(__name__)
# Beside the columns of the view: which row of the lake it comes from, whose it is and whence. Views name no column like this.
KEPT: Final = ("row_seq", "row_key", "row_person", "row_facility")
_TABLE: Final = "lake_rows"
_ROWS: Final = """SELECT seq AS row_seq, id AS row_key, person_id AS row_person, facility_id AS row_facility, given_id, doc
  FROM read_parquet({path}) WHERE NOT deleted AND NOT apart"""


class Flat(NamedTuple):
    """A view ready to be run: its name with a digest of all that decides about its rows, its statement over `lake_rows`, its columns."""

    name: str
    key: str
    rtype: str
    sql: str
    columns: tuple[sql_on_fhir.Output, ...]


def prepare(views: Iterable[sql_on_fhir.View]) -> tuple[Flat, ...]:
    """Compile views. Raises fhir.views.ViewError."""
    return tuple(_prepared(view.name, orjson.dumps(view.doc, option=orjson.OPT_SORT_KEYS), _Held(view)) for view in views)


class _Held:
    """A view as an argument that the cache does not look at: name and document say which it is."""

    def __init__(self, view: sql_on_fhir.View) -> None:
        self.view = view

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=256)
def _prepared(name: str, doc: bytes, held: _Held) -> Flat:
    source = sql_on_fhir.Source(_TABLE, "doc", rtype="", id="coalesce(given_id, row_key::VARCHAR)", keep=KEPT)
    compiled = sql_on_fhir.compile_view(held.view, source=source)
    digest = xxhash.xxh3_64(doc + compiled.sql.encode()).hexdigest()  # the compiler's part too: another release of it may make other rows
    return Flat(name, f"{name}@{digest[:12]}", held.view.resource, compiled.sql, compiled.columns)


def wanting(files: Sequence[LakeFile], flats: Sequence[Flat]) -> list[tuple[LakeFile, Flat]]:
    """Say which lake files have no file of which view yet."""
    have = {(one.of, one.view) for one in files if one.view}
    return [
        (one, flat) for one in files if not one.view for flat in flats if flat.rtype == one.rtype and (one.path, flat.key) not in have
    ]  # fmt: skip


def make(engine: Engine, lake: Folder, pairs: Sequence[tuple[LakeFile, Flat]]) -> list[LakeFile]:
    """Make files of views, also empty ones. One that cannot be made (a document that a column has no room for) is left out and logged by name."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="views") as pool:  # most files are too small for DuckDB to use two threads on one
        made = pool.map(lambda pair: _made(engine, lake, *pair), pairs)
        return [one for one in made if one is not None]


def _made(engine: Engine, lake: Folder, one: LakeFile, flat: Flat) -> LakeFile | None:
    head = "restricted/views" if one.zone is Zone.RESTRICTED else "views"
    path = f"{head}/{flat.key}/{one.path.replace('/', '-')}"
    about = LakeFile(path, one.rtype, one.zone, one.role, one.seq, 0, 0, "", view=flat.key, of=one.path)
    kind, found = "", None
    with readable(lake.root, [one]) as (source,), engine.cursor() as cursor:
        cursor.execute(f"CREATE OR REPLACE TEMP VIEW {_TABLE} AS {_ROWS.format(path=literal(source))}")
        try:
            found = save(cursor, flat.sql, lake.root, about, even_empty=True)
        except engine_error() as error:
            kind = type(error).__name__  # its words may quote a document
    if kind:
        _log.error("warehouse.view.failed", table=flat.name, path=one.path, kind=kind)
        (lake.root / path).unlink(missing_ok=True)
    return found


def stale(files: Sequence[LakeFile], flats: Sequence[Flat]) -> set[str]:
    """Return paths of files of views that are no more, or of lake files that are no more."""
    known, standing = {flat.key for flat in flats}, {one.path for one in files if not one.view}
    return {one.path for one in files if one.view and (one.view not in known or one.of not in standing)}
