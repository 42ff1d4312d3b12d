"""What was typed when a session ended or a second factor was due: sealed for the account that typed it, given back to it alone once proven."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from django.core.signing import Signer
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from yba.kit.keys import CannotOpen, open_, seal

if TYPE_CHECKING:
    from django.http import HttpRequest

BACK: Final = "/again"  # where what was kept is looked at and sent
TYPED_BY: Final = "typed_by"  # a field of every form of ours: whose page it stands on
AGAIN: Final = "again"  # a field of the form that sends what was kept
_COOKIE: Final = "__Host-yba-last"  # whose browser this is, also when the session's row is gone; it opens nothing
_SESSION: Final = "yba_kept_forms"
_LARGEST: Final = 128 << 10  # characters of a form: the longest form of ours has some 40,000
_MOST: Final = 8  # forms that wait at once: more tabs nobody has open at a desk
_TOGETHER: Final = 256 << 10  # characters of all of them as they are sealed; the oldest give way
_LONGEST_ADDRESS: Final = 2000  # characters; a longer one is a filter nobody typed
_NOT_KEPT: Final = frozenset({"csrfmiddlewaretoken", TYPED_BY, AGAIN})
_UNKNOWN: Final = 401


class Kept(NamedTuple):
    """A form that was not taken: what it is called in this session, its address and its fields in their order."""

    id: str
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


def to_second_factor(request: HttpRequest, name: str) -> HttpResponse:
    """Lead to where the second factor is proven (the address of that name) and back: of a form, to its page, where it waits to be sent."""
    query = {"next": request.get_full_path()}
    if request.method == "POST":
        waits_ = keep(request)
        query = {"next": _page_of(request) or (BACK if waits_ else request.path)} | ({"kept": "1"} if waits_ else {})
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode(query)}")


def keep(request: HttpRequest) -> bool:
    """Seal a form that cannot be taken now into the browser's session, for the account on whose page it stood.

    False, and nothing kept, for files, for what is too long, and for a form without the mark of the account this browser was last signed in with.
    """
    account = _account(request)
    if request.method != "POST" or not account or request.FILES or not constant_time_compare(request.POST.get(TYPED_BY, ""), mark(account)):
        return False
    told = _written(request)
    if len(told) > _LARGEST:
        return False
    sealed = urlsafe_b64encode(seal(zlib.compress(told.encode()), about=_about(account))).decode()
    others = [one for one in _held(request, account) if _told(one, account) not in ("", told)]  # the same one pressed twice is one
    forms = [*others, sealed][-_MOST:]
    while len(forms) > 1 and sum(map(len, forms)) > _TOGETHER:
        del forms[0]
    request.session[_SESSION] = {"for": account, "forms": forms}
    return True


def waits(request: HttpRequest) -> bool:
    """Whether something typed by the account that is signed in waits to be sent."""
    return bool(_held(request, str(request.user.pk)))


def waiting(request: HttpRequest) -> list[Kept]:
    """Return what waits for the account that is signed in, the oldest first; somebody else's is thrown away unopened, as is what no key opens."""
    account = str(request.user.pk)
    opened = [(one, told) for one in _held(request, account) if (told := _told(one, account))]
    _put(request, [one for one, _ in opened])
    found = []
    for one, told in opened:
        address, fields = json.loads(told)
        found.append(Kept(_name(one), address, tuple((name, text) for name, text in fields)))
    return found


def sent(request: HttpRequest) -> None:
    """Throw away what is sent this very moment from its own page: who presses the same button there sends nothing a second time from elsewhere."""
    account = str(request.user.pk)
    if held := _held(request, account):
        told = _written(request)
        _put(request, [one for one in held if _told(one, account) != told])


def forget(request: HttpRequest, id_: str) -> None:
    """Throw away one form: it was sent, or nobody wants it."""
    _put(request, [one for one in _held(request, str(request.user.pk)) if _name(one) != id_])


def _written(request: HttpRequest) -> str:
    """Write a form as it is kept: its address and its fields."""
    fields = [(str(name), str(text)) for name, texts in request.POST.lists() if name not in _NOT_KEPT for text in texts]
    return json.dumps([request.get_full_path(), fields])


def _page_of(request: HttpRequest) -> str:
    """Say on which page of ours a form stands, as its browser says ("" where it does not, or names an address of somebody else)."""
    said = request.headers.get("Referer", "")
    if len(said) > _LONGEST_ADDRESS or not url_has_allowed_host_and_scheme(said, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(said)
    here = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return here if url_has_allowed_host_and_scheme(here, None) else ""  # //name, without our host before it, is another host


def _held(request: HttpRequest, account: str) -> list[str]:
    """What is sealed for an account in this session."""
    held = request.session.get(_SESSION)
    return list(held["forms"]) if held and held["for"] == account else []


def _put(request: HttpRequest, forms: list[str]) -> None:
    """Keep these and no others; the session is written only where that changes something."""
    if forms:
        if forms != request.session[_SESSION]["forms"]:
            request.session[_SESSION] = {"for": str(request.user.pk), "forms": forms}
    else:
        request.session.pop(_SESSION, None)


def _name(sealed: str) -> str:
    """What a sealed form is called: nothing of what it says."""
    return sha256(sealed.encode()).hexdigest()[:16]


def _told(sealed: str, account: str) -> str:
    """Open a sealed form; "" where no key opens it any more."""
    try:
        return zlib.decompress(open_(urlsafe_b64decode(sealed), about=_about(account))).decode()
    except CannotOpen:
        return ""


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
