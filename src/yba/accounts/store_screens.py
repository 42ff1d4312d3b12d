"""The SQL of screens: made, opened by a code, seen, renewed, ended; one trip to know whose a token is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, LiteralString

from .screen_model import Screen

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    Conn = Connection[tuple[Any, ...]]

_SCREEN: Final[LiteralString] = (
    "SELECT id, name, facility, made_at, made_by, days, expires_at, code_until, opened_at, address, browser, last_seen_at, ended_at, ended_by"
    " FROM accounts_screen"
)


def insert(conn: Conn, row: dict[str, Any]) -> None:
    """Keep a screen with the hash of its code."""
    conn.execute(
        "INSERT INTO accounts_screen (id, name, facility, made_at, made_by, days, expires_at, renewed_at, code_hash, code_until) VALUES"
        " (%(id)s, %(name)s, %(facility)s, %(at)s, %(by)s, %(days)s, %(expires_at)s, %(at)s, %(code_hash)s, %(code_until)s)",
        row,
    )


def screens(conn: Conn, facilities: Collection[str] | None, *, since: datetime) -> list[Screen]:
    """Read the screens of facilities (None: all), those that were over by a moment left out; the newest first."""
    found = conn.execute(
        _SCREEN + " WHERE (%(every)s OR facility = ANY (%(facilities)s)) AND coalesce(ended_at, expires_at) > %(since)s ORDER BY made_at DESC, id",
        {"every": facilities is None, "facilities": list(facilities or ()), "since": since},
    )
    return [Screen(*row) for row in found]


def screen(conn: Conn, screen_id: UUID) -> Screen | None:
    """Read one, and let nobody else act on it until the unit ends."""
    row = conn.execute(_SCREEN + " WHERE id = %s FOR UPDATE", (screen_id,)).fetchone()
    return Screen(*row) if row else None


def renew(conn: Conn, screen_id: UUID, *, at: datetime, expires_at: datetime) -> None:
    """Let a screen live on."""
    conn.execute("UPDATE accounts_screen SET renewed_at = %s, expires_at = %s WHERE id = %s", (at, expires_at, screen_id))


def put_code(conn: Conn, screen_id: UUID, *, code_hash: bytes, until: datetime) -> None:
    """Give a screen another code: what it was opened with before is over."""
    conn.execute(
        "UPDATE accounts_screen SET code_hash = %s, code_until = %s, hash = NULL, opened_at = NULL WHERE id = %s", (code_hash, until, screen_id)
    )


def open_by(conn: Conn, code_hash: bytes, row: dict[str, Any]) -> Screen | None:
    """Take a code, once and in time, for the hash of a token; None where there is no such code any more."""
    found = conn.execute(
        "UPDATE accounts_screen SET hash = %(hash)s, opened_at = %(at)s, last_seen_at = %(at)s, address = %(address)s, browser = %(browser)s,"
        " code_hash = NULL, code_until = NULL WHERE code_hash = %(code_hash)s AND code_until > %(at)s AND expires_at > %(at)s AND ended_at IS NULL"
        " RETURNING id",
        {**row, "code_hash": code_hash},
    ).fetchone()
    return screen(conn, found[0]) if found else None


def whose(conn: Conn, kept: bytes, *, now: datetime) -> tuple[UUID, str, datetime, bool, str] | None:
    """Read (screen, facility, when it runs out, seen within the last minute, from where last) of a token that is good."""
    return conn.execute(
        "SELECT id, facility, expires_at, coalesce(last_seen_at > %(now)s::timestamptz - interval '1 minute', false), address"
        " FROM accounts_screen"
        " WHERE hash = %(hash)s AND ended_at IS NULL AND expires_at > %(now)s",
        {"hash": kept, "now": now},
    ).fetchone()


def seen(conn: Conn, kept: bytes, *, now: datetime, address: str) -> None:
    """Note when and where a screen was on last."""
    conn.execute("UPDATE accounts_screen SET last_seen_at = %s, address = %s WHERE hash = %s", (now, address, kept))


def end(conn: Conn, screen_id: UUID, *, at: datetime, by: str) -> None:
    """End a screen: its token and its code are forgotten."""
    conn.execute(
        "UPDATE accounts_screen SET ended_at = %s, ended_by = %s, hash = NULL, opened_at = NULL, code_hash = NULL, code_until = NULL WHERE id = %s",
        (at, by, screen_id),
    )
