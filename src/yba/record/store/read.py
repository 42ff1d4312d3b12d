"""Statements that read the record: each carries the predicate of the right it is read under, and the policies of the tables say it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, LiteralString

from yba.kit.db import run
from yba.kit.prepared import Ask
from yba.record.lines import columns_of, literals, locator_key, whole
from yba.record.model import FacilityData, Ref, StoredResource

from .write import PARTITIONED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.audit import Noting
    from yba.kit.reach import Predicate

    Conn = Connection[tuple[Any, ...]]

Run = Callable[[Ask], list[tuple[Any, ...]]]  # runs a prepared statement: in a unit of work, or as a message of its own
_ID: Final = "coalesce(given_id, id::text) AS ident"
_STORED: Final = f"rtype, {_ID}, person_id, version, updated, start_at, end_at, facility_id, source_id, labels, mapped_by, deleted, doc::text"


def _read(conn: Conn, seen: Predicate, statement: LiteralString, given: Mapping[str, object], **parts: str) -> list[StoredResource]:
    query = seen.into(statement, stored=_STORED, **parts)  # our own constants below
    return [_stored(row) for row in conn.execute(query, {**given, **seen.params})]


def _stored(row: tuple[Any, ...]) -> StoredResource:
    rtype, id_, person, version, updated, start, end, facility, source, labels, mapped_by, deleted, doc = row
    text = doc if deleted else whole(rtype, id_, doc)
    return StoredResource(rtype, id_, person, version, updated, start, end, facility, source, tuple(labels or ()), mapped_by, deleted, text)


_GET: Final = """SELECT {stored} FROM resource WHERE rtype = {rtype} AND id = %(id)s AND version > 0 AND {seen}
   AND person_id = (SELECT l.person_id FROM locator l WHERE l.key = %(key)s::uuid)"""
_GET_NOTED: Final = "WITH found AS MATERIALIZED (" + _GET + "), noted AS ({noted}) SELECT * FROM found"  # noqa: S608  our own


def get(conn: Conn, seen: Predicate, rtype: str, id_: str, noting: Noting | None = None) -> StoredResource | None:
    """Return the current version, tombstones too; with ``noting`` the statement that reads it writes it to the trail."""
    ask = to_get(seen, rtype, id_, noting)
    return got([*conn.execute(ask.statement, ask.params)])


def to_get(seen: Predicate, rtype: str, id_: str, noting: Noting | None = None) -> Ask:
    """Return the statement of `get`, for a message of its own (`kit.db.one_read`)."""
    # The type stands in the text where it has a partition of its own: a plan kept for any type opens them all.
    own = rtype in PARTITIONED
    given = {"id": columns_of(id_)[0], "key": locator_key(rtype, id_), **seen.params}
    if not own:
        given["rtype"] = rtype
    literal = f"'{rtype}'" if own else "%(rtype)s"
    if noting is None:
        return Ask(seen.into(_GET, stored=_STORED, rtype=literal), given)
    return Ask(seen.into(_GET_NOTED, stored=_STORED, rtype=literal, noted=noting.text), given | noting.params)


def got(rows: Sequence[tuple[Any, ...]]) -> StoredResource | None:
    """Return what the statement of `get` found."""
    return _stored(rows[0]) if rows else None


def history(conn: Conn, seen: Predicate, rtype: str, id_: str) -> list[StoredResource]:
    """Return all earlier versions, newest first, as of the person the resource belongs to now: a merge or split takes its history along."""
    statement = """
        SELECT {stored} FROM (
            SELECT h.rtype, h.id, h.given_id, l.person_id, h.version, h.updated, h.start_at, h.end_at, h.facility_id, h.source_id, h.labels,
                   h.mapped_by, h.deleted, h.doc
              FROM resource_history h JOIN locator l ON l.key = %(key)s::uuid
             WHERE h.rtype = %(rtype)s AND h.id = %(id)s) AS kept
         WHERE {seen} ORDER BY version DESC
    """
    return _read(conn, seen, statement, {"rtype": rtype, "id": columns_of(id_)[0], "key": locator_key(rtype, id_)})


def of_source(conn: Conn, seen: Predicate, source_id: UUID) -> list[StoredResource]:
    """Return the living resources of one source."""
    statement = "SELECT {stored} FROM resource WHERE source_id = %(source)s AND NOT deleted AND {seen} ORDER BY rtype, 2"
    return _read(conn, seen, statement, {"source": source_id})


def refs_of_sources(conn: Conn, seen: Predicate, source_ids: Sequence[UUID]) -> dict[UUID, set[Ref]]:
    """Return type and id of the living resources of each source that has any."""
    statement = seen.into(
        "SELECT source_id, rtype, coalesce(given_id, id::text) FROM resource WHERE source_id = ANY(%(sources)s::uuid[]) AND NOT deleted AND {seen}"
    )
    found: dict[UUID, set[Ref]] = defaultdict(set)
    for source, rtype, id_ in conn.execute(statement, {"sources": list(source_ids), **seen.params}, prepare=True):
        found[source].add((rtype, id_))
    return dict(found)


# One statement sees one moment: a merge cannot come between the rows and what stands there from elsewhere (version 0).
OTHERS_NAMED: Final = """
SELECT s.rtype, s.id, l.person_id, 0, clock_timestamp(), NULL, NULL, '', NULL, NULL, '', false, '{{}}', NULL, NULL
  FROM (SELECT rtype, id, key FROM secondary WHERE person_id = %(person)s OFFSET 0) s
 CROSS JOIN LATERAL (SELECT person_id FROM locator l WHERE l.key = s.key OFFSET 0) l WHERE l.person_id <> %(person)s
"""  # OFFSET 0: few rows, each looked up; joined the other way round every resource of the province would be
_WHOLE_PERSON: Final = (
    "SELECT {stored}, NULL::timestamptz, NULL::boolean FROM resource WHERE person_id = %(person)s AND NOT deleted AND {seen} UNION ALL"  # noqa: S608
    + OTHERS_NAMED
)
LABELLED: Final = "SELECT EXISTS (SELECT FROM labelled_person l WHERE l.person_id = %(person)s)"


def of_person(conn: Conn, seen: Predicate, person_id: UUID) -> list[StoredResource]:
    """Return the living resources of one person, those at home in another's record included."""
    reading = partial(run, conn)
    rows = reading(Ask(seen.into(_WHOLE_PERSON, stored=_STORED), literals({"person": person_id, **seen.params})))
    found = [_stored(row[:-2]) for row in rows]
    others = others_of(reading, seen, person_id, [one for one in found if not one.version])
    return [one for one in found if one.version] + others


def others_of(run: Run, seen: Predicate, person_id: UUID, named: Sequence[StoredResource]) -> list[StoredResource]:
    """Return what stands in a person's record from elsewhere, as `OTHERS_NAMED` names it."""
    refs = {(one.rtype, one.id): one.person_id for one in named}
    return _of_others(run, seen, person_id, refs) if refs else []


# What stands in a person's record is read as that person's: a right that reaches the mother reaches the certificate at home with her child.
_OTHERS: Final = """
SELECT {stored} FROM (
    SELECT rtype, id, given_id, person_id AS home, %(person)s::uuid AS person_id, version, updated, start_at, end_at, facility_id, source_id,
           labels, mapped_by, deleted, doc
      FROM resource WHERE person_id = ANY(ARRAY(SELECT l.person_id FROM locator l WHERE l.key = ANY(%(keys)s::uuid[])))
       AND rtype = ANY(%(rtypes)s::text[]) AND id = ANY(%(ids)s::uuid[]) AND NOT deleted
) AS held WHERE {seen}
"""


def _of_others(run: Run, seen: Predicate, person_id: UUID, refs: Mapping[Ref, UUID]) -> list[StoredResource]:
    ids = [columns_of(id_)[0] for _, id_ in refs]
    given = {"person": person_id, "keys": [locator_key(*ref) for ref in refs], "rtypes": [rtype for rtype, _ in refs], "ids": ids}
    rows = run(Ask(seen.into(_OTHERS, stored=_STORED), literals({**given, **seen.params})))
    found = [one for row in rows if ((one := _stored(row)).rtype, one.id) in refs]
    return [replace(one, person_id=refs[one.rtype, one.id]) for one in found]


_SEARCH: Final = """
    SELECT {stored} FROM resource_seen
    WHERE rtype = %(rtype)s AND NOT deleted AND tokens @> %(tokens)s::bigint[] AND {seen}
    ORDER BY start_at DESC NULLS LAST, 2 LIMIT %(limit)s
"""


def search(conn: Conn, seen: Predicate, rtype: str, tokens: list[int], person_id: UUID | None, limit: int) -> list[StoredResource]:
    """Return living resources that carry all tokens, newest first."""
    statement = _SEARCH if person_id is None else _SEARCH.replace("{seen}", "{seen} AND person_id = %(person)s")
    return _read(conn, seen, statement, {"rtype": rtype, "tokens": tokens, "person": person_id, "limit": limit})


_FACILITIES: Final = """
    SELECT facility_id, min(start_at) FILTER (WHERE rtype = 'Encounter'), max(coalesce(end_at, start_at)) FILTER (WHERE rtype = 'Encounter'),
           count(*) FILTER (WHERE rtype = 'Encounter'), count(*)
    FROM resource WHERE person_id = %(person)s AND NOT deleted AND facility_id <> '' AND {seen}
    GROUP BY facility_id ORDER BY facility_id
"""


def facilities(conn: Conn, seen: Predicate, person_id: UUID) -> list[FacilityData]:
    """Return what each facility contributed to a person."""
    return [FacilityData(*row) for row in conn.execute(seen.into(_FACILITIES), {"person": person_id, **seen.params})]
