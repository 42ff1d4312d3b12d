"""The SQL of requests that are answered later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    Conn = Connection[tuple[Any, ...]]


class Waiting(NamedTuple):
    """One request that was put off: who asked, for what, and the sealed answer once there is one."""

    id: UUID
    who: str
    account: UUID | None
    facility: str
    purpose: str
    proven: bool
    route: str
    expires_at: datetime
    request: bytes
    answer: bytes | None


def put(conn: Conn, one: Waiting, *, asked_at: datetime) -> None:
    """Keep a request."""
    conn.execute(
        "INSERT INTO api_later (id, who, account, facility, purpose, proven, route, expires_at, request, asked_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (*one[:-1], asked_at),
    )


def count(conn: Conn, who: str, *, now: datetime) -> int:
    """Count what waits for an answer, of one actor."""
    row = conn.execute("SELECT count(*) FROM api_later WHERE who = %s AND finished_at IS NULL AND expires_at > %s", (who, now)).fetchone()
    return int(row[0]) if row else 0


def get(conn: Conn, number: UUID, *, now: datetime) -> Waiting | None:
    """Read a request that has not expired."""
    row = conn.execute(
        "SELECT id, who, account, facility, purpose, proven, route, expires_at, request, answer FROM api_later WHERE id = %s AND expires_at > %s",
        (number, now),
    ).fetchone()
    if row is None:
        return None
    found = Waiting(*row)
    return found._replace(request=bytes(found.request), answer=None if found.answer is None else bytes(found.answer))


def answer(conn: Conn, number: UUID, sealed: bytes, *, now: datetime) -> None:
    """Keep the answer."""
    conn.execute("UPDATE api_later SET answer = %s, finished_at = %s WHERE id = %s AND finished_at IS NULL", (sealed, now, number))


def drop(conn: Conn, number: UUID) -> None:
    """Forget a request and its answer."""
    conn.execute("DELETE FROM api_later WHERE id = %s", (number,))


def sweep(conn: Conn, *, now: datetime) -> int:
    """Forget what has expired."""
    return conn.execute("DELETE FROM api_later WHERE expires_at <= %s", (now,)).rowcount
