"""Resolving a batch of facts to people; settling conflicts; identity's half of a merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import audit
from yba.audit import Tag
from yba.kit.errors import Conflict, Forbidden, NotFound

from . import store, store_read
from .apply import resolve
from .ladder import Me
from .model import IdType, Merge, ReviewState
from .patients import attach_documents, digest, golden_doc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import PersonFacts, Resolution
    from .normalise import Key

_CARD: Final = IdType.CARD.value
_TEMPORARY: Final = IdType.TEMPORARY.value


def resolve_many(conn: Connection[Any], *, by: Actor, facts: Sequence[PersonFacts]) -> list[Resolution]:
    """Find or make the person of each claim, in the given order, and return one resolution per claim.

    The same facts in the same order give the same people however they are cut into batches. About ten round trips per
    batch; 100 to 200 facts at a time are best. Conflicts open review items and are named in the resolution; nothing
    merges silently. A changed Patient document hangs on the last claim of the batch that concerns it.
    """
    if not facts:
        return []
    prepared = [Me.of(fact) for fact in facts]
    state = store.load(conn, {me.place for me in prepared}, _asked(prepared))
    resolutions = resolve(state, prepared)
    attach_documents(state, prepared, resolutions)
    store.save(conn, state, who=by.name)
    return resolutions


def _asked(prepared: list[Me]) -> set[Key]:
    keys = {key for me in prepared for key in me.ids}
    return keys | {(_TEMPORARY, value) for kind, value in keys if kind == _CARD and value.startswith("TE")}


def settle(conn: Connection[Any], *, by: Actor, review: UUID, state: ReviewState, reason: str) -> None:
    """Close a conflict as settled or dismissed, with the reason; audited. Raises NotFound, Conflict when it is closed."""
    item = store_read.lock_review(conn, review)
    if item is None or not (by.facilities is None or item.facility in by.facilities):
        raise NotFound("Không có mục đối soát này.")
    if item.state is not ReviewState.OPEN or state is ReviewState.OPEN:
        raise Conflict("Mục đối soát này đã đóng.")
    store_read.close_review(conn, review, state, by.name)
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


def merge(conn: Connection[Any], *, by: Actor, keep: UUID, drop: UUID, reason: str) -> Merge:
    """Give ``keep`` everything that is known of ``drop``: identity's half; `record` moves the resources in the same transaction.

    Sources, identifiers and their ownership move; ``drop`` stays as an alias (merged_into). Both histories say who did
    it and why, and which sources moved, so that it can be undone. Raises NotFound, Conflict for one that is merged already, and
    Forbidden for an actor bound to facilities.
    """
    if by.facilities is not None:
        raise Forbidden("Chỉ người có quyền trên mọi cơ sở được gộp hồ sơ.")
    if keep == drop:
        raise Conflict("Một người không thể gộp với chính mình.")
    state = store.hold(conn, *sorted((keep, drop)))
    for person in (keep, drop):
        known = store_read.head(conn, person)
        if known is None:
            raise NotFound("Không có người này.")
        if known[1] is not None:
            raise Conflict("Người này đã được gộp vào người khác.")
    sources = [list(source.key) for source in state.people[drop].sources]
    patients = store_read.move(conn, keep, drop)
    merged = store.read(conn, keep).people[keep]
    doc = golden_doc(merged)
    store_read.set_digest(conn, keep, digest(doc))
    told = {"keep": str(keep), "drop": str(drop), "sources": sources}
    for person, kind in ((keep, "merged-from"), (drop, "merged-into")):
        store_read.add_event(conn, by.name, person, kind, reason, told)
    audit.note(conn, by=by, tag=Tag.PERSON_MERGE, about_type="Person", about_id=str(drop), person_id=keep, reason=reason)
    return Merge(keep, drop, tuple(patients), doc)
