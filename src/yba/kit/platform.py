"""The platform's own work within an act: people, golden Patients, relations, announcements; who may have it done is asked before, by the right."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .actor import Actor
from .db import unit_of_work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .units import Conn

_PLATFORM: Final = Actor.system("platform")


@contextmanager
def platform(by: Actor) -> Iterator[tuple[Conn, Actor]]:
    """Reach all rows, still named as who acts: a unit of work inside the act's, given up as a whole with it where that is the API's."""
    who = replace(_PLATFORM, name=by.name, origin=by.origin)
    with unit_of_work(by=who, joined=True) as inner:
        yield inner, who
