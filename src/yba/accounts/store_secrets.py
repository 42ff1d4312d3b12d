"""The SQL of second factors' kept data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

    Conn = Connection[tuple[Any, ...]]


def authenticators(conn: Conn) -> list[tuple[int, str]]:
    """Read and lock (id, data as JSON) of every device that keeps a secret."""
    return conn.execute("SELECT id, data::text FROM mfa_authenticator WHERE type IN ('totp', 'recovery_codes') ORDER BY id FOR UPDATE").fetchall()


def put_data(conn: Conn, number: int, data: str) -> None:
    """Replace the data of a device."""
    conn.execute("UPDATE mfa_authenticator SET data = %s::jsonb WHERE id = %s", (data, number))
