"""The platform's own work within an act: people, golden Patients, relations, announcements; who may have it done is asked before, by the right."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .actor import Actor
from .db import joined_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .actor import Origin
    from .units import Conn

_PLATFORM: Final = Actor.system("platform")


@contextmanager
def platform(by: Actor) -> Iterator[tuple[Conn, Actor]]:
    """Reach all rows, still named as who acts: a unit of work inside the act's, given up as a whole with it where that is the API's."""
    who = _named(by.name, by.origin)
    with joined_unit(who) as inner:
        yield inner, who


@lru_cache(maxsize=256)
def _named(name: str, origin: Origin | None) -> Actor:
    return replace(_PLATFORM, name=name, origin=origin)
