"""The WSGI application granian serves: the FHIR API on a way of its own, everything else by Django."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.wsgi import get_wsgi_application

from yba import api
from yba.kit.memory import in_large_pages, settle

from . import shield
from .start import setup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

setup()
_pages = get_wsgi_application()
_fhir = shield.shielded(api.Application(api.table(), shield.Credits()))


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request."""
    path = environ.get("PATH_INFO", "")
    return (_fhir if path == "/fhir" or path.startswith("/fhir/") else _pages)(environ, start_response)


settle()
in_large_pages()
