"""The clerk's desk: the queue by risk, one conflict at a time, what is decided about it and what follows; every decision has its reason."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import NotFound
from yba.specs.identity.desk import desk as rules

from . import store_desk, store_read
from .desk_model import PAGE, Act, AlreadyDecided, Case, Decided, Decision, DeskFigures, NoReason, Queue, Queued, Told
from .model import ReviewState
from .queries import REVIEW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

    from .model import ReviewItem

_CLOSES: Final = {
    Decided.MERGED: ReviewState.SETTLED,
    Decided.RIGHT: ReviewState.SETTLED,
    Decided.SPLIT: ReviewState.SETTLED,
    Decided.DIFFERENT: ReviewState.DISMISSED,
}
_READY: Final = {
    Decided.MERGED: "merge", Decided.RIGHT: "right", Decided.DIFFERENT: "different", Decided.SPLIT: "split", Decided.ASKED: "ask",
    Decided.ANSWERED: "answer", Decided.PROPOSED: "merge", Decided.DECLINED: "decline", Decided.UNDONE: "undo",
}  # fmt: skip
_SHORTEST: Final = 10
_LONGEST: Final = 500
_SOURCE: Final = access.Columns(person="person_id", facility="facility", labels=None, rtype=None, alias="f")


def desk_queue(conn: Connection[Any], *, by: Actor, kind: str = "", facility: str = "", offset: int = 0, limit: int = PAGE) -> Queue:
    """Return one page of the open conflicts within reach, the riskiest first (specs/identity/desk.toml). Raises Denied; audited."""
    seen = _seen(conn, by, Right.IDENTITY_REVIEW_READ)
    counted = store_desk.counts(conn, seen)
    kinds, facilities, total = Counter[str](), Counter[str](), 0
    for its_kind, its_facility, number in counted:
        kinds[its_kind] += number if facility in {"", its_facility} else 0
        facilities[its_facility] += number if kind in {"", its_kind} else 0
        total += number if facility in {"", its_facility} and kind in {"", its_kind} else 0
    found = store_desk.page(conn, seen, kind=kind, facility=facility, now=clock.now(), limit=limit, offset=offset)
    _looked(conn, by, rows=len(found), kind=kind)
    return Queue(tuple(found), total, offset, dict((+kinds).most_common()), dict((+facilities).most_common()))


def desk_waiting(conn: Connection[Any], *, by: Actor) -> int:
    """Return how many conflicts within reach wait, a number only. Raises Denied."""
    return sum(number for _, _, number in store_desk.counts(conn, _seen(conn, by, Right.IDENTITY_REVIEW_READ)))


def desk_lately(conn: Connection[Any], *, by: Actor, offset: int = 0, limit: int = PAGE) -> tuple[list[Queued], int]:
    """Return closed conflicts within reach, those decided last first, and how many there are. Raises Denied; audited."""
    found, total = store_desk.lately(conn, _seen(conn, by, Right.IDENTITY_REVIEW_READ), limit=limit, offset=offset)
    _looked(conn, by, rows=len(found), kind="")
    return found, total


def desk_case(conn: Connection[Any], *, by: Actor, review: UUID, kind: str = "", facility: str = "") -> Case:
    """Open one conflict with all that was done about it and its neighbours in the queue asked for. Raises Denied, NotFound; audited."""
    found = store_desk.case(conn, _seen(conn, by, Right.IDENTITY_REVIEW_READ), review, kind=kind, facility=facility, now=clock.now())
    if found is None:
        raise _missing()
    _looked(conn, by, rows=1, kind=found.item.kind, about=str(review), facility=found.item.facility)
    return found


def hold_review(conn: Connection[Any], *, by: Actor, review: UUID) -> ReviewItem:
    """Take an open conflict to decide about it: until the transaction ends nobody else can. Raises Denied, NotFound, AlreadyDecided."""
    item = store_read.lock_review(conn, review, _seen(conn, by, Right.IDENTITY_REVIEW_SETTLE))
    if item is None:
        raise _missing()
    if item.state is not ReviewState.OPEN:
        raise _already(conn, review)
    return item


def conclude_review(conn: Connection[Any], *, by: Actor, item: ReviewItem, done: Act) -> None:
    """Write down what was done about a conflict that is held, and close it where that settles it; audited with the reason.

    What was said about two people counts for every open conflict that asks whether just these two are one. Raises Denied, Invalid for a reason
    that is not one of the decision's own and not said in ten characters.
    """
    access.require(by, Right.IDENTITY_REVIEW_SETTLE, facility=item.facility)
    _check_reason(done)
    closing = _CLOSES.get(done.kind)
    items = [item.id]
    if closing is not None:
        items += store_desk.beside(conn, item.id)
        for each in items:
            store_read.close_review(conn, each, closing, by.name)
    if done.kind is Decided.MERGED:  # two who are one now: whatever else stood between them is settled by the same act
        items += [each for each in store_desk.closed_with(conn, item.id) if each not in items]
    store_desk.add(conn, items, by.name, done)
    _noted(conn, by, item, done)


def reopen_reviews(conn: Connection[Any], *, by: Actor, decisions: Sequence[Decision], done: Act) -> None:
    """Open the conflicts of decisions again that were taken back or not approved; audited. Raises Denied, NotFound, Invalid."""
    _check_reason(done)
    seen = _seen(conn, by, Right.IDENTITY_REVIEW_SETTLE)
    for review in sorted({one.review for one in decisions}):
        item = store_read.lock_review(conn, review, seen)
        if item is None:
            raise _missing()
        if item.state is not ReviewState.OPEN:
            store_desk.reopen(conn, [review])
        store_desk.add(conn, [review], by.name, done)
        _noted(conn, by, item, done)


def decisions_of_proposal(conn: Connection[Any], *, by: Actor, proposal: UUID) -> list[Decision]:
    """Return what was decided that led to a proposal or came of it, about conflicts within reach. Raises Denied."""
    return store_desk.of_proposal(conn, _seen(conn, by, Right.IDENTITY_REVIEW_READ), proposal)


def decided_together(conn: Connection[Any], *, by: Actor, one: Decision) -> list[Decision]:
    """Return what was decided by the same word as this, about one conflict or several that ask the same, within reach. Raises Denied."""
    return store_desk.together(conn, _seen(conn, by, Right.IDENTITY_REVIEW_READ), one)


def reviews_told(conn: Connection[Any], *, by: Actor, patients: Sequence[UUID]) -> dict[tuple[UUID, str], Told]:
    """Return where the conflicts of source Patients stand, for receipts: (Patient id, kind) -> last decision; no word of anybody else.

    Whoever may read a facility's receipts reads it. Raises Denied; noted by the caller, whose receipt it stands in.
    """
    seen = access.predicate(conn, by=by, right=Right.INGEST_RECEIPT_READ, columns=_SOURCE)
    return store_desk.told(conn, patients, seen) if patients else {}


def desk_figures(conn: Connection[Any], *, by: Actor, since: datetime) -> DeskFigures:
    """Count the desk since a moment, as far as the rights reach: kinds, facilities, clerks, age of what is open. Raises Denied; audited."""
    right, now = Right.IDENTITY_REVIEW_READ, clock.now()
    seen = _seen(conn, by, right)
    kinds = store_desk.kind_figures(conn, seen, since, now)
    every = next((one for one in kinds if not one.kind), None)
    places = store_desk.facility_figures(conn, seen, since)
    _looked(conn, by, rows=len(places), kind="")
    return DeskFigures(
        kinds=tuple(one for one in kinds if one.kind),
        facilities=tuple(places),
        clerks=tuple(store_desk.clerk_figures(conn, seen, since)),
        still_open=every.still_open if every else 0,
        median_age=every.median_age if every else None,
    )


def _seen(conn: Connection[Any], by: Actor, right: Right) -> Predicate:
    return access.predicate(conn, by=by, right=right, columns=REVIEW)


def _missing() -> NotFound:
    return NotFound("Không có mục đối soát này.")


def _already(conn: Connection[Any], review: UUID) -> AlreadyDecided:
    done = store_desk.decisions(conn, review)
    return AlreadyDecided(done[-1] if done else None)


def _check_reason(done: Act) -> None:
    """A ready reason of this decision, or words that say something."""
    words = " ".join(done.words.split())
    strange = bool(done.reason) and done.reason not in rules().reasons[_READY[done.kind]]
    if strange or len(words) > _LONGEST or (not done.reason and len(words) < _SHORTEST):
        raise NoReason


def _noted(conn: Connection[Any], by: Actor, item: ReviewItem, done: Act) -> None:
    audit.note(
        conn, by=by, tag=Tag.REVIEW_SETTLE, about_type="ReviewItem", about_id=str(item.id), facility=item.facility,
        reason=" ".join(part for part in (done.reason, done.words) if part),
        detail={"decision": done.kind.value, "persons": [str(one) for one in item.persons], "act": done.act},
    )  # fmt: skip


def _looked(conn: Connection[Any], by: Actor, *, rows: int, kind: str, about: str = "", facility: str | None = None) -> None:
    detail = {"rows": rows, "kind": kind}
    audit.note(conn, by=by, tag=Tag.REVIEW_READ, about_type="ReviewItem", about_id=about, facility=facility, detail=detail)
