"""One visit on one page: vital signs, diagnosis, orders, prescription, referral, appointment, close; each a small form, each an act of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect

from yba import care, record
from yba.access import Right, needs
from yba.kit import new_id
from yba.kit.errors import NotFound
from yba.web import files, shell
from yba.web.facilities import names

from . import take_back, visit_acts, visit_results
from .visit_lists import LISTS, PLACES, facilities, options
from .visit_words import Drawn, drawn

if TYPE_CHECKING:
    from uuid import UUID

    from yba.web.edge import Visit


@needs(Right.CARE_VISIT_WRITE)
def one(visit: Visit, id_: UUID) -> HttpResponse:
    """Show a visit and take its acts; one that somebody overtook, and values to be asked about, are shown again with all that was typed."""
    state = Drawn()
    if visit.posted and visit.text("find", 10) not in (*LISTS, PLACES):
        try:
            done = visit_acts.act(visit, id_, visit.text("act", 20))
        except care.NotPlausible as wrong:
            state = Drawn(at=visit.text("act", 20), doubts={one.field: one for one in wrong.doubts}, said=wrong.doubts, given=visit.request.POST)
        except care.Overtaken as wrong:
            state = Drawn(at=visit.text("act", 20), between=wrong.acts, given=visit.request.POST)
        else:
            return HttpResponseRedirect(done)
    elif visit.posted:
        list_ = visit.text("find", 10)
        words = visit.text("to" if list_ == PLACES else "q", 100)
        state = Drawn(at="referral" if list_ == PLACES else list_, sought={list_: words}, given=visit.request.POST)
    return _page(visit, id_, state)


@needs(Right.CARE_VISIT_WRITE)
def find(visit: Visit, id_: UUID) -> HttpResponse:
    """Give the entries of a list that fit some words, for the box that is being typed into; without a script the page's own button asks."""
    list_, words = visit.asked("list", 10), visit.asked("q", 100)
    if list_ not in (*LISTS, PLACES):
        raise NotFound(list_)
    held = care.visit_of(visit.conn, by=visit.by, visit=id_)
    if list_ == PLACES:
        return shell.answer(visit, "places", places=facilities(visit, held.facility, visit.asked("to", 100)))
    return shell.answer(visit, "found", options=options(visit, held.facility, list_, words), sought=words)


@needs(Right.CARE_VISIT_WRITE)
def claim(visit: Visit, id_: UUID) -> HttpResponse:
    """Give the claim a closed visit makes, as the file a facility sends; what no price list names costs nothing in it."""
    return files.file(care.claim(visit.conn, by=visit.by, visit=id_), name=f"{id_}.xml", media="application/xml; charset=utf-8")


def _page(visit: Visit, id_: UUID, state: Drawn) -> HttpResponse:
    conn, by = visit.conn, visit.by
    held = care.visit_of(conn, by=by, visit=id_)
    called = names(conn, by=by)
    page = record.page_of(conn, by=by, person_id=held.person_id, names=called)
    found = {list_: options(visit, held.facility, list_, state.sought.get(list_, "")) for list_ in LISTS} if not held.state.is_over else {}
    wrong, at = bool(state.said or state.between), state.at or visit.text("act", 20) or visit.asked("at", 20)
    backwards = at in (take_back.ACT, take_back.RESTORE) and not held.state.is_over
    return shell.answer(
        visit,
        "visit",
        status=409 if state.between else 400 if wrong else 200,
        page=page,
        visit_=held,
        over=held.state.is_over,
        key=new_id().hex,
        found=found,
        places=facilities(visit, held.facility, state.sought.get(PLACES, "")),
        sought=state.sought,
        at=at,
        given_out=visit_results.given_out(visit, id_) if at == visit_results.CORRECT else (),
        ticked=frozenset(visit.request.POST.getlist("ref")),
        back=take_back.items(visit, id_) if backwards else (),
        gone=take_back.gone(visit, id_) if backwards else (),
        **drawn(visit, held, page, state),
    )
