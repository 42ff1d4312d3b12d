"""The words of writing and searching by resource: what is asked to be written, what became of it, what was found, and why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from yba.kit.errors import Conflict, Invalid, TooMuch

from .model import StoredResource, with_meta

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID


class Write(NamedTuple):
    """One resource to be created or replaced. ``id`` None: the server gives one (`identify` says which before anything is written)."""

    rtype: str
    id: str | None
    doc: dict[str, Any]  # FHIR JSON; Decimal numbers keep their decimals; meta.versionId and meta.lastUpdated are the server's own
    facility: str = ""  # MA_CSKCB it is written for; "" = the only one where the actor may write
    if_match: int | None = None  # the version that must be the current one; 0: whichever stands
    only_if_new: bool = False  # If-None-Match: *
    fresh: bool = False  # the id was made by `identify` for this act: nobody else can have it
    channel: str = "fhir"  # how it came: a value of mapped_by in specs/visits.toml ("desk" from our own desks); the first writer's stays


@dataclass(frozen=True)
class Saved:
    """What became of one write; ``json`` is the document as stored, without versionId and lastUpdated."""

    rtype: str
    id: str
    version: int
    updated: datetime
    outcome: str  # "created", "updated", "unchanged", "deleted"
    person_id: UUID
    json: str

    @cached_property
    def doc(self) -> dict[str, Any]:
        """The FHIR resource with meta.versionId and meta.lastUpdated; numbers are floats."""
        return with_meta(orjson.loads(self.json), self.version, self.updated)


class HistoryPage(NamedTuple):
    """Versions, newest first, tombstones too; ``next`` is where the next page begins, None at the end."""

    rows: list[StoredResource]
    next: str | None
    total: int | None = None  # of one resource; not counted for a type or the whole record


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search: every row has passed the predicate of the right it was searched under."""

    rows: list[StoredResource]
    included: list[StoredResource] = field(default_factory=list)
    total: int | None = None  # as far as `_total` asks for it
    next: str | None = None  # cursor of the next page
    masked: bool = False  # a restricted category hides something in the record of the person asked about; never whether it would match


class Problem(NamedTuple):
    """One thing that is wrong with a document; ``code`` is FHIR's issue type, ``expression`` where, ``ref`` in which of an act's."""

    code: str
    expression: str
    vi: str
    en: str
    ref: tuple[str, str] = ("", "")


class NotStorable(Invalid):
    """A document that cannot be stored as it is, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Take what is wrong."""
        self.problems = tuple(problems)
        super().__init__(" ".join(one.vi for one in self.problems[:5]), advice=" ".join(one.en for one in self.problems[:5]))


class VersionConflict(Conflict):
    """The version named is not the current one: 412. ``ref``: of which resource, where an act has several."""

    ref: tuple[str, str] = ("", "")

    @classmethod
    def of(cls, ref: tuple[str, str], message: str, advice: str) -> VersionConflict:
        """Say it of one resource."""
        made = cls(message, advice=advice)
        made.ref = ref
        return made


class ReadOnly(Conflict):
    """The resource is made by the platform itself and is not written directly: 409."""


class TooCostly(TooMuch):
    """Neither indexed nor inside one person's compartment, and more candidates than `YBA_SEARCH_SCAN`."""


class BadCursor(Invalid):
    """A cursor of somebody else, of another question, too old, or not ours."""
