"""The SQL of the archive: rows as CSV, and the owner's detaching of whole months."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from yba.kit.errors import Conflict

from .store_seals import LINE

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from psycopg import Connection, Copy

    from .archived import Archived

_CSV: Final = "COPY (SELECT {columns} FROM {seen} WHERE id BETWEEN {first} AND {last} ORDER BY id) TO STDOUT (FORMAT csv, NULL {null}, FORCE_QUOTE *)"
_PARTS: Final = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = %s::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' AND to_date(right(c.relname, 7), 'YYYY_MM') < %s::date ORDER BY 1
"""
_INSERT: Final = """
INSERT INTO audit_archive (store, first_number, last_number, last_id, rows, name, sha256, detached, archived_at, key, signature)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def as_csv(conn: Connection[Any], store: str, first: int, last: int, null: str) -> AbstractContextManager[Copy]:
    """Stream rows as CSV: every value quoted, NULL as ``null`` without quotes."""
    return conn.cursor().copy(
        sql.SQL(_CSV).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, LINE)),
            seen=sql.Identifier(f"{store}_seen"),
            first=sql.Literal(first),
            last=sql.Literal(last),
            null=sql.Literal(null),
        )
    )


def detach(owner: Connection[Any], made: Archived, month: datetime) -> int:
    """Take the months before ``month`` out of a store, as the owner, within the caller's transaction; returns how many rows left.

    A seal may reach over the end of a month: its rows stay, in the default partition. Detached tables are kept as archived_<name> for the
    owner to drop. Raises Conflict when what leaves is not exactly what was archived.
    """
    owner.execute("SET LOCAL lock_timeout = '10s'")
    parent, default = sql.Identifier(made.store), sql.Identifier(f"{made.store}_default")
    left = 0
    for (part,) in owner.execute(_PARTS, (made.store, month.date())).fetchall():
        old, new = sql.Identifier(part), sql.Identifier(f"archived_{part}")
        owner.execute(sql.SQL("ALTER TABLE {} DETACH PARTITION {}").format(parent, old))
        owner.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(old, new))
        owner.execute(sql.SQL("INSERT INTO {} SELECT * FROM {} WHERE id > %s").format(parent, new), (made.last_id,))
        owner.execute(sql.SQL("DELETE FROM {} WHERE id > %s").format(new), (made.last_id,))
        row = owner.execute(sql.SQL("SELECT count(*) FROM {}").format(new)).fetchone()
        left += row[0] if row else 0
    left += owner.execute(sql.SQL("DELETE FROM {} WHERE id <= %s").format(default), (made.last_id,)).rowcount
    still = owner.execute(sql.SQL("SELECT count(*) FROM {} WHERE id <= %s").format(parent), (made.last_id,)).fetchone()
    if left != made.rows or still != (0,):
        raise Conflict(f"{left} rows would leave {made.store}, {made.rows} were archived; nothing was detached.")
    owner.execute(_INSERT, made)
    return left
