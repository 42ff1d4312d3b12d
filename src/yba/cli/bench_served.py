"""What the servers of `yba bench access` import: Django first, then the one small WSGI application that is asked for."""

from __future__ import annotations

from typing import Any

from yba import app
from yba.kit.memory import settle


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a WSGI application: granian asks for it by name
    from yba.operations import guarded_app, plain_app  # noqa: PLC0415  # one process is one variant: the plain one writes no trail

    made = {"guarded": guarded_app, "plain": plain_app}.get(name)
    if made is None:
        raise AttributeError(name)
    app.setup(migrate=False, quiet=True)
    application = made()
    settle()
    return application
