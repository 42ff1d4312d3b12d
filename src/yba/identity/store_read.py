"""The SQL of asking about people and of settling conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from .model import IdentifierView, IdType, PersonEvent, ReviewItem, ReviewState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

# Within an actor's facilities: people of whom one of them is a source. NULL = no limit.
_SEEN: Final = """(%(facilities)s::text[] IS NULL OR EXISTS (
    SELECT FROM person_source v WHERE v.person_id = {} AND v.facility = ANY (%(facilities)s) AND NOT v.withdrawn))"""
_BY_VALUE: Final = f"""
SELECT o.person_id FROM identifier_owner o
 WHERE (o.type, o.value) IN (SELECT i ->> 0, i ->> 1 FROM json_array_elements(%(keys)s::json) i) AND {_SEEN.format("o.person_id")}
 ORDER BY o.claimed, o.sequence, o.person_id
"""  # noqa: S608  joined from constants above
_BY_ID: Final = f"""
SELECT id FROM (SELECT coalesce(p.merged_into, p.id) AS id FROM person p WHERE p.id = %(id)s
                UNION SELECT s.person_id FROM person_source s WHERE s.patient_id = %(id)s AND NOT s.withdrawn) f
 WHERE {_SEEN.format("f.id")} ORDER BY id
"""  # noqa: S608  as above
_BY_LOCAL: Final = f"""
SELECT s.person_id FROM person_source s
 WHERE s.local_id = %(value)s AND NOT s.withdrawn AND {_SEEN.format("s.person_id")} ORDER BY s.facility, s.variant
"""  # noqa: S608  as above
_EVENTS: Final = """
SELECT at, who, kind, facility, local_id, reason, evidence::text FROM person_event WHERE person_id = %s ORDER BY id
"""
_IDENTIFIERS: Final = """
SELECT i.type, i.value, i.facility, i.first_seen::text, i.last_seen::text, coalesce(NOT o.claimed, false)
  FROM person_source s JOIN identifier i USING (facility, local_id, variant)
  LEFT JOIN identifier_owner o ON o.type = i.type AND o.value = i.value AND o.person_id = s.person_id
 WHERE s.person_id = %s AND NOT s.withdrawn ORDER BY i.type, i.last_seen DESC, i.facility
"""
_REVIEW: Final = "SELECT id, kind, persons, facility, local_id, evidence::text, state, created_at FROM review_item"
_REVIEWS: Final = f"""
{_REVIEW} WHERE (%(state)s::text IS NULL OR state = %(state)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(person)s::uuid IS NULL OR persons @> ARRAY[%(person)s::uuid])
   AND (%(facilities)s::text[] IS NULL OR facility = ANY (%(facilities)s))
 ORDER BY created_at, id LIMIT %(limit)s
"""


def by_identifier(conn: Connection[Any], keys: Sequence[tuple[str, str]], facilities: list[str] | None) -> list[UUID]:
    """Find who holds one of these (type, value), first holders first."""
    return [row[0] for row in conn.execute(_BY_VALUE, {"keys": orjson.dumps(list(keys)).decode(), "facilities": facilities})]


def by_id(conn: Connection[Any], id_: UUID, facilities: list[str] | None) -> list[UUID]:
    """Find a person by its id (of the one it was merged into) or by the id of a source's Patient."""
    return [row[0] for row in conn.execute(_BY_ID, {"id": id_, "facilities": facilities})]


def by_local(conn: Connection[Any], value: str, facilities: list[str] | None) -> list[UUID]:
    """Find people by a facility's patient number."""
    return [row[0] for row in conn.execute(_BY_LOCAL, {"value": value, "facilities": facilities})]


def head(conn: Connection[Any], person: UUID) -> tuple[datetime, UUID | None, str] | None:
    """Read (created, merged into, vital status)."""
    return conn.execute("SELECT created_at, merged_into, vital_status FROM person WHERE id = %s", (person,)).fetchone()


def identifiers(conn: Connection[Any], person: UUID) -> tuple[IdentifierView, ...]:
    """Read the identifiers all sources sent of a person."""
    return tuple(IdentifierView(IdType(row[0]), *row[1:]) for row in conn.execute(_IDENTIFIERS, (person,)))


def events(conn: Connection[Any], person: UUID) -> tuple[PersonEvent, ...]:
    """Read a person's history."""
    return tuple(PersonEvent._make((*row[:-1], orjson.loads(row[-1]))) for row in conn.execute(_EVENTS, (person,)))


def _review(row: tuple[Any, ...]) -> ReviewItem:
    id_, kind, persons, facility, local_id, evidence, state, created = row
    return ReviewItem(id_, kind, tuple(persons), facility, local_id, orjson.loads(evidence), ReviewState(state), created)


def reviews(conn: Connection[Any], narrow: dict[str, Any], limit: int) -> list[ReviewItem]:
    """Read conflicts, oldest first; ``narrow`` has state, kind, person and facilities, each or None."""
    return [_review(row) for row in conn.execute(_REVIEWS, {**narrow, "limit": limit})]


def lock_review(conn: Connection[Any], review: UUID) -> ReviewItem | None:
    """Read one conflict and hold it until the end of the transaction."""
    row = conn.execute(f"{_REVIEW} WHERE id = %s FOR UPDATE", (review,)).fetchone()
    return _review(row) if row else None


def close_review(conn: Connection[Any], review: UUID, state: ReviewState, who: str) -> None:
    """Close a conflict."""
    conn.execute("UPDATE review_item SET state = %s, settled_at = clock_timestamp(), settled_by = %s WHERE id = %s", (state.value, who, review))


def move(conn: Connection[Any], keep: UUID, drop: UUID) -> list[UUID]:
    """Give one person everything of another and return the ids of the moved source Patients."""
    moved = conn.execute("UPDATE person_source SET person_id = %s WHERE person_id = %s RETURNING patient_id, variant", (keep, drop)).fetchall()
    conn.execute(
        "INSERT INTO identifier_owner (type, value, person_id, sequence, claimed, since)"
        " SELECT type, value, %s, sequence, claimed, since FROM identifier_owner WHERE person_id = %s"
        " ON CONFLICT (type, value, person_id) DO UPDATE SET claimed = identifier_owner.claimed AND excluded.claimed",
        (keep, drop),
    )
    conn.execute("DELETE FROM identifier_owner WHERE person_id = %s", (drop,))
    conn.execute("UPDATE person SET merged_into = %s WHERE id = %s OR merged_into = %s", (keep, drop, drop))
    return sorted(patient for patient, variant in moved if variant == 1)


def set_digest(conn: Connection[Any], person: UUID, digest: int) -> None:
    """Note which golden document was handed out last."""
    conn.execute("UPDATE person SET golden_digest = %s WHERE id = %s", (digest, person))


def add_event(conn: Connection[Any], who: str, person: UUID, kind: str, reason: str, evidence: dict[str, Any]) -> None:
    """Add a line to a person's history that concerns no single source."""
    conn.execute(
        "INSERT INTO person_event (who, person_id, kind, facility, local_id, variant, reason, evidence)"
        " VALUES (%s, %s, %s, '', '', 0, %s, %s::jsonb)",
        (who, person, kind, reason, orjson.dumps(evidence).decode()),
    )
