"""The SQL of time stamps and of what lies in archives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from psycopg import Connection

    from .chain import Seal


def anchors(conn: Connection[Any], store: str, after: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (seal's number, head, token) of the time stamps after a seal."""
    found = conn.execute("SELECT number, head, token FROM audit_anchor WHERE store = %s AND number > %s ORDER BY number", (store, after)).fetchall()
    yield from ((number, bytes(head), bytes(token)) for number, head, token in found)


def is_anchored(conn: Connection[Any], store: str, within: timedelta) -> bool:
    """Whether a head of this store was stamped within that time."""
    query = "SELECT EXISTS (SELECT FROM audit_anchor WHERE store = %s AND anchored_at > clock_timestamp() - %s)"
    row = conn.execute(query, (store, within)).fetchone()
    return bool(row and row[0])


def add_anchor(conn: Connection[Any], seal: Seal, authority: str, token: bytes) -> None:
    """Keep a time stamp over a seal's head; a second one over the same head is left out."""
    conn.execute(
        "INSERT INTO audit_anchor (store, number, head, authority, token) VALUES (%s, %s, %s, %s, %s)",
        (seal.store, seal.number, seal.head, authority, token),
    )


def archives(conn: Connection[Any], store: str) -> list[tuple[Any, ...]]:
    """Return the rows of audit_archive of a store, oldest first."""
    columns = "store, first_number, last_number, last_id, rows, name, sha256, detached, archived_at, key, signature"
    return conn.execute(f"SELECT {columns} FROM audit_archive WHERE store = %s ORDER BY first_number", (store,)).fetchall()  # noqa: S608  constant
