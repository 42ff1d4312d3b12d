"""Asking about people; opening a person or the list of conflicts leaves a line in the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import audit
from yba.audit import Tag
from yba.kit.errors import NotFound

from . import store, store_read
from .deaths import death_of
from .model import IdType, PersonView, ReviewItem, ReviewState, SourceView
from .normalise import clean
from .patients import golden_doc

if TYPE_CHECKING:
    from psycopg import Connection

    from yba.kit.actor import Actor

LIMIT: Final = 200
_CARD_LENGTH: Final = 15


def _facilities(by: Actor) -> list[str] | None:
    return None if by.facilities is None else sorted(by.facilities)


def find(conn: Connection[Any], *, by: Actor, id: str) -> list[UUID]:  # noqa: A002  the contract's word
    """Find people by any number: citizen, insurance, card, passport, old card, person id, source Patient id, patient number.

    Returns person ids, the first holder first; several when a number is contested or a patient number is used at
    several facilities; only people within the actor's facilities. The caller writes the audit row.
    """
    text = id.strip().removeprefix("Patient/")
    facilities = _facilities(by)
    try:
        return store_read.by_id(conn, UUID(text), facilities)
    except ValueError:
        pass  # not an id of ours: a number
    value = clean(text)
    keys = [(kind.value, value) for kind in IdType] if value else []
    if len(value) == _CARD_LENGTH and value[:2].isalpha():
        keys.append((IdType.INSURANCE.value, value[5:]))  # a new card of a known insurance number
    found = store_read.by_identifier(conn, keys, facilities) if keys else []
    return list(dict.fromkeys(found or store_read.by_local(conn, text, facilities)))


def person(conn: Connection[Any], *, by: Actor, person_id: UUID) -> PersonView:
    """Open a person: golden document, sources, identifiers, history, conflicts. Raises NotFound; audited.

    A person that was merged into another is shown with ``merged_into`` and nothing else.
    """
    known = store_read.head(conn, person_id)
    facilities = _facilities(by)
    if known is None or (known[1] is None and person_id not in store_read.by_id(conn, person_id, facilities)):
        raise NotFound("Không có người này.")
    audit.note(conn, by=by, tag=Tag.PERSON_READ, about_type="Person", about_id=str(person_id), person_id=person_id)
    created, merged_into, vital = known
    state = store.read(conn, person_id)
    sources = state.people[person_id].sources if person_id in state.people else []
    return PersonView(
        id=person_id,
        created_at=created,
        merged_into=merged_into,
        vital_status="dead" if sources and death_of(state.people[person_id]) else vital,
        golden=golden_doc(state.people[person_id]) if sources else {},
        sources=tuple(SourceView(s.key[0], s.key[1], s.patient, s.sent, datetime.fromtimestamp(s.stamp[0], UTC)) for s in sources),
        identifiers=store_read.identifiers(conn, person_id),
        events=store_read.events(conn, person_id),
        reviews=tuple(store_read.reviews(conn, _narrow(facilities, person=person_id, state=None), LIMIT)),
    )


def reviews(
    conn: Connection[Any], *, by: Actor, state: ReviewState | None = ReviewState.OPEN, kind: str | None = None, limit: int = LIMIT
) -> list[ReviewItem]:
    """List conflicts, oldest first; an actor bound to facilities sees those its own claims met. Audited."""
    found = store_read.reviews(conn, _narrow(_facilities(by), state=state, kind=kind), limit)
    audit.note(conn, by=by, tag=Tag.REVIEW_READ, about_type="ReviewItem", about_id="", detail={"rows": len(found), "kind": kind or ""})
    return found


def _narrow(facilities: list[str] | None, *, state: ReviewState | None = None, kind: str | None = None, person: UUID | None = None) -> dict[str, Any]:
    return {"facilities": facilities, "state": state.value if state else None, "kind": kind, "person": person}
