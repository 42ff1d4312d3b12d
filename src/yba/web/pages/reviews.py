"""The half-yearly access review: keep or end, role by role, and a name under it; and the roles with the reason of each right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect

from yba import accounts
from yba.access import Right, needs
from yba.accounts import Decision
from yba.kit import clock
from yba.kit.errors import NotFound
from yba.specs import access as specs
from yba.web import shell
from yba.web.facilities import places
from yba.web.words import FIRST

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from yba.accounts import Review
    from yba.web.edge import Visit


@needs(Right.ACCOUNTS_REVIEW_READ)
def listed(visit: Visit) -> HttpResponse:
    """List the reviews within reach, the one due first on top; ``?state=all`` the signed ones too."""
    everything = visit.asked("state") == "all"
    found = accounts.access_reviews(visit.conn, by=visit.by, open_only=not everything)
    called = places(visit, {one.facility for one in found})
    return shell.answer(visit, "reviews", found=found, places=called, everything=everything, today=clock.today())


@needs(Right.ACCOUNTS_REVIEW_READ)
def one(visit: Visit, review: UUID) -> HttpResponse:
    """Show the roles under review."""
    found = _review(visit, review)
    called = places(visit, [found.facility])
    signs = visit.may(Right.ACCOUNTS_REVIEW_SIGN)
    return shell.answer(visit, "review", review=found, places=called, roles=specs.roles(), signs=signs, mine=visit.by.account)


@needs(Right.ACCOUNTS_REVIEW_READ, Right.ACCOUNTS_REVIEW_SIGN)
def decide(visit: Visit, review: UUID) -> HttpResponse:
    """Keep the decisions that were ticked; signing is its own step."""
    if not visit.posted:
        return one(visit, review)
    items = {item.assignment.id for item in _review(visit, review).items}
    ticked = {item: visit.text(f"decision-{item}", 10) for item in items}
    given = [(item, Decision(said), visit.text(f"words-{item}")) for item, said in ticked.items() if said in set(Decision)]
    accounts.decide(visit.conn, by=visit.by, review=review, decisions=given)
    return HttpResponseRedirect(f"/admin/review/{review}?done=decided")


@needs(Right.ACCOUNTS_REVIEW_READ, Right.ACCOUNTS_REVIEW_SIGN)
def sign(visit: Visit, review: UUID) -> HttpResponse:
    """Sign the review off: what was decided to end ends now."""
    if not visit.posted:
        return one(visit, review)
    accounts.sign_off_review(visit.conn, by=visit.by, review=review, name=visit.text("name", 120))
    return HttpResponseRedirect(f"/admin/review/{review}?done=signed")


@needs(Right.ACCESS_ROLE_READ)
def roles(visit: Visit) -> HttpResponse:
    """Show every role as the files say it: what it may, where, and why."""
    english = {} if visit.lang == FIRST else specs.reasons_in_english()
    return shell.answer(visit, "roles", roles=specs.roles(), rights=specs.rights(), reason=lambda why: english.get(why, why))


def _review(visit: Visit, review: UUID) -> Review:
    found = next((each for each in accounts.access_reviews(visit.conn, by=visit.by, open_only=False) if each.id == review), None)
    if found is None:
        raise NotFound
    return found
