"""The words of the outbox: what is announced, and the announcement with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class News(NamedTuple):
    """Something to announce: ``kind`` is room:thing:past-verb, for example record:claim:ingested."""

    kind: str
    about_type: str
    about_id: str
    person_id: UUID | None = None
    facility: str | None = None
    payload: dict[str, Any] | None = None


class Event(NamedTuple):
    """An announcement with its place in the order (transaction, position)."""

    position: int
    transaction: int
    at: datetime
    who: str
    kind: str
    about_type: str
    about_id: str
    person_id: UUID | None
    facility: str | None
    payload: dict[str, Any] | None
