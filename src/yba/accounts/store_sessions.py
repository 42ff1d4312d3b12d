"""The SQL of browser sessions: who has which open, and ending them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .people import OpenSession

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    Conn = Connection[tuple[Any, ...]]


def end_sessions(conn: Conn, account_id: UUID, *, only: str | None = None) -> int:
    """End every browser session of an account, or ``only`` one."""
    return conn.execute(
        "DELETE FROM accounts_user_session WHERE account = %(account)s AND (%(only)s::text IS NULL OR session_key = %(only)s)",
        {"account": account_id, "only": only},
    ).rowcount


def open_sessions(conn: Conn, account_id: UUID, *, on: datetime) -> list[OpenSession]:
    """Read the browser sessions of an account that have not run out, the one used last first."""
    found = conn.execute(
        "SELECT session_key, started_at, seen_at, address, browser FROM accounts_user_session WHERE account = %s AND expire_date > %s"
        " ORDER BY seen_at DESC NULLS LAST, session_key",
        (account_id, on),
    ).fetchall()
    return [OpenSession(*row) for row in found]


def session_data(conn: Conn, session_key: str, *, on: datetime) -> str | None:
    """Read what a session holds, as Django encoded it; None when there is none or it has run out."""
    row = conn.execute("SELECT session_data FROM accounts_user_session WHERE session_key = %s AND expire_date > %s", (session_key, on)).fetchone()
    return row[0] if row else None


def sweep_sessions(conn: Conn, *, at: datetime) -> int:
    """Clear away outlived sessions."""
    return conn.execute("DELETE FROM accounts_user_session WHERE expire_date < %s", (at,)).rowcount
