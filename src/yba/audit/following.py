"""Following the trail for a SIEM (ANM-R11): every settled row once, in order of number, until stopped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from yba.kit.db import unit_of_work

from . import store
from .actions import note
from .sealing import settled_number
from .tags import Tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

    from .model import TrailEntry
    from .tags import Store

    Sight = Callable[[Connection[Any]], Predicate]

_PAGE = 1000


def follow(
    *,
    by: Actor,
    after: int | None = None,
    pause: float = 1.0,
    rounds: int | None = None,
    sight: Sight | None = None,
    **narrow: Any,  # noqa: ANN401  as of trail
) -> Iterator[TrailEntry]:
    """Yield rows numbered above ``after`` (None: from now on) as they settle; ``narrow`` as of `trail`, without before and limit.

    A number is passed only when nobody can still write a lower one, so no row is left out. Noted once, as an export; ``rounds`` ends it.
    ``sight`` gives the predicate of the right that is read under, for an actor without a standing reach.
    """
    log: Store | None = narrow.pop("log", None)
    tag: Tag | None = narrow.pop("tag", None)
    asked = {**narrow, "store": log.value if log else None, "tag": tag.value if tag else None}
    with unit_of_work(by=by) as conn:
        told = {key: str(value) for key, value in asked.items() if value is not None}
        note(conn, by=by, tag=Tag.STORE_EXPORT, about_type="AuditStore", about_id=log.value if log else "", detail={"after": after, **told})
    place = after
    done = 0
    while rounds is None or done < rounds:
        found, until = _settled(by, asked, place, sight)
        yield from found
        place = found[-1].id if len(found) == _PAGE else max(until, place or 0)
        done += 1
        if len(found) < _PAGE and (rounds is None or done < rounds):
            time.sleep(pause)


def _settled(by: Actor, asked: dict[str, Any], place: int | None, sight: Sight | None) -> tuple[list[TrailEntry], int]:
    with unit_of_work(by=by, durable=True) as conn:
        until = settled_number(conn)
        if until is None or place is None:
            return [], (until or 0) if place is None and until is not None else (place or 0)
        seen = sight(conn) if sight else None
        facilities = None if by.facilities is None or seen is not None else sorted(by.facilities)
        narrow = {**asked, "facilities": facilities, "after": place, "not_after": until}
        return store.trail(conn, narrow=narrow, seen=seen, limit=_PAGE, newest_first=False), until
