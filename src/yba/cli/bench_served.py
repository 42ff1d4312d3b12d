"""What the servers of `yba bench access` import: Django first, then the FHIR API behind its shield, as it is served, asked as one of two."""

from __future__ import annotations

from typing import Any

from yba import app
from yba.app.shield import shielded
from yba.kit.memory import settle


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a WSGI application: granian asks for it by name
    from yba import api  # noqa: PLC0415  # faces want Django first
    from yba.operations import NoPace, guarded, plain  # noqa: PLC0415  # one process is one variant: the plain one writes no trail

    variant = {"guarded": guarded, "plain": plain}.get(name)
    if variant is None:
        raise AttributeError(name)
    app.setup(migrate=False, quiet=True)
    variant()
    application = shielded(api.Application(api.table(), NoPace()))
    settle()
    return application
