"""The SQL of kin and households; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

LINK_COLUMNS: Final = (
    ("person_id", "kind", "other", "since", "facility", "local_id", "variant", "other_local_id", "other_variant", "ground_type", "ground_id"),
    ("uuid", "text", "uuid", "date", "text", "text", "int2", "text", "int2", "text", "text"),
)
# A certificate that was taken back says nothing; both ends are read under the rights to who wrote it.
_KIN: Final = """
SELECT f.relative, f.kind, f.since, f.facility FROM (
    SELECT k.person_id, k.other AS relative, k.kind, k.since, k.facility, k.local_id, k.variant FROM person_link k WHERE k.person_id = %(whom)s
    UNION ALL
    SELECT k.other, k.person_id, 'child', k.since, k.facility, k.local_id, k.variant FROM person_link k WHERE k.other = %(whom)s) f
  JOIN person_source s ON s.facility = f.facility AND s.local_id = f.local_id AND s.variant = f.variant AND NOT s.withdrawn
 WHERE {seen} ORDER BY f.kind DESC, f.since, f.relative
"""
_MEMBER: Final = """
SELECT f.household, h.commune, h.book, f.relation, f.since, f.until, f.source_type, f.source_id
  FROM household_member f JOIN household h ON h.id = f.household WHERE f.person_id = %(whom)s
   AND NOT f.taken_back AND {seen} ORDER BY f.since DESC, f.household
"""


def kin(conn: Connection[Any], person: UUID, seen: Predicate) -> list[tuple[Any, ...]]:
    """Read (relative, mother or child, since, facility)."""
    return conn.execute(sql.SQL(_KIN).format(seen=seen.sql), {"whom": person, **seen.params}).fetchall()


def memberships(conn: Connection[Any], person: UUID, seen: Predicate) -> list[tuple[Any, ...]]:
    """Read the households of a person."""
    return conn.execute(sql.SQL(_MEMBER).format(seen=seen.sql), {"whom": person, **seen.params}).fetchall()
