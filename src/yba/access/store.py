"""The SQL of access; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from yba.kit.few_rows import add_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

    from .emergency import Emergency
    from .relations import Relation

Rows = list[tuple[Any, ...]]

# A relation of one of the units, of one of the kinds, in force or ended no earlier than `since`. The row's own person makes it an index
# probe a row; a person given as a parameter makes it one probe a statement. Its columns are renamed: a plain `person_id` of the calling
# statement must mean the row there, never the relation's own, which would be true of everybody.
RELATED: Final = sql.SQL(
    "EXISTS (SELECT FROM (SELECT person_id AS tie_person, unit AS tie_unit, kind AS tie_kind, start_at AS tie_start, end_at AS tie_end"
    " FROM relation WHERE void_at IS NULL) AS tie WHERE tie_person = {whom} AND tie_unit = ANY ({units}) AND tie_kind = ANY ({kinds})"
    " AND tie_start <= {now} AND (tie_end IS NULL OR tie_end >= {since}))"
)
# The same asked of one row by a function of the owner (migration 0004): a sub-select is set up, with the policy of relation, reached or not.
TIED: Final = sql.SQL("is_tied({whom}, {units}, {kinds}, {now}, {since})")

_COLUMNS: Final = ("start_at", "end_at", "person_id", "source_id", "unit", "kind", "ground_type", "ground_id")
_TYPES: Final = ("timestamptz", "timestamptz", "uuid", "uuid", "text", "text", "text", "text")
_PUT: Final = """
INSERT INTO relation (start_at, end_at, person_id, source_id, unit, kind, ground_type, ground_id)
SELECT DISTINCT ON (g.person_id, g.unit, g.kind, g.source_id) g.*
  FROM unnest(%s::timestamptz[], %s::timestamptz[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
       AS g (start_at, end_at, person_id, source_id, unit, kind, ground_type, ground_id)
 ORDER BY g.person_id, g.unit, g.kind, g.source_id
ON CONFLICT (person_id, unit, kind, source_id) DO UPDATE
   SET start_at = excluded.start_at, end_at = excluded.end_at, ground_type = excluded.ground_type, ground_id = excluded.ground_id,
       void_at = NULL, void_reason = NULL
"""
_EMERGENCY: Final = sql.SQL(
    "id, person_id, account, who, role, facility, ground, reason, opened_at, ends_at, review_by, state, reviewed_at, reviewed_by, words"
)


def is_related(conn: Connection[Any], person: UUID, units: Sequence[str], since: datetime | None) -> bool:
    """Whether one of these units is related to a person, or was until ``since``."""
    row = conn.execute("SELECT is_related(%s, %s, %s)", (person, list(units), since)).fetchone()
    return bool(row and row[0])


def exists(conn: Connection[Any], table: str, alias: str, condition: sql.Composable, params: dict[str, Any]) -> bool:
    """Whether a table has a row under a condition."""
    query = sql.SQL("SELECT EXISTS (SELECT FROM {} AS {} WHERE {})").format(sql.Identifier(table), sql.Identifier(alias), condition)
    row = conn.execute(query, params).fetchone()
    return bool(row and row[0])


def copy_relations(conn: Connection[Any], rows: Sequence[tuple[Any, ...]]) -> int:
    """COPY relations of new sources into the partition; rows in the order of the columns."""
    return add_rows(conn, "relation_all", _COLUMNS, rows, types=_TYPES)


def put_relations(conn: Connection[Any], rows: Sequence[tuple[Any, ...]]) -> int:
    """Write relations over those that are there; two of one key in a call are one."""
    return conn.execute(_PUT, [list(column) for column in zip(*rows, strict=True)]).rowcount


def end_relations(conn: Connection[Any], sources: list[UUID], at: datetime) -> int:
    """End the living relations of sources."""
    return conn.execute(
        "UPDATE relation SET end_at = greatest(start_at, %(at)s) WHERE source_id = ANY (%(sources)s) AND void_at IS NULL"
        " AND (end_at IS NULL OR end_at > %(at)s)",
        {"sources": sources, "at": at},
    ).rowcount


def void_relations(conn: Connection[Any], sources: list[UUID], reason: str) -> int:
    """Take relations of sources back."""
    return conn.execute(
        "UPDATE relation SET void_at = clock_timestamp(), void_reason = %s WHERE source_id = ANY (%s) AND void_at IS NULL", (reason, sources)
    ).rowcount


def relations_of(conn: Connection[Any], person: UUID, seen: Predicate) -> Rows:
    """Read a person's relations, newest first."""
    query = sql.SQL(
        "SELECT start_at, end_at, person_id, source_id, unit, kind, ground_type, ground_id FROM relation"
        " WHERE person_id = %(whom)s AND void_at IS NULL AND {} ORDER BY start_at DESC, unit, kind"
    )
    return conn.execute(query.format(seen.sql), {"whom": person, **seen.params}).fetchall()


def ties(conn: Connection[Any], person: UUID, units: Sequence[str]) -> Rows:
    """Read (unit, kind, start, end) of a person's living relations to some units."""
    query = "SELECT unit, kind, start_at, end_at FROM relation WHERE person_id = %s AND unit = ANY (%s) AND void_at IS NULL ORDER BY start_at DESC"
    return conn.execute(query, (person, list(units))).fetchall()


def reaches(conn: Connection[Any], person: UUID, seen: Predicate) -> bool:
    """Whether the condition holds for a person."""
    query = sql.SQL("SELECT EXISTS (SELECT FROM (VALUES (%(whom)s::uuid)) AS asked (person_id) WHERE {})")
    row = conn.execute(query.format(seen.sql), {"whom": person, **seen.params}).fetchone()
    return bool(row and row[0])


def open_emergency(conn: Connection[Any], made: Emergency, relation: Relation) -> None:
    """Write an emergency access and the relation that opens the record."""
    conn.execute(
        "INSERT INTO emergency (id, person_id, account, who, role, facility, ground, reason, opened_at, ends_at, review_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            made.id, made.person_id, made.account, made.who, made.role, made.facility, made.ground, made.reason,
            made.opened_at, made.ends_at, made.review_by,
        ),
    )  # fmt: skip
    conn.execute(
        "INSERT INTO relation (start_at, end_at, person_id, source_id, unit, kind, ground_type, ground_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            relation.start, relation.end, relation.person_id, made.id, f"{relation.unit_kind}:{relation.unit}", relation.kind.value,
            relation.ground_type, relation.ground_id,
        ),
    )  # fmt: skip


def add_notice(conn: Connection[Any], row: tuple[Any, ...]) -> None:
    """Tell a person something."""
    conn.execute(
        "INSERT INTO notice (id, person_id, at, kind, emergency_id, role, facility, ground, ends_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        row,
    )


def emergencies(conn: Connection[Any], state: str | None, limit: int, seen: Predicate) -> Rows:
    """Read emergency accesses, the one whose review is due first at the top."""
    query = sql.SQL("SELECT {} FROM emergency WHERE (%(state)s::text IS NULL OR state = %(state)s) AND {} ORDER BY review_by, id LIMIT %(limit)s")
    return conn.execute(query.format(_EMERGENCY, seen.sql), {"state": state, "limit": limit, **seen.params}).fetchall()


def emergency(conn: Connection[Any], id_: UUID, seen: Predicate) -> Rows:
    """Read and hold one emergency access."""
    query = sql.SQL("SELECT {} FROM emergency WHERE id = %(id)s AND {} FOR UPDATE")
    return conn.execute(query.format(_EMERGENCY, seen.sql), {"id": id_, **seen.params}).fetchall()


def emergency_counts(conn: Connection[Any], since: datetime, until: datetime, seen: Predicate) -> Rows:
    """Count by facility and state."""
    query = sql.SQL(
        "SELECT facility, state, count(*) FROM emergency WHERE opened_at >= %(since)s AND opened_at < %(until)s AND {}"
        " GROUP BY facility, state ORDER BY facility, state"
    )
    return conn.execute(query.format(seen.sql), {"since": since, "until": until, **seen.params}).fetchall()


def close_emergency(conn: Connection[Any], id_: UUID, state: str, at: datetime, who: str, words: str) -> None:
    """Write what the review said."""
    conn.execute("UPDATE emergency SET state = %s, reviewed_at = %s, reviewed_by = %s, words = %s WHERE id = %s", (state, at, who, words, id_))


def notices(conn: Connection[Any], person: UUID, seen: Predicate) -> Rows:
    """Read what a person was told, newest first."""
    query = sql.SQL(
        "SELECT id, person_id, at, kind, emergency_id, role, facility, ground, ends_at FROM notice"
        " WHERE person_id = %(whom)s AND {} ORDER BY at DESC, id"
    )
    return conn.execute(query.format(seen.sql), {"whom": person, **seen.params}).fetchall()
