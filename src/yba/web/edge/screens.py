"""The edge of a screen on a wall: its own token to an actor that may see one unit's picture; no session, no account, no other page."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path

from yba import access, accounts
from yba.kit.db import act_as, unit_of_work
from yba.kit.errors import Conflict, Forbidden, Invalid, NotFound

from .gate import NOBODY, lang_of
from .packing import packed
from .visit import Visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from yba.kit import Actor

    Page = Callable[[Visit, datetime], HttpResponse]

COOKIE: Final = "__Host-yba-screen"
ENTRANCE: Final = "/screen"
_WHY: Final = "a screen proves itself by a token of its own, which opens the picture of its unit and nothing else"


def screen_at(address: str, page: Page, name: str) -> URLPattern:
    """Lay a page of (Visit, until when the screen lives) at an address for screens alone; it declares the right it needs, or nothing starts."""
    declaration = access.declared(page)
    if declaration is None or not declaration.rights:
        message = f"page {name!r} of screens declares no right: use yba.access.needs"
        raise ImproperlyConfigured(message)

    @wraps(page)
    def run(request: HttpRequest, **given: Any) -> HttpResponse:  # noqa: ANN401  # what the address holds
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        token, by = request.COOKIES.get(COOKIE, ""), NOBODY
        try:
            with unit_of_work(by=NOBODY) as conn:
                found = accounts.screen_of(conn, token=token, origin=accounts.origin_of(request)) if token else None
                if found is None:
                    return _dark(request)
                by, until = found
                by = access.purpose_for(by, declaration.rights[0])
                act_as(conn, by)
                declaration.check(by)
                return packed(request, page(Visit(request, conn, by, lang_of(), posted=False), until, **given))
        except Forbidden as refused:
            _noted(by, name, refused)
            raise Http404 from None  # nobody sits there to be told more
        except (NotFound, Invalid, Conflict):
            raise Http404 from None  # same

    return path(address, access.open_to_all(_WHY)(run), name=name)


def _noted(by: Actor, page: str, refused: Forbidden) -> None:
    """Write a screen's refusal down in a unit of its own; what it asked for was rolled back."""
    right = refused.right.value if isinstance(refused, access.Denied) else ""
    with unit_of_work(by=by) as conn:
        accounts.refuse_screen(conn, by=by, right=right, page=page)


def _dark(request: HttpRequest) -> HttpResponse:
    """Lead to where a code is typed; a token that opens nothing is forgotten."""
    answer = HttpResponseRedirect(ENTRANCE)
    if COOKIE in request.COOKIES:
        forget(answer)
    return answer


def remember(answer: HttpResponse, token: str, *, days: int) -> None:
    """Let the device keep its token, where no script and no other site reaches it."""
    answer.set_cookie(COOKIE, token, max_age=days * 86400, secure=True, httponly=True, samesite="Strict")


def forget(answer: HttpResponse) -> None:
    """Take the token away."""
    answer.set_cookie(COOKIE, "", max_age=0, secure=True, httponly=True, samesite="Strict")
