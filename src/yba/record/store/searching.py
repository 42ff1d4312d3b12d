"""Statements of searches: candidates by what is indexed, references, people; each under the predicate of the right it is searched under."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from psycopg import sql

from yba.kit.prepared import Ask
from yba.record.lines import array, bare_array, columns_of, literals, locator_key

from .read import _STORED as STORED
from .read import Run
from .read import _stored as as_stored
from .write import PARTITIONED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from yba.audit import Noting
    from yba.kit.reach import Predicate
    from yba.record.model import Ref, StoredResource


class Whom(NamedTuple):
    """Whose Patient an id is: the person, all Patients of that person, and whether anything stands in the record from elsewhere."""

    id: str
    person_id: UUID
    patients: list[str]
    shared: bool


PATIENTS: Final = """ARRAY(SELECT coalesce(r.given_id, r.id::text) FROM resource r WHERE r.rtype = 'Patient' AND r.person_id = l.person_id)"""
ELSEWHERE: Final = "EXISTS (SELECT FROM secondary s WHERE s.person_id = l.person_id)"
_WHOM: Final = f"""
SELECT n.id, l.person_id, {PATIENTS}, {ELSEWHERE}
  FROM unnest(%(keys)s::uuid[], %(ids)s::text[]) AS n (key, id) JOIN locator l ON l.key = n.key
""".encode()  # noqa: S608  our own


def whom(run: Run, ids: Sequence[str]) -> list[Whom]:
    """Say whose Patients ids are; those out of reach are not there. Ids only: nothing of a document leaves."""
    if not ids:
        return []
    given = {"keys": bare_array(locator_key("Patient", id_) for id_ in ids), "ids": array(ids)}
    return [Whom(*row) for row in run(Ask(_WHOM, given))]


_CANDIDATES: Final = """
SELECT {stored}{besides} FROM resource_seen WHERE rtype = {rtype} AND NOT deleted AND {seen}{more} ORDER BY {order} LIMIT %(limit)s
"""
_COUNT: Final = "SELECT count(*) FROM resource_seen WHERE rtype = {rtype} AND NOT deleted AND {seen}{more}"
_NOTED: Final = "WITH found AS MATERIALIZED (" + _CANDIDATES + "), noted AS ({noted}) SELECT * FROM found{sound}"  # noqa: S608  our own
_SOUND: Final = """ WHERE 1 = (SELECT 1 / (CASE WHEN EXISTS (
    SELECT FROM found WHERE strpos(doc, '"contained":') > 0 OR ({lacking})) THEN 0 ELSE 1 END))"""
# What the statement itself sees, and a moment after it: asked once, however many rows come.
_BESIDES: Final = ", (SELECT pg_current_snapshot()::text) AS snap, (SELECT clock_timestamp()) AS moment"
_TOTAL: Final = ", ({count}) AS total"
# Where no row of a machine's reach is labelled, nothing is masked; elsewhere the rows are asked.
LABELLED: Final = "EXISTS (SELECT FROM labelled_person WHERE person_id = %(labelled)s::uuid)"
_LABELLED: Final = f", (SELECT {LABELLED}) AS labelled"
_COLUMNS: Final = 13  # of STORED


class Cut(NamedTuple):
    """Rows in their order, what the statement that read them saw (None where no row came), how many there are, whether anything is labelled.

    The last two where they were asked; without a row nobody knows what is labelled.
    """

    rows: list[StoredResource]
    snapshot: tuple[str, datetime] | None
    total: int
    labelled: bool | None


class Besides(NamedTuple):
    """What a statement says beside its rows: how many there are, whether anything of a person was ever labelled.

    ``noting``: it writes its row of the trail itself, unless a document has for sure none of the elements ``sure``, or holds others that could
    have: then it raises division_by_zero, as the proof of `kit.db.one_read` does.
    """

    total: bool = False
    labelled: UUID | None = None
    noting: Noting | None = None
    sure: tuple[str, ...] = ()
    few: bool = False  # whatever the values are, few rows meet them: planned once for all (`kit.prepared`)


ROWS_ALONE: Final = Besides()


def candidates(
    run: Run, seen: Predicate, rtype: str, conditions: Sequence[str], given: Mapping[str, Any], *, order: str, limit: int,
    besides: Besides = ROWS_ALONE,
) -> Cut:  # fmt: skip
    """Return living resources of a type that meet conditions (our own texts with named parameters), in an order, at most so many."""
    parts = _parts(seen, rtype, conditions, order, besides)
    values = {**given, **seen.params, "limit": limit, "labelled": besides.labelled}
    if besides.noting is None:
        statement = seen.into(_CANDIDATES, **parts)
    else:
        lacking = " AND ".join(f"strpos(doc, '\"{name}\":') = 0" for name in besides.sure)
        sound = _SOUND.format(lacking=lacking) if lacking else ""
        statement = seen.into(_NOTED, noted=besides.noting.text, sound=sound, **parts)
        values |= besides.noting.params
    return _cut(run(Ask(statement, literals(values), kept=besides.few)), total=besides.total, labelled=besides.labelled is not None)


def _parts(seen: Predicate, rtype: str, conditions: Sequence[str], order: str, besides: Besides) -> dict[str, str]:
    kind, more = quoted(rtype), "".join(f" AND {one}" for one in conditions)
    counted = _TOTAL.format(count=_COUNT.format(rtype=kind, seen=seen.text, more=more)) if besides.total else ""
    hidden = _LABELLED if besides.labelled else ""
    return {"stored": STORED, "besides": _BESIDES + counted + hidden, "rtype": kind, "more": more, "order": order}


def _cut(rows: Sequence[tuple[Any, ...]], *, total: bool, labelled: bool) -> Cut:
    if not rows:
        return Cut([], None, 0, None)
    first = rows[0]
    stored = [as_stored(row[:_COLUMNS]) for row in rows]
    return Cut(stored, (first[_COLUMNS], first[_COLUMNS + 1]), first[_COLUMNS + 2] if total else 0, first[-1] if labelled else None)


@lru_cache(maxsize=1024)
def quoted(rtype: str) -> str:
    """Write a name of ours as a literal."""
    return sql.Literal(rtype).as_string(None)


def count(run: Run, seen: Predicate, rtype: str, conditions: Sequence[str], given: Mapping[str, Any]) -> int:
    """Count what `candidates` would return."""
    statement = seen.into(_COUNT, rtype=quoted(rtype), more="".join(f" AND {one}" for one in conditions))
    return int(run(Ask(statement, literals({**given, **seen.params})))[0][0])


def says(run: Run, seen: Predicate, expression: str) -> bool:
    """Return what an expression under a predicate says (`access.masked_within`)."""
    return bool(run(Ask(b"SELECT " + expression.encode(), literals(seen.params)))[0][0])


_SHARED: Final = b"SELECT rtype, id, person_id FROM secondary WHERE person_id = ANY (%(people)s::uuid[]) AND rtype = %(rtype)s"


def shared(run: Run, people: Sequence[UUID], rtype: str) -> dict[Ref, UUID]:
    """Say which resources of a type stand in people's records from elsewhere."""
    return {(kind, id_): person for kind, id_, person in run(Ask(_SHARED, {"people": bare_array(people), "rtype": rtype}))}


_BY_REF: Final = """
SELECT {stored} FROM (
    SELECT r.rtype, r.id, r.given_id, r.person_id, r.version, r.updated, r.start_at, r.end_at, r.facility_id, r.source_id, r.labels, r.mapped_by,
           r.deleted, r.doc
      FROM unnest(%(keys_{nth})s::uuid[], %(ids_{nth})s::uuid[]) AS n (key, id)
     CROSS JOIN LATERAL (SELECT person_id FROM locator l WHERE l.key = n.key OFFSET 0) l
      JOIN resource_seen r ON r.rtype = {rtype} AND r.person_id = l.person_id AND r.id = n.id AND NOT r.deleted{home}
) AS found WHERE {seen}
"""
_HOME: Final = " AND l.person_id = %(home)s::uuid"


def by_refs(run: Run, seen: Predicate, refs: Iterable[Ref], *, home: UUID | None = None) -> list[StoredResource]:
    """Return the living resources of these ids that may be seen, by type: one statement, in which each type has its part; ``home``: of one person."""
    return along(run, seen, refs, (), limit=0, home=home)


class Referring(NamedTuple):
    """Resources of a type that carry one of the tokens (without: that stand in the record of one of the people); ``few``: of a person or two."""

    rtype: str
    tokens: tuple[int, ...]
    people: tuple[UUID, ...]
    few: bool


_REFERRING: Final = """
(SELECT {stored} FROM resource_seen WHERE rtype = {rtype} AND NOT deleted AND {seen} AND {met} ORDER BY ROW(person_id, id) LIMIT %(limit)s)
"""


def along(
    run: Run, seen: Predicate, refs: Iterable[Ref], referring: Sequence[Referring], *, limit: int, home: UUID | None = None
) -> list[StoredResource]:
    """Return the living resources of ids and those that refer to something, so many of each kind at most; one statement, one part a kind."""
    named: dict[str, list[str]] = {}
    for rtype, id_ in refs:
        if rtype.isalpha() and rtype.isascii():  # of a document's own words: no other is a type
            named.setdefault(rtype, []).append(id_)
    if not named and not referring:
        return []
    statement, given = list[bytes](), dict[str, Any]({**seen.params, "limit": limit, "home": home})
    for nth, (rtype, ids) in enumerate(sorted(named.items())):
        statement.append(seen.into(_BY_REF, stored=STORED, rtype=quoted(rtype), nth=str(nth), home=_HOME if home else ""))
        given[f"keys_{nth}"] = bare_array(locator_key(rtype, id_) for id_ in ids)
        given[f"ids_{nth}"] = bare_array(columns_of(id_)[0] for id_ in ids)
    for nth, one in enumerate(referring):
        carries = f"tokens {'@>' if len(one.tokens) == 1 else '&&'} %(tokens_{nth})s::bigint[]"
        met = carries if one.tokens else f"person_id = ANY (%(people_{nth})s::uuid[])"
        statement.append(seen.into(_REFERRING, stored=STORED, rtype=quoted(one.rtype), met=met))
        given |= {f"tokens_{nth}": list(one.tokens), f"people_{nth}": list(one.people)}
    rows = run(Ask(b" UNION ALL ".join(statement), literals(given), kept=all(one.few for one in referring)))
    return [as_stored(row) for row in rows]


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


def of_others(run: Run, seen: Predicate, rtype: str, places: Mapping[Ref, UUID]) -> list[StoredResource]:
    """Return resources at home elsewhere as rows of the people in whose records they stand."""
    if not places:
        return []
    statement = seen.into(_AS_OF_PERSON, stored=STORED, rtype=quoted(rtype))
    given = {
        "keys": bare_array(locator_key(*ref) for ref in places), "ids": bare_array(columns_of(id_)[0] for _, id_ in places),
        "persons": bare_array(places.values()),
    }  # fmt: skip
    return [as_stored(row) for row in run(Ask(statement, literals({**given, **seen.params})))]


def snapshot(run: Run) -> tuple[str, datetime]:
    """Return which transactions are seen now, and the moment."""
    seen, moment = run(Ask(b"SELECT pg_current_snapshot()::text, clock_timestamp()", {}))[0]
    return seen, moment


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


def stood(run: Run, seen: Predicate, rtype: str, people: Sequence[UUID] | None, *, snap: str, floor: datetime, limit: int) -> list[StoredResource]:
    """Return of resources that changed since a snapshot the version that stood then, tombstones too; seen by who may see them as they are now."""
    given: dict[str, Any] = {"snapshot": snap, "floor": floor, "limit": limit, **seen.params}
    if people is not None:
        given["people"] = list(people)
    more = " AND person_id = ANY (%(people)s::uuid[])" if people is not None else ""
    statement = seen.into(_STOOD, stored=STORED, rtype=quoted(rtype), more=more)
    return [as_stored(row) for row in run(Ask(statement, literals(given)))]


def types(run: Run) -> list[str]:
    """Name the types that are stored: those with a partition of their own, and what the common one holds."""
    rows = run(Ask(b"SELECT DISTINCT rtype FROM resource WHERE rtype <> ALL (%(own)s::text[])", {"own": array(sorted(PARTITIONED))}))
    return sorted(PARTITIONED.union(row[0] for row in rows))
