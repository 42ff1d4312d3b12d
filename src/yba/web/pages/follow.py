"""Follow-up on one screen: the last value beside each empty box, the next appointment worked out, Enter saves and leads back to the list."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect

from yba import care, record
from yba.access import Right, needs
from yba.kit import clock, new_id
from yba.kit.errors import NotFound
from yba.specs import care_desk
from yba.web import glance, shell
from yba.web.facilities import names
from yba.web.render import laid_out

from .desk import place_of, programme_words
from .desk_places import to_day
from .visit_acts import confirmed, measures
from .visit_words import boxes

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from django.http import HttpResponse

    from yba.web.edge import Visit


def _next(visit: Visit) -> date | None:
    """The day somebody chose; None where the proposed one was left as it stands: then the values decide how soon."""
    chosen, proposed = visit.text("next", 10), visit.text("proposed", 10)
    return None if not chosen or chosen == proposed else to_day(visit, chosen)


@needs(Right.CARE_VISIT_WRITE)
def follow(visit: Visit, person: UUID, programme: str) -> HttpResponse:
    """Show the one screen of a programme's follow-up, and save it: start, measure, appoint, close as one act."""
    known = care_desk.programmes().get(programme)
    if known is None:
        raise NotFound(programme)
    doubts: dict[str, care.Doubt] = {}
    if visit.posted:
        try:
            care.follow_up(
                visit.conn,
                by=visit.by,
                person_id=person,
                facility=place_of(visit),
                programme=programme,
                values=measures(visit, list(known.asks)),
                next_on=_next(visit),
                confirmed=confirmed(visit),
                key=visit.text("key", 60),
            )
        except care.NotPlausible as wrong:
            doubts = {one.field: one for one in wrong.doubts}
        else:
            return HttpResponseRedirect("/desk?done=saved")
    page = record.page_of(visit.conn, by=visit.by, person_id=person, names=names(visit.conn, by=visit.by))
    today = clock.today()
    return shell.answer(
        visit,
        "follow",
        status=400 if doubts else 200,
        page=page,
        programme=programme_words(visit, programme),
        place=place_of(visit),
        key=visit.text("key", 60) if doubts else new_id().hex,
        vitals=boxes(visit, page, known.asks, known.needs, doubts),
        taken=glance.taken(page, today),
        days=known.days,
        days_above=known.days_above,
        next=today + timedelta(days=known.days),
        **({"given": visit.request.POST} if doubts else {}),
        **laid_out(page, visit.lang),
    )
