"""Relations of care that Encounters carry: who treats a person may read the record, from the act that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import access
from yba.access import Relation, RelationKind, UnitKind
from yba.kit import clock
from yba.kit.ids import derived

from .model import NOBODY
from .rest_rights import platform

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Ref
    from .rest_docs import Ready

_KIND: Final = "Encounter"
_NONE: Final = frozenset({"planned", "cancelled", "entered-in-error", "unknown"})  # nobody came
_OVER: Final = "finished"


def source_of(id_: str) -> UUID:
    """The source of the relation that an Encounter opens: what a merge, a split or a deletion takes along."""
    return derived("fhir-visit", id_)


def sources_of(refs: Iterable[tuple[str, str]]) -> list[UUID]:
    """The sources of the relations of those of these resources that are Encounters."""
    return [source_of(id_) for rtype, id_ in refs if rtype == _KIND]


def note(conn: Connection[Any], *, by: Actor, made: Sequence[Ready], people: Sequence[UUID], known: Collection[str]) -> None:
    """Open the relation of each Encounter to the facility it was written for; ``known``: those written before, whose relation is told anew."""
    mine = [(one, person) for one, person in zip(made, people, strict=True) if one.rtype == _KIND]
    if not mine:
        return
    relations = [relation for one, person in mine for relation in _of(one, person)]
    before = [source_of(one.id) for one, _ in mine if one.id in known]
    with platform(conn, by) as (inner, who):
        if before:
            access.void_relations(inner, by=who, source_ids=before, reason="Encounter changed")
        access.relate_many(inner, by=who, relations=relations)


def forget(conn: Connection[Any], *, by: Actor, refs: Iterable[Ref], reason: str) -> None:
    """Take back the relations of Encounters that are deleted."""
    sources = sources_of(refs)
    if sources:
        with platform(conn, by) as (inner, who):
            access.void_relations(inner, by=who, source_ids=sources, reason=reason)


def _of(one: Ready, person: UUID) -> Iterator[Relation]:
    facility, status = one.write.facility, one.write.doc.get("status")
    if person == NOBODY or not facility or one.start is None or status in _NONE or one.start > clock.now():
        return
    end = max(one.start, one.end) if one.end else one.start if status == _OVER else None
    yield Relation(person, UnitKind.FACILITY, facility, RelationKind.VISIT, one.start, end, _KIND, one.id, source_of(one.id))
