"""Before any page: sessions end in time, and a second factor or a new password that is due comes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation

from yba.accounts import store_people
from yba.accounts.roles import administers, second_factor_needed
from yba.kit import clock
from yba.kit.db import glance, unit_of_work
from yba.specs.sign_in import sign_in

from .backend import ASSURED, GATE
from .origin import address_of
from .texts import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest

    from yba.accounts.models import User

    Answer = Callable[[HttpRequest], HttpResponse]

PREFIX: Final = "/accounts/"
HANDED_OVER: Final = "handed_over"  # in a session that began with a code from the administrator's hand: for whom
LANGUAGE: Final = "yba_lang"
_REFRESH: Final = 60.0  # seconds: a session is written at most once a minute
_ALWAYS: Final = frozenset(
    {"account_logout", "accounts_asset", "accounts_stuck", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
)
_ENROL: Final = frozenset({"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_download_recovery_codes"})
_PASSWORD: Final = frozenset({"account_change_password"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What the guard knows of who is signed in."""

    roles: frozenset[str]
    inside: bool
    factor: bool  # one is set up
    proven: bool  # and was used in this session
    password_due: bool

    @property
    def administers(self) -> bool:
        """Whether the shorter limits hold."""
        return administers(self.roles)

    @property
    def factor_due(self) -> bool:
        """Whether a second factor is needed here and was not used."""
        return not self.proven and second_factor_needed(self.roles, inside=self.inside)


class Language:
    """Vietnamese unless the reader chose English by ``?lang=en``; the browser's own wish does not count."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language chosen."""
        known = {code for code, _ in settings.LANGUAGES}
        chosen = request.GET.get("lang", "")
        lang = chosen if chosen in known else request.COOKIES.get(LANGUAGE, "")
        with translation.override(lang if lang in known else settings.LANGUAGE_CODE):
            response = self.get_response(request)
        if chosen in known:
            response.set_cookie(LANGUAGE, chosen, max_age=365 * 86400, secure=True, httponly=True, samesite="Lax")
        return response


class Guard:
    """The middleware behind allauth's; a request without a session costs nothing."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or send where the duty is met."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            standing = _standing(request, request.user)
            if standing is None or _over(request, standing):
                request.yba_ended = request.user.pk  # a form sent too late is answered by its own face, which may keep it for this account
                get_adapter(request).logout(request)
                if not request.path.startswith(PREFIX) and request.method in {"GET", "HEAD"}:
                    return _send(request, "account_login", "?over=1")
            else:
                request.yba_standing = standing
                response = _duty(request, standing)
                if response is not None:
                    return response
                _touch(request, request.user)
        response = self.get_response(request)
        if request.path.startswith(PREFIX):
            _harden(response)
        return response


def _standing(request: HttpRequest, user: User) -> Standing | None:
    address = address_of(request) or None
    with glance() as conn:
        row = store_people.standing(conn, user.pk, on=clock.now(), address=address)
    if row is None:
        return None
    must_change, set_at, long, factor, roles, inside = row
    methods = [record.get("method") for record in get_authentication_records(request, user)]
    proven = "mfa" in methods or request.session.get(ASSURED) == str(user.pk)
    due = user.has_usable_password() and (must_change or (not factor and not long) or (administers(roles) and _aged(set_at)))
    return Standing(frozenset(roles), inside, factor, proven, due)


def _aged(set_at: datetime | None) -> bool:
    return set_at is None or set_at < clock.now() - timedelta(days=sign_in().password.administrators_change_after_days)


def _over(request: HttpRequest, standing: Standing) -> bool:
    """Whether the session was left alone or has lasted too long; one that does not say when it began is over."""
    limits, now = sign_in().session, clock.now().timestamp()
    idle = limits.idle_minutes_administrators if standing.administers else limits.idle_minutes
    seen, started = float(request.session.get("seen", 0)), float(request.session.get("started", 0))
    return now - seen > idle * 60 or now - started > limits.longest_hours * 3600


def _touch(request: HttpRequest, user: User) -> None:
    now = clock.now()
    if now.timestamp() - request.session.get("seen", 0) > _REFRESH:
        request.session["seen"] = now.timestamp()
        with unit_of_work(by=GATE) as conn:
            store_people.seen(conn, user.pk, at=now)


def _duty(request: HttpRequest, standing: Standing) -> HttpResponse | None:
    """Where somebody must go first, if anywhere: a lost second factor before an old password."""
    if standing.factor_due:
        if standing.factor:
            return _first(request, "mfa_reauthenticate", frozenset())
        if standing.inside or request.session.get(HANDED_OVER) == str(request.user.pk):
            return _first(request, "mfa_activate_totp", _ENROL)
        return _first(request, "accounts_stuck", frozenset())
    if standing.password_due:
        return _first(request, "account_change_password", _PASSWORD)
    return None


def _first(request: HttpRequest, name: str, allowed: frozenset[str]) -> HttpResponse | None:
    match = getattr(request, "resolver_match", None)
    here = match.url_name if match else _named(request)
    return None if here in _ALWAYS | allowed else _send(request, name)


def _named(request: HttpRequest) -> str:
    """The name of an address below ours, before Django has resolved it; "" for every other page."""
    names = _ALWAYS | _ENROL | _PASSWORD
    if not request.path.startswith(PREFIX):
        return ""
    return next((name for name in names if name != "accounts_asset" and reverse(name) == request.path), _asset(request.path))


def _asset(path: str) -> str:
    return "accounts_asset" if path.startswith(f"{PREFIX}asset/") else ""


def _send(request: HttpRequest, name: str, query: str = "") -> HttpResponse:
    if request.method in {"GET", "HEAD"}:
        return HttpResponseRedirect(reverse(name) + query)
    words = say("Phiên làm việc cần được xác thực lại.", "This session must be proven again.")
    return HttpResponseForbidden(words, content_type="text/plain; charset=utf-8")


def _harden(response: HttpResponse) -> None:
    """Pages of signing in are kept by no cache and load nothing but our own files; forms may lead to the identity providers only."""
    response.headers.setdefault("Cache-Control", "no-store")
    targets = " ".join(["'self'", *settings.YBA_IDENTITY_PROVIDERS])
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self';"
        f" form-action {targets}; base-uri 'none'; frame-ancestors 'none'",
    )
