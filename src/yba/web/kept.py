"""What was typed when a session ended: sealed for the account that typed it, and given back to that account alone after it has signed in again."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Final, NamedTuple

from django.core.signing import Signer
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode

from yba.kit.keys import CannotOpen, open_, seal

if TYPE_CHECKING:
    from django.http import HttpRequest

BACK: Final = "/again"  # where what was kept is looked at and sent
TYPED_BY: Final = "typed_by"  # a field of every form of ours: whose page it stands on
AGAIN: Final = "again"  # a field of the form that sends what was kept
_COOKIE: Final = "__Host-yba-last"  # whose browser this is, also when the session's row is gone; it opens nothing
_SESSION: Final = "yba_kept"
_LARGEST: Final = 128 << 10  # characters of a form: the longest form of ours has some 40,000
_NOT_KEPT: Final = frozenset({"csrfmiddlewaretoken", TYPED_BY, AGAIN})
_UNKNOWN: Final = 401


class Kept(NamedTuple):
    """A form that was not taken: its address and its fields in their order."""

    address: str
    fields: tuple[tuple[str, str], ...]


def mark(account: object) -> str:
    """Return what the forms of an account's pages carry: nobody else can make it, and it names nobody."""
    return str(Signer(salt="yba.typed").signature(str(account)))[:16]


def remember(request: HttpRequest, answer: HttpResponse) -> None:
    """Let the browser know whose it is, so that a form sent after the session's end is kept for that account and no other."""
    mine = Signer(salt="yba.last").sign(str(request.user.pk))
    if request.COOKIES.get(_COOKIE) != mine:
        answer.set_cookie(_COOKIE, mine, secure=True, httponly=True, samesite="Strict")


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page and back; a form is kept meanwhile. A script that saves by itself is told, and changes nothing on its page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=_UNKNOWN)
    query = {}
    if keep(request):
        query = {"next": BACK, "kept": "1"}
    elif request.method == "GET" and request.path != "/":
        query = {"next": request.get_full_path()}
    return HttpResponseRedirect(reverse("account_login") + (f"?{urlencode(query)}" if query else ""))


def keep(request: HttpRequest) -> bool:
    """Seal a form that cannot be taken now into the browser's session, for the account on whose page it stood.

    False, and nothing kept, for files, for what is too long, and for a form without the mark of the account this browser was last signed in with.
    """
    account = _account(request)
    if request.method != "POST" or not account or request.FILES or not constant_time_compare(request.POST.get(TYPED_BY, ""), mark(account)):
        return False
    fields = [(str(name), str(text)) for name, texts in request.POST.lists() if name not in _NOT_KEPT for text in texts]
    told = json.dumps([request.get_full_path(), fields])
    if len(told) > _LARGEST:
        return False
    sealed = seal(zlib.compress(told.encode()), about=_about(account))
    request.session[_SESSION] = {"for": account, "sealed": urlsafe_b64encode(sealed).decode()}
    return True


def waits(request: HttpRequest) -> bool:
    """Whether something typed by the account that is signed in waits to be sent."""
    held = request.session.get(_SESSION)
    return bool(held) and held["for"] == str(request.user.pk)


def waiting(request: HttpRequest) -> Kept | None:
    """Return what waits for the account that is signed in; somebody else's is thrown away unopened, as is what no key opens any more."""
    if not waits(request):
        forget(request)
        return None
    try:
        told = open_(urlsafe_b64decode(request.session[_SESSION]["sealed"]), about=_about(str(request.user.pk)))
    except CannotOpen:
        forget(request)
        return None
    address, fields = json.loads(zlib.decompress(told))
    return Kept(address, tuple((name, text) for name, text in fields))


def forget(request: HttpRequest) -> None:
    """Throw away what was kept."""
    request.session.pop(_SESSION, None)


def _account(request: HttpRequest) -> str:
    """Whose form it is: who is signed in, else whose session has just ended, else whom this browser was last used by; "" for nobody."""
    if request.user.is_authenticated:
        return str(request.user.pk)
    ended = getattr(request, "yba_ended", None)
    if ended is not None:
        return str(ended)
    text = request.COOKIES.get(_COOKIE, "")
    account = text.rpartition(":")[0]
    return account if account and constant_time_compare(Signer(salt="yba.last").sign(account), text) else ""


def _about(account: str) -> str:
    return f"typed by {account}"
