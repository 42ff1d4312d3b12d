"""Adding rows of a small act: one prepared INSERT where COPY would be two round trips and a protocol of its own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import Connection, sql

from .db import copy_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW: Final = 24  # rows up to which one INSERT is quicker than COPY
_JSON: Final = frozenset({"json", "jsonb"})


def add_rows(conn: Connection[tuple[Any, ...]], table: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, types: Sequence[str]) -> int:
    """Add rows to a table and return how many; as `copy_rows` with ``types``, by INSERT when they are few. Values of json types are bytes or text.

    The rows go over as one JSON text: the driver turns lists into arrays item by item.
    """
    if len(rows) > FEW:
        return copy_rows(conn, table, columns, rows, types=types)
    if rows:
        nested = [at for at, kind in enumerate(types) if kind in _JSON]
        given = [dict(zip(columns, _ready(row, nested), strict=True)) for row in rows]
        conn.execute(_inserting(table, tuple(columns), tuple(types)), (orjson.dumps(given).decode(),), prepare=True)
    return len(rows)


def _ready(row: Sequence[Any], nested: Sequence[int]) -> Sequence[Any]:
    if not nested:
        return row
    values = list(row)
    for at in nested:
        values[at] = None if values[at] is None else orjson.Fragment(values[at])
    return values


@lru_cache(maxsize=256)
def _inserting(table: str, columns: tuple[str, ...], types: tuple[str, ...]) -> bytes:
    names = [sql.Identifier(column) for column in columns]
    typed = [sql.SQL("{} {}").format(name, sql.SQL(kind)) for name, kind in zip(names, types, strict=True)]
    statement = sql.SQL("INSERT INTO {table} ({names}) SELECT {names} FROM json_to_recordset(%s::json) AS given ({typed})").format(
        table=sql.Identifier(*table.split(".")), names=sql.SQL(", ").join(names), typed=sql.SQL(", ").join(typed)
    )
    return statement.as_bytes(None)  # psycopg remembers what it made of a text, not of a composed statement
