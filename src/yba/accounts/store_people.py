"""The SQL of people's accounts and assignments."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, LiteralString

from psycopg import sql

from . import store_limits
from .people import Account, Assignment, Kind, Network, Post

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    Conn = Connection[tuple[Any, ...]]

_ACCOUNT: Final[LiteralString] = (
    "SELECT u.id, u.username, u.kind, u.display_name, u.phone, u.email, u.person_id, u.demo, u.is_active,"
    " u.created_at, u.last_seen, u.disabled_at, u.disabled_reason,"
    " EXISTS (SELECT 1 FROM mfa_authenticator f WHERE f.user_id = u.id AND f.type IN ('totp', 'webauthn')) FROM accounts_user u"
)
_ASSIGNMENT: Final[LiteralString] = (
    "SELECT a.id, a.account, a.role, a.facility, a.department, a.area, a.licence, a.person_id,"
    " a.starts, a.ends, a.granted_by, a.reason, coalesce(a.end_reason, ''), a.ended_at FROM accounts_assignment a"
)
# What was ended by hand stays ended, also when the clock is set back (Assignment.in_force says the same).
_OPEN: Final[LiteralString] = "((a.ends IS NULL OR a.ends > %(on)s) AND (a.ended_at IS NULL OR a.ends > a.ended_at))"
_IN_FORCE: Final[LiteralString] = "a.starts <= %(on)s AND " + _OPEN
UNUSABLE: Final = "!"  # as Django marks a password nobody knows


def insert_account(conn: Conn, row: dict[str, Any]) -> bool:
    """Add an account without a password; False when the user name (or the citizen's person) is taken."""
    done = conn.execute(
        "INSERT INTO accounts_user (id, username, kind, display_name, phone, email, person_id, demo, is_active, created_at, created_by, password,"
        " password_long, must_change, disabled_reason)"
        " VALUES (%(id)s, %(username)s, %(kind)s, %(display_name)s, %(phone)s, %(email)s, %(person_id)s, %(demo)s, true, %(at)s, %(by)s, '!',"
        " false, false, '') ON CONFLICT DO NOTHING",
        row,
    )
    return done.rowcount == 1


def user_row(conn: Conn, account_id: UUID, columns: Sequence[str]) -> tuple[Any, ...] | None:
    """Read some columns of an account, all of them names of ours."""
    return conn.execute(_user_row(tuple(columns)), (account_id,)).fetchone()


@cache
def _user_row(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL("SELECT {} FROM accounts_user WHERE id = %s").format(sql.SQL(", ").join(map(sql.Identifier, columns)))


def accounts(conn: Conn, *, facilities: Sequence[str] | None = None, on: datetime | None = None) -> list[Account]:
    """Read accounts by user name; ``facilities`` narrows to those with an assignment in force there at ``on``."""
    if facilities is None:
        return [_account(row) for row in conn.execute(_ACCOUNT + " ORDER BY u.username").fetchall()]
    works = "EXISTS (SELECT 1 FROM accounts_assignment a WHERE a.account = u.id AND a.facility = ANY(%(facilities)s) AND " + _IN_FORCE + ")"  # noqa: S608  # constants of this file
    found = conn.execute(_ACCOUNT + " WHERE " + works + " ORDER BY u.username", {"facilities": list(facilities), "on": on}).fetchall()
    return [_account(row) for row in found]


def account(conn: Conn, account_id: UUID, *, lock: bool = False) -> Account | None:
    """Read one account."""
    row = conn.execute(_ACCOUNT + " WHERE u.id = %s" + (" FOR UPDATE OF u" if lock else ""), (account_id,)).fetchone()
    return _account(row) if row else None


def account_named(conn: Conn, username: str) -> Account | None:
    """Read the account of a user name."""
    row = conn.execute(_ACCOUNT + " WHERE u.username = %s", (username.strip().lower(),)).fetchone()
    return _account(row) if row else None


def account_of_person(conn: Conn, person_id: UUID) -> Account | None:
    """Read a citizen's account."""
    row = conn.execute(_ACCOUNT + " WHERE u.person_id = %s", (person_id,)).fetchone()
    return _account(row) if row else None


def _account(row: tuple[Any, ...]) -> Account:
    return Account(row[0], row[1], Kind(row[2]), *row[3:])


def insert_assignment(conn: Conn, row: dict[str, Any]) -> bool:
    """Add an assignment; False when the same one is open already."""
    done = conn.execute(
        "INSERT INTO accounts_assignment (id, account, role, facility, department, area, licence, person_id, starts, ends, granted_by, reason)"
        " VALUES (%(id)s, %(account)s, %(role)s, %(facility)s, %(department)s, %(area)s, %(licence)s, %(person_id)s, %(starts)s, %(ends)s,"
        " %(by)s, %(reason)s) ON CONFLICT DO NOTHING",
        row,
    )
    return done.rowcount == 1


def end_assignments(conn: Conn, *, ids: Sequence[UUID], at: datetime, now: datetime, by: str, reason: str) -> list[Assignment]:
    """End assignments that are open or end later than ``at``; one that has not begun ends as it begins. Returns them as they are now."""
    rows = conn.execute(
        "UPDATE accounts_assignment a SET ends = greatest(a.starts, %(at)s), ended_at = %(now)s, ended_by = %(by)s, end_reason = %(reason)s"
        " WHERE a.id = ANY(%(ids)s) AND (a.ends IS NULL OR a.ends > %(at)s)"
        " RETURNING a.id, a.account, a.role, a.facility, a.department, a.area, a.licence, a.person_id,"
        " a.starts, a.ends, a.granted_by, a.reason, a.end_reason, a.ended_at",
        {"ids": list(ids), "at": at, "now": now, "by": by, "reason": reason},
    ).fetchall()
    return [_assignment(row) for row in rows]


def close_outrun(conn: Conn, *, at: datetime, by: str) -> int:
    """Mark assignments whose planned end has passed as ended, so that no clock set back opens them again; returns how many."""
    return conn.execute(
        "UPDATE accounts_assignment SET ended_at = %(at)s, ended_by = coalesce(ended_by, %(by)s), end_reason = coalesce(end_reason, 'hết thời hạn')"
        " WHERE ends <= %(at)s AND (ended_at IS NULL OR ended_at < ends)",
        {"at": at, "by": by},
    ).rowcount


def assignment(conn: Conn, assignment_id: UUID) -> Assignment | None:
    """Read one assignment."""
    row = conn.execute(_ASSIGNMENT + " WHERE a.id = %s", (assignment_id,)).fetchone()
    return _assignment(row) if row else None


def assignments(conn: Conn, account_id: UUID, *, on: datetime | None = None) -> list[Assignment]:
    """Read an account's assignments, newest first; with ``on`` those in force then."""
    if on is None:
        found = conn.execute(_ASSIGNMENT + " WHERE a.account = %s ORDER BY a.starts DESC, a.id", (account_id,)).fetchall()
    else:
        found = conn.execute(
            _ASSIGNMENT + " WHERE a.account = %(account)s AND " + _IN_FORCE + " ORDER BY a.starts DESC, a.id", {"account": account_id, "on": on}
        ).fetchall()
    return [_assignment(row) for row in found]


def assignments_ever(conn: Conn, accounts: Sequence[UUID]) -> list[Assignment]:
    """Read all assignments of some accounts, ended ones too, newest first."""
    query = _ASSIGNMENT + " WHERE a.account = ANY(%s) ORDER BY a.starts DESC, a.id"
    return [_assignment(row) for row in conn.execute(query, (list(accounts),)).fetchall()]


def live_assignments(conn: Conn, *, on: datetime, facility: str | None = None, licence: str | None = None) -> list[Assignment]:
    """Read all assignments in force or to come, or those of one facility or licence."""
    found = conn.execute(
        _ASSIGNMENT + " WHERE " + _OPEN + " AND (%(facility)s::text IS NULL OR a.facility = %(facility)s)"
        " AND (%(licence)s::text IS NULL OR a.licence = %(licence)s) ORDER BY a.account, a.starts",
        {"on": on, "facility": facility, "licence": licence},
    ).fetchall()
    return [_assignment(row) for row in found]


def _assignment(row: tuple[Any, ...]) -> Assignment:
    return Assignment(row[0], row[1], Post(*row[2:8]), *row[8:])


def disable(conn: Conn, account_id: UUID, *, at: datetime, reason: str) -> bool:
    """Take an account out of use; False when it was."""
    done = conn.execute(
        "UPDATE accounts_user SET is_active = false, disabled_at = %s, disabled_reason = %s WHERE id = %s AND is_active", (at, reason, account_id)
    )
    return done.rowcount == 1


def reopen(conn: Conn, account_id: UUID, *, at: datetime) -> None:
    """Put an account into use with no password; it counts as seen now, so that it is not idle at once."""
    conn.execute(
        "UPDATE accounts_user SET is_active = true, disabled_at = NULL, disabled_reason = '', password = %s, password_long = false,"
        " must_change = false, last_seen = %s WHERE id = %s",
        (UNUSABLE, at, account_id),
    )


def idle_since(conn: Conn, before: datetime) -> list[UUID]:
    """Read staff accounts in use that nobody has used since a moment."""
    found = conn.execute(
        "SELECT id FROM accounts_user WHERE is_active AND kind = 'staff' AND coalesce(last_seen, created_at) < %s ORDER BY id", (before,)
    ).fetchall()
    return [row[0] for row in found]


def drop_factors(conn: Conn, account_id: UUID) -> int:
    """Remove second factors and recovery codes of an account whose owner lost them."""
    return conn.execute("DELETE FROM mfa_authenticator WHERE user_id = %s", (account_id,)).rowcount


def put_handover(conn: Conn, account_id: UUID, *, code_hash: bytes, at: datetime, expires: datetime, by: str) -> None:
    """Keep the one code of an account; an earlier one is void."""
    conn.execute(
        "INSERT INTO accounts_handover (account, code_hash, made_at, made_by, expires_at) VALUES (%(account)s, %(hash)s, %(at)s, %(by)s, %(expires)s)"
        " ON CONFLICT (account) DO UPDATE SET code_hash = excluded.code_hash, made_at = excluded.made_at, made_by = excluded.made_by,"
        " expires_at = excluded.expires_at",
        {"account": account_id, "hash": code_hash, "at": at, "by": by, "expires": expires},
    )


def handover(conn: Conn, account_id: UUID, *, at: datetime) -> bytes | None:
    """Read the hash of a code that has not run out."""
    row = conn.execute("SELECT code_hash FROM accounts_handover WHERE account = %s AND expires_at > %s FOR UPDATE", (account_id, at)).fetchone()
    return bytes(row[0]) if row else None


def drop_handover(conn: Conn, account_id: UUID) -> None:
    """Use up or void a code."""
    conn.execute("DELETE FROM accounts_handover WHERE account = %s", (account_id,))


def networks(conn: Conn, facility: str | None = None) -> list[Network]:
    """Read the networks in force, of one facility or all."""
    found = conn.execute(
        "SELECT id, facility, network::text, added_at, added_by FROM accounts_network"
        " WHERE ended_at IS NULL AND (%(facility)s::text IS NULL OR facility = %(facility)s) ORDER BY facility, network",
        {"facility": facility},
    ).fetchall()
    return [Network(*row) for row in found]


def insert_network(conn: Conn, *, network_id: UUID, facility: str, network: str, at: datetime, by: str) -> None:
    """Add a network unless it is there."""
    conn.execute(
        "INSERT INTO accounts_network (id, facility, network, added_at, added_by) VALUES (%s, %s, %s::cidr, %s, %s) ON CONFLICT DO NOTHING",
        (network_id, facility, network, at, by),
    )


def end_network(conn: Conn, network_id: UUID, *, at: datetime, by: str) -> None:
    """End a network; the row stays."""
    conn.execute("UPDATE accounts_network SET ended_at = %s, ended_by = %s WHERE id = %s AND ended_at IS NULL", (at, by, network_id))


def demo_accounts(conn: Conn) -> int:
    """Count demo accounts, in use or not."""
    row = conn.execute("SELECT count(*) FROM accounts_user WHERE demo").fetchone()
    return int(row[0]) if row else 0


def names(conn: Conn, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Read display names by account."""
    found = conn.execute("SELECT id, coalesce(nullif(display_name, ''), username) FROM accounts_user WHERE id = ANY(%s)", (list(ids),)).fetchall()
    return dict(found)


def standing(conn: Conn, account_id: UUID, *, on: datetime, address: str | None) -> tuple[Any, ...] | None:
    """Read what the guard of every page asks, in one trip: (must change, password set at, long, factor, roles, inside a network of its posts)."""
    return conn.execute(  # the conditions are constants of this file
        "SELECT u.must_change, u.password_set_at, u.password_long,"  # noqa: S608
        " EXISTS (SELECT 1 FROM mfa_authenticator f WHERE f.user_id = u.id AND f.type IN ('totp', 'webauthn')),"
        " coalesce(array_agg(DISTINCT a.role) FILTER (WHERE a.role IS NOT NULL), '{}'),"
        " coalesce(bool_or(EXISTS (SELECT 1 FROM accounts_network n WHERE n.ended_at IS NULL AND n.facility = a.facility"
        "  AND n.network >>= %(address)s::inet)), false)"
        " FROM accounts_user u LEFT JOIN accounts_assignment a ON a.account = u.id AND " + _IN_FORCE + " WHERE u.id = %(account)s GROUP BY u.id",
        {"account": account_id, "on": on, "address": address},
    ).fetchone()


def seen(conn: Conn, account_id: UUID, *, at: datetime) -> None:
    """Note that an account was used."""
    conn.execute("UPDATE accounts_user SET last_seen = %s WHERE id = %s", (at, account_id))


def keep_password(conn: Conn, account_id: UUID, *, encoded: str, at: datetime, long: bool, keep: int) -> None:
    """Note a new password: its place in the history, when it was set, whether it is long; the oldest of the history go."""
    conn.execute("INSERT INTO accounts_password (account, set_at, encoded) VALUES (%s, clock_timestamp(), %s)", (account_id, encoded))
    conn.execute(
        "DELETE FROM accounts_password WHERE account = %(account)s AND set_at NOT IN"
        " (SELECT set_at FROM accounts_password WHERE account = %(account)s ORDER BY set_at DESC LIMIT %(keep)s)",
        {"account": account_id, "keep": keep},
    )
    conn.execute("UPDATE accounts_user SET password_set_at = %s, password_long = %s, must_change = false WHERE id = %s", (at, long, account_id))


def passwords(conn: Conn, account_id: UUID) -> list[str]:
    """Read the kept earlier passwords, newest first."""
    found = conn.execute("SELECT encoded FROM accounts_password WHERE account = %s ORDER BY set_at DESC", (account_id,)).fetchall()
    return [row[0] for row in found]


def may_note(conn: Conn, watched: str) -> bool:
    """Whether a refusal from outside may still be written down this minute (30 of one kind)."""
    return store_limits.spend(conn, watched, per_minute=30) == 0


def set_password(conn: Conn, account_id: UUID, *, encoded: str) -> None:
    """Set a password made outside Django's pages."""
    conn.execute("UPDATE accounts_user SET password = %s WHERE id = %s", (encoded, account_id))


def put_totp(conn: Conn, account_id: UUID, *, secret: str, at: datetime) -> None:
    """Set up an authenticator app whose key is known, as allauth keeps it."""
    conn.execute(
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%s, 'totp', jsonb_build_object('secret', %s::text), %s)",
        (account_id, secret, at),
    )
