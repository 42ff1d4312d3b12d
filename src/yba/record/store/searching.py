"""Statements of searches: candidates by what is indexed, references, people; each under the predicate of the right it is searched under."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from psycopg import sql

from yba.fhir import parameters
from yba.kit.prepared import Ask
from yba.record.lines import array, columns_of, locator_key

from .read import _STORED as STORED
from .read import _stored as as_stored
from .write import PARTITIONED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.audit import Noting
    from yba.kit.reach import Predicate
    from yba.record.model import Ref, StoredResource

    Conn = Connection[tuple[Any, ...]]


class Whom(NamedTuple):
    """Whose Patient an id is: the person, all Patients of that person, and whether anything stands in the record from elsewhere."""

    id: str
    person_id: UUID
    patients: list[str]
    shared: bool


_WHOM: Final = """
SELECT n.id, l.person_id,
       ARRAY(SELECT coalesce(r.given_id, r.id::text) FROM resource r WHERE r.rtype = 'Patient' AND r.person_id = l.person_id),
       EXISTS (SELECT FROM secondary s WHERE s.person_id = l.person_id)
  FROM unnest(%(keys)s::uuid[], %(ids)s::text[]) AS n (key, id) JOIN locator l ON l.key = n.key
"""


def whom(conn: Conn, ids: Sequence[str]) -> list[Whom]:
    """Say whose Patients ids are; those out of reach are not there. Ids only: nothing of a document leaves."""
    if not ids:
        return []
    given = {"keys": _literal(locator_key("Patient", id_) for id_ in ids), "ids": list(ids)}
    return [Whom(*row) for row in conn.execute(_WHOM, given, prepare=True)]


_CANDIDATES: Final = """
SELECT {stored}{besides} FROM resource_seen WHERE rtype = {rtype} AND NOT deleted AND {seen}{more} ORDER BY {order} LIMIT %(limit)s
"""
_COUNT: Final = "SELECT count(*) FROM resource_seen WHERE rtype = {rtype} AND NOT deleted AND {seen}{more}"
_NOTED: Final = "WITH found AS MATERIALIZED (" + _CANDIDATES + "), noted AS ({noted}) SELECT * FROM found"  # noqa: S608  our own
# What the statement itself sees, and a moment after it: asked once, however many rows come.
_BESIDES: Final = ", (SELECT pg_current_snapshot()::text) AS snap, (SELECT clock_timestamp()) AS moment"
_TOTAL: Final = ", ({count}) AS total"
_MASKED: Final = ", ({masked}) AS masked"
_COLUMNS: Final = 13  # of STORED


class Cut(NamedTuple):
    """Rows in their order, what the statement that read them saw (None where no row came), how many there are, whether anything is masked.

    The last two where they were asked; without a row nobody knows what is masked.
    """

    rows: list[StoredResource]
    snapshot: tuple[str, datetime] | None
    total: int
    masked: bool | None


def candidates(
    conn: Conn, seen: Predicate, rtype: str, conditions: Sequence[str], given: Mapping[str, Any], *, order: str, limit: int,
    total: bool = False, masked: str = "",
) -> Cut:  # fmt: skip
    """Return living resources of a type that meet conditions (our own texts with named parameters), in an order, at most so many."""
    statement = seen.into(_CANDIDATES, **_parts(seen, rtype, conditions, order, total=total, masked=masked))
    return _cut(conn.execute(statement, {**given, **seen.params, "limit": limit}).fetchall(), total=total, masked=bool(masked))


def to_find(
    seen: Predicate, rtype: str, conditions: Sequence[str], given: Mapping[str, Any], *, order: str, limit: int, total: bool, noting: Noting
) -> Ask:  # fmt: skip
    """Return the statement of `candidates`, noted by itself, for a message of its own (`kit.db.one_read`); values are written as literals."""
    statement = seen.into(_NOTED, noted=noting.text, **_parts(seen, rtype, conditions, order, total=total))
    values = {name: array(map(str, value)) if isinstance(value, list) else value for name, value in given.items()}
    return Ask(statement, {**values, **seen.params, **noting.params, "limit": limit})


def found(rows: Sequence[tuple[Any, ...]], *, total: bool) -> Cut:
    """Return what the statement of `to_find` found."""
    return _cut(rows, total=total)


def _parts(seen: Predicate, rtype: str, conditions: Sequence[str], order: str, *, total: bool, masked: str = "") -> dict[str, str]:
    kind, more = _quoted(rtype), "".join(f" AND {one}" for one in conditions)
    counted = _TOTAL.format(count=_COUNT.format(rtype=kind, seen=seen.text, more=more)) if total else ""
    hidden = _MASKED.format(masked=masked) if masked else ""
    return {"stored": STORED, "besides": _BESIDES + counted + hidden, "rtype": kind, "more": more, "order": order}


def _cut(rows: Sequence[tuple[Any, ...]], *, total: bool, masked: bool = False) -> Cut:
    if not rows:
        return Cut([], None, 0, None)
    first = rows[0]
    stored = [as_stored(row[:_COLUMNS]) for row in rows]
    return Cut(stored, (first[_COLUMNS], first[_COLUMNS + 1]), first[_COLUMNS + 2] if total else 0, first[-1] if masked else None)


@lru_cache(maxsize=1024)
def _quoted(rtype: str) -> str:
    return sql.Literal(rtype).as_string(None)


def count(conn: Conn, seen: Predicate, rtype: str, conditions: Sequence[str], given: Mapping[str, Any]) -> int:
    """Count what `candidates` would return."""
    statement = seen.into(_COUNT, rtype=_quoted(rtype), more="".join(f" AND {one}" for one in conditions))
    row = conn.execute(statement, {**given, **seen.params}).fetchone()
    return int(row[0]) if row else 0


_SHARED: Final = "SELECT rtype, id, person_id FROM secondary WHERE person_id = ANY (%s::uuid[]) AND rtype = %s"


def shared(conn: Conn, people: Sequence[UUID], rtype: str) -> dict[Ref, UUID]:
    """Say which resources of a type stand in people's records from elsewhere."""
    return {(kind, id_): person for kind, id_, person in conn.execute(_SHARED, (list(people), rtype))}


_BY_REF: Final = """
SELECT {stored} FROM (
    SELECT r.rtype, r.id, r.given_id, r.person_id, r.version, r.updated, r.start_at, r.end_at, r.facility_id, r.source_id, r.labels, r.mapped_by,
           r.deleted, r.doc
      FROM unnest(%(keys_{nth})s::uuid[], %(ids_{nth})s::uuid[]) AS n (key, id)
     CROSS JOIN LATERAL (SELECT person_id FROM locator l WHERE l.key = n.key OFFSET 0) l
      JOIN resource_seen r ON r.rtype = {rtype} AND r.person_id = l.person_id AND r.id = n.id AND NOT r.deleted
) AS found WHERE {seen}
"""


def by_refs(conn: Conn, seen: Predicate, refs: Iterable[Ref]) -> list[StoredResource]:
    """Return the living resources of these ids that may be seen, by type: one statement, in which each type has its part."""
    asked: dict[str, list[str]] = {}
    for rtype, id_ in refs:
        if rtype.isalpha() and rtype.isascii():  # of a document's own words: no other is a type
            asked.setdefault(rtype, []).append(id_)
    if not asked:
        return []
    statement, given = list[bytes](), dict[str, Any](seen.params)
    for nth, (rtype, ids) in enumerate(sorted(asked.items())):
        statement.append(seen.into(_BY_REF, stored=STORED, rtype=_quoted(rtype), nth=str(nth)))
        given[f"keys_{nth}"] = _literal(locator_key(rtype, id_) for id_ in ids)
        given[f"ids_{nth}"] = _literal(columns_of(id_)[0] for id_ in ids)
    return [as_stored(row) for row in conn.execute(b" UNION ALL ".join(statement), given)]


# What stands in a person's record is read as that person's: as `read.of_person` does.
_AS_OF_PERSON: Final = """
SELECT {stored} FROM (
    SELECT r.rtype, r.id, r.given_id, n.person_id, r.version, r.updated, r.start_at, r.end_at, r.facility_id, r.source_id, r.labels, r.mapped_by,
           r.deleted, r.doc
      FROM unnest(%(keys)s::uuid[], %(ids)s::uuid[], %(persons)s::uuid[]) AS n (key, id, person_id)
     CROSS JOIN LATERAL (SELECT person_id FROM locator l WHERE l.key = n.key OFFSET 0) l
      JOIN resource r ON r.rtype = {rtype} AND r.person_id = l.person_id AND r.id = n.id AND NOT r.deleted
) AS found WHERE {seen}
"""


def of_others(conn: Conn, seen: Predicate, rtype: str, places: Mapping[Ref, UUID]) -> list[StoredResource]:
    """Return resources at home elsewhere as rows of the people in whose records they stand."""
    if not places:
        return []
    statement = seen.into(_AS_OF_PERSON, stored=STORED, rtype=_quoted(rtype))
    given = {
        "keys": _literal(locator_key(*ref) for ref in places), "ids": _literal(columns_of(id_)[0] for _, id_ in places),
        "persons": _literal(places.values()),
    }  # fmt: skip
    return [as_stored(row) for row in conn.execute(statement, {**given, **seen.params})]


_TEXTS: Final = (
    "SELECT DISTINCT person_id FROM search_text_seen WHERE rtype = %(rtype)s AND param = ANY(%(params)s::text[]) AND ({ranges}) LIMIT %(limit)s"
)
_RANGES: Final = "SELECT DISTINCT person_id FROM search_range_seen WHERE rtype = %(rtype)s AND param = %(param)s AND ({ranges}) LIMIT %(limit)s"
_LAST: Final = "\U0010ffff"


def people_by_text(conn: Conn, rtype: str, param: str, beginnings: Sequence[str], limit: int) -> list[UUID] | None:
    """Say whose resources begin a text of a parameter with one of these; None: more than so many people."""
    ranges = sql.SQL(" OR ").join(sql.SQL(f"(value >= %(from{n})s AND value < %(to{n})s)") for n in range(len(beginnings)))
    given: dict[str, Any] = {"rtype": rtype, "params": [param, *parameters.within().get(param, ())], "limit": limit + 1}
    for n, text in enumerate(beginnings):
        given |= {f"from{n}": text, f"to{n}": text + _LAST}
    rows = conn.execute(sql.SQL(_TEXTS).format(ranges=ranges), given).fetchall()
    return [row[0] for row in rows] if len(rows) <= limit else None


def people_by_range(conn: Conn, rtype: str, param: str, ranges: Sequence[tuple[float, float]], limit: int) -> list[UUID] | None:
    """Say whose resources have a range of a parameter that touches one of these; None: more than so many people."""
    text = sql.SQL(" OR ").join(sql.SQL(f"(low <= %(to{n})s AND high >= %(from{n})s)") for n in range(len(ranges)))
    given: dict[str, Any] = {"rtype": rtype, "param": param, "limit": limit + 1}
    for n, (low, high) in enumerate(ranges):
        given |= {f"from{n}": low, f"to{n}": high}
    rows = conn.execute(sql.SQL(_RANGES).format(ranges=text), given).fetchall()
    return [row[0] for row in rows] if len(rows) <= limit else None


def snapshot(conn: Conn) -> tuple[str, datetime]:
    """Return which transactions are seen now, and the moment."""
    row = conn.execute("SELECT pg_current_snapshot()::text, clock_timestamp()").fetchone()
    assert row is not None  # noqa: S101  an aggregate of nothing
    return row[0], row[1]


# A row of the history was superseded by the transaction that wrote it there; the oldest that the snapshot does not see is what stood then.
_STOOD: Final = """
SELECT {stored} FROM (
    SELECT DISTINCT ON (h.id) h.rtype, h.id, h.given_id, r.person_id, h.version, h.updated, h.start_at, h.end_at, h.facility_id, h.source_id,
           r.labels, h.mapped_by, h.deleted, h.doc
      FROM (SELECT * FROM resource_seen WHERE rtype = {rtype} AND updated > %(floor)s AND {seen}{more}) AS r
      JOIN resource_history h ON h.rtype = {rtype} AND h.id = r.id
     WHERE NOT pg_visible_in_snapshot(
           (((pg_snapshot_xmax(%(snapshot)s::pg_snapshot)::text::bigint >> 32) << 32) | h.xmin::text::bigint)::text::xid8, %(snapshot)s::pg_snapshot)
     ORDER BY h.id, h.version
) AS stood LIMIT %(limit)s
"""


def stood(conn: Conn, seen: Predicate, rtype: str, people: Sequence[UUID] | None, *, snap: str, floor: datetime, limit: int) -> list[StoredResource]:
    """Return of resources that changed since a snapshot the version that stood then, tombstones too; seen by who may see them as they are now."""
    given: dict[str, Any] = {"snapshot": snap, "floor": floor, "limit": limit, **seen.params}
    if people is not None:
        given["people"] = list(people)
    more = " AND person_id = ANY (%(people)s::uuid[])" if people is not None else ""
    statement = seen.into(_STOOD, stored=STORED, rtype=_quoted(rtype), more=more)
    return [as_stored(row) for row in conn.execute(statement, given)]


def types(conn: Conn) -> list[str]:
    """Name the types that are stored: those with a partition of their own, and what the common one holds."""
    rows = conn.execute("SELECT DISTINCT rtype FROM resource WHERE rtype <> ALL (%s::text[])", (sorted(PARTITIONED),))
    return sorted(PARTITIONED.union(row[0] for row in rows))


def _literal(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"
