"""What Encounters bring about: relations of care, and which of them tell of one visit (two roads: claims, FHIR, the desk)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba import access, identity
from yba.access import Relation, RelationKind, UnitKind
from yba.kit import clock
from yba.kit.ids import derived

from . import store
from .lines import whole
from .model import NOBODY
from .rest_rights import FHIR, platform
from .same_visit import linked, told
from .store.visits import Link

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Ref
    from .rest_docs import Ready
    from .same_visit import Told
    from .store.write import Current

_KIND: Final = "Encounter"
_NONE: Final = frozenset({"planned", "cancelled", "entered-in-error", "unknown"})  # nobody came
_OVER: Final = "finished"
DESK: Final = "desk"
_BESIDE: Final = frozenset({"diagnosis", "extension", "text", "participant", "note"})


def source_of(id_: str) -> UUID:
    """The source of the relation that an Encounter opens: what a merge, a split or a deletion takes along."""
    return derived("fhir-visit", id_)


def sources_of(refs: Iterable[tuple[str, str]]) -> list[UUID]:
    """The sources of the relations of those of these resources that are Encounters."""
    return [source_of(id_) for rtype, id_ in refs if rtype == _KIND]


def note(
    conn: Connection[Any],
    *,
    by: Actor,
    made: Sequence[Ready],
    people: Sequence[UUID],
    known: Collection[str],
    left: Iterable[UUID] = (),
    unheard: Collection[UUID] = (),
) -> None:
    """Open the relation of each Encounter to the facility it was written for, and link it with what others tell of the visit.

    ``known``: those written before, whose relation is told anew; ``left``: people some of them were about until now; ``unheard``: people of whom
    nothing was stored before this act, so that what came by one channel is all there is of them.
    """
    mine = [(one, person) for one, person in zip(made, people, strict=True) if one.rtype == _KIND]
    if not mine:
        return
    untold = [(one, person) for one, person in mine if not (one.write.fresh and one.write.channel == DESK)]  # our desks open it before they write
    fresh, other = ([relation for one, person in untold if _is_first(one) is new for relation in _of(one, person)] for new in (True, False))
    one_channel = len({one.write.channel for one, _ in mine}) == 1
    concerned = [*(person for _, person in mine if not (one_channel and person in unheard)), *left]
    before = [source_of(one.id) for one, _ in mine if one.id in known]
    with platform(conn, by) as (inner, who):
        if before:
            access.void_relations(inner, by=who, source_ids=before, reason="Encounter changed")
        if fresh:
            access.relate_many(inner, by=who, relations=fresh, fresh=True)
        if other:
            access.relate_many(inner, by=who, relations=other)
        settle(inner, by=who, people=concerned)


def says_the_same(one: Ready, over: Current | None) -> bool:
    """Whether an Encounter that is written anew differs from what stood there in nothing that relations and links are made of: diagnoses, notes."""
    if one.rtype != _KIND or over is None or over.deleted or one.labels != over.labels:
        return False
    before, now = (orjson.loads(doc) for doc in (whole(one.rtype, one.id, over.doc), one.doc))
    return all(before.get(name) == value for name, value in now.items() if name not in _BESIDE) and set(before) - _BESIDE <= set(now)


def forget(conn: Connection[Any], *, by: Actor, gone: Mapping[Ref, UUID], reason: str) -> None:
    """Take back the relations and links of Encounters that are deleted; ``gone`` says whose record they stood in."""
    sources = sources_of(gone)
    if sources:
        with platform(conn, by) as (inner, who):
            access.void_relations(inner, by=who, source_ids=sources, reason=reason)
            settle(inner, by=who, people=[person for (rtype, _), person in gone.items() if rtype == _KIND])


def settle(conn: Connection[Any], *, by: Actor, people: Iterable[UUID]) -> int:
    """Make the links of people's visits what their Encounters say now; return how many were changed. In the transaction of every change of them.

    ``by`` reaches all of their rows: a link that left out what the writer may not see would be another one. The people are held until the
    end of the transaction, as ingest holds those of its batch: of two writers the second sees what the first has written.
    """
    whom = sorted(set(people) - {NOBODY})
    if not whom:
        return 0
    identity.hold_people(conn, by=by, people=whom)
    rows = store.visits.told(conn, whom)
    if not rows:
        return 0
    standing, wanted = store.visits.standing(rows), set(_links(rows))
    store.visits.rewrite(conn, gone=standing - wanted, new=wanted - standing)
    return len(standing ^ wanted)


def _links(rows: Iterable[Mapping[str, Any]]) -> Iterator[Link]:
    places: dict[tuple[UUID, str], dict[str, Told]] = defaultdict(dict)
    for row in rows:
        if row["what"] == "told":
            places[row["person_id"], row["facility_id"]][row["id"]] = told(row)
    for (person, facility), here in places.items():
        for id_, primary in linked(here.values()).items():
            one = here[id_]
            labels = tuple(sorted({*one.labels, *primary.labels}))
            yield Link(person, facility, id_, primary.id, one.channel.id, primary.channel.id, one.start, one.end, labels)


def _is_first(one: Ready) -> bool:
    """Whether nobody can have opened the relation before."""
    return one.write.fresh and one.write.channel == FHIR


def _of(one: Ready, person: UUID) -> Iterator[Relation]:
    facility, status = one.write.facility, one.write.doc.get("status")
    if person == NOBODY or not facility or one.start is None or status in _NONE or one.start > clock.now():
        return
    end = max(one.start, one.end) if one.end else one.start if status == _OVER else None
    yield Relation(person, UnitKind.FACILITY, facility, RelationKind.VISIT, one.start, end, _KIND, one.id, source_of(one.id))
