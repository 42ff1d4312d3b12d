"""The SQL of the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.kit.few_rows import add_rows

from .model import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection

_COLUMNS: Final = ("who", "kind", "about_type", "about_id", "person_id", "facility", "payload")
_TYPES: Final = ("text", "text", "text", "text", "uuid", "text", "jsonb")
# Only transactions below the oldest one still running are read: positions are drawn before commit, so a later
# position may be seen first, and a reader that moved past it would never see the earlier one.
_PENDING: Final = """
SELECT e.position, e.transaction::text::bigint, e.at, e.who, e.kind, e.about_type, e.about_id, e.person_id, e.facility, e.payload::text
  FROM event e
 WHERE (e.transaction, e.position) > (%(transaction)s::text::xid8, %(position)s)
   AND e.transaction < pg_snapshot_xmin(pg_current_snapshot())
   AND (%(kinds)s::text[] IS NULL OR e.kind = ANY (%(kinds)s))
 ORDER BY e.transaction, e.position LIMIT %(limit)s
"""
_ADVANCE: Final = """
INSERT INTO event_reader AS r (name, transaction, position) VALUES (%s, %s::text::xid8, %s)
ON CONFLICT (name) DO UPDATE SET transaction = excluded.transaction, position = excluded.position, moved_at = clock_timestamp()
 WHERE (r.transaction, r.position) < (excluded.transaction, excluded.position)
"""


def copy(conn: Connection[Any], rows: Iterable[Sequence[object]]) -> int:
    """Add announcements to the partition (COPY is refused under a policy), few of them in one statement; the payload is JSON as bytes."""
    return add_rows(conn, "event_all", _COLUMNS, list(rows), types=_TYPES)


def place_of(conn: Connection[Any], reader: str) -> tuple[int, int]:
    """Lock a reader's row until the end of the transaction and return (transaction, position); (0, 0) before its first."""
    conn.execute("INSERT INTO event_reader (name) VALUES (%s) ON CONFLICT DO NOTHING", (reader,))
    row = conn.execute("SELECT transaction::text::bigint, position FROM event_reader WHERE name = %s FOR UPDATE", (reader,)).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def pending(conn: Connection[Any], place: tuple[int, int], kinds: Sequence[str] | None, limit: int) -> list[Event]:
    """Read settled announcements after a place, in order."""
    given = {"transaction": str(place[0]), "position": place[1], "kinds": list(kinds) if kinds else None, "limit": limit}
    return [Event._make((*row[:-1], orjson.loads(row[-1]) if row[-1] else None)) for row in conn.execute(_PENDING, given)]


def advance(conn: Connection[Any], reader: str, place: tuple[int, int]) -> None:
    """Move a reader forward, never back."""
    conn.execute(_ADVANCE, (reader, str(place[0]), place[1]))
