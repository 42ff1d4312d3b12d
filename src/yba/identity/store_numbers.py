"""The SQL of health identifiers, temporary identifiers and unknown patients; reads follow merges through person_now()."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

Rows = list[tuple[Any, ...]]
_BY_NUMBER: Final = """
SELECT f.person_id FROM (
    SELECT person_now(person_id) AS person_id, (status = 'cancelled')::int AS last, recorded_at AS at FROM health_identifier WHERE value = %(value)s
    UNION ALL SELECT person_now(person_id), 0, given_at FROM temporary_identifier WHERE code = %(code)s AND person_id IS NOT NULL) f
 WHERE {seen} ORDER BY f.last, f.at
"""
_HEALTH: Final = """
SELECT f.id, f.person_id, f.value, f.status, f.valid_from, f.valid_to, f.source, f.reason, f.recorded_at, f.recorded_by, f.ended_at
  FROM (SELECT h.id, person_now(h.person_id) AS person_id, h.person_id AS written_for, h.value, h.status, h.valid_from, h.valid_to, h.source,
               h.reason, h.recorded_at, h.recorded_by, h.ended_at
          FROM health_identifier h WHERE h.person_id = ANY (person_ids(%(person)s))) f
 WHERE {seen} ORDER BY f.status, (f.written_for <> %(person)s), f.recorded_at DESC
"""
_TEMPORARY: Final = """
SELECT f.code, f.person_id, f.kind, f.facility, f.given_at, f.replaced_by, f.replaced_at
  FROM (SELECT t.code, person_now(t.person_id) AS person_id, t.kind, t.facility, t.given_at, t.replaced_by, t.replaced_at FROM temporary_identifier t
         WHERE {which}) f
 WHERE {seen} ORDER BY f.given_at
"""
# Known is who was merged into somebody (at the desk too), or was noted as somebody and still is: an undo makes unknown again by itself.
_UNKNOWN: Final = """
SELECT f.person_id, f.code, f.facility, f.arrived_at, f.notify_by, f.sex, f.age_from, f.age_to, f.marks, f.found_at, f.commune, f.died_at,
       f.notified_at, f.notified_by, f.notified_how, CASE WHEN f.noted THEN f.identified_at END,
       CASE WHEN f.noted OR f.now <> f.person_id THEN f.now END
  FROM (SELECT u.*, person_now(u.person_id) AS now, coalesce(person_now(u.identified_as) = person_now(u.person_id), false) AS noted
          FROM unknown_patient u) f
 WHERE {which} AND {seen} ORDER BY f.notify_by, f.code LIMIT %(limit)s
"""
_STILL_UNKNOWN: Final = "NOT f.noted AND f.now = f.person_id"


def _run(conn: Connection[Any], statement: str, seen: Predicate, which: str = "", **given: object) -> Rows:
    text = sql.SQL(statement).format(seen=seen.sql, which=sql.SQL(which))  # our own constants above
    return conn.execute(text, {**given, **seen.params}).fetchall()


def by_number(conn: Connection[Any], value: str, code: str, seen: Predicate) -> list[UUID]:
    """Find whose health identifier, present or cancelled, or temporary code this is."""
    return [row[0] for row in _run(conn, _BY_NUMBER, seen, value=value, code=code)]


def health_ids(conn: Connection[Any], person: UUID, seen: Predicate) -> Rows:
    """Read the health identifiers of a person and of whom was merged into it, those in force first."""
    return _run(conn, _HEALTH, seen, person=person)


def active_holder(conn: Connection[Any], value: str) -> tuple[UUID, UUID] | None:
    """Read (row, person it was written for) of who holds a number now, as far as row security shows."""
    return conn.execute("SELECT id, person_id FROM health_identifier WHERE value = %s AND status = 'active'", (value,)).fetchone()


def add_health_id(conn: Connection[Any], row: tuple[Any, ...]) -> bool:
    """Add an active number; False when the number or the person has another active one."""
    added = conn.execute(
        "INSERT INTO health_identifier (id, person_id, value, status, valid_from, source, reason, recorded_at, recorded_by)"
        " VALUES (%s, %s, %s, 'active', %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        row,
    )
    return added.rowcount == 1


def cancel_health_id(conn: Connection[Any], id_: UUID, *, until: date | None, reason: str, who: str, at: datetime) -> bool:
    """Cancel an active number; False when it is not active."""
    done = conn.execute(
        "UPDATE health_identifier SET status = 'cancelled', valid_to = greatest(%s, valid_from), reason = %s, ended_at = %s, ended_by = %s"
        " WHERE id = %s AND status = 'active'",
        (until, reason, at, who, id_),
    )
    return done.rowcount == 1


def next_temporary(conn: Connection[Any], facility: str, day: date) -> int:
    """Draw the next number of a facility and day; a row lock makes each once."""
    row = conn.execute(
        "INSERT INTO temporary_sequence AS s (facility, day, last) VALUES (%s, %s, 1)"
        " ON CONFLICT (facility, day) DO UPDATE SET last = s.last + 1 RETURNING last",
        (facility, day),
    ).fetchone()
    return int(row[0]) if row else 0


def add_temporary(conn: Connection[Any], row: tuple[Any, ...]) -> None:
    """Add a code: (code, person or None, kind, facility, given at, given by)."""
    conn.execute("INSERT INTO temporary_identifier (code, person_id, kind, facility, given_at, given_by) VALUES (%s, %s, %s, %s, %s, %s)", row)


def temporary(conn: Connection[Any], code: str, seen: Predicate) -> tuple[Any, ...] | None:
    """Read one code."""
    return next(iter(_run(conn, _TEMPORARY, seen, "t.code = %(code)s", code=code)), None)


def temporaries(conn: Connection[Any], seen: Predicate, limit: int) -> Rows:
    """Read the codes given last, the newest first."""
    return _run(conn, _TEMPORARY.replace("ORDER BY f.given_at", "ORDER BY f.given_at DESC, f.code DESC LIMIT %(limit)s"), seen, "true", limit=limit)


def temporaries_of(conn: Connection[Any], person: UUID, seen: Predicate) -> Rows:
    """Read the codes of a person and of whom was merged into it."""
    return _run(conn, _TEMPORARY, seen, "t.person_id = ANY (person_ids(%(person)s))", person=person)


def attach_temporary(conn: Connection[Any], code: str, person: UUID) -> bool:
    """Give a code printed ahead to a person; False when somebody has it."""
    return conn.execute("UPDATE temporary_identifier SET person_id = %s WHERE code = %s AND person_id IS NULL", (person, code)).rowcount == 1


def replace_temporary(conn: Connection[Any], codes: list[str], *, number: str, at: datetime) -> None:
    """Note by which number codes were replaced; the first one stays."""
    conn.execute(
        "UPDATE temporary_identifier SET replaced_by = %s, replaced_at = %s WHERE code = ANY(%s) AND replaced_by IS NULL", (number, at, codes)
    )


def add_unknown(conn: Connection[Any], row: dict[str, Any]) -> None:
    """Add an unknown patient."""
    conn.execute(
        "INSERT INTO unknown_patient (person_id, code, facility, arrived_at, sex, age_from, age_to, marks, found_at, commune, registered_by,"
        " notify_by)"
        " VALUES (%(person_id)s, %(code)s, %(facility)s, %(arrived_at)s, %(sex)s, %(age_from)s, %(age_to)s, %(marks)s, %(found_at)s, %(commune)s,"
        " %(registered_by)s, %(notify_by)s)",
        row,
    )


def unknowns(conn: Connection[Any], seen: Predicate, *, every: bool, limit: int) -> Rows:
    """Read unknown patients, those due first; not ``every``: only those still unknown."""
    return _run(conn, _UNKNOWN, seen, "true" if every else _STILL_UNKNOWN, limit=limit)


def overdue(conn: Connection[Any], seen: Predicate, *, now: datetime, limit: int) -> Rows:
    """Read unknown patients of whom the commune should have been told by ``now`` and was not."""
    return _run(conn, _UNKNOWN, seen, f"{_STILL_UNKNOWN} AND f.notified_at IS NULL AND f.notify_by <= %(now)s", now=now, limit=limit)


def answered(conn: Connection[Any], seen: Predicate, kinds: list[str]) -> list[UUID]:
    """Read the open items of these kinds about patients who are known by now, or of whom the commune was told."""
    text = sql.SQL(
        "SELECT r.id FROM review_item r JOIN (SELECT u.*, person_now(u.person_id) AS now,"
        " coalesce(person_now(u.identified_as) = person_now(u.person_id), false) AS noted FROM unknown_patient u) f"
        " ON f.code = r.local_id AND f.facility = r.facility"
        " WHERE r.kind = ANY (%(kinds)s) AND r.state = 'open' AND (f.notified_at IS NOT NULL OR f.noted OR f.now <> f.person_id) AND {seen}"
    ).format(seen=seen.sql)
    return [row[0] for row in conn.execute(text, {"kinds": kinds, **seen.params}).fetchall()]


def reopen(conn: Connection[Any], kind: str, places: list[tuple[str, str]], who: str) -> None:
    """Open the items of (facility, code) again that ``who`` itself had closed: the merge that answered them was undone."""
    if places:
        facilities, codes = (list(column) for column in zip(*places, strict=True))
        conn.execute(
            "UPDATE review_item SET state = 'open', settled_at = NULL, settled_by = NULL FROM unnest(%s::text[], %s::text[]) AS p (place, code)"
            " WHERE kind = %s AND facility = p.place AND local_id = p.code AND state = 'settled' AND settled_by = %s",
            (facilities, codes, kind, who),
        )


def unknown(conn: Connection[Any], code: str, seen: Predicate) -> tuple[Any, ...] | None:
    """Read one unknown patient by code."""
    return next(iter(_run(conn, _UNKNOWN, seen, "f.code = %(code)s", code=code, limit=1)), None)


def note_death(conn: Connection[Any], code: str, *, at: datetime, notify_by: datetime) -> None:
    """Note a death; the clock only ever moves earlier."""
    conn.execute("UPDATE unknown_patient SET died_at = %s, notify_by = least(notify_by, %s) WHERE code = %s", (at, notify_by, code))


def note_told(conn: Connection[Any], code: str, *, at: datetime, who: str, how: str) -> bool:
    """Note that the commune was told; False when it was noted before."""
    done = conn.execute(
        "UPDATE unknown_patient SET notified_at = %s, notified_by = %s, notified_how = %s WHERE code = %s AND notified_at IS NULL",
        (at, who, how, code),
    )
    return done.rowcount == 1


def note_identified(conn: Connection[Any], code: str, *, at: datetime, who: str, known: UUID) -> bool:
    """Note who it was; False when it was noted before."""
    done = conn.execute(
        "UPDATE unknown_patient SET identified_at = %s, identified_by = %s, identified_as = %s WHERE code = %s"
        " AND (identified_at IS NULL OR person_now(identified_as) IS DISTINCT FROM person_now(person_id)) AND person_now(person_id) = person_id",
        (at, who, known, code),
    )
    return done.rowcount == 1
