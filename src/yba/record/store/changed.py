"""Statements that give out what changed in the record, row by row as COPY writes it: one snapshot, each row version once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from psycopg import sql

from .write import PARTITIONED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

    Conn = Connection[tuple[Any, ...]]


class Moment(NamedTuple):
    """What is known of the snapshot a transaction reads: its own number, the oldest one under way, when, and in which database."""

    number: int
    oldest: int
    at: datetime
    system: str
    database: int


class Wanted(NamedTuple):
    """Which rows: ``since`` None = all; else those of transactions from ``oldest`` on but for ``seen``, looked for by ``since`` and person."""

    number: int
    since: datetime | None = None
    oldest: int = 0
    seen: Sequence[int] = ()
    people: Sequence[UUID] = ()
    everywhere: bool = False  # do not trust `updated`: look at every row


# Asked before the snapshot is taken: what is under way then has begun by now, or begins later.
_UNDER_WAY: Final = """
SELECT least(now(), (SELECT min(a.xact_start) FROM pg_stat_activity a
                      WHERE a.datname = current_database() AND a.xact_start IS NOT NULL AND a.pid <> pg_backend_pid()))
"""
_MOMENT: Final = """
SELECT pg_current_xact_id()::text::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, now(),
       (SELECT system_identifier::text FROM pg_control_system()), (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
"""


def under_way(conn: Conn) -> datetime:
    """Return when the oldest open transaction began."""
    row = conn.execute(_UNDER_WAY).fetchone()
    assert row is not None  # noqa: S101  one row always
    found: datetime = row[0]
    return found


def moment(conn: Conn) -> Moment:
    """Describe the snapshot of this transaction, which gets a number."""
    row = conn.execute(_MOMENT).fetchone()
    assert row is not None  # noqa: S101  one row always
    return Moment(*row)


def touched(conn: Conn) -> list[tuple[str, UUID]]:
    """Return people some rows of whom changed without a later `updated`, with the transaction that did it."""
    return conn.execute("SELECT transaction::text, person_id FROM record_touched").fetchall()


def forget_touched(conn: Conn, rows: Sequence[tuple[str, UUID]]) -> int:
    """Take such rows away; others of later transactions stay. Returns how many."""
    statement = (
        "DELETE FROM record_touched t USING unnest(%s::xid8[], %s::uuid[]) AS g (transaction, person_id)"
        " WHERE t.transaction = g.transaction AND t.person_id = g.person_id"
    )
    return conn.execute(statement, ([row[0] for row in rows], [row[1] for row in rows])).rowcount


# A transaction's number is 32 bits on the row: counted back from our own, which is younger than all that is seen, it is whole.
_NUMBER: Final = "(%(number)s::bigint - age(r.xmin))"
_FRESH: Final = f"{_NUMBER} >= %(oldest)s::bigint AND {_NUMBER} <> ALL (%(seen)s::bigint[])"
_FOUND: Final = "(r.updated >= %(since)s OR r.person_id = ANY (%(people)s::uuid[]))"


def _where(wanted: Wanted) -> tuple[sql.Composable, dict[str, Any]]:
    given: dict[str, Any] = {"number": wanted.number}
    if wanted.since is None:
        return sql.SQL("true"), given
    given |= {"oldest": wanted.oldest, "seen": list(wanted.seen)}
    if wanted.everywhere:
        return sql.SQL(_FRESH), given
    given |= {"since": wanted.since, "people": list(wanted.people)}
    return sql.SQL(f"{_FOUND} AND {_FRESH}"), given  # our own constants


_TYPES: Final = "SELECT DISTINCT r.rtype FROM resource r WHERE r.rtype <> ALL (%(known)s) AND r.version > 0 AND {seen}"


def types(conn: Conn, seen: Predicate) -> list[str]:
    """Return every type that may have rows: those with a partition, and those found in the one for all others."""
    rows = conn.execute(sql.SQL(_TYPES).format(seen=seen.sql), {"known": sorted(PARTITIONED), **seen.params})
    return sorted({*PARTITIONED, *(row[0] for row in rows)})


_COUNT: Final = (
    "SELECT r.rtype, r.labels IS NOT NULL, count(*) FROM resource r WHERE r.version > 0 AND {where} AND {seen} GROUP BY 1, 2 ORDER BY 1, 2"
)


def count(conn: Conn, seen: Predicate, wanted: Wanted) -> list[tuple[str, bool, int]]:
    """Count by type and by whether a restricted category is on the row."""
    where, given = _where(wanted)
    return conn.execute(sql.SQL(_COUNT).format(where=where, seen=seen.sql), {**given, **seen.params}).fetchall()


_WAITING: Final = "SELECT min(r.updated) FROM resource r WHERE r.version > 0 AND {where} AND {seen}"


def waiting(conn: Conn, seen: Predicate, wanted: Wanted) -> datetime | None:
    """Return the oldest `updated` among such rows."""
    where, given = _where(wanted)
    row = conn.execute(sql.SQL(_WAITING).format(where=where, seen=seen.sql), {**given, **seen.params}).fetchone()
    return row[0] if row else None


def estimate(conn: Conn) -> int:
    """Say about how many rows there are (the planner's figure)."""
    row = conn.execute(
        "SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'resource'::regclass"
    ).fetchone()
    return int(row[0]) if row else 0


# The order of yba.record.changed.COLUMNS. JSON holds no control characters, so a quote of the byte 1 leaves documents as they are.
_COPY: Final = """
COPY (SELECT r.person_id, r.id, r.given_id, r.version, {number}, r.updated, r.deleted, r.facility_id, r.source_id, to_json(r.labels), r.mapped_by,
             r.start_at, r.end_at, r.doc
        FROM resource r WHERE r.rtype = {rtype} AND r.version > 0 AND r.labels IS {labelled} AND {where} AND {seen})
TO STDOUT (FORMAT csv, DELIMITER E'\\x1f', QUOTE E'\\x01', ESCAPE E'\\x01', NULL '', ENCODING 'UTF8')
"""


def copy(conn: Conn, seen: Predicate, wanted: Wanted, *, rtype: str, labelled: bool) -> Iterator[bytes]:
    """Give out the rows of one type as lines of CSV, as they come from the server."""
    where, given = _where(wanted)
    null = sql.SQL("NOT NULL" if labelled else "NULL")
    statement = sql.SQL(_COPY).format(number=sql.SQL(_NUMBER), rtype=sql.Literal(rtype), labelled=null, where=where, seen=seen.sql)
    with conn.cursor() as cursor, cursor.copy(statement, {**given, **seen.params}) as lines:
        yield from lines  # type: ignore[misc]  # bytes or memoryview, both written as they are
