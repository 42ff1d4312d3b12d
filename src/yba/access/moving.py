"""Relations of care in a merge, split or undo: they go with what they rest on; where people live is told by their golden documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import store_moving
from .holding import require
from .rights import Right

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

Tie = tuple[str, str, str]
"""(unit, kind, source) of a relation: what it is beside its person."""


def give_relations(
    conn: Connection[Any], *, by: Actor, giver: UUID, taker: UUID, sources: Sequence[UUID] | None = None, ties: Sequence[Sequence[str]] = ()
) -> list[Tie]:
    """Give relations of one person to another: all (``sources`` None), or those resting on sources and those named by ``ties``.

    Where somebody lives stays; so does one the taker has already. Those taken back go along. Returns which went. Raises Denied.
    """
    require(by, Right.ACCESS_RELATION_WRITE)
    return store_moving.give(conn, giver, taker, None if sources is None else list(sources), [tuple(tie) for tie in ties])


def homes_of(conn: Connection[Any], *, by: Actor, person_ids: Sequence[UUID]) -> list[list[Any]]:
    """Return where people lived and live, as JSON: [person, unit, start, end, void], for `restore_homes`. Raises Denied."""
    require(by, Right.ACCESS_RELATION_WRITE)
    return store_moving.homes(conn, list(person_ids))


def restore_homes(conn: Connection[Any], *, by: Actor, person_ids: Sequence[UUID], homes: Sequence[Sequence[Any]], reason: str) -> None:
    """Make it as `homes_of` said it once; what was written since is taken back. Raises Denied."""
    require(by, Right.ACCESS_RELATION_WRITE)
    store_moving.restore_homes(conn, list(person_ids), [tuple(home) for home in homes], reason)


def standing_of_relations(conn: Connection[Any], *, by: Actor, person_ids: Sequence[UUID]) -> str:
    """Return a mark that changes with the relations of these people; homes and emergency accesses do not count. Raises Denied."""
    require(by, Right.ACCESS_RELATION_WRITE)
    return store_moving.standing(conn, list(person_ids))
