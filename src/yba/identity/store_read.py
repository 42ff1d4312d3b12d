"""The SQL of asking about people and of settling conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import sql

from .model import IdentifierView, IdType, PersonEvent, ReviewItem, ReviewState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

# A facility reaches the people it is a source of. Every {seen} is a predicate of access over the columns of f.
A_SOURCE: Final = "EXISTS (SELECT FROM person_source v WHERE v.person_id = {alias}.person_id AND v.facility = ANY ({codes}) AND NOT v.withdrawn)"
_BY_VALUE: Final = """
SELECT f.person_id FROM identifier_owner f
 WHERE (f.type, f.value) IN (SELECT i ->> 0, i ->> 1 FROM json_array_elements(%(keys)s::json) i) AND {seen}
 ORDER BY f.claimed, f.sequence, f.person_id
"""
_BY_ID: Final = """
SELECT f.person_id FROM (SELECT coalesce(p.merged_into, p.id) AS person_id FROM person p WHERE p.id = %(id)s
                         UNION SELECT s.person_id FROM person_source s WHERE s.patient_id = %(id)s AND NOT s.withdrawn) f
 WHERE {seen} ORDER BY f.person_id
"""
_BY_LOCAL: Final = """
SELECT f.person_id FROM person_source f WHERE f.local_id = %(value)s AND NOT f.withdrawn AND {seen} ORDER BY f.facility, f.variant
"""
_HEAD: Final = """
SELECT f.created_at, f.merged_into, f.vital_status FROM (SELECT id AS person_id, created_at, merged_into, vital_status FROM person) f
 WHERE f.person_id = %(person)s AND (f.merged_into IS NOT NULL OR {seen})
"""
_SOURCES: Final = "SELECT f.facility, f.local_id, f.variant FROM person_source f WHERE f.person_id = %(person)s AND NOT f.withdrawn AND {seen}"
_EVENTS: Final = """
SELECT at, who, kind, facility, local_id, reason, evidence::text FROM person_event f WHERE person_id = %(person)s AND {seen} ORDER BY id
"""
_IDENTIFIERS: Final = """
SELECT i.type, i.value, i.facility, i.first_seen::text, i.last_seen::text, coalesce(NOT o.claimed, false),
       ARRAY(SELECT x.person_id FROM identifier_owner x WHERE x.type = i.type AND x.value = i.value AND x.person_id <> f.person_id ORDER BY 1)
  FROM person_source f JOIN identifier i USING (facility, local_id, variant)
  LEFT JOIN identifier_owner o ON o.type = i.type AND o.value = i.value AND o.person_id = f.person_id
 WHERE f.person_id = %(person)s AND NOT f.withdrawn AND {seen} ORDER BY i.type, i.last_seen DESC, i.facility
"""
_REVIEW: Final = "SELECT id, kind, persons, facility, local_id, evidence::text, state, created_at FROM review_item"
_REVIEWS: Final = f"""
{_REVIEW} f WHERE (%(state)s::text IS NULL OR state = %(state)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(people)s::uuid[] IS NULL OR persons && %(people)s::uuid[])
   AND {{seen}}
 ORDER BY created_at, id LIMIT %(limit)s
"""


def _run(conn: Connection[Any], statement: str, seen: Predicate, **given: object) -> list[tuple[Any, ...]]:
    return conn.execute(sql.SQL(statement).format(seen=seen.sql), {**given, **seen.params}).fetchall()  # our own constants above


def by_identifier(conn: Connection[Any], keys: Sequence[tuple[str, str]], seen: Predicate) -> list[UUID]:
    """Find who holds one of these (type, value), first holders first."""
    return [row[0] for row in _run(conn, _BY_VALUE, seen, keys=orjson.dumps(list(keys)).decode())]


def by_id(conn: Connection[Any], id_: UUID, seen: Predicate) -> list[UUID]:
    """Find a person by its id (of the one it was merged into) or by the id of a source's Patient."""
    return [row[0] for row in _run(conn, _BY_ID, seen, id=id_)]


def by_local(conn: Connection[Any], value: str, seen: Predicate) -> list[UUID]:
    """Find people by a facility's patient number."""
    return [row[0] for row in _run(conn, _BY_LOCAL, seen, value=value)]


def seen_head(conn: Connection[Any], person: UUID, seen: Predicate) -> tuple[Any, ...] | None:
    """Read (created, merged into, vital status) of a person within reach; of one merged into another that it was."""
    return next(iter(_run(conn, _HEAD, seen, person=person)), None)


def seen_sources(conn: Connection[Any], person: UUID, seen: Predicate) -> set[tuple[Any, ...]]:
    """Read the keys (facility, patient number, variant) of the sources within reach."""
    return set(_run(conn, _SOURCES, seen, person=person))


def head(conn: Connection[Any], person: UUID) -> tuple[datetime, UUID | None, str] | None:
    """Read (created, merged into, vital status)."""
    return conn.execute("SELECT created_at, merged_into, vital_status FROM person WHERE id = %s", (person,)).fetchone()


def identifiers(conn: Connection[Any], person: UUID, seen: Predicate) -> tuple[IdentifierView, ...]:
    """Read the identifiers all sources sent of a person."""
    return tuple(
        IdentifierView(IdType(kind), value, facility, first, last, held, tuple(others))
        for kind, value, facility, first, last, held, others in _run(conn, _IDENTIFIERS, seen, person=person)
    )


def events(conn: Connection[Any], person: UUID, seen: Predicate) -> tuple[PersonEvent, ...]:
    """Read a person's history."""
    return tuple(PersonEvent._make((*row[:-1], orjson.loads(row[-1]))) for row in _run(conn, _EVENTS, seen, person=person))


def _review(row: tuple[Any, ...]) -> ReviewItem:
    id_, kind, persons, facility, local_id, evidence, state, created = row
    return ReviewItem(id_, kind, tuple(persons), facility, local_id, orjson.loads(evidence), ReviewState(state), created)


def reviews(
    conn: Connection[Any], seen: Predicate, *, state: str | None, kind: str | None, people: list[UUID] | None, limit: int
) -> list[ReviewItem]:
    """Read conflicts, oldest first, narrowed by what is given."""
    return [_review(row) for row in _run(conn, _REVIEWS, seen, state=state, kind=kind, people=people, limit=limit)]


def lock_review(conn: Connection[Any], review: UUID, seen: Predicate) -> ReviewItem | None:
    """Read one conflict and hold it until the end of the transaction."""
    return next((_review(row) for row in _run(conn, f"{_REVIEW} f WHERE id = %(review)s AND {{seen}} FOR UPDATE", seen, review=review)), None)


def close_review(conn: Connection[Any], review: UUID, state: ReviewState, who: str) -> None:
    """Close a conflict."""
    conn.execute("UPDATE review_item SET state = %s, settled_at = clock_timestamp(), settled_by = %s WHERE id = %s", (state.value, who, review))


def add_event(conn: Connection[Any], who: str, person: UUID, kind: str, reason: str, evidence: dict[str, Any]) -> None:
    """Add a line to a person's history that concerns no single source."""
    conn.execute(
        "INSERT INTO person_event (who, person_id, kind, facility, local_id, variant, reason, evidence)"
        " VALUES (%s, %s, %s, '', '', 0, %s, %s::jsonb)",
        (who, person, kind, reason, orjson.dumps(evidence).decode()),
    )
