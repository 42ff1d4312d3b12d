"""Adding rows of a small act: one prepared INSERT where COPY would be two round trips and a protocol of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import orjson
from psycopg import Connection, sql

from .db import behind, copy_rows, with_commit
from .prepared import Ask

Part = tuple[str, Sequence[str], Sequence[str], Sequence[Sequence[object]]]  # table, columns, types, rows
FEW: Final = 24  # rows up to which one INSERT is quicker than COPY
_JSON: Final = frozenset({"json", "jsonb"})


def add_rows(
    conn: Connection[tuple[Any, ...]],
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    types: Sequence[str],
    late: bool = False,
) -> int:
    """Add rows to a table and return how many; as `copy_rows` with ``types``, by INSERT when they are few. Values of json types are bytes or text.

    The rows go over as one JSON text: the driver turns lists into arrays item by item. ``late``: nothing more of this unit reads them, so
    that few may go in one message with COMMIT (`with_commit`).
    """
    if len(rows) > FEW:
        return copy_rows(conn, table, columns, rows, types=types)
    if rows:
        ask = Ask(_inserting(table, tuple(columns), tuple(types)), {"rows": _text(columns, types, rows)})
        if not (late and with_commit(conn, ask)):
            behind(conn, ask)
    return len(rows)


def add_all(conn: Connection[tuple[Any, ...]], parts: Sequence[Part]) -> None:
    """Add rows to several tables: in one statement when they are few in each, for acts of one person or one visit."""
    filled = [part for part in parts if part[3]]
    if len(filled) < 2 or any(len(rows) > FEW for *_, rows in filled):  # noqa: PLR2004
        for table, columns, types, rows in filled:
            add_rows(conn, table, columns, rows, types=types)
        return
    given = {f"rows{nth}": _text(columns, types, rows) for nth, (_, columns, types, rows) in enumerate(filled)}
    behind(conn, Ask(_inserting_all(tuple((table, tuple(columns), tuple(types)) for table, columns, types, _ in filled)), given))


def _text(columns: Sequence[str], types: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    nested = [at for at, kind in enumerate(types) if kind in _JSON]
    return orjson.dumps([dict(zip(columns, _ready(row, nested), strict=True)) for row in rows]).decode()


def _ready(row: Sequence[Any], nested: Sequence[int]) -> Sequence[Any]:
    if not nested:
        return row
    values = list(row)
    for at in nested:
        values[at] = None if values[at] is None else orjson.Fragment(values[at])
    return values


@lru_cache(maxsize=256)
def _inserting_all(parts: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]) -> bytes:
    """One statement: keys between the tables are checked at its end."""
    inserts = [
        b"t%d AS (%b)" % (nth, _inserting(table, columns, types).replace(b"%(rows)s", b"%%(rows%d)s" % nth))
        for nth, (table, columns, types) in enumerate(parts)
    ]
    return b"WITH " + b", ".join(inserts) + b" SELECT"


@lru_cache(maxsize=256)
def _inserting(table: str, columns: tuple[str, ...], types: tuple[str, ...]) -> bytes:
    names = [sql.Identifier(column) for column in columns]
    typed = [sql.SQL("{} {}").format(name, sql.SQL(kind)) for name, kind in zip(names, types, strict=True)]
    statement = sql.SQL("INSERT INTO {table} ({names}) SELECT {names} FROM json_to_recordset(%(rows)s::json) AS given ({typed})").format(
        table=sql.Identifier(*table.split(".")), names=sql.SQL(", ").join(names), typed=sql.SQL(", ").join(typed)
    )
    return statement.as_bytes(None)  # psycopg remembers what it made of a text, not of a composed statement
