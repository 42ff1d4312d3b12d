"""The SQL of accounts: the only place that knows its tables."""

from collections.abc import Sequence
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


def locked_for(conn: Connection[Any], watched: Sequence[str]) -> int:
    """Say for how many more seconds one of the watched things is locked out; 0 = none is."""
    row = conn.execute(
        "SELECT ceil(extract(epoch FROM max(locked_until) - now())) FROM accounts_failure WHERE watched = ANY(%s) AND locked_until > now()",
        (list(watched),),
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def note_failure(conn: Connection[Any], watched: str, *, limit: int, window: int, lock: int) -> bool:
    """Count a failure within ``window`` seconds and lock for ``lock`` seconds at the limit; True when this one locked."""
    row = conn.execute(
        "INSERT INTO accounts_failure AS f (watched, failures, first_at, locked_until)"
        " VALUES (%(watched)s, 1, now(), CASE WHEN %(limit)s <= 1 THEN now() + %(lock)s * interval '1 second' END)"
        " ON CONFLICT (watched) DO UPDATE SET"
        "  failures = CASE WHEN f.first_at < now() - %(window)s * interval '1 second' THEN 1 ELSE f.failures + 1 END,"
        "  first_at = CASE WHEN f.first_at < now() - %(window)s * interval '1 second' THEN now() ELSE f.first_at END,"
        "  locked_until = CASE WHEN f.first_at >= now() - %(window)s * interval '1 second'"
        "   AND f.failures + 1 >= %(limit)s THEN now() + %(lock)s * interval '1 second' ELSE f.locked_until END"
        " RETURNING failures",
        {"watched": watched, "limit": limit, "window": window, "lock": lock},
    ).fetchone()
    return row is not None and row[0] == limit


def forget_failures(conn: Connection[Any], watched: Sequence[str]) -> None:
    """Forget the failures of the watched things, and those older than a day."""
    conn.execute(
        "DELETE FROM accounts_failure WHERE watched = ANY(%s) OR (first_at < now() - interval '1 day' AND coalesce(locked_until < now(), true))",
        (list(watched),),
    )


def spend(conn: Connection[Any], watched: str, *, per_minute: int) -> int:
    """Spend one of the ``per_minute`` credits of a watched thing; 0, or the seconds until there is one again."""
    row = conn.execute(
        "INSERT INTO accounts_pace AS p (watched, credit, seen_at)"
        " VALUES (%(watched)s, %(full)s::float8 - 1, clock_timestamp())"
        " ON CONFLICT (watched) DO UPDATE SET"
        "  credit = least(%(full)s::float8,"
        "   p.credit + greatest(0, extract(epoch FROM clock_timestamp() - p.seen_at)) * %(full)s::float8 / 60) - 1,"
        "  seen_at = clock_timestamp()"
        " WHERE p.credit + extract(epoch FROM clock_timestamp() - p.seen_at) * %(full)s::float8 / 60 >= 1"
        " RETURNING credit",
        {"watched": watched, "full": per_minute},
    ).fetchone()
    return 0 if row is not None else max(1, 60 // per_minute)
