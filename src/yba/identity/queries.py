"""Asking about people; opening a person or the list of conflicts leaves a line in the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit.errors import NotFound

from . import store, store_numbers, store_read, temporary
from .deaths import death_of
from .kin import kin_of, memberships_of, said_of
from .model import IdType, PersonView, ReviewItem, ReviewState, SourceView
from .normalise import clean
from .patients import golden_doc

if TYPE_CHECKING:
    from psycopg import Connection

    from yba.kit.actor import Actor

LIMIT: Final = 200
_CARD_LENGTH: Final = 15
# People are within a facility's reach by their sources; sources, identifiers, history and conflicts by the facility that said or met them.
PERSON: Final = access.Columns(facility=None, labels=None, rtype=None, at=store_read.A_SOURCE, alias="f")
SAID: Final = access.Columns(facility="facility", labels=None, rtype=None, alias="f")
_MEMBER: Final = access.Columns(facility=None, labels=None, rtype=None, alias="f")
REVIEW: Final = access.Columns(person=None, facility="facility", labels=None, rtype=None, alias="f")


def find(conn: Connection[Any], *, by: Actor, id: str) -> list[UUID]:  # noqa: A002  the contract's word
    """Find people by any number: citizen, insurance, card, passport, old card, person id, source Patient id, patient number.

    Returns person ids, the first holder first; several when a number is contested or a patient number is used at
    several facilities; only people the actor may find. The caller writes the audit row. Raises Denied.
    """
    text = id.strip().removeprefix("Patient/")
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_PERSON_FIND, columns=PERSON)
    try:
        return store_read.by_id(conn, UUID(text), seen)
    except ValueError:
        pass  # not an id of ours: a number
    value = clean(text)
    keys = [(kind.value, value) for kind in IdType] if value else []
    if len(value) == _CARD_LENGTH and value[:2].isalpha():
        keys.append((IdType.INSURANCE.value, value[5:]))  # a new card of a known insurance number
    found = store_read.by_identifier(conn, keys, seen) if keys else []
    # a health identifier in force or cancelled, and a temporary code, keep answering whatever came after them
    found = [*found, *store_numbers.by_number(conn, value, temporary.canonical(text), seen)] if value else found
    return list(dict.fromkeys(found or store_read.by_local(conn, text, seen)))


def person(conn: Connection[Any], *, by: Actor, person_id: UUID) -> PersonView:
    """Open a person: golden document, sources, identifiers, history, conflicts. Raises NotFound, Denied; audited.

    A person that was merged into another is shown with ``merged_into`` and nothing else. Whom a facility reaches as a source of, it sees as
    itself has said; conflicts are those the actor may see.
    """
    right = Right.IDENTITY_PERSON_READ
    known = store_read.seen_head(conn, person_id, access.predicate(conn, by=by, right=right, columns=PERSON, person=person_id))
    if known is None:
        raise NotFound("Không có người này.")
    seen = access.predicate(conn, by=by, right=right, columns=SAID, person=person_id)
    audit.note(conn, by=by, tag=Tag.PERSON_READ, about_type="Person", about_id=str(person_id), person_id=person_id, under=right.value)
    created, merged_into, vital = known
    state = store.read(conn, person_id)
    if person_id in state.people:
        within = store_read.seen_sources(conn, person_id, seen)
        state.people[person_id].sources = [source for source in state.people[person_id].sources if source.key in within]
    sources = state.people[person_id].sources if person_id in state.people else []
    golden = golden_doc(state.people[person_id]) if sources else {}
    return PersonView(
        id=person_id,
        created_at=created,
        merged_into=merged_into,
        vital_status="dead" if sources and death_of(state.people[person_id]) else vital,
        golden=golden,
        sources=tuple(SourceView(s.key[0], s.key[1], s.patient, s.sent, datetime.fromtimestamp(s.stamp[0], UTC), s.key[2]) for s in sources),
        identifiers=store_read.identifiers(conn, person_id, seen),
        events=store_read.events(conn, person_id, seen),
        reviews=tuple(_reviews(conn, by, person=person_id)) if access.holds(by, Right.IDENTITY_REVIEW_READ) else (),
        kin=kin_of(conn, person_id, seen),
        households=memberships_of(conn, person_id, access.predicate(conn, by=by, right=right, columns=_MEMBER, person=person_id)),
        said=said_of(state.people[person_id], golden) if sources else (),
    )


def reviews(
    conn: Connection[Any], *, by: Actor, state: ReviewState | None = ReviewState.OPEN, kind: str | None = None, limit: int = LIMIT
) -> list[ReviewItem]:
    """List conflicts, oldest first; at a facility those its own claims met. Raises Denied; audited."""
    found = _reviews(conn, by, state=state, kind=kind, limit=limit)
    audit.note(conn, by=by, tag=Tag.REVIEW_READ, about_type="ReviewItem", about_id="", detail={"rows": len(found), "kind": kind or ""})
    return found


def _reviews(
    conn: Connection[Any], by: Actor, *, state: ReviewState | None = None, kind: str | None = None, person: UUID | None = None, limit: int = LIMIT
) -> list[ReviewItem]:
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_REVIEW_READ, columns=REVIEW)
    people = sorted(access.persons_of(conn, by=by, person_ids=[person])) if person else None
    return store_read.reviews(conn, seen, state=state.value if state else None, kind=kind, people=people, limit=limit)
