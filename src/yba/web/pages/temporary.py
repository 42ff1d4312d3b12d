"""Temporary identifiers: given to a newborn, a foreigner, somebody without papers, or printed ahead; the label with its QR code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponseRedirect
from markupsafe import Markup

from yba import identity
from yba.access import Right, needs
from yba.kit.errors import Invalid, NotFound
from yba.kit.text import whole
from yba.specs.identity.temporary import temporary as rules
from yba.web import shell
from yba.web.facilities import places
from yba.web.words import marked as _n

from .desk_places import LONGEST, one_person, station, stations

if TYPE_CHECKING:
    from django.http import HttpResponse

    from yba.identity import TemporaryId
    from yba.web.edge import Visit

_AHEAD: Final = 50  # labels printed ahead at once
_UNKNOWN: Final = "unknown"  # has a page of its own, with the clock


class Written(NamedTuple):
    """What stands on a label beside the code."""

    name: str
    sex: str
    birth: str


_COUNT: Final = _n("In sẵn từ 1 đến 50 mã một lần.")
_FOR_ONE: Final = _n("Mã cho một người đã biết thì chỉ cấp một mã.")


@needs(Right.IDENTITY_IDENTIFIER_WRITE)
def listed(visit: Visit) -> HttpResponse:
    """Give a code, for a person or ahead; show those given last."""
    if visit.posted:
        return _given(visit)
    found = identity.temporaries(visit.conn, by=visit.by)
    values: dict[str, Any] = {
        "found": found,
        "kinds": rules().kinds,
        "offered": [kind for kind in rules().kinds if kind != _UNKNOWN],
        "facilities": stations(visit),
        "places": places(visit, [one.facility for one in found]),
        "person": _asked_for(visit),
        "longest": LONGEST,
        "ahead": _AHEAD,
    }
    return shell.answer(visit, "temporaries", **values)


@needs(Right.IDENTITY_IDENTIFIER_WRITE)
def label(visit: Visit, code: str) -> HttpResponse:
    """Show one code with its label as it prints; name, sex and birth may be changed for the print and are written nowhere."""
    found = identity.temporary_id(visit.conn, by=visit.by, code=code)
    written = Written(visit.text("name", 60), visit.text("sex", 10), visit.text("birth", 10)) if visit.posted else _known(visit, found)
    values: dict[str, Any] = {
        "one": found,
        "kind": rules().kinds[found.kind],
        "places": places(visit, [found.facility]),
        "written": written,
        "label": Markup(identity.label_svg(found, name=written.name, sex=written.sex, birth=written.birth)),  # noqa: S704  # ours, texts escaped
        "longest": LONGEST,
    }
    return shell.answer(visit, "temporary", **values)


@needs(Right.IDENTITY_IDENTIFIER_WRITE, Right.IDENTITY_PERSON_FIND)
def attach(visit: Visit, code: str) -> HttpResponse:
    """Give a code that was printed ahead to its person."""
    if not visit.posted:
        return label(visit, code)
    with visit.under(Right.IDENTITY_IDENTIFIER_WRITE):
        person = one_person(visit, visit.text("number", LONGEST))
        identity.attach_temporary(visit.conn, by=visit.by, code=code, person_id=person)
    return HttpResponseRedirect(f"/temporary/{quote(code)}?done=attached")


def _given(visit: Visit) -> HttpResponse:
    number, chosen, kind = visit.text("number", LONGEST), visit.text("person", 40), visit.text("kind", 20)
    person = UUID(chosen) if _is_id(chosen) else one_person(visit, number) if number else None
    count = whole(visit.text("count", 3) or "1") or 0
    if not 1 <= count <= _AHEAD:
        raise Invalid(visit.say(_COUNT))
    if person is not None and count > 1:
        raise Invalid(visit.say(_FOR_ONE))
    made = [identity.give_temporary(visit.conn, by=visit.by, facility=station(visit), kind=kind, person_id=person) for _ in range(count)]
    return HttpResponseRedirect(f"/temporary/{made[0].code}?done=given" if len(made) == 1 else "/temporary?done=given")


def _known(visit: Visit, found: TemporaryId) -> Written:
    """What the record says of who wears the code, as far as the reader sees it."""
    if found.person_id is None or not visit.may(Right.IDENTITY_PERSON_READ):
        return Written("", "", "")
    with visit.under(Right.IDENTITY_PERSON_READ) as (conn, by):
        try:
            golden = identity.person(conn, by=by, person_id=found.person_id).golden
        except NotFound:
            return Written("", "", "")
    name = next((one["text"] for one in golden.get("name", ()) if one.get("text")), "")
    return Written(name, golden.get("gender", ""), "/".join(reversed(golden.get("birthDate", "")[:10].split("-"))))


def _asked_for(visit: Visit) -> str:
    """The person a page led here from: an id, which says nothing of anybody."""
    given = str(visit.request.POST.get("person", "")) or visit.asked("person", 40)
    return given if _is_id(given) else ""


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
