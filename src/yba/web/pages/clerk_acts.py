"""What a clerk does on the desk: one address for each decision with the rights of its own; everything of one decision in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponseRedirect

from yba import identity, record
from yba.access import Right, needs
from yba.identity import Act, AlreadyDecided, Decided
from yba.kit.errors import Conflict, Invalid
from yba.specs.identity.desk import desk
from yba.specs.identity.merging import merging
from yba.web import shell
from yba.web.words import marked as _n

from . import clerk_item
from . import clerk_words as words
from .clerk import asked, common, narrowed, people

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from yba.identity import Decision, ReviewItem
    from yba.web.edge import Visit

_SOURCES: int = 200
_DECIDES: Final = (Right.IDENTITY_REVIEW_SETTLE, Right.IDENTITY_REVIEW_READ, Right.IDENTITY_PERSON_READ)


_KEEP = _n("Chọn hồ sơ giữ lại mã.")
_WHOSE = _n("Nguồn được chọn không thuộc hồ sơ này.")
_NOTHING = _n("Chưa có quyết định nào để hoàn tác.")


@needs(*_DECIDES, Right.IDENTITY_PERSON_MERGE)
def merge(visit: Visit, review: UUID) -> HttpResponse:
    """Make the two one; above the sizes and behind the guards of merging.toml it is proposed to a second person."""
    if not visit.posted:
        return clerk_item.item(visit, review)
    conn, by = visit.conn, visit.by
    item = identity.hold_review(conn, by=by, review=review)
    keep = visit.text("keep", 40)
    pair = {str(one): one for one in item.persons}
    if keep not in pair or not clerk_item.is_pair(item):
        raise Invalid(visit.say(_KEEP))
    drop = next(one for text, one in pair.items() if text != keep)
    done = _asked_for(visit, Decided.MERGED)
    plan = record.weigh(conn, by=by, plan=identity.plan_merge(conn, by=by, keep=pair[keep], drop=drop, reason=_written(done, "merge")))
    if plan.needs_second and not plan.refused:
        made = identity.propose(conn, by=by, plan=plan)
        done.kind, done.proposal = Decided.PROPOSED, made.id
    else:
        done.act = record.carry_out(conn, by=by, plan=plan).act
    return _concluded(visit, item, done)


@needs(*_DECIDES, Right.IDENTITY_PERSON_SPLIT)
def split(visit: Visit, review: UUID) -> HttpResponse:
    """Take sources that are somebody else's out of one of the people."""
    if not visit.posted:
        return clerk_item.item(visit, review)
    conn, by = visit.conn, visit.by
    item = identity.hold_review(conn, by=by, review=review)
    whose = next((one for one in item.persons if str(one) == visit.text("person", 40)), None)
    if whose is None:
        raise Invalid(visit.say(_WHOSE))
    chosen = set(visit.request.POST.getlist("source")[:_SOURCES])
    known = identity.person(conn, by=by, person_id=whose).sources
    keys = [(one.facility, one.local_id, one.variant) for one in known if str(one.patient_id) in chosen]
    if not keys or not chosen <= {str(one.patient_id) for one in known}:
        raise Invalid(visit.say(_WHOSE))
    done = _asked_for(visit, Decided.SPLIT)
    plan = identity.plan_split(conn, by=by, person=whose, sources=keys, reason=_written(done, "split"))
    done.act = record.carry_out(conn, by=by, plan=plan).act
    return _concluded(visit, item, done)


@needs(*_DECIDES)
def different(visit: Visit, review: UUID) -> HttpResponse:
    """Say that they are two; only who sees both may."""
    return _decided(visit, review, Decided.DIFFERENT, whole=True)


@needs(*_DECIDES)
def right(visit: Visit, review: UUID) -> HttpResponse:
    """Say that a contradiction within one person is settled."""
    return _decided(visit, review, Decided.RIGHT, whole=True)


@needs(*_DECIDES)
def ask(visit: Visit, review: UUID) -> HttpResponse:
    """Ask the facility that met the conflict; the ready question stands in its receipts and on its own desk."""
    return _decided(visit, review, Decided.ASKED)


@needs(*_DECIDES)
def answer(visit: Visit, review: UUID) -> HttpResponse:
    """Say what the facility knows."""
    return _decided(visit, review, Decided.ANSWERED)


@needs(*_DECIDES, Right.IDENTITY_PERSON_MERGE)
def undo(visit: Visit, review: UUID) -> HttpResponse:
    """Take the last decision back, with the merge or split it led to; refused with what happened since."""
    if not visit.posted:
        return clerk_item.item(visit, review)
    conn, by = visit.conn, visit.by
    found = identity.desk_case(conn, by=by, review=review)
    last = next((one for one in reversed(found.decisions) if one.kind in identity.CLOSING), None)
    if last is None or found.item.state is identity.ReviewState.OPEN:
        raise Conflict(visit.say(_NOTHING))
    done = _asked_for(visit, Decided.UNDONE)
    back = identity.decided_together(conn, by=by, one=last)
    if last.act is not None:
        plan = record.weigh(conn, by=by, plan=identity.plan_undo(conn, by=by, act=last.act, reason=_written(done, "undo")))
        done.act = record.carry_out(conn, by=by, plan=plan).act
    identity.reopen_reviews(conn, by=by, decisions=back, done=done)
    return _back(visit, review, Decided.UNDONE)


@needs(Right.IDENTITY_PERSON_MERGE, Right.IDENTITY_REVIEW_READ)
def proposals(visit: Visit) -> HttpResponse:
    """List what waits for a second person; the own ones can only be taken back."""
    conn, by = visit.conn, visit.by
    found = identity.proposals(conn, by=by)
    items = {one.id: identity.decisions_of_proposal(conn, by=by, proposal=one.id) for one in found}
    guards = merging().guards
    values: dict[str, Any] = {
        "found": found,
        "items": {id_: lines[0].review for id_, lines in items.items() if lines},
        "guards": guards,
        "people": people(visit, [one.who for one in found]),
        "mine": by.name,
        "approves": visit.may(Right.IDENTITY_PERSON_APPROVE),
        "ready": words.reasons(visit),
        **common(visit),
    }
    return shell.answer(visit, "clerk_proposals", **values)


@needs(Right.IDENTITY_PERSON_APPROVE, Right.IDENTITY_PERSON_MERGE, Right.IDENTITY_REVIEW_READ, Right.IDENTITY_REVIEW_SETTLE)
def approve(visit: Visit, proposal: UUID) -> HttpResponse:
    """Carry out what somebody else proposed."""
    if not visit.posted:
        return proposals(visit)
    conn, by = visit.conn, visit.by
    led = identity.decisions_of_proposal(conn, by=by, proposal=proposal)
    held = [(item, one) for one in led if (item := _still_open(visit, one)) is not None]
    act = record.approve(conn, by=by, proposal=proposal).act
    for item, one in held:
        identity.conclude_review(conn, by=by, item=item, done=Act(Decided.MERGED, one.reason, one.words, act, proposal))
    return HttpResponseRedirect("/clerk/proposals?done=merged")


@needs(Right.IDENTITY_PERSON_MERGE, Right.IDENTITY_REVIEW_READ, Right.IDENTITY_REVIEW_SETTLE)
def decline(visit: Visit, proposal: UUID) -> HttpResponse:
    """Close a proposal without doing it: the conflict is decided anew."""
    if not visit.posted:
        return proposals(visit)
    conn, by = visit.conn, visit.by
    done = _asked_for(visit, Decided.DECLINED)
    done.proposal = proposal
    led = [one for one in identity.decisions_of_proposal(conn, by=by, proposal=proposal) if one.kind is Decided.PROPOSED]
    identity.decline(conn, by=by, proposal=proposal, words=_written(done, "decline"))
    identity.reopen_reviews(conn, by=by, decisions=led, done=done)
    return HttpResponseRedirect("/clerk/proposals?done=declined")


def _decided(visit: Visit, review: UUID, kind: Decided, *, whole: bool = False) -> HttpResponse:
    if not visit.posted:
        return clerk_item.item(visit, review)
    item = identity.hold_review(visit.conn, by=visit.by, review=review)
    if whole:
        for person in item.persons:  # out of reach is not there: nobody decides about whom he does not see
            identity.person(visit.conn, by=visit.by, person_id=person)
    return _concluded(visit, item, _asked_for(visit, kind))


def _asked_for(visit: Visit, kind: Decided) -> Act:
    return Act(kind, visit.text("reason", 40), visit.text("words", 500))


def _written(done: Act, decision: str) -> str:
    """The reason as the history of the people keeps it: the ready one in words, then the clerk's own."""
    ready = desk().reasons[decision].get(done.reason)
    return ". ".join(part for part in (ready.vi if ready else "", done.words) if part)


def _concluded(visit: Visit, item: ReviewItem, done: Act) -> HttpResponse:
    identity.conclude_review(visit.conn, by=visit.by, item=item, done=done)
    return _back(visit, item.id, done.kind)


def _back(visit: Visit, review: UUID, kind: Decided) -> HttpResponse:
    return HttpResponseRedirect(f"/clerk/{review}{asked(*narrowed(visit), done=kind.value)}")


def _still_open(visit: Visit, one: Decision) -> ReviewItem | None:
    try:
        return identity.hold_review(visit.conn, by=visit.by, review=one.review)
    except AlreadyDecided:
        return None
