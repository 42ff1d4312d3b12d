"""The half-yearly access review: what must be looked at, a decision for each, and a name under it."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from yba import audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, Forbidden, Invalid, NotFound
from yba.kit.ids import new_id
from yba.specs.sign_in import sign_in

from . import store_people, store_reviews
from .actions import end_many
from .people import Decision
from .roles import reach, require

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .people import Review

    Conn = Connection[tuple[Any, ...]]

DAYS_TO_SIGN: Final = 30
_MONTH: Final = timedelta(days=30)


def open_due_reviews(conn: Conn, *, by: Actor) -> int:
    """Open a review for every facility (and the province's own posts) whose last one is half a year old; returns how many.

    A facility is due half a year after its first assignment too, so a review never waits for a first review.
    """
    require(by, Right.ACCOUNTS_ACCOUNT_READ, [""])
    now, opened = clock.now(), 0
    before = now - sign_in().account.review_months * _MONTH
    last, live = store_reviews.last_opened(conn), defaultdict(list)
    for one in store_people.live_assignments(conn, on=now):
        if one.post.role not in {"citizen", "guardian"}:
            live[one.post.facility].append(one)
    for facility, found in live.items():
        if (last.get(facility) or min(one.starts for one in found)) > before:
            continue
        opened += open_review(conn, by=by, facility=facility)
    return opened


def open_review(conn: Conn, *, by: Actor, facility: str) -> bool:
    """Open a review of one facility now; False when one is open or there is nobody to review."""
    if by.account is None:
        require(by, Right.ACCOUNTS_ACCOUNT_READ, [facility])
    else:
        require(by, Right.ACCOUNTS_REVIEW_SIGN, [facility])
    now = clock.now()
    found = [one.id for one in store_people.live_assignments(conn, on=now, facility=facility) if one.post.role not in {"citizen", "guardian"}]
    review, due = new_id(), clock.today() + timedelta(days=DAYS_TO_SIGN)
    if not found or not store_reviews.open_review(conn, review=review, facility=facility, by=by.name, at=now, due=due, assignments=found):
        return False
    _note(conn, by, Tag.ACCOUNTS_REVIEW_OPEN, review, facility, {"assignments": len(found)})
    return True


def access_reviews(conn: Conn, *, by: Actor, open_only: bool = True) -> list[Review]:
    """List reviews ``by`` may see, the one due first on top."""
    where = reach(by, Right.ACCOUNTS_REVIEW_READ)
    return store_reviews.reviews(conn, facilities=None if where is None else sorted(where), open_only=open_only)


def decide(conn: Conn, *, by: Actor, review: UUID, decisions: Iterable[tuple[UUID, Decision, str]]) -> None:
    """Keep decisions (assignment, keep or end, words); nobody decides on the own roles. They take effect at the sign-off."""
    found = _open(conn, by, review)
    for assignment, decision, words in decisions:
        item = next((one for one in found.items if one.assignment.id == assignment), None)
        if item is None:
            raise NotFound("Đợt này không có vai trò ấy.", advice="no such assignment in this review.")
        if item.assignment.account == by.account:
            raise Forbidden("Không ai tự rà soát quyền của mình.", advice="Nobody reviews the own roles.")
        store_reviews.decide(conn, review_id=review, assignment=assignment, decision=decision, by=by.name, at=clock.now(), words=words[:200])
        detail = {"assignment": str(assignment), "decision": decision.value}
        _note(conn, by, Tag.ACCOUNTS_REVIEW_DECIDE, review, found.facility, detail, words[:200])


def sign_off_review(conn: Conn, *, by: Actor, review: UUID, name: str) -> Review:
    """Sign a review with a name: what was decided to end ends now. Raises Conflict while an item has no decision, Invalid without a name."""
    found = _open(conn, by, review)
    signed = " ".join(name.split())[:120]
    if not signed:
        raise Invalid("Ký bằng họ và tên.", advice="A review is signed with a name.")
    undecided = sum(1 for item in found.items if item.decision is None and item.assignment.ends is None)
    if undecided:
        raise Conflict(f"Còn {undecided} vai trò chưa có quyết định.", advice=f"{undecided} assignments have no decision yet.")
    ending = [item.assignment for item in found.items if item.decision is Decision.END]
    end_many(conn, by=by, found=ending, reason="rà soát quyền định kỳ")
    store_reviews.sign(conn, review_id=review, by=by.name, name=signed, at=clock.now())
    _note(conn, by, Tag.ACCOUNTS_REVIEW_SIGN, review, found.facility, {"kept": len(found.items) - len(ending), "ended": len(ending)}, signed)
    return store_reviews.review(conn, review) or found


def _open(conn: Conn, by: Actor, review: UUID) -> Review:
    found = store_reviews.review(conn, review)
    if found is None:
        raise NotFound("Không có đợt rà soát này.", advice="no such review.")
    require(by, Right.ACCOUNTS_REVIEW_SIGN, [found.facility])
    if found.signed_at is not None:
        raise Conflict("Đợt này đã ký.", advice="This review is signed.")
    return found


def _note(conn: Conn, by: Actor, tag: Tag, review: UUID, facility: str, detail: dict[str, Any], reason: str = "") -> None:
    audit.note(conn, by=by, tag=tag, about_type="AccessReview", about_id=str(review), facility=facility or None, reason=reason, detail=detail)
