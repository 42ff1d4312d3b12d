"""Adding rows of a small act: one prepared INSERT where COPY would be two round trips and a protocol of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg import Connection, sql

from .db import behind, copy_rows, with_commit
from .prepared import Ask, Value

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
        shape = (table, tuple(columns), tuple(types))
        one = len(rows) == 1
        ask = Ask(_adding((shape,)), _values(rows[0], 0)) if one else Ask(_inserting(*shape), {"rows": _text(columns, types, rows)})
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
    shapes = tuple((table, tuple(columns), tuple(types)) for table, columns, types, _ in filled)
    if all(len(rows) == 1 for *_, rows in filled):
        behind(conn, Ask(_adding(shapes), {name: value for nth, (*_, (row,)) in enumerate(filled) for name, value in _values(row, nth).items()}))
        return
    given = {f"rows{nth}": _text(columns, types, rows) for nth, (_, columns, types, rows) in enumerate(filled)}
    behind(conn, Ask(_inserting_all(shapes), given))


def _values(row: Sequence[object], nth: int) -> dict[str, Value]:
    """Name the values of one row, as `_adding` does."""
    return {f"v{nth}_{place}": _plain(value) for place, value in enumerate(row)}


def _plain(value: Any) -> Value:  # noqa: ANN401  what a column may hold
    if value is None or isinstance(value, str | UUID) or value.__class__ is int:
        return value
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "{" + ",".join('"' + str(one).replace("\\", "\\\\").replace('"', '\\"') + '"' for one in value) + "}"
    return value.isoformat() if isinstance(value, date) else str(value)


@lru_cache(maxsize=256)
def _adding(shapes: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]) -> bytes:
    """One row a table, its values beside the text: taking JSON apart costs PostgreSQL half as much again."""
    inserts = [
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(*table.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.SQL(f"%(v{nth}_{place})s::{kind}") for place, kind in enumerate(types)),
        )
        for nth, (table, columns, types) in enumerate(shapes)
    ]
    if len(inserts) == 1:
        return inserts[0].as_bytes(None)
    parts = sql.SQL(", ").join(sql.SQL(f"t{nth} AS ({{}})").format(insert) for nth, insert in enumerate(inserts))
    return sql.SQL("WITH {} SELECT").format(parts).as_bytes(None)


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
