"""Every page of signing in runs in one unit of work, together with its rows of the trail."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from allauth.core.exceptions import ImmediateHttpResponse

from yba.kit.db import unit_of_work

from .backend import GATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    View = Callable[..., HttpResponse]


def in_unit(view: View) -> View:
    """Wrap a view; an answer by exception (a refusal of allauth's) is an answer, and its trail stays."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401  # any view
        with unit_of_work(by=GATE):
            try:
                response = view(request, *args, **kwargs)
            except ImmediateHttpResponse as answer:
                response = answer.response
            if hasattr(response, "render"):
                response = response.render()
        return response

    return run
