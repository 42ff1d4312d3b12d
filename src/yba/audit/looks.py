"""Who looked at a person's record: what the law owes that person to know (EMR-R12, BAOMAT-CB-R22)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import store
from .actions import note
from .model import Look
from .tags import Store, Tag

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.kit.reach import Predicate

    from .model import TrailEntry

PAGE: Final = 200
_PEOPLE: Final = frozenset({"user", "operator"})


def looks_at(
    conn: Connection[Any],
    *,
    by: Actor,
    person_id: UUID,
    since: datetime | None = None,
    before: int | None = None,
    human: bool | None = None,
    limit: int = PAGE,
    seen: Predicate | None = None,
) -> list[Look]:
    """Return every act of the record-access store about a person, newest first, those of the privacy officer and of machines included.

    Page on with ``before`` = the last id. ``human``: acts of people or of machines only. What `by` sees is what ``seen`` and row security show;
    an emptied answer of a locked actor is no proof that nobody looked. Months that were detached into an archive are not in it
    (`archived_before`). The looking is noted.
    """
    narrow = {"person": [person_id], "since": since, "before": before, "human": human, "store": Store.RECORD_ACCESS.value}
    found = store.trail(conn, narrow=narrow, seen=seen, limit=limit)
    note(conn, by=by, tag=Tag.LOOKS_READ, about_type="Person", about_id=str(person_id), person_id=person_id, detail={"rows": len(found)})
    return [_look(entry) for entry in found]


def _look(entry: TrailEntry) -> Look:
    roles = tuple(entry.role.split(",")) if entry.role else (entry.actor_kind,)
    return Look(
        entry.at, entry.who, entry.actor_kind in _PEOPLE, roles, entry.facility, entry.tag, entry.about_type, entry.about_id, entry.under,
        entry.purpose, entry.reason, entry.outcome, entry.id,
    )  # fmt: skip
