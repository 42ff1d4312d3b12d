"""The SQL of sign-in: places known, attempts and failures counted, credits spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    Conn = Connection[tuple[Any, ...]]


def is_facility_address(conn: Conn, address: str) -> bool:
    """Whether an address lies in a network some facility declared."""
    row = conn.execute("SELECT 1 FROM accounts_network WHERE ended_at IS NULL AND network >>= %s::inet LIMIT 1", (address,)).fetchone()
    return row is not None


def known_places(conn: Conn, username: str, address: str, *, since: datetime) -> tuple[bool, bool]:
    """Whether anybody, and whether this account, signed in from an address since a moment."""
    row = conn.execute(
        "SELECT count(*) > 0, coalesce(bool_or(u.username = %s), false) FROM accounts_place p JOIN accounts_user u ON u.id = p.account"
        " WHERE p.address = %s AND p.last_at > %s",
        (username, address, since),
    ).fetchone()
    return (bool(row[0]), bool(row[1])) if row else (False, False)


def note_place(conn: Conn, account: UUID, address: str, *, at: datetime, forget_before: datetime) -> None:
    """Remember that an account signed in from an address; its old places go."""
    conn.execute(
        "INSERT INTO accounts_place (account, address, last_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (account, address) DO UPDATE SET last_at = excluded.last_at",
        (account, address, at),
    )
    conn.execute("DELETE FROM accounts_place WHERE account = %s AND last_at < %s", (account, forget_before))


def locked_for(conn: Conn, watched: Sequence[str]) -> int:
    """Say for how many more seconds one of the watched things is locked out; 0 = none is."""
    row = conn.execute(
        "SELECT ceil(extract(epoch FROM max(locked_until) - now())) FROM accounts_failure WHERE watched = ANY(%s) AND locked_until > now()",
        (list(watched),),
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def count_failure(conn: Conn, watched: str, *, failures: int, within: int, locked: int) -> int:
    """Count a failure of a watched thing and lock it at the limit; returns how many there are in this window."""
    row = conn.execute(
        "INSERT INTO accounts_failure AS f (watched, failures, first_at, locked_until)"
        " VALUES (%(watched)s, 1, now(), CASE WHEN %(limit)s <= 1 THEN now() + %(lock)s * interval '1 second' END)"
        " ON CONFLICT (watched) DO UPDATE SET"
        "  failures = CASE WHEN f.first_at < now() - %(window)s * interval '1 second' THEN 1 ELSE f.failures + 1 END,"
        "  first_at = CASE WHEN f.first_at < now() - %(window)s * interval '1 second' THEN now() ELSE f.first_at END,"
        "  locked_until = CASE WHEN f.first_at >= now() - %(window)s * interval '1 second'"
        "   AND f.failures + 1 >= %(limit)s THEN now() + %(lock)s * interval '1 second' ELSE f.locked_until END"
        " RETURNING failures",
        {"watched": watched, "limit": failures, "window": within, "lock": locked},
    ).fetchone()
    return int(row[0]) if row else 0


def forget_failures(conn: Conn, watched: Sequence[str]) -> None:
    """Forget the failures of the watched things, and those older than a day."""
    conn.execute(
        "DELETE FROM accounts_failure WHERE watched = ANY(%s) OR (first_at < now() - interval '1 day' AND coalesce(locked_until < now(), true))",
        (list(watched),),
    )


def spend(conn: Conn, watched: str, *, per_minute: int, amount: int = 1) -> int:
    """Spend ``amount`` of the ``per_minute`` credits of a watched thing; 0, or the seconds until there are so many again."""
    row = conn.execute(
        "INSERT INTO accounts_pace AS p (watched, credit, seen_at) VALUES (%(watched)s, %(full)s::float8 - %(amount)s, clock_timestamp())"
        " ON CONFLICT (watched) DO UPDATE SET"
        "  credit = least(%(full)s::float8,"
        "   p.credit + greatest(0, extract(epoch FROM clock_timestamp() - p.seen_at)) * %(full)s::float8 / 60) - %(amount)s,"
        "  seen_at = clock_timestamp()"
        " WHERE p.credit + extract(epoch FROM clock_timestamp() - p.seen_at) * %(full)s::float8 / 60 >= %(amount)s"
        " RETURNING credit",
        {"watched": watched, "full": per_minute, "amount": amount},
    ).fetchone()
    return 0 if row is not None else max(1, 60 * amount // per_minute)


def sweep(conn: Conn, *, most: int) -> int:
    """Clear away up to ``most`` counts nobody needs: windows long over, paces long full again. Called with every failure, so tables stay small."""
    gone = conn.execute(
        "DELETE FROM accounts_failure WHERE watched IN (SELECT watched FROM accounts_failure"
        " WHERE first_at < now() - interval '15 minutes'"
        " AND (first_at < now() - interval '1 hour' OR watched NOT LIKE ALL ('{people hour %%,hour %%}'))"
        " AND coalesce(locked_until < now(), true) LIMIT %s)",
        (most,),
    ).rowcount
    gone += conn.execute(
        "DELETE FROM accounts_pace WHERE watched IN (SELECT watched FROM accounts_pace WHERE seen_at < now() - interval '10 minutes' LIMIT %s)",
        (most,),
    ).rowcount
    return gone
