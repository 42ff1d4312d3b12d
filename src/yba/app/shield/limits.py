"""Sizes and paces by class of address: a body too large is refused before it is read, somebody too fast before a page does any work."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings as django

from yba import accounts
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work
from yba.specs.edge import RouteClass, class_of

from .faults import answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

EDGE: Final = Actor.system("edge")
_LOTS: Final = 60  # credits are fetched a sixtieth of a minute's worth at a time: one statement for many requests of a busy caller
_MOST_HELD: Final = 10_000  # callers remembered in a process
_LIVES: Final = 60.0  # seconds a fetched credit is good for
# Credits fetched and not spent: caller -> [how many, until when].
_held: dict[tuple[str, str], list[float]] = {}
_lock: Final = threading.Lock()


class Size:
    """The middleware that refuses bodies too large for their address, by what they declare; Django reads no further than that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or refuse with 413."""
        declared = request.META.get("CONTENT_LENGTH") or "0"
        largest = class_of(request.path).largest_body
        if largest and (not declared.isascii() or not declared.isdigit() or int(declared) > largest):
            return answer(request, 413, "size", largest=largest)
        return self.get_response(request)


class Limits:
    """The middleware behind sign-in: who is signed in is counted by account, everybody else by address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or ask to wait with 429."""
        found = class_of(request.path)
        wait = _wait(request, found) if found.per_minute_address else 0
        if wait:
            refused = answer(request, 429, "pace", wait=wait)
            refused["Retry-After"] = str(wait)
            return refused
        return self.get_response(request)


def _wait(request: HttpRequest, found: RouteClass) -> int:
    user: Any = request.user if django.SESSION_COOKIE_NAME in request.COOKIES else None
    if user is not None and user.is_authenticated:
        return _spend(found.name, user.pk, found.per_minute_account)
    return _spend(found.name, accounts.address_of(request), found.per_minute_address)


def _spend(what: str, whom: UUID | str, per_minute: int) -> int:
    return 0 if take(what, whom) else fetch(what, whom, per_minute)


def take(what: str, whom: UUID | str) -> bool:
    """Spend a credit this process holds already, without asking the database; False when it holds none."""
    now = clock.now().timestamp()
    with _lock:
        held = _held.get((what, str(whom)))
        if held and held[0] >= 1 and held[1] > now:
            held[0] -= 1
            return True
    return False


def fetch(what: str, whom: UUID | str, per_minute: int) -> int:
    """Fetch a lot of credits in a unit of work of its own and spend one of them; 0, or the seconds to wait."""
    lot = max(1, per_minute // _LOTS)
    with unit_of_work(by=EDGE) as conn:
        wait = accounts.spend_pace(conn, by=EDGE, what=what, whom=whom, per_minute=per_minute, amount=lot)
    if not wait and lot > 1:
        with _lock:
            if len(_held) >= _MOST_HELD:
                _held.clear()
            _held[(what, str(whom))] = [lot - 1, clock.now().timestamp() + _LIVES]
    return wait


class Credits:
    """The same counts for a face without Django's middleware."""

    def take(self, what: str, whom: UUID | str) -> bool:
        """Spend a credit this process holds already."""
        return take(what, whom)

    def fetch(self, what: str, whom: UUID | str, per_minute: int) -> int:
        """Fetch a lot of credits and spend one; 0, or the seconds to wait."""
        return fetch(what, whom, per_minute)
