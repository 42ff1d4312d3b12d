"""Statements that read the record: each carries the reach of the actor, and the policies of the tables say it again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from yba.record.lines import columns_of, locator_key, whole
from yba.record.model import FacilityData, Ref, StoredResource

from .secondary import from_elsewhere

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    Conn = Connection[tuple[Any, ...]]

_ID: Final = "coalesce(given_id, id::text)"
_STORED: Final = f"rtype, {_ID}, person_id, version, updated, start_at, end_at, facility_id, source_id, labels, mapped_by, deleted, doc::text"


def _reach(by: Actor) -> tuple[sql.Composable, dict[str, Any]]:
    """Return the condition that keeps an actor within its facilities: the first lock, row security is the second."""
    if by.facilities is None:
        return sql.SQL("true"), {}
    return sql.SQL("facility_id = ANY(%(reach)s::text[])"), {"reach": sorted(by.facilities)}


def _read(conn: Conn, by: Actor, statement: str, given: Mapping[str, object]) -> list[StoredResource]:
    reach, reached = _reach(by)
    query = sql.SQL(statement).format(stored=sql.SQL(_STORED), reach=reach)  # our own constants below
    return [_stored(row) for row in conn.execute(query, {**given, **reached})]


def _stored(row: tuple[Any, ...]) -> StoredResource:
    rtype, id_, person, version, updated, start, end, facility, source, labels, mapped_by, deleted, doc = row
    text = doc if deleted else whole(rtype, id_, doc)
    return StoredResource(rtype, id_, person, version, updated, start, end, facility, source, tuple(labels or ()), mapped_by, deleted, text)


def get(conn: Conn, by: Actor, rtype: str, id_: str) -> StoredResource | None:
    """Return the current version, tombstones too."""
    statement = """
        SELECT {stored} FROM resource
        WHERE rtype = %(rtype)s AND id = %(id)s AND {reach}
          AND person_id = (SELECT l.person_id FROM locator l WHERE l.key = %(key)s::uuid)
    """
    found = _read(conn, by, statement, {"rtype": rtype, "id": columns_of(id_)[0], "key": locator_key(rtype, id_)})
    return found[0] if found else None


def history(conn: Conn, by: Actor, rtype: str, id_: str) -> list[StoredResource]:
    """Return all earlier versions, newest first."""
    statement = "SELECT {stored} FROM resource_history WHERE rtype = %(rtype)s AND id = %(id)s AND {reach} ORDER BY version DESC"
    return _read(conn, by, statement, {"rtype": rtype, "id": columns_of(id_)[0]})


def of_source(conn: Conn, by: Actor, source_id: UUID) -> list[StoredResource]:
    """Return the living resources of one source."""
    statement = "SELECT {stored} FROM resource WHERE source_id = %(source)s AND NOT deleted AND {reach} ORDER BY rtype, 2"
    return _read(conn, by, statement, {"source": source_id})


def refs_of_sources(conn: Conn, by: Actor, source_ids: Sequence[UUID]) -> dict[UUID, set[Ref]]:
    """Return type and id of the living resources of each source that has any."""
    reach, reached = _reach(by)
    statement = sql.SQL(
        "SELECT source_id, rtype, coalesce(given_id, id::text) FROM resource WHERE source_id = ANY(%(sources)s::uuid[]) AND NOT deleted AND {}"
    ).format(reach)
    found: dict[UUID, set[Ref]] = defaultdict(set)
    for source, rtype, id_ in conn.execute(statement, {"sources": list(source_ids), **reached}, prepare=True):
        found[source].add((rtype, id_))
    return dict(found)


def of_person(conn: Conn, by: Actor, person_id: UUID) -> list[StoredResource]:
    """Return the living resources of one person, those at home in another's record included."""
    statement = "SELECT {stored} FROM resource WHERE person_id = %(person)s AND NOT deleted AND {reach}"
    return _read(conn, by, statement, {"person": person_id}) + _of_others(conn, by, from_elsewhere(conn, person_id))


def _of_others(conn: Conn, by: Actor, refs: Mapping[Ref, UUID]) -> list[StoredResource]:
    if not refs:
        return []
    statement = """
        SELECT {stored} FROM resource WHERE person_id = ANY(%(homes)s::uuid[]) AND rtype = ANY(%(rtypes)s::text[]) AND id = ANY(%(ids)s::uuid[])
           AND NOT deleted AND {reach}
    """
    given = {"homes": list(refs.values()), "rtypes": [rtype for rtype, _ in refs], "ids": [columns_of(id_)[0] for _, id_ in refs]}
    return [one for one in _read(conn, by, statement, given) if (one.rtype, one.id) in refs]


_SEARCH: Final = """
    SELECT {stored} FROM resource_seen
    WHERE rtype = %(rtype)s AND NOT deleted AND tokens @> %(tokens)s::bigint[] AND {reach}
    ORDER BY start_at DESC NULLS LAST, 2 LIMIT %(limit)s
"""


def search(conn: Conn, by: Actor, rtype: str, tokens: list[int], person_id: UUID | None, limit: int) -> list[StoredResource]:
    """Return living resources that carry all tokens, newest first."""
    statement = _SEARCH if person_id is None else _SEARCH.replace("{reach}", "{reach} AND person_id = %(person)s")
    return _read(conn, by, statement, {"rtype": rtype, "tokens": tokens, "person": person_id, "limit": limit})


_FACILITIES: Final = """
    SELECT facility_id, min(start_at) FILTER (WHERE rtype = 'Encounter'), max(coalesce(end_at, start_at)) FILTER (WHERE rtype = 'Encounter'),
           count(*) FILTER (WHERE rtype = 'Encounter'), count(*)
    FROM resource WHERE person_id = %(person)s AND NOT deleted AND facility_id <> '' AND {reach}
    GROUP BY facility_id ORDER BY facility_id
"""


def facilities(conn: Conn, by: Actor, person_id: UUID) -> list[FacilityData]:
    """Return what each facility contributed to a person."""
    reach, reached = _reach(by)
    return [FacilityData(*row) for row in conn.execute(sql.SQL(_FACILITIES).format(reach=reach), {"person": person_id, **reached})]
