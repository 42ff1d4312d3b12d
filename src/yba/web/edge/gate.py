"""Every page passes here: signed in, right held (a second factor where the right asks for one), one unit of work, refusals in the trail."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import get_language

from yba import access, accounts, audit
from yba.access import Denied
from yba.audit import Tag
from yba.kit import Actor, ActorKind
from yba.kit.db import act_as, unit_of_work
from yba.kit.errors import Category, Conflict, Forbidden, Invalid, NotFound, TooMuch, YbaError
from yba.specs import access as specs
from yba.warehouse import ManifestDamaged
from yba.web import kept
from yba.web.words import FIRST, language

from . import refusals
from .packing import packed
from .told import words
from .visit import Outside, Visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from yba.access import Declaration
    from yba.kit.db import Conn

    Page = Callable[..., HttpResponse]

EDGE: Final = Actor.system("pages")
NOBODY: Final = Actor("system:pages", ActorKind.USER, frozenset(), "")  # before the session's account is looked at: sees no row
_STATUS: Final = {Category.INVALID: 400, Category.CONFLICT: 409}


def at(address: str, page: Page, name: str, *, acts: bool = False) -> URLPattern:
    """Lay a page at an address: a function of (Visit, …) that declares what it needs; ``acts``: it takes forms. Raises when it declares nothing."""
    declaration = access.declared(page)
    if declaration is None:
        message = f"page {name!r} declares no right: use yba.access.needs or open_to_all"
        raise ImproperlyConfigured(message)
    return path(address, _guarded(page, declaration, {"GET", "HEAD", "POST"} if acts else {"GET", "HEAD"}), name=name)


def open_at(address: str, view: Page, name: str) -> URLPattern:
    """Lay a view of (request, …) at an address without sign-in: our own files. It must say why it is open to all."""
    declaration = access.declared(view)
    if declaration is None or declaration.rights:
        message = f"view {name!r} does not say why it is open to all"
        raise ImproperlyConfigured(message)
    return path(address, view, name=name)


def _guarded(page: Page, declaration: Declaration, methods: set[str]) -> Page:
    @wraps(page)
    def run(request: HttpRequest, **given: Any) -> HttpResponse:  # noqa: ANN401  # what the address holds
        if request.method not in methods:
            return HttpResponseNotAllowed(sorted(methods))
        if not request.user.is_authenticated:
            return kept.to_sign_in(request)
        if request.method == "POST" and kept.AGAIN not in request.POST:
            kept.sent(request)
        made = _made(page, request, declaration, given)
        if request.method == "POST" and kept.AGAIN in request.POST:
            kept.forget(request, request.POST[kept.AGAIN])  # it was sent; what is wrong with it stands on the page
        kept.remember(request, made)
        return packed(request, made)

    return run


def _made(page: Page, request: HttpRequest, declaration: Declaration, given: dict[str, Any]) -> HttpResponse:
    """Return the page, or what is said in its place."""
    who = _Who()
    try:
        answer = _answer(page, request, who, declaration, given)
        return answer.run() if isinstance(answer, Outside) else answer
    except (Forbidden, NotFound, Invalid, Conflict) as error:
        if who.by is None:  # before anybody is known: no refusal of the page's
            raise
        return _instead(page, request, who.by, declaration, given, error)
    except ManifestDamaged as error:  # nothing of the lake can be read until the operator builds it anew
        if who.by is None:
            raise
        return _told(request, who.by, refusals.wanting, error)
    except TooMuch as error:  # as much as may wait for one asker waits already
        if who.by is None:
            raise
        return _told(request, who.by, refusals.too_much, error)


@dataclass(slots=True)
class _Who:
    """Who asks, once the unit of work has found it out; needed still when that was rolled back."""

    by: Actor | None = None


def _instead(page: Page, request: HttpRequest, by: Actor, declaration: Declaration, given: dict[str, Any], error: YbaError) -> HttpResponse:
    """Answer what a page refused; its own unit of work was rolled back."""
    match error:
        case Forbidden():
            return _follow(request, by, given) or _refuse(request, by, error, given.get("person"))
        case NotFound():
            return _follow(request, by, given) or _told(request, by, refusals.missing, error)
        case _:
            return _again(page, request, by, declaration, given, error)


def _answer(page: Page, request: HttpRequest, who: _Who, declaration: Declaration, given: dict[str, Any]) -> HttpResponse | Outside:
    """Find out who asks and answer in one unit of work, which nobody's closed lock begins."""
    with unit_of_work(by=NOBODY) as conn:
        by = who.by = _actor(conn, request, declaration)
        proof = _second_factor(request, declaration)
        if proof is not None:
            return proof
        act_as(conn, by)
        declaration.check(by)
        return page(Visit(request, conn, by, lang_of(), request.method == "POST"), **given)


def _follow(request: HttpRequest, by: Actor, given: dict[str, Any]) -> HttpResponse | None:
    """Lead a reader with an id that was merged to the same page of the person it means today; asked only where the page did not open."""
    person = given.get("person")
    if person is None or request.method == "POST":
        return None
    with unit_of_work(by=by) as conn:
        now = access.person_now(conn, by=by, person_id=person)
    return None if now == person else HttpResponseRedirect(request.get_full_path().replace(str(person), str(now)))


def _again(page: Page, request: HttpRequest, by: Actor, declaration: Declaration, given: dict[str, Any], wrong: YbaError) -> HttpResponse:
    """Show the form once more with the reason; the act itself was rolled back."""
    if request.method != "POST":
        return _told(request, by, refusals.wrong, wrong)
    try:
        with unit_of_work(by=by) as conn:
            declaration.check(by)
            answer = page(Visit(request, conn, by, lang_of(), posted=False, wrong=words(wrong, lang_of())), **given)
    except YbaError:  # a page that cannot stand without its act
        return _told(request, by, refusals.wrong, wrong)
    if answer.status_code == 200:  # noqa: PLR2004  # a page, not a way elsewhere
        answer.status_code = _STATUS[wrong.category]
    return answer


def _refuse(request: HttpRequest, by: Actor, refused: Forbidden, person: UUID | None) -> HttpResponse:
    """Write the refusal down in a transaction of its own, then tell what, why and how to ask."""
    right = refused.right.value if isinstance(refused, Denied) else ""
    match = request.resolver_match
    with unit_of_work(by=by) as conn:
        detail = {"page": match.url_name if match else "", "method": str(request.method)}
        audit.note(conn, by=by, tag=Tag.RIGHT_REFUSED, about_type="Right", about_id=right, person_id=person, detail=detail)
        return refusals.refused(Visit(request, conn, by, lang_of(), posted=False), refused, person)


def _told(request: HttpRequest, by: Actor, tell: Callable[[Visit, YbaError], HttpResponse], error: YbaError) -> HttpResponse:
    with unit_of_work(by=by) as conn:
        return tell(Visit(request, conn, by, lang_of(), posted=False), error)


def _actor(conn: Conn, request: HttpRequest, declaration: Declaration) -> Actor:
    """Who is signed in, with the grants in force at this moment, working for a purpose of the right the page needs."""
    by = accounts.actor_of(conn, by=EDGE, account=request.user.pk, purpose="", origin=accounts.origin_of(request))
    roles = specs.roles()
    first = next((roles[grant.role].purpose for grant in by.grants if grant.role in roles), "administration")
    by = by.for_purpose(first)
    return access.purpose_for(by, declaration.rights[0]) if declaration.rights else by


def _second_factor(request: HttpRequest, declaration: Declaration) -> HttpResponse | None:
    """Ask for the second factor where a right of the page is sensitive and it was not used in this session."""
    if not any(specs.rights()[right.value].sensitive for right in declaration.rights):
        return None
    standing = getattr(request, "yba_standing", None)
    if standing is None or standing.proven:
        return None
    name = "mfa_reauthenticate" if standing.factor else "mfa_activate_totp"
    return kept.to_second_factor(request, name)


def lang_of() -> str:
    """Return the language of this request."""
    return language((get_language() or FIRST)[:2])
