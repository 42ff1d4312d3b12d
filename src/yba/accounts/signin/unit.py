"""Every page of signing in runs in one unit of work, together with its rows of the trail."""

from __future__ import annotations

from contextlib import ExitStack
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from allauth.core.exceptions import ImmediateHttpResponse

from yba.kit.db import unit_of_work

from .backend import GATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    View = Callable[..., HttpResponse]

_BEGIN: Final = "yba_begin"


def in_unit(view: View) -> View:
    """Wrap a view; an answer by exception (a refusal of allauth's) is an answer, and its trail stays."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401  # any view
        with unit_of_work(by=GATE):
            return _answered(view, request, *args, **kwargs)

    return run


def asks_first(view: View) -> View:
    """Wrap a view that asks somebody outside before it writes: its unit of work begins when it says so (`begin`), never while we wait for them."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401  # any view
        with ExitStack() as unit:
            setattr(request, _BEGIN, lambda: unit.enter_context(unit_of_work(by=GATE)))
            return _answered(view, request, *args, **kwargs)

    return run


def begin(request: HttpRequest) -> None:
    """Begin the unit of work of a view that `asks_first`: everybody outside has answered."""
    getattr(request, _BEGIN)()


def _answered(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401  # any view
    try:
        response = view(request, *args, **kwargs)
    except ImmediateHttpResponse as answer:
        response = answer.response
    return response.render() if hasattr(response, "render") else response
