"""Reads of the record; every row passes a right's predicate and row security. Single resources are noted in the trail, the rest by its caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit.db import one_read

from . import store
from .model import DataCoverage, FacilityData, StoredResource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.prepared import Ask

    from .model import Ref

PAGE: Final = 1000


def get(conn: Connection[Any], *, by: Actor, rtype: str, id: str) -> StoredResource | None:  # noqa: A002  FHIR's word
    """Return the current version of a resource, a tombstone too (`deleted`); None = there is none, or the actor may not know of it."""
    seen = access.predicate(conn, by=by, right=Right.RECORD_CLINICAL_READ, single=True)
    return store.get(conn, seen, rtype, id, audit.noting(by=by, tag=Tag.RESOURCE_READ, under=Right.RECORD_CLINICAL_READ.value))


def read_one(*, by: Actor, rtype: str, id: str, proof: Ask | None = None) -> StoredResource | None:  # noqa: A002  FHIR's word
    """Return what `get` does from a unit of work of its own that is one message to PostgreSQL: told, proven, read, noted, committed.

    ``proof``: `kit.db.one_read`. Raises Unproven, Denied.
    """
    seen, lock = access.at_once(by=by, right=Right.RECORD_CLINICAL_READ, single=True)
    noting = audit.noting(by=by, tag=Tag.RESOURCE_READ, under=Right.RECORD_CLINICAL_READ.value)
    return store.got(one_read(by=by, lock=lock, ask=store.to_get(seen, rtype, id, noting), proof=proof))


def history(conn: Connection[Any], *, by: Actor, rtype: str, id: str) -> list[StoredResource]:  # noqa: A002  FHIR's word
    """Return all versions of a resource that the actor may see, newest first, the current one included.

    None of them without the current one: what is restricted now is not shown by a version from before it was.
    """
    seen = access.predicate(conn, by=by, right=Right.RECORD_CLINICAL_READ)
    now = store.get(conn, seen, rtype, id)
    if now is None:
        return []
    _noted(conn, by, Tag.HISTORY_READ, now)
    return [now, *store.history(conn, seen, rtype, id)]


def of_source(conn: Connection[Any], *, by: Actor, source_id: UUID) -> list[StoredResource]:
    """Return the living resources that came from one claim or document, by type and id."""
    return store.of_source(conn, access.predicate(conn, by=by, right=Right.RECORD_SOURCE_READ), source_id)


def refs_of_sources(conn: Connection[Any], *, by: Actor, source_ids: Sequence[UUID]) -> dict[UUID, set[Ref]]:
    """Return (type, id) of the living resources of many claims or documents in one round trip; a source without any is not there."""
    return store.refs_of_sources(conn, access.predicate(conn, by=by, right=Right.RECORD_SOURCE_READ), source_ids)


def of_person(conn: Connection[Any], *, by: Actor, person_id: UUID) -> list[StoredResource]:
    """Return the living resources in a person's compartment, in no order."""
    return store.of_person(conn, access.predicate(conn, by=by, right=Right.RECORD_CLINICAL_READ, person=person_id), person_id)


def with_tokens(
    conn: Connection[Any], *, by: Actor, rtype: str, tokens: Sequence[int], person_id: UUID | None = None, limit: int = PAGE
) -> list[StoredResource]:
    """Return living resources of a type that carry all tokens (`fhir.search.token`), newest first by their own time."""
    seen = access.predicate(conn, by=by, right=Right.RECORD_CLINICAL_SEARCH, person=person_id)
    return store.search(conn, seen, rtype, list(tokens), person_id, limit)


def coverage_of_data(conn: Connection[Any], *, by: Actor, person_id: UUID) -> DataCoverage:
    """Say from when to when a person's visits reach and which facilities contributed, as far as the actor may see."""
    seen = access.predicate(conn, by=by, right=Right.RECORD_CLINICAL_READ, person=person_id)
    again = store.visits.told_again(conn, seen, person_id)
    found: list[FacilityData] = store.facilities(conn, seen, person_id)
    facilities = [one._replace(visits=one.visits - again.get(one.facility_id, 0)) for one in found]
    starts = [one.start for one in facilities if one.start]
    ends = [one.end for one in facilities if one.end]
    return DataCoverage(min(starts, default=None), max(ends, default=None), tuple(facilities))


def _noted(conn: Connection[Any], by: Actor, tag: Tag, found: StoredResource) -> None:
    """Write to the trail which version of what was read (EMR-R12), and under which right."""
    audit.note(
        conn, by=by, tag=tag, about_type=found.rtype, about_id=found.id, person_id=found.person_id, facility=found.facility_id,
        version=str(found.version), under=Right.RECORD_CLINICAL_READ.value,
    )  # fmt: skip
