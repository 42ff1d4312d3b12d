"""Resolving a batch of facts to people; settling conflicts; identity's half of a merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit.errors import Conflict, NotFound

from . import store, store_desk, store_read
from .apply import resolve
from .desk_model import Act, Decided
from .ladder import Me
from .likeness import ask_look, keep, look
from .model import IdType, Retraction, ReviewState
from .patients import attach_documents, digest, golden_doc
from .queries import REVIEW
from .state import Happening, Review

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.db import Coming

    from .likeness import Likeness
    from .matching import Features
    from .model import Doubt, PersonFacts, Resolution
    from .normalise import Key
    from .state import Person, State

_CARD: Final = IdType.CARD.value
_TEMPORARY: Final = IdType.TEMPORARY.value


class Ahead(NamedTuple):
    """What claims lead to, asked for before it is wanted: it goes with whatever the unit sends next (`kit.db.ahead`)."""

    prepared: list[Me]
    ids: set[Key]
    near: Coming
    like: list[Coming]
    rows: list[Features]

    def is_of(self, facts: Sequence[PersonFacts]) -> bool:
        """Whether it was asked for just these claims."""
        return len(facts) == len(self.prepared) and all(one is me.facts for one, me in zip(facts, self.prepared, strict=True))


def ask_ahead(conn: Connection[Any], *, by: Actor, facts: Sequence[PersonFacts]) -> Ahead:
    """Ask what `resolve_many` will want to know of these claims, whose identifiers and patient numbers are held from then on."""
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    return _ahead(conn, facts)


def _ahead(conn: Connection[Any], facts: Sequence[PersonFacts]) -> Ahead:
    prepared = [Me.of(fact) for fact in facts]
    ids = _asked(prepared)
    asks, rows = ask_look(prepared)
    near, *like = store.ask_near(conn, {me.place for me in prepared}, ids, *asks)
    return Ahead(prepared, ids, near, like, rows)


def resolve_many(conn: Connection[Any], *, by: Actor, facts: Sequence[PersonFacts], asked: Ahead | None = None) -> list[Resolution]:
    """Find or make the person of each claim, in the given order, and return one resolution per claim.

    The same facts in the same order give the same people however they are cut into batches. About ten round trips per
    batch; 100 to 200 facts at a time are best. Conflicts open review items and are named in the resolution; nothing
    merges silently. A changed Patient document hangs on the last claim of the batch that concerns it. ``asked``: what `ask_ahead`
    has asked for the same claims in this transaction.
    """
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    if not facts:
        return []
    prepared, state, resolutions, likeness = _decided(conn, facts, asked)
    attach_documents(state, prepared, resolutions)
    store.save(conn, state, who=by.name)
    keep(conn, state, prepared, resolutions, likeness)
    return resolutions


def hold_people(conn: Connection[Any], *, by: Actor, people: Sequence[UUID]) -> None:
    """Hold people until the end of the transaction, as `resolve_many` does with those of its batch: who derives something of all a person's rows."""
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    store.lock_people(conn, people)


def recognise(conn: Connection[Any], *, by: Actor, facts: Sequence[PersonFacts]) -> list[UUID | None]:
    """Say whom `resolve_many` would find, and write nothing; None where it would make a person or meet a conflict."""
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    if not facts:
        return []
    _, state, found, _ = _decided(conn, facts)
    return [None if one.review or state.people[one.person_id].fresh else one.person_id for one in found]


def _decided(conn: Connection[Any], facts: Sequence[PersonFacts], asked: Ahead | None = None) -> tuple[list[Me], State, list[Resolution], Likeness]:
    """Decide and write nothing."""
    if asked is None or not asked.is_of(facts):
        asked = _ahead(conn, facts)
    prepared = asked.prepared
    near = store.near(conn, asked.near)
    likeness = look(conn, prepared, near, asked.like, asked.rows)
    state = store.load(conn, near.people | likeness.people, asked.ids)
    return prepared, state, resolve(state, prepared, likeness), likeness


def _asked(prepared: list[Me]) -> set[Key]:
    keys = {key for me in prepared for key in me.ids}
    return keys | {(_TEMPORARY, value) for kind, value in keys if kind == _CARD and value.startswith("TE")}


def retract(conn: Connection[Any], *, by: Actor, births: Sequence[UUID] = (), deaths: Sequence[tuple[UUID, UUID]] = ()) -> list[Retraction]:
    """Take back what claims said that are withdrawn or say it no more; return the people concerned with their new golden documents.

    ``births``: ids of source Patients that were written as documents (newborns', those that came as FHIR): the document was all
    this source was, so it falls silent, and a person without another source has no golden document any more. ``deaths``: (claim, id of
    the source Patient it was written for).
    """
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    state = store.hold_patients(conn, [*births, *(patient for _, patient in deaths)])
    gone, undone = frozenset(births), {(str(claim), patient) for claim, patient in deaths}
    concerned = set()
    for source in [source for places in state.sources.values() for source in places]:
        silent = source.patient in gone and not source.withdrawn and ("born_of" in source.sent or "resource_id" in source.sent)
        told = [claim for claim in source.deaths if (claim, source.patient) in undone]
        if silent:
            source.withdrawn = True
            state.people[source.person_id].sources.remove(source)
            state.happenings.append(Happening(source.person_id, "withdrawn", source.key, "birth", {}))
        for claim in told:
            del source.deaths[claim]
        if silent or told:
            source.changed = True
            concerned.add(source.person_id)
    if not concerned:
        return []
    changed = [_retracted(state.people[person]) for person in sorted(concerned)]
    store.save(conn, state, who=by.name)
    store.let_go(conn, [one.person_id for one in changed])
    return changed


def _retracted(person: Person) -> Retraction:
    doc = golden_doc(person) if person.sources else None
    person.digest, person.stale = digest(doc) if doc else 0, True
    return Retraction(person.id, doc)


def report(conn: Connection[Any], *, by: Actor, doubts: Sequence[Doubt]) -> None:
    """Open review items for conflicts that another room met; the same conflict is one item, however often it is met. Noted by the caller."""
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    store.open_reviews(conn, [Review(one.kind, (one.person_id,), one.facility, one.local_id, one.evidence) for one in doubts])


def settle(conn: Connection[Any], *, by: Actor, review: UUID, state: ReviewState, reason: str) -> None:
    """Close a conflict as settled or dismissed, with the reason; audited. Raises Denied, NotFound, Conflict when it is closed."""
    item = store_read.lock_review(conn, review, access.predicate(conn, by=by, right=Right.IDENTITY_REVIEW_SETTLE, columns=REVIEW))
    if item is None:
        raise NotFound("Không có mục đối soát này.")
    if item.state is not ReviewState.OPEN or state is ReviewState.OPEN:
        raise Conflict("Mục đối soát này đã đóng.")
    store_read.close_review(conn, review, state, by.name)
    kind = Decided.DIFFERENT if state is ReviewState.DISMISSED else Decided.RIGHT
    store_desk.add(conn, [review], by.name, Act(kind, words=reason or state.value))
    audit.note(
        conn,
        by=by,
        tag=Tag.REVIEW_SETTLE,
        about_type="ReviewItem",
        about_id=str(review),
        facility=item.facility,
        reason=reason,
        detail={"state": state.value, "persons": [str(p) for p in item.persons]},
    )
