"""The words of the trail: one act to be noted, one act as it stands in the trail, one look as the person it was about reads it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from .tags import Tag


class Outcome(StrEnum):
    """How an act ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class Note(NamedTuple):
    """One act about one thing. ``about_id`` is an id, never a name; ``detail`` is JSON and holds no clinical text."""

    tag: Tag
    about_type: str
    about_id: str
    person_id: UUID | None = None
    facility: str | None = None
    reason: str = ""
    detail: dict[str, Any] | None = None
    version: str | None = None


class Noting(NamedTuple):
    """What makes a reading statement note what it gives out: ``WITH found AS MATERIALIZED (…), noted AS ({text}) SELECT … FROM found``.

    ``found`` has columns rtype, ident, person_id, facility_id, version; ``params`` go with the statement's own.
    """

    text: str
    params: dict[str, str | None]


class TrailEntry(NamedTuple):
    """One row of the trail; ``transaction`` is the database transaction of the act, ``store`` the log it stands in.

    ``role`` is None for machines (``actor_kind`` says it); ``under`` is the right it was done under; ``device`` a hash.
    """

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
    store: str = "record_access"
    address: str | None = None
    port: int | None = None
    device: str | None = None
    role: str | None = None
    under: str | None = None
    outcome: str = "done"
    version: str | None = None


class Look(NamedTuple):
    """One act on a person's record as that person reads it: who, in what role, where, when, what, why and under which right.

    ``who`` is the name in the trail ("user:<account>"), for the caller to put a display text in its place; ``human`` tells people from
    machines and sweeps.
    """

    at: datetime
    who: str
    human: bool
    roles: tuple[str, ...]
    facility: str | None
    tag: str
    about_type: str
    about_id: str
    under: str | None
    purpose: str
    reason: str
    outcome: str
    id: int
