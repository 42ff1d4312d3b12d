"""Registration with the fewest keys: a card fills the form, who it may be is shown before a second person is made, a visit begins at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponseRedirect

from yba import care, directory, identity, terminology
from yba.access import Right, needs
from yba.kit import clock
from yba.web import shell
from yba.web.spelling import spelling_order

from .desk import place_of
from .desk_places import stations, to_birth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from yba.web.edge import Visit

_FIELDS: Final = ("name", "sex", "birth", "citizen", "old_citizen", "card", "phone", "commune", "address")
_LISTS: Final = ("ethnic", "occupation")


@needs(Right.CARE_PERSON_REGISTER)
def register(visit: Visit) -> HttpResponse:
    """Show the form, fill it from a card, or register and begin a visit."""
    match visit.text("act", 10) if visit.posted else "":
        case "fill":
            scan = visit.text("scan", 1000)
            if identity.is_card_text(scan):
                return _form(visit, given=_of_card(identity.read_card(scan)), focus="card")
            return _form(visit, given={"citizen": "", "number": scan} if scan.isdecimal() else {"name": scan}, focus="name")
        case "register":
            return _register(visit)
        case _:
            return _form(visit, given=visit.request.POST, focus="name") if visit.wrong else _form(visit, given={})


def _register(visit: Visit) -> HttpResponse:
    facts = care.Newcomer(
        visit.text("name", 120),
        visit.text("sex", 10),
        to_birth(visit, visit.text("birth", 10)),
        citizen=visit.text("citizen", 12) or visit.text("number", 12),
        old_citizen=visit.text("old_citizen", 12),
        card=visit.text("card", 20),
        phone=visit.text("phone", 20),
        commune=visit.text("commune", 10),
        address=visit.text("address", 200),
        ethnicity=visit.text("ethnicity", 4),
        occupation=visit.text("occupation", 6),
        permanent_commune=visit.text("permanent_commune", 10),
        permanent_address=visit.text("permanent_address", 200),
    )
    place = place_of(visit)
    made = care.register(visit.conn, by=visit.by, facts=facts, facility=place, is_new=bool(visit.text("fresh", 1)))
    if made.person_id is None:
        return _form(visit, given=visit.request.POST, found=made.found, status=409)
    if visit.text("then", 10) == "visit":
        begun = care.start(visit.conn, by=visit.by, person_id=made.person_id, facility=place, reason=visit.text("reason", 200))
        return HttpResponseRedirect(f"/visit/{begun.id}")
    return HttpResponseRedirect("/desk?done=registered")


def _form(visit: Visit, *, given: Mapping[str, str], focus: str = "scan", found: tuple[identity.Seen, ...] = (), status: int = 200) -> HttpResponse:
    place = place_of(visit)
    return shell.answer(
        visit,
        "register",
        status=status,
        given=given,
        focus="" if found else focus,
        found=found,
        place=place,
        stations=stations(visit),
        home=home_of(visit, place),
        communes=communes_near(visit, place),
        lists={name: _entries(name) for name in _LISTS},
    )


def _entries(list_: str) -> list[tuple[str, str]]:
    """Return (code, words) of a whole list in force today, in its own order."""
    edition = terminology.edition_on(list_, clock.today())
    return [(one.code, one.display) for one in edition.all() if not one.abstract] if edition else []


def _of_card(card: identity.CitizenCard) -> dict[str, Any]:
    facts = care.newcomer_of_card(card)
    birth = "/".join(reversed(facts.birth.split("-")))
    return {**{name: getattr(facts, name) for name in _FIELDS}, "birth": birth}


def home_of(visit: Visit, place: str) -> str:
    """The commune most people of this place live in: the reader's own area, else the facility's."""
    area = next((code for grant in visit.by.grants for code in sorted(grant.areas) if code.isdecimal()), "")
    if area:
        return area
    known = directory.facility_at(visit.conn, by=visit.by, code=place, on=clock.today())
    return known.commune if known else ""


def communes_near(visit: Visit, place: str) -> list[tuple[str, str]]:
    """Communes of the province of the facility, in Vietnamese order of their names."""
    home = directory.commune(home_of(visit, place), clock.today())
    found = directory.communes_of(home.province, clock.today()) if home else ()
    return sorted(((one.code, one.name) for one in found), key=lambda one: spelling_order(one[1]))
