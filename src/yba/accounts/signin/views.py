"""The pages of signing in that are ours: first sign-in and recovery by a one-time code, the dead end without a second factor, and assets."""

from __future__ import annotations

import mimetypes
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from yba import audit
from yba.accounts import keeping, limits, secrets, store_people, store_sessions
from yba.accounts.demo import demo_allowed
from yba.accounts.model import Refused
from yba.accounts.models import User
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work

from .backend import GATE
from .guard import HANDED_OVER
from .origin import address_of, origin_of
from .texts import say

if TYPE_CHECKING:
    from django.http import HttpRequest

# Ours, and allauth's three scripts for passkeys. Nothing else is handed out.
_ASSETS: Final = {
    "style.css": ("yba.web", "static/sign-in.css"),
    "onload.js": ("allauth.account", "static/account/js/onload.js"),
    "webauthn-json.js": ("allauth.mfa", "static/mfa/js/webauthn-json.js"),
    "webauthn.js": ("allauth.mfa", "static/mfa/js/webauthn.js"),
}


class CodeForm(forms.Form):  # type: ignore[misc]  # Django has no types of its own
    """User name, the code from the administrator's hand, and the password from now on, twice."""

    username = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}))
    code = forms.CharField(max_length=40, widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}))
    password1 = forms.CharField(max_length=128, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    password2 = forms.CharField(max_length=128, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # Django's signature
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None

    def clean(self) -> dict[str, Any]:
        """Prove the code first: what is wrong with the password is told only to whom the account belongs."""
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        user = _proven(self.request, given["username"], given["code"])
        if given["password1"] != given["password2"]:
            self.add_error("password2", say("Hai lần nhập không giống nhau.", "The two are not the same."))
            return given
        validate_password(given["password1"], user)
        self.user = user
        return given


def _proven(request: HttpRequest, username: str, code: str) -> User:
    wrong = ValidationError(say("Tên đăng nhập hoặc mã không đúng, hoặc mã đã hết hạn.", "The user name or the code is wrong, or the code ran out."))
    if "\0" in username + code:
        raise wrong
    with unit_of_work(by=GATE) as conn:
        attempt = limits.admit(conn, username=username, address=address_of(request))
        if isinstance(attempt, Refused):
            raise ValidationError(say("Đã thử sai quá nhiều lần. Hãy đợi ít phút.", "Too many failed attempts. Wait a few minutes."))
        user: User | None = User.objects.filter(username=attempt.username).first()
        kept = store_people.handover(conn, user.pk, at=clock.now()) if user else None
        usable = user is not None and user.is_active and (not user.demo or demo_allowed())
        if user is None or not usable or not secrets.same(kept or b"", secrets.token_hash(code.strip().lower())):
            limits.failed(conn, by=GATE, attempt=attempt, account=user.pk if user else None, what="code")
            raise wrong
        return user


def recover(request: HttpRequest) -> HttpResponse:
    """First sign-in and recovery: the code is used up, older sessions end, and the second factor follows where there is one."""
    if request.method not in {"GET", "POST"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    form = CodeForm(request, request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid() or form.user is None:
        return render(request, "account/recover.html", {"form": form})
    user = form.user
    user.set_password(form.cleaned_data["password1"])
    user.save(update_fields=["password"])
    by = Actor.user(user.pk, (), purpose="operation", origin=origin_of(request))
    with unit_of_work(by=GATE) as conn:
        store_people.drop_handover(conn, user.pk)
        store_sessions.end_sessions(conn, user.pk)
        keeping.end_all(by=by.name, account=user.pk)
        audit.note(conn, by=by, tag=Tag.PASSWORD_CHANGE, about_type="Account", about_id=str(user.pk), reason="one-time code")
    request.session[HANDED_OVER] = str(user.pk)
    record_authentication(request, user, "password", reauthenticated=True)
    return perform_login(request, Login(user=User.objects.get(pk=user.pk)))


def stuck(request: HttpRequest) -> HttpResponse:
    """Say that a second factor is needed here and how to get one."""
    return render(request, "account/stuck.html", status=403)


def closed(request: HttpRequest) -> HttpResponse:
    """Say that accounts are opened and recovered in person."""
    return render(request, "account/signup_closed.html", status=404)


def asset(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Hand out a file of the keep-list."""
    if name not in _ASSETS:
        raise Http404
    answer = HttpResponse(_read(name), content_type=mimetypes.guess_type(name)[0] or "application/octet-stream")
    answer["Cache-Control"] = "public, max-age=3600"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@cache
def _read(name: str) -> bytes:
    package, path = _ASSETS[name]
    return files(package).joinpath(*path.split("/")).read_bytes()
