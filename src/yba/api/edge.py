"""The edge of the API: token to actor, right to interaction, one unit of work a request, what two at once cost tried again, refusals noted."""

from __future__ import annotations

import random
import time
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import DatabaseError
from psycopg import errors
from psycopg.errors import OperationalError

from yba import access, accounts, audit
from yba.accounts import Refused, Why
from yba.audit import Tag
from yba.kit import Actor, ActorKind, Forbidden, YbaError, log, settings
from yba.kit.db import Unproven, act_as, prove, unit_of_work
from yba.specs import access as specs
from yba.specs.edge import class_of

from . import later, negotiation
from .call import Call
from .faults import Issue, Refusal, told
from .http import ROOT

if TYPE_CHECKING:
    from yba.kit.db import Conn

    from .call import Route
    from .http import Answer, Request
    from .pace import Pace

PATIENCE: Final = settings.declare(
    "YBA_FHIR_PATIENCE",
    settings.whole,
    default="30000",
    meaning="Milliseconds one database statement of a FHIR request may take; a longer one is ended and told as too costly.",
    write="a whole number of milliseconds, for example 30000",
)
NOBODY: Final = Actor("system:fhir", ActorKind.USER, frozenset(), "")  # before the token is looked at: sees no row
TRIES: Final = 8
_PAUSE: Final = 0.02  # seconds, doubled with every try
# Two at once, or a connection whose prepared statements psycopg let go: what was begun begins anew.
AGAIN: Final = (
    errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation, errors.LockNotAvailable, errors.InvalidSqlStatementName,
)  # fmt: skip
_REALM: Final = 'Bearer realm="yba", error="invalid_token"'
_log = log.get(__name__)


class _Spent(Exception):
    """This process holds no more credits of the caller: they are fetched outside of the unit of work, so that nobody waits for its end."""

    def __init__(self, whom: UUID) -> None:
        super().__init__("spent")
        self.whom = whom


def perform(request: Request, route: Route, given: dict[str, str], pace: Pace) -> Answer:
    """Do what is asked in one unit of work. Raises Refusal; whatever was written before it is rolled back."""
    wish = negotiation.wish(request)
    for attempt in range(TRIES):
        try:
            return _once(request, route, given, wish, pace)
        except AGAIN:
            # Two at once: the one that lost begins anew and finds what the other did. Never shown.
            pause(attempt)
        except Unproven:  # it was somebody's session when this process saw it last: asked anew
            accounts.distrust(request.token)
        except _Spent as spent:
            _fetch(pace, spent.whom)
    raise Refusal(
        HTTPStatus.SERVICE_UNAVAILABLE,
        Issue("lock-error", "Nhiều yêu cầu sửa cùng một chỗ; hãy thử lại.", "Too many requests change the same thing; try again."),
        headers={"Retry-After": "1"},
    )


def pause(attempt: int) -> None:
    """Wait a while before another try, the longer the more there were."""
    time.sleep(random.uniform(0, _PAUSE * 2**attempt))  # noqa: S311  # no secret


def _once(request: Request, route: Route, given: dict[str, str], wish: negotiation.Wish, pace: Pace) -> Answer:
    by = NOBODY
    try:
        if (answer := _alone(request, route, given, wish, pace)) is not None:
            return answer
        with unit_of_work(by=NOBODY, late=True) as conn:
            if route.anonymous:
                return route.act(Call(conn, by, request, wish, given))
            presented = _who(conn, request, pace)
            by = _for_purpose(presented.actor, request, route)
            return _admitted(Call(conn, by, request, wish, given, presented.proven), route, acting=presented.acting)
    except Forbidden as refused:
        note_refusal(by, request, route, refused)
        raise told(refused) from refused
    except YbaError as error:
        if error.category.value == "internal":
            _log.error("fhir.internal")
        raise told(error) from error
    except errors.QueryCanceled:
        raise too_long() from None
    except errors.UntranslatableCharacter:
        raise Refusal(HTTPStatus.BAD_REQUEST, Issue("value", "Có ký tự không lưu được.", "A character cannot be stored.")) from None
    except AGAIN:
        raise
    except (OperationalError, DatabaseError):
        _log.error("fhir.database")
        raise Refusal(
            HTTPStatus.SERVICE_UNAVAILABLE,
            Issue("transient", "Cơ sở dữ liệu tạm ngừng; hãy thử lại.", "The database is not ready; try again."),
            headers={"Retry-After": "5"},
        ) from None


def _admitted(call: Call, route: Route, *, acting: bool) -> Answer:
    try:
        if not acting:
            act_as(call.conn, call.by)
        admit(call, route)
        return later.defer(call, route) if call.wish.later and route.name in later.PUT_OFF else route.act(call)
    except (Refusal, YbaError):
        prove(call.conn)  # who is not whom we took them for is told nothing of what was wrong
        raise


def _alone(request: Request, route: Route, given: dict[str, str], wish: negotiation.Wish, pace: Pace) -> Answer | None:
    """Do what one message can, for software whose session this process has seen; None: everybody else, and whoever that message does not prove."""
    if route.alone is None or (wish.later and route.name in later.PUT_OFF):
        return None
    guess = accounts.guess(token=request.token, origin=request.origin, patience=PATIENCE())
    if guess is None or not route.declaration.admits(guess[0]):
        return None  # a refusal is noted in the name of who is proven
    act = route.alone(request, given, wish, *guess)
    if act is None:
        return None
    _spend(guess[0], pace)
    try:
        return act()
    except Unproven:
        return None


def admit(call: Call, route: Route) -> None:
    """Raise Denied unless the caller holds what the interaction needs, Refusal where a sensitive right is asked for without a second factor."""
    route.declaration.check(call.by)
    if not call.proven and not call.by.standing and any(specs.rights()[right.value].sensitive for right in route.declaration.rights):
        raise Refusal(
            HTTPStatus.FORBIDDEN,
            Issue("security", "Việc này cần mã tạo trong phiên đã qua yếu tố thứ hai.", "This needs a token made after the second factor."),
        )


def _who(conn: Conn, request: Request, pace: Pace) -> accounts.Presented:
    token = request.token
    if not token:
        slow_down(request, pace)
        raise _unauthorised("Thiếu mã truy cập (Authorization: Bearer).", "A bearer token is needed.", challenge='Bearer realm="yba"')
    found = accounts.bearer(conn, by=NOBODY, token=token, origin=request.origin, patience=PATIENCE())
    if isinstance(found, Refused):
        slow_down(request, pace)
        if found.why is Why.FACTOR:
            raise _unauthorised(
                "Mã này chỉ dùng được trong mạng của cơ sở: khi tạo chưa qua yếu tố thứ hai.",
                "This token is good inside the facility's network only: it was made without the second factor.",
            )
        raise _unauthorised("Mã truy cập đã hết hạn hoặc không đúng.", "The token has ended or is wrong.")
    _spend(found.actor, pace)
    return found


def _spend(by: Actor, pace: Pace) -> None:
    whom = by.account or _machine(by.name)
    if not pace.take("fhir", whom):
        raise _Spent(whom)


@lru_cache(maxsize=1024)
def _machine(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def _unauthorised(vi: str, en: str, *, challenge: str = _REALM) -> Refusal:
    return Refusal(HTTPStatus.UNAUTHORIZED, Issue("login", vi, en), headers={"WWW-Authenticate": challenge})


def _fetch(pace: Pace, whom: UUID) -> None:
    wait = pace.fetch("fhir", whom, class_of(ROOT).per_minute_account)
    if wait:
        raise too_fast(wait)


def slow_down(request: Request, pace: Pace, *, path: str = ROOT) -> None:
    """Count a caller without a good token by address. Raises Refusal 429."""
    found = class_of(path)
    if not pace.take(found.name, request.origin.address):
        wait = pace.fetch(found.name, request.origin.address, found.per_minute_address)
        if wait:
            raise too_fast(wait)


def too_fast(wait: int) -> Refusal:
    """A 429."""
    issue = Issue("throttled", f"Quá nhiều yêu cầu; đợi {wait} giây.", f"Too many requests: wait {wait} seconds.")
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, issue, headers={"Retry-After": str(wait)})


def too_long() -> Refusal:
    """A 422 for what the database was not given more time for."""
    return Refusal(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        Issue("too-costly", "Yêu cầu này tốn quá nhiều; hãy thu hẹp câu tìm.", "This takes too long: narrow the search."),
    )


def _for_purpose(by: Actor, request: Request, route: Route) -> Actor:
    """Let a person work for the purpose named in X-Purpose, if it is one of those of the roles; else one of the right's."""
    if by.standing:
        return by
    wanted, known = request.header("x-purpose"), specs.roles()
    if wanted:
        own = {purpose for grant in by.grants if grant.role in known for purpose in _purposes(grant.role)}
        if wanted not in own:
            raise Refusal(HTTPStatus.FORBIDDEN, Issue("forbidden", "Vai trò của bạn không có mục đích này.", "Your roles do not have this purpose."))
        return by.for_purpose(wanted)
    return access.purpose_for(by, route.declaration.rights[0]) if route.declaration.rights else by


def _purposes(role: str) -> set[str]:
    spec = specs.roles()[role]
    return {spec.purpose, *(purpose for rule in spec.may for purpose in rule.purposes)}


def note_refusal(by: Actor, request: Request, route: Route, refused: Forbidden) -> None:
    """Write a refusal down in a transaction of its own."""
    right = refused.right.value if isinstance(refused, access.Denied) else ""
    with unit_of_work(by=by) as conn:
        detail = {"fhir": route.name, "method": request.method, "request": request.id}
        audit.note(conn, by=by, tag=Tag.RIGHT_REFUSED, about_type="Right", about_id=right, detail=detail)
