"""Exporting side tables within the export's own transaction: of each part only what changed, one file, which stands until the next."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import xxhash

from yba import ingest
from yba.warehouse.lake.engine import connect, speaking_of
from yba.warehouse.lake.model import LakeFile, Role, SideFile, Zone
from yba.warehouse.lake.writing import save

from . import sources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.specs.side import SideTable

    Conn = Connection[tuple[Any, ...]]

FOLDER: Final = "side"


class Sided(NamedTuple):
    """What an export made of the side tables: new files, and the notes of the intake to be taken away once the manifest stands."""

    files: tuple[SideFile, ...]
    touched: ingest.Touched


def export(
    conn: Conn, *, by: Actor, root: Path, number: int, standing: Sequence[SideFile], everything: bool = False, anew: Collection[str] = ()
) -> Sided:
    """Write the parts of side tables that changed since ``standing`` (newest last), in the export's transaction.

    ``everything``: look at every part, whatever is said to have changed; ``anew``: write every part of these tables. A part that says what
    its file says already is not written. Raises Denied.
    """
    touched = ingest.touched(conn, by=by)
    newest = {(one.table, one.part): one for one in standing}
    made: list[SideFile] = []
    for table in sources.tables():
        known = {part: one for (name, part), one in newest.items() if name == table.name}
        laid_out = layout(table)
        rebuilt = table.name in anew or any(one.layout != laid_out for one in known.values())
        since = None if everything or rebuilt or not known else touched
        for part in sources.parts(conn, by=by, table=table, touched=since, standing=known):
            before = None if rebuilt else known.get(part)
            made += _part(root, number, table, part, b"".join(sources.lines(conn, by=by, table=table, part=part)), before)
    return Sided(tuple(made), touched)


def layout(table: SideTable) -> str:
    """Name the columns of a table: files of another layout are not read."""
    return xxhash.xxh3_64_hexdigest(repr([(one.name, one.type) for one in table.columns]).encode())[:12]


def _part(root: Path, number: int, table: SideTable, part: str, lines: bytes, before: SideFile | None) -> Iterable[SideFile]:
    """Write one part where it says something new; one never seen that is empty has no file."""
    told = xxhash.xxh3_128_hexdigest(lines)
    if before.told == told if before is not None else not lines:
        return
    path = f"{FOLDER}/{table.name}/{number:06}-{part or 'all'}.parquet"
    about = LakeFile(path, table.name, Zone.OPEN, Role.BASE, number, 0, 0, "")
    memory = os.memfd_create("side")
    try:
        with os.fdopen(os.dup(memory), "wb") as file:
            file.write(lines)
        with connect() as engine, speaking_of(f"the export of {table.name}"):
            found = save(engine, _rows(table, memory, empty=not lines), root, about, even_empty=True)
    finally:
        os.close(memory)
    if found is not None:
        yield SideFile(path, table.name, part, number, found.rows, found.bytes, found.digest, told, layout(table))


def _rows(table: SideTable, memory: int, *, empty: bool) -> str:
    if empty:
        return "SELECT " + ", ".join(f"NULL::{one.type} AS {one.name}" for one in table.columns) + " LIMIT 0"
    columns = ", ".join(f"'{one.name}': '{one.type}'" for one in table.columns)
    return (
        f"SELECT * FROM read_csv('/proc/self/fd/{memory}', header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"',"  # noqa: S608  our own
        f" nullstr = '', allow_quoted_nulls = false, columns = {{{columns}}}) ORDER BY ALL"
    )
