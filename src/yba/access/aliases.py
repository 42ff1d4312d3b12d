"""Which ids are one person: a merged id is followed before any lock is opened, and what was written about it is read with the later one's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import store_aliases
from .holding import require
from .rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor


def set_aliases(conn: Connection[Any], *, by: Actor, aliases: Mapping[UUID, UUID | None]) -> None:
    """Say which ids mean another person now (None: themselves again); part of a merge, split or undo, audited there. Raises Denied."""
    require(by, Right.ACCESS_RELATION_WRITE)
    gone = [was for was, now in aliases.items() if now is None]
    if gone:
        store_aliases.remove(conn, gone)
    kept = {was: now for was, now in aliases.items() if now is not None}
    if kept:
        store_aliases.put(conn, kept)


def person_now(conn: Connection[Any], *, by: Actor, person_id: UUID) -> UUID:  # noqa: ARG001  every look-up says who; ids alone tell nothing
    """Return whom an id means today: itself, or the person it was merged into. One index probe."""
    return store_aliases.now(conn, person_id)


def persons_of(conn: Connection[Any], *, by: Actor, person_ids: Iterable[UUID]) -> frozenset[UUID]:  # noqa: ARG001  as above
    """Return these people with every id that means one of them, earlier and later ones: under all of them something may be written."""
    wanted = frozenset(person_ids)
    return wanted | store_aliases.all_of(conn, wanted) if wanted else wanted
