"""Relations of care: who may know of whom, written in the transaction of the visit, order, enrolment or assignment they rest on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from yba import audit
from yba.audit import Tag

from . import store
from .holding import require
from .model import Columns
from .predicate import predicate
from .rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from psycopg import Connection

    from yba.kit.actor import Actor

PERSON: Final = Columns(person="person_id", facility=None, labels=None, rtype=None)
_NO_SOURCE: Final = UUID(int=0)


class UnitKind(StrEnum):
    """What a relation may name beside the person."""

    FACILITY = "facility"  # MA_CSKCB
    DEPARTMENT = "department"  # "MA_CSKCB/MA_KHOA"
    USER = "user"  # account id
    AREA = "area"  # commune code of 2025


class RelationKind(StrEnum):
    """Why they are related."""

    VISIT = "visit"
    ORDER = "order"
    REFERRAL = "referral"
    ENROLMENT = "enrolment"
    HOUSEHOLD = "household"
    RESIDENCE = "residence"
    EMERGENCY = "emergency"


class Relation(NamedTuple):
    """One person and one unit, from ``start`` to ``end`` (None: still so), resting on a ground: ("Claim", id)."""

    person_id: UUID
    unit_kind: UnitKind
    unit: str
    kind: RelationKind
    start: datetime
    end: datetime | None
    ground_type: str
    ground_id: str
    source_id: UUID | None = None  # what ends, voids and moves it: the claim, order, enrolment


def relate_many(conn: Connection[Any], *, by: Actor, relations: Iterable[Relation], fresh: bool = False) -> int:
    """Write relations and return how many; one that is there already (source, kind, unit, person) takes the new times and lives again.

    ``fresh``: the sources were never written before, so it is one COPY. Not audited here: part of the act it rests on.
    """
    require(by, Right.ACCESS_RELATION_WRITE)
    rows = [
        (start, end, person, source or _NO_SOURCE, f"{unit_kind.value}:{unit}", kind.value, ground_type, ground)
        for person, unit_kind, unit, kind, start, end, ground_type, ground, source in relations
    ]
    if not rows:
        return 0
    return store.copy_relations(conn, rows) if fresh else store.put_relations(conn, rows)


def end_relations(conn: Connection[Any], *, by: Actor, source_ids: Sequence[UUID], at: datetime) -> int:
    """End what rests on these sources; an earlier end stays. Returns how many ended."""
    require(by, Right.ACCESS_RELATION_WRITE)
    return store.end_relations(conn, list(source_ids), at)


def void_relations(conn: Connection[Any], *, by: Actor, source_ids: Sequence[UUID], reason: str) -> int:
    """Take back what rests on these sources (a claim withdrawn): kept, never counted again. Returns how many."""
    require(by, Right.ACCESS_RELATION_WRITE)
    return store.void_relations(conn, list(source_ids), reason)


def relations_of(conn: Connection[Any], *, by: Actor, person_id: UUID) -> list[Relation]:
    """Return a person's relations the actor may see, newest first, those taken back left out; noted in the trail."""
    seen = predicate(conn, by=by, right=Right.ACCESS_RELATION_READ, columns=PERSON, person=person_id)
    audit.note(conn, by=by, tag=Tag.RELATION_READ, about_type="Person", about_id=str(person_id), person_id=person_id)
    return [_relation(row) for row in store.relations_of(conn, person_id, seen)]


def reaches(conn: Connection[Any], *, by: Actor, right: Right, person_id: UUID) -> bool:
    """Whether the actor's rules by person (own person, relation, commune, province) reach this person under the right; no row is read."""
    seen = predicate(conn, by=by, right=right, columns=PERSON, person=person_id)
    return store.reaches(conn, person_id, seen)


def _relation(row: tuple[Any, ...]) -> Relation:
    start, end, person, source, unit, kind, ground_type, ground = row
    unit_kind, _, name = unit.partition(":")
    return Relation(person, UnitKind(unit_kind), name, RelationKind(kind), start, end, ground_type, ground, None if source == _NO_SOURCE else source)
