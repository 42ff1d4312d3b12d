"""The edge of every gateway call: method, faults and mistakes become an answer in the shape the caller speaks."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, cast

from django.db import DatabaseError

from yba import access, audit
from yba.access import Denied
from yba.kit import Category, YbaError, log
from yba.kit.db import unit_of_work

from .faults import Fault, GatewayFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from yba.kit import Actor

P = ParamSpec("P")
_log = log.get(__name__)
_NEEDED: Final = "yba_needed"
_BY_CATEGORY: Final = {
    Category.NOT_FOUND: Fault.NOT_FOUND,
    Category.FORBIDDEN: Fault.NOT_FOUND,  # whether it exists is not said
    Category.INVALID: Fault.REFUSED,
    Category.TOO_MUCH: Fault.TOO_BIG,
    Category.UNAUTHENTICATED: Fault.EXPIRED,
    Category.UNAVAILABLE: Fault.UNAVAILABLE,
}


def speaking(
    answer: Callable[[GatewayFault], HttpResponse], *methods: str
) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Make a view whose faults are answered by ``answer``; no answer ever holds a stack trace or a word of the message.

    The view must declare the right it needs, or why it is open to all: an undeclared one does not load.
    """

    def decorate(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        declaration = access.declared(view)
        if declaration is None:
            message = f"{view.__module__}.{view.__qualname__} declares no right: use yba.access.needs or open_to_all"
            raise TypeError(message)

        @wraps(view)
        def run(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                if request.method not in methods:
                    return answer(GatewayFault(Fault.WRONG_METHOD))
                setattr(request, _NEEDED, declaration)
                return view(request, *args, **kwargs)
            except GatewayFault as fault:
                return answer(fault)
            except YbaError as error:
                _log.warning("gateway.error", category=error.category.value)
                return answer(GatewayFault(_BY_CATEGORY.get(error.category, Fault.BROKEN)))
            except DatabaseError:
                _log.error("gateway.database")
                return answer(GatewayFault(Fault.UNAVAILABLE, wait=30))
            except Exception:  # noqa: BLE001 - the edge of a request: the caller must hear that nothing was taken in
                _log.error("gateway.broken")
                return answer(GatewayFault(Fault.BROKEN))

        run.csrf_exempt = True  # type: ignore[attr-defined]  # software signs every call itself and carries no cookie
        return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", run)

    return decorate


def admit(request: HttpRequest, by: Actor) -> None:
    """Raise Denied unless the caller holds what this address needs; the refusal is noted in a transaction of its own."""
    declaration = getattr(request, _NEEDED, None)
    if not isinstance(declaration, access.Declaration):
        message = "a call that did not come through `speaking`"
        raise TypeError(message)
    try:
        declaration.check(by)
    except Denied as refused:
        with unit_of_work(by=by) as conn:
            audit.note(conn, by=by, tag=audit.Tag.RIGHT_REFUSED, about_type="Right", about_id=refused.right.value, detail={"path": request.path})
        raise
