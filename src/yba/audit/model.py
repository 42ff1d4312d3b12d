"""The words of the trail: one act to be noted, one act as it stands in the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from .tags import Tag


class Note(NamedTuple):
    """One act about one thing. ``about_id`` is an id, never a name; ``detail`` is JSON and holds no clinical text."""

    tag: Tag
    about_type: str
    about_id: str
    person_id: UUID | None = None
    facility: str | None = None
    reason: str = ""
    detail: dict[str, Any] | None = None


class TrailEntry(NamedTuple):
    """One row of the trail; ``transaction`` is the database transaction of the act."""

    id: int
    at: datetime
    transaction: int
    who: str
    actor_kind: str
    purpose: str
    tag: str
    about_type: str
    about_id: str
    person_id: UUID | None
    facility: str | None
    reason: str
    detail: dict[str, Any] | None
