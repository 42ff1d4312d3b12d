"""The SQL of the trail: adding and reading, nothing else exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.kit.db import copy_rows

from .model import TrailEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from psycopg import Connection

COLUMNS: Final = ("who", "actor_kind", "purpose", "tag", "about_type", "about_id", "person_id", "facility", "reason", "detail")
TYPES: Final = ("text", "text", "text", "text", "text", "text", "uuid", "text", "text", "jsonb")
_INSERT: Final = (
    "INSERT INTO audit_event (who, actor_kind, purpose, tag, about_type, about_id, person_id, facility, reason, detail)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)"
)
_TRAIL: Final = """
SELECT id, at, transaction::text::bigint, who, actor_kind, purpose, tag, about_type, about_id, person_id, facility, reason, detail::text
  FROM audit_event
 WHERE (%(person)s::uuid IS NULL OR person_id = %(person)s)
   AND (%(about)s::text IS NULL OR about_id = %(about)s)
   AND (%(tag)s::text IS NULL OR tag = %(tag)s)
   AND (%(facility)s::text IS NULL OR facility = %(facility)s)
   AND (%(facilities)s::text[] IS NULL OR facility = ANY (%(facilities)s))
   AND at >= %(since)s AND at < %(until)s AND id < %(before)s
 ORDER BY id DESC LIMIT %(limit)s
"""


def insert(conn: Connection[Any], row: Sequence[object]) -> None:
    """Add one row, in the order of COLUMNS."""
    conn.execute(_INSERT, row)


def copy(conn: Connection[Any], rows: Iterable[Sequence[object]]) -> int:
    """Add many rows with one COPY; ``detail`` is JSON as bytes."""
    return copy_rows(conn, "audit_event", COLUMNS, rows, types=TYPES)


def trail(conn: Connection[Any], *, narrow: dict[str, Any], since: datetime, until: datetime, before: int, limit: int) -> list[TrailEntry]:
    """Read rows newest first; ``narrow`` has person: UUID, about, tag, facility: str and facilities: list, each or None."""
    rows = conn.execute(_TRAIL, {**narrow, "since": since, "until": until, "before": before, "limit": limit}).fetchall()
    return [TrailEntry._make((*row[:-1], orjson.loads(row[-1]) if row[-1] else None)) for row in rows]
