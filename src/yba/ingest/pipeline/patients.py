"""Patient documents and shared resources of a batch as puts, each written once and only when it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
import xxhash

from yba import identity, record
from yba.fhir import search
from yba.ingest.mapping import CURRENT
from yba.ingest.model import CONFLICT, Finding, Severity
from yba.kit import ids
from yba.record import NOBODY, Put

from . import relations

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import PersonFacts, Resolution
    from yba.kit.actor import Actor

    from .prepare import Prepared

_REMEMBERED: Final = 200_000  # organisations, departments and practitioners of a large province; some 20 MB
_seen_shared: dict[str, int] = {}


def puts(resolved: Sequence[Resolution], facts: Sequence[PersonFacts]) -> list[Put]:
    """Source and golden Patients that changed; the last one of a batch wins, as it would one by one."""
    found: dict[tuple[str, UUID], Put] = {}
    for one, fact in zip(resolved, facts, strict=True):
        if one.source is not None:
            id_ = str(ids.derived("Patient", fact.facility, fact.local_id))
            found[id_, one.person_id] = _patient(id_, one.person_id, one.source, fact.facility)
        if one.golden is not None:
            found[str(one.person_id), one.person_id] = _golden(one.person_id, one.golden)
        for other, golden in one.others:
            found[str(other), other] = _golden(other, golden or {})
    return list(found.values())


def take_back(conn: Connection[Any], *, by: Actor, births: Sequence[UUID] = (), deaths: Sequence[tuple[UUID, UUID]] = (), reason: str) -> list[Put]:
    """Take back births (ids of newborns' Patients) and deaths (claim, source Patient) that no claim in force tells any more.

    Returns the golden Patients that changed; those of people without any source are tombstoned.
    """
    if not (births or deaths):
        return []
    relations.take_back(conn, by=by, sources=births, reason=reason)
    changed = identity.retract(conn, by=by, births=births, deaths=deaths)
    record.tombstone_many(conn, by=by, refs=[("Patient", str(person)) for person, golden in changed if golden is None], reason=reason)
    return [_golden(person, golden) for person, golden in changed if golden is not None]


def _golden(person: UUID, doc: dict[str, Any]) -> Put:
    return _patient(str(person), person, doc, "")


def _patient(id_: str, person: UUID, doc: dict[str, Any], facility: str) -> Put:
    index = search.index("Patient", doc)
    return Put(
        rtype="Patient", id=id_, person_id=person, doc=orjson.dumps(doc), tokens=index.tokens, start=index.start, end=index.end,
        facility_id=facility, source_id=None, labels=(), mapped_by=CURRENT, fresh=False, rows=record.rows_of("Patient", index),
    )  # fmt: skip


def shared(prepared: Sequence[Prepared]) -> list[Put]:
    """Organisations, departments and practitioners that this process has not written in this form before."""
    found: dict[str, Put] = {}
    if len(_seen_shared) > _REMEMBERED:
        _seen_shared.clear()
    for ready in prepared:
        for put in ready.mapped.shared if ready.mapped else ():
            mark = xxhash.xxh3_64_intdigest(put.doc)
            if _seen_shared.get(put.id) != mark:
                _seen_shared[put.id] = mark
                put.person_id = NOBODY
                found[put.id] = put
    return list(found.values())


def forget_shared() -> None:
    """After a rolled-back batch: what was seen may not be in the database."""
    _seen_shared.clear()


def review_finding(kind: str) -> Finding:
    """Tell the facility that its patient's papers contradict what others sent."""
    return Finding(f"{CONFLICT}{kind}", Severity.FINDING, "XML1", 1, "", "", "", "yba")
