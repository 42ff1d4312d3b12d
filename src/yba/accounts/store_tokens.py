"""The SQL of tokens: whose a bearer token is, in one trip, and the list of an account's own ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, LiteralString

from yba.kit.prepared import Ask

from .token_model import Token

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    Conn = Connection[tuple[Any, ...]]

_TOKEN: Final[LiteralString] = "SELECT id, account, name, made_at, made_by, address, proven, expires_at, last_used_at FROM accounts_token"  # noqa: S105  # columns
_LIVES: Final[LiteralString] = "account = %(account)s AND ended_at IS NULL AND expires_at > %(now)s"


def insert(conn: Conn, row: dict[str, Any]) -> None:
    """Keep a token by its hash, and clear away those that ran out a week ago."""
    conn.execute("DELETE FROM accounts_token WHERE expires_at < %(made_at)s - interval '7 days'", row)
    conn.execute(
        "INSERT INTO accounts_token (id, hash, account, name, made_at, made_by, address, proven, expires_at)"
        " VALUES (%(id)s, %(hash)s, %(account)s, %(name)s, %(made_at)s, %(made_by)s, %(address)s, %(proven)s, %(expires_at)s)",
        row,
    )


def living(conn: Conn, account: UUID, *, now: datetime) -> list[Token]:
    """Read the tokens of an account that are good, newest first."""
    found = conn.execute(_TOKEN + " WHERE " + _LIVES + " ORDER BY made_at DESC, id", {"account": account, "now": now})
    return [Token(*row) for row in found]


def end(conn: Conn, account: UUID, *, only: UUID | None, now: datetime, by: str) -> int:
    """End the tokens of an account, or ``only`` one; return how many."""
    given = {"account": account, "now": now, "only": only, "by": by}
    return conn.execute(
        "UPDATE accounts_token SET ended_at = %(now)s, ended_by = %(by)s WHERE " + _LIVES + " AND (%(only)s::uuid IS NULL OR id = %(only)s)",  # noqa: S608  # constants of this file
        given,
    ).rowcount


def whose(conn: Conn, kept: bytes, *, now: datetime) -> tuple[UUID, bool, bool, bool] | None:
    """Read (account, proven, demo, used within the last minute) of a token that is good, of an account in use."""
    return conn.execute(
        "SELECT t.account, t.proven, u.demo, coalesce(t.last_used_at > %(now)s::timestamptz - interval '1 minute', false)"
        " FROM accounts_token t JOIN accounts_user u ON u.id = t.account"
        " WHERE t.hash = %(hash)s AND t.ended_at IS NULL AND t.expires_at > %(now)s AND u.is_active",
        {"hash": kept, "now": now},
    ).fetchone()


def used(conn: Conn, kept: bytes, *, now: datetime) -> None:
    """Note when a token was used last."""
    conn.execute("UPDATE accounts_token SET last_used_at = %s WHERE hash = %s", (now, kept))


def client_of(conn: Conn, kept: bytes, *, patience: int) -> str | None:
    """Read the facility of a living session of software; the statement also bounds the unit's later ones to ``patience`` ms, sparing a trip."""
    row = conn.execute(
        "SELECT set_config('statement_timeout', %(patience)s, true), (SELECT c.facility FROM accounts_session s"
        " JOIN accounts_client c ON c.id = s.client_id WHERE s.access_hash = %(hash)s AND s.expires_at > now() AND c.disabled_at IS NULL)",
        {"patience": str(patience), "hash": kept},
        prepare=True,
    ).fetchone()
    return row[1] if row else None


_PROOF: Final = b"""SELECT set_config('statement_timeout', %(patience)s, true), 1 / (CASE WHEN (SELECT c.facility FROM accounts_session s
  JOIN accounts_client c ON c.id = s.client_id WHERE s.access_hash = decode(%(hash)s, 'hex') AND s.expires_at > now() AND c.disabled_at IS NULL)
  = %(facility)s THEN 1 ELSE 0 END)"""


def proving(kept: bytes, facility: str, *, patience: int) -> Ask:
    """Return what `client_of` asks as a statement that raises where it is not the session of this facility: the proof of `kit.db`."""
    return Ask(_PROOF, {"patience": patience, "hash": kept.hex(), "facility": facility})


def bound(conn: Conn, *, patience: int) -> None:
    """Bound the statements of this unit to ``patience`` ms."""
    conn.execute("SELECT set_config('statement_timeout', %s, true)", (str(patience),))
