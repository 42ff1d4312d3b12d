"""Emergency access: the form before a record without a relation, and the privacy officer's queue after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect

from yba import access, accounts, record
from yba.access import EmergencyState, Right, needs
from yba.kit import clock
from yba.specs import access as specs
from yba.web import shell
from yba.web.facilities import names, places

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.http import HttpResponse

    from yba.access import Emergency
    from yba.web.edge import Visit


@needs(Right.RECORD_CLINICAL_BREAK_GLASS)
def emergency(visit: Visit, person: UUID) -> HttpResponse:
    """Ask for ground and reason and say what will happen; then open the record for some hours."""
    conn, by = visit.conn, visit.by
    if visit.posted:
        with visit.under(Right.IDENTITY_PERSON_FIND) as (finding, finder):
            record.find_person(finding, by=finder, number=str(person))  # an id that is nobody's is opened to nobody
        where = visit.text("facility") or None
        access.break_glass(conn, by=by, person_id=person, ground=visit.text("ground"), reason=visit.text("reason", 500), facility=where)
        return HttpResponseRedirect(f"/record/{person}")
    codes = sorted(by.facilities or ())
    places = names(conn, by=by)(codes)
    return shell.answer(visit, "emergency", person=person, spec=specs.emergency(), facilities=[(code, places.get(code, code)) for code in codes])


@needs(Right.ACCESS_EMERGENCY_READ)
def queue(visit: Visit) -> HttpResponse:
    """List emergency accesses, those due first; ``?state=all`` those that were reviewed too."""
    conn, by = visit.conn, visit.by
    everything = visit.asked("state") == "all"
    found = access.emergencies(conn, by=by, state=None if everything else EmergencyState.OPEN)
    values: dict[str, Any] = {
        "found": found,
        "everything": everything,
        "people": accounts.names_of(conn, by=by, accounts=[one.account for one in found]),
        "places": places(visit, {one.facility for one in found}),
        "grounds": specs.emergency().grounds,
        "roles": specs.roles(),
        "late": _late(found),
        "reviews": visit.may(Right.ACCESS_EMERGENCY_REVIEW),
        "mine": by.account,
    }
    return shell.answer(visit, "emergencies", **values)


@needs(Right.ACCESS_EMERGENCY_READ, Right.ACCESS_EMERGENCY_REVIEW)
def review(visit: Visit, emergency: UUID) -> HttpResponse:
    """Keep a verdict on one emergency access."""
    if visit.posted:
        verdict = {"justified": EmergencyState.JUSTIFIED, "unjustified": EmergencyState.UNJUSTIFIED}.get(visit.text("verdict"), EmergencyState.OPEN)
        access.review_emergency(visit.conn, by=visit.by, id=emergency, verdict=verdict, words=visit.text("words", 500))
        return HttpResponseRedirect("/emergencies?done=reviewed")
    return queue(visit)


def _late(found: Sequence[Emergency]) -> set[UUID]:
    return {one.id for one in found if one.state is EmergencyState.OPEN and one.review_by < clock.now()}
