"""The SQL of accounts: the only place that knows its tables."""

from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import Connection

from .model import Client

_CLIENT: Final[LiteralString] = "SELECT id, facility, username, created_at, disabled_at, last_sign_in_at FROM accounts_client"


def insert_client(conn: Connection[Any], client_id: UUID, facility: str, username: str, secret_hash: str) -> bool:
    """Add a client; False when the facility or the user name is taken."""
    done = conn.execute(
        "INSERT INTO accounts_client (id, facility, username, secret_hash) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (client_id, facility, username, secret_hash),
    )
    return done.rowcount == 1


def clients(conn: Connection[Any]) -> list[Client]:
    """Read all clients, by facility."""
    rows = conn.execute(_CLIENT + " ORDER BY facility").fetchall()
    return [Client(str(row[0]), *row[1:]) for row in rows]


def client_of(conn: Connection[Any], facility: str) -> Client | None:
    """Read the client of one facility."""
    row = conn.execute(_CLIENT + " WHERE facility = %s", (facility,)).fetchone()
    return Client(str(row[0]), *row[1:]) if row else None


def secret_of(conn: Connection[Any], username: str) -> tuple[UUID, str, str, str] | None:
    """Read (id, facility, user name, kept secret) of an account in use."""
    return conn.execute(
        "SELECT id, facility, username, secret_hash FROM accounts_client WHERE lower(username) = lower(%s) AND disabled_at IS NULL",
        (username,),
    ).fetchone()


def set_secret(conn: Connection[Any], client_id: str, secret_hash: str) -> None:
    """Replace the secret of a client, which is in use again from now on."""
    conn.execute(
        "UPDATE accounts_client SET secret_hash = %s, secret_set_at = now(), disabled_at = NULL WHERE id = %s",
        (secret_hash, client_id),
    )


def disable(conn: Connection[Any], client_id: str) -> None:
    """Take a client out of use."""
    conn.execute("UPDATE accounts_client SET disabled_at = now() WHERE id = %s AND disabled_at IS NULL", (client_id,))


def end_sessions(conn: Connection[Any], client_id: str) -> int:
    """End every session of a client."""
    return conn.execute("DELETE FROM accounts_session WHERE client_id = %s", (client_id,)).rowcount


def insert_session(
    conn: Connection[Any],
    *,
    hashes: tuple[bytes, bytes, bytes],
    client_id: UUID,
    address: str,
    expires_at: datetime,
) -> None:
    """Keep a session by the hashes of (access token, id token, password), and clear away outlived ones."""
    conn.execute("DELETE FROM accounts_session WHERE expires_at < now() - interval '1 day'")
    conn.execute(
        "INSERT INTO accounts_session (access_hash, id_hash, password_proof, client_id, address, expires_at) VALUES (%s, %s, %s, %s, %s, %s)",
        (*hashes, client_id, address, expires_at),
    )
    conn.execute("UPDATE accounts_client SET last_sign_in_at = now() WHERE id = %s", (client_id,))


def session_of(conn: Connection[Any], access_hash: bytes) -> tuple[bytes, bytes, str, str] | None:
    """Read (id token hash, password proof, facility, user name) of a living session of an account in use."""
    return conn.execute(
        "SELECT s.id_hash, s.password_proof, c.facility, c.username"
        " FROM accounts_session s JOIN accounts_client c ON c.id = s.client_id"
        " WHERE s.access_hash = %s AND s.expires_at > now() AND c.disabled_at IS NULL",
        (access_hash,),
    ).fetchone()


def has_signed_in(conn: Connection[Any], username: str, address: str) -> bool:
    """Say whether an account in use opened a session from this address that ended less than a day ago, or is open."""
    row = conn.execute(
        "SELECT 1 FROM accounts_session s JOIN accounts_client c ON c.id = s.client_id"
        " WHERE lower(c.username) = lower(%s) AND c.disabled_at IS NULL AND s.address = %s AND s.expires_at > now() - interval '1 day' LIMIT 1",
        (username, address),
    ).fetchone()
    return row is not None
