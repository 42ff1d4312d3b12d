"""Writing to the trail, in the transaction of the act; reading it is an act too."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from . import store
from .tags import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Note, TrailEntry

_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_END: Final = 2**63 - 1
PAGE: Final = 100


def note(
    conn: Connection[Any],
    *,
    by: Actor,
    tag: Tag,
    about_type: str,
    about_id: str,
    person_id: UUID | None = None,
    facility: str | None = None,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Write one act to the trail; a refusal is written in a transaction of its own by the caller."""
    text = orjson.dumps(detail).decode() if detail is not None else None
    store.insert(conn, (by.name, by.kind.value, by.purpose, tag.value, about_type, about_id, person_id, facility, reason, text))


def note_many(conn: Connection[Any], *, by: Actor, rows: Iterable[Note]) -> int:
    """Write many acts of one actor with one COPY and return how many; about 10 microseconds a row."""
    who, kind, purpose, dumps = by.name, by.kind.value, by.purpose, orjson.dumps
    return store.copy(
        conn,
        (
            (who, kind, purpose, tag.value, about_type, about_id, person, facility, reason, None if detail is None else dumps(detail))
            for tag, about_type, about_id, person, facility, reason, detail in rows
        ),
    )


def trail(  # noqa: PLR0913  each narrows the question, all by name
    conn: Connection[Any],
    *,
    by: Actor,
    person: UUID | None = None,
    about: str | None = None,
    tag: Tag | None = None,
    facility: str | None = None,
    since: datetime = _FIRST,
    until: datetime = _LAST,
    before: int = _END,
    limit: int = PAGE,
) -> list[TrailEntry]:
    """Read the trail newest first (page on with ``before`` = the last id); the reading itself is noted.

    An actor bound to facilities sees the rows of these facilities only.
    """
    narrow: dict[str, Any] = {
        "person": person,
        "about": about,
        "tag": tag.value if tag else None,
        "facility": facility,
        "facilities": None if by.facilities is None else sorted(by.facilities),
    }
    found = store.trail(conn, narrow=narrow, since=since, until=until, before=before, limit=limit)
    asked = {key: str(value) for key, value in narrow.items() if value is not None and key != "person"}
    note(
        conn,
        by=by,
        tag=Tag.TRAIL_READ,
        about_type="AuditEvent",
        about_id=about or "",
        person_id=person,
        facility=facility,
        detail={"rows": len(found), **asked},
    )
    return found
