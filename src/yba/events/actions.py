"""Announcing in the transaction of the act, and reading on from where a reader stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from . import store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Event, News


def announce(conn: Connection[Any], *, by: Actor, news: Iterable[News]) -> int:
    """Write announcements in the transaction of the act (gone when it rolls back); returns how many."""
    return store.copy(
        conn,
        (
            (by.name, kind, about_type, about_id, person, facility, None if payload is None else orjson.dumps(payload))
            for kind, about_type, about_id, person, facility, payload in news
        ),
    )


def pending(conn: Connection[Any], *, by: Actor, reader: str, kinds: Sequence[str] | None = None, limit: int = 1000) -> list[Event]:  # noqa: ARG001  the unit of work says who
    """Read what a reader has not answered yet, in order; holds the reader's row, so two workers never read the same.

    Row security shows announcements to the platform's own work alone: a user's unit of work reads none.
    """
    return store.pending(conn, store.place_of(conn, reader), kinds, limit)


def advance(conn: Connection[Any], *, by: Actor, reader: str, event: Event) -> None:  # noqa: ARG001  every act says who
    """Say that a reader has answered everything up to and including this event."""
    store.advance(conn, reader, (event.transaction, event.position))
