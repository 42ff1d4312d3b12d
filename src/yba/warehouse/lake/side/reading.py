"""Reading side tables: one table each beside the views, as they stand or stood after an export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba.kit.errors import Internal
from yba.warehouse.lake.engine import files, literal, speaking_of

from . import sources
from .exporting import layout

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from yba.specs.side import SideTable
    from yba.warehouse.engines import Engine
    from yba.warehouse.lake.model import SideFile


def open_tables(engine: Engine, root: Path, standing: Iterable[SideFile], at: int | None) -> None:
    """Make a view of each side table, as after export ``at`` (None: the newest); what cannot be given says so when it is asked."""
    standing = list(standing)
    for table in sources.tables():
        some = [one for one in standing if one.table == table.name]
        try:
            with speaking_of(table.name):
                engine.execute(f"CREATE VIEW {table.name} AS {_rows(table, root, some, at)}")
        except Internal:  # a damaged file is not everybody's: who asks this table hears it, and no other
            damaged = f"a file of {table.name} is damaged: run yba warehouse refresh --anew {table.name}"
            engine.execute(f"CREATE VIEW {table.name} AS {_refusing(table, damaged)}")


def _rows(table: SideTable, root: Path, some: list[SideFile], at: int | None) -> str:
    newest = {one.part: one for one in sorted(some, key=lambda one: one.seq) if at is None or one.seq <= at}
    wrong = _wrong(table, root, some, list(newest.values()), at)
    filled = [root / one.path for one in newest.values() if one.rows]
    columns = ", ".join(one.name for one in table.columns)
    if filled and not wrong:
        return f"SELECT {columns} FROM read_parquet({files(filled)})"  # noqa: S608  our own paths
    return _refusing(table, wrong) if wrong else f"SELECT {_nothing(table)} LIMIT 0"


def _refusing(table: SideTable, words: str) -> str:
    """Return a query that says so when it is asked."""
    return f"SELECT {_nothing(table)} FROM (SELECT error({literal(words)}) AS said) WHERE said IS NULL"  # noqa: S608  our own


def _nothing(table: SideTable) -> str:
    return ", ".join(f"NULL::{one.type} AS {one.name}" for one in table.columns)


def _wrong(table: SideTable, root: Path, some: list[SideFile], chosen: list[SideFile], at: int | None) -> str:
    if at is not None and any(one.hides and one.hides <= at < one.seq for one in some):
        return f"{table.name} as it was after export {at} is not kept any more: ask for the end of a day"
    if any(one.layout != layout(table) for one in chosen):
        return f"{table.name} has other columns now: run yba warehouse refresh"
    missing = [one.path for one in chosen if not (root / one.path).exists()]
    return f"{missing[0]} is missing: run yba warehouse refresh --anew {table.name}" if missing else ""
