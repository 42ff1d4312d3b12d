"""COPY: many rows into one table in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from psycopg import sql
from psycopg.types.json import set_json_dumps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .units import Conn


def copy_rows(conn: Conn, table: str | sql.Composable, columns: Sequence[str], rows: Iterable[Sequence[object]], *, types: Sequence[str] = ()) -> int:
    """COPY rows into a table and return how many; ``types`` (PostgreSQL names, one per column) switches to the faster binary form.

    Binary form needs the exact type of every value, and takes json and jsonb as bytes; text form lets the server parse.
    """
    target = sql.Identifier(*table.split(".")) if isinstance(table, str) else table
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    form = sql.SQL(" (FORMAT BINARY)") if types else sql.SQL("")
    count = 0
    with conn.cursor() as cursor, cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN{}").format(target, names, form)) as copy:
        if types:
            set_json_dumps(_ready_json, cursor)
            copy.set_types(types)
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _ready_json(value: object) -> bytes:
    return value if isinstance(value, bytes) else orjson.dumps(value)
