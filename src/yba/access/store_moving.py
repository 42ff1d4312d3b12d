"""The SQL of relations in a merge, split or undo; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

_GIVE: Final = """
UPDATE relation r SET person_id = %(taker)s
 WHERE r.person_id = %(giver)s AND r.kind <> 'residence'
   AND (%(every)s OR r.source_id = ANY (%(sources)s::uuid[])
        OR (r.unit, r.kind, r.source_id) IN (SELECT * FROM unnest(%(units)s::text[], %(kinds)s::text[], %(grounds)s::uuid[])))
   AND NOT EXISTS (SELECT FROM relation o WHERE o.person_id = %(taker)s AND o.unit = r.unit AND o.kind = r.kind AND o.source_id = r.source_id)
RETURNING r.unit, r.kind, r.source_id::text
"""
_HOMES: Final = """
SELECT person_id::text, unit, start_at::text, end_at::text, void_at::text FROM relation
 WHERE person_id = ANY (%s::uuid[]) AND kind = 'residence' ORDER BY person_id, unit
"""
_RESTORE: Final = """
WITH was AS (
    SELECT * FROM unnest(%(persons)s::uuid[], %(units)s::text[], %(starts)s::timestamptz[], %(ends)s::timestamptz[], %(voids)s::timestamptz[])
        AS w (person_id, unit, start_at, end_at, void_at)
), later AS (
    UPDATE relation r SET void_at = clock_timestamp(), void_reason = %(reason)s
     WHERE r.person_id = ANY (%(people)s::uuid[]) AND r.kind = 'residence' AND r.void_at IS NULL
       AND NOT EXISTS (SELECT FROM was WHERE was.person_id = r.person_id AND was.unit = r.unit)
)
UPDATE relation r SET start_at = was.start_at, end_at = was.end_at, void_at = was.void_at,
       void_reason = CASE WHEN was.void_at IS NULL THEN NULL ELSE coalesce(r.void_reason, %(reason)s) END
  FROM was WHERE r.person_id = was.person_id AND r.unit = was.unit AND r.kind = 'residence'
"""
_STANDING: Final = """
SELECT md5(coalesce(string_agg(concat_ws('|', person_id, unit, kind, source_id, start_at, end_at, void_at), E'\\n'
                               ORDER BY person_id, unit, kind, source_id), ''))
  FROM relation WHERE person_id = ANY (%s::uuid[]) AND kind NOT IN ('residence', 'emergency')
"""


def give(conn: Connection[Any], giver: UUID, taker: UUID, sources: list[UUID] | None, ties: Sequence[tuple[str, ...]]) -> list[tuple[str, str, str]]:
    """Move relations; returns (unit, kind, source) of each."""
    units, kinds, grounds = ([tie[at] for tie in ties] for at in range(3))
    given = {"giver": giver, "taker": taker, "every": sources is None, "sources": sources or [], "units": units, "kinds": kinds, "grounds": grounds}
    return [(row[0], row[1], row[2]) for row in conn.execute(_GIVE, given)]


def homes(conn: Connection[Any], people: list[UUID]) -> list[list[Any]]:
    """Read the residences of people."""
    return [list(row) for row in conn.execute(_HOMES, (people,))]


def restore_homes(conn: Connection[Any], people: list[UUID], was: Sequence[tuple[Any, ...]], reason: str) -> None:
    """Make residences as they were."""
    persons, units, starts, ends, voids = ([home[at] for home in was] for at in range(5))
    conn.execute(_RESTORE, {"people": people, "persons": persons, "units": units, "starts": starts, "ends": ends, "voids": voids, "reason": reason})


def standing(conn: Connection[Any], people: list[UUID]) -> str:
    """Mark what relations people have."""
    row = conn.execute(_STANDING, (people,)).fetchone()
    return str(row[0]) if row else ""
