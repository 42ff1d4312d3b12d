"""A household at the station: who lives together, who heads it; one page to make it, let people in and out, and take the last step back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect

from yba import identity
from yba.access import Right, needs
from yba.kit.errors import NotFound
from yba.web import shell
from yba.web.facilities import commune_name
from yba.web.words import marked as _n

from .desk import place_of
from .desk_places import LONGEST, to_uuid
from .register import communes_near, home_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from yba.web.edge import Visit

_LISTED: Final = 8

RELATIONS: Final = {
    "head": _n("Chủ hộ"),
    "spouse": _n("Vợ, chồng"),
    "child": _n("Con"),
    "parent": _n("Cha, mẹ"),
    "sibling": _n("Anh, chị, em"),
    "other": _n("Người khác"),
}
_ACTS: Final = {
    "create": _n("lập hộ"),
    "join": _n("thêm người"),
    "move-out": _n("ghi chuyển đi"),
    "head": _n("đổi chủ hộ"),
    "relation": _n("sửa quan hệ"),
}


@needs(Right.CARE_HOUSEHOLD_WRITE)
def of_person(visit: Visit, person: UUID) -> HttpResponse:
    """Lead to the household a person lives in; where there is none, make one with this person as its head."""
    place = place_of(visit)
    if visit.posted:
        commune, book = visit.text("commune", 10), visit.text("book", 40)
        made = identity.make_household(visit.conn, by=visit.by, facility=place, commune=commune, book=book, head=person)
        return HttpResponseRedirect(f"/household/{made}")
    with visit.under(Right.IDENTITY_PERSON_READ) as (conn, by):
        living = [one.household for one in identity.person(conn, by=by, person_id=person).households if one.until is None]
    if living:
        return HttpResponseRedirect(f"/household/{living[0]}")
    seen = identity.people_seen(visit.conn, by=visit.by, person_ids=[person]).get(person)
    return shell.answer(
        visit, "household_new", person=person, seen=seen, place=place, home=home_of(visit, place), communes=communes_near(visit, place)
    )


@needs(Right.CARE_HOUSEHOLD_WRITE)
def one(visit: Visit, household: UUID) -> HttpResponse:
    """Show a household and take its acts; a search among them is an act that writes nothing."""
    place, sought = place_of(visit), ""
    if visit.posted:
        kind = visit.text("act", 10)
        if kind != "seek":
            if kind not in _DO:
                raise NotFound(kind)
            _DO[kind](visit, place, household)
            return HttpResponseRedirect(f"/household/{household}")
        sought = visit.text("number", LONGEST)
    return _page(visit, place, household, sought)


def _page(visit: Visit, place: str, household: UUID, sought: str) -> HttpResponse:
    with visit.under(Right.IDENTITY_PERSON_READ) as (conn, by):
        held = identity.household(conn, by=by, household_id=household)
        acts = identity.household_acts(conn, by=by, household_id=household)
    found = identity.seek(visit.conn, by=visit.by, text=sought, limit=_LISTED) if sought else []
    people = identity.people_seen(visit.conn, by=visit.by, person_ids=[each.person_id for each in held.members])
    last = next((each for each in acts if each.undone is None), None)
    inside = {each.person_id for each in held.members}
    return shell.answer(
        visit,
        "household",
        held=held,
        people=people,
        place=place,
        commune=commune_name(visit, held.commune),
        relations={name: visit.say(words) for name, words in RELATIONS.items()},
        sought=sought,
        found=[each for each in found if each.person_id not in inside],
        last=(last.id, visit.say(_ACTS[last.kind]), last.at) if last is not None and last.kind in _ACTS else None,
    )


def _join(visit: Visit, place: str, household: UUID) -> None:
    whom, relation = to_uuid(visit.text("person", 40)), visit.text("relation", 20)
    identity.join_household(visit.conn, by=visit.by, facility=place, household=household, person_id=whom, relation=relation)


def _leave(visit: Visit, place: str, household: UUID) -> None:
    identity.move_out(visit.conn, by=visit.by, facility=place, household=household, person_id=to_uuid(visit.text("person", 40)))


def _head(visit: Visit, place: str, household: UUID) -> None:
    identity.head_household(visit.conn, by=visit.by, facility=place, household=household, person_id=to_uuid(visit.text("person", 40)))


def _undo(visit: Visit, place: str, household: UUID) -> None:  # noqa: ARG001  # as the other acts of a household
    identity.undo_household(visit.conn, by=visit.by, facility=place, act=to_uuid(visit.text("last", 40)))


_DO: Final[dict[str, Callable[[Visit, str, UUID], None]]] = {"join": _join, "leave": _leave, "head": _head, "undo": _undo}
