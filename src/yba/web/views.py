"""The two pages there are: a box for a number, and the record behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils.http import urlencode

from yba import record
from yba.kit import Actor, Conflict, NotFound
from yba.kit.db import reading

from .facilities import names
from .loopback import loopback_only
from .render import DETAILED, home_html, record_html, style_hash
from .words import FIRST, language

if TYPE_CHECKING:
    from psycopg import Connection

_EVERY: Final = 1 << 30
_LONGEST: Final = 60


@loopback_only
def home(request: HttpRequest) -> HttpResponse:
    """Ask for a number; the number travels in the body, so that no history or log keeps it."""
    lang = language(request.GET.get("lang"))
    if request.method == "GET":
        return _page(home_html(lang=lang, csrf=get_token(request)))
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "POST"])
    with reading(by=Actor.operator()) as conn:
        found = _find(conn, request.POST.get("number", ""))
    if isinstance(found, UUID):
        return HttpResponseRedirect(f"/record/{found}" + _query(lang))
    return _not_found(request, lang, found)


@loopback_only
def person(request: HttpRequest, number: str) -> HttpResponse:
    """Show a record; any number but the person id leads to the address with the person id, which says nothing of the person."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET"])
    lang = language(request.GET.get("lang"))
    by = Actor.operator()
    with reading(by=by) as conn:
        person_id = _person_id(number)
        if person_id is None:
            found = _find(conn, number)
            return HttpResponseRedirect(f"/record/{found}" + _query(lang)) if isinstance(found, UUID) else _not_found(request, lang, found)
        try:
            page = record.page_of(conn, by=by, person_id=person_id, names=names(conn, by=by))
        except NotFound:
            return _not_found(request, lang, "none")
    full = _EVERY if request.GET.get("all") == "1" else DETAILED
    return _page(record_html(page, lang=lang, served=True, full=full, csrf=get_token(request)))


def _find(conn: Connection[Any], number: str) -> UUID | str:
    """The person, or why there is none ("none", "many"); caught here so that the trail keeps the search."""
    try:
        return record.find_person(conn, by=Actor.operator(), number=number[:_LONGEST])
    except NotFound:
        return "none"
    except Conflict:
        return "many"


def _not_found(request: HttpRequest, lang: str, why: str) -> HttpResponse:
    return _page(home_html(lang=lang, csrf=get_token(request), wrong=why), status=404)


def _person_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _query(lang: str) -> str:
    return "" if lang == FIRST else "?" + urlencode({"lang": lang})


def _page(html: str, *, status: int = 200) -> HttpResponse:
    """Answer a page that no cache keeps, no other page frames and that may load nothing but our own style and font."""
    answer = HttpResponse(html, status=status)
    answer["Cache-Control"] = "no-store"
    answer["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {style_hash(served=True)}; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
