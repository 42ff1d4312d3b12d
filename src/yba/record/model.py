"""The words of the record: what is put, what is stored, what is known of a person's data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

import orjson

from yba.kit import exact
from yba.kit.clock import VIETNAM

if TYPE_CHECKING:
    from datetime import datetime

NOBODY: Final = UUID(int=0)  # person id of resources without a person

Ref = tuple[str, str]  # (resource type, id)


class TextRow(NamedTuple):
    """A text that a resource is found by from its beginning on; ``value`` is folded."""

    param: str
    value: str


class RangeRow(NamedTuple):
    """A range that a resource is found by; dates in seconds of Unix time, open sides are infinite."""

    param: str
    low: float
    high: float


@dataclass(slots=True)
class Put:
    """One resource to be stored; what `fhir.search.index` and the mapping know of it, nothing computed here."""

    rtype: str
    id: str
    person_id: UUID  # compartment; NOBODY for resources without a person
    doc: bytes  # JSON without meta.versionId and meta.lastUpdated
    tokens: list[int]
    start: datetime | None
    end: datetime | None
    facility_id: str  # MA_CSKCB; "" = no facility: only actors of all facilities see it
    source_id: UUID | None  # claim or document it came from
    labels: tuple[str, ...]
    mapped_by: str
    fresh: bool = False  # the caller knows that the id is new: no look-up
    also: tuple[UUID, ...] | None = None  # further people whose record it belongs to (a birth); None = leave them as they are
    rows: tuple[TextRow | RangeRow, ...] | None = None  # what `search_text` and `search_range` hold of it; None = it has none and never had


@dataclass(slots=True)
class PutCounts:
    """What became of the puts; `deleted` counts puts over a tombstone, which bring the resource back (they count as changed too)."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0


@dataclass(frozen=True)
class StoredResource:
    """One version of a resource as it is stored."""

    rtype: str
    id: str
    person_id: UUID
    version: int
    updated: datetime
    start: datetime | None
    end: datetime | None
    facility_id: str
    source_id: UUID | None
    labels: tuple[str, ...]
    mapped_by: str
    deleted: bool
    json: str  # as stored, numbers with their decimals; "{}" of a tombstone

    @cached_property
    def doc(self) -> dict[str, Any]:
        """The FHIR resource with meta.versionId and meta.lastUpdated; numbers are floats. A tombstone is {}."""
        return with_meta(orjson.loads(self.json), self.version, self.updated)

    @cached_property
    def exact(self) -> dict[str, Any]:
        """The same with Decimal numbers that keep their decimals (6300.000); some 5 times slower."""
        return with_meta(exact.numbers(self.json), self.version, self.updated)


def with_meta(doc: dict[str, Any], version: int, updated: datetime) -> dict[str, Any]:
    """Give a document the version and moment it was stored with; a tombstone stays {}."""
    if doc:
        doc["meta"] = {**doc.get("meta", {}), "versionId": str(version), "lastUpdated": updated.astimezone(VIETNAM).isoformat()}
    return doc


class Document(NamedTuple):
    """What a list shows of a resource: whom it is about and what it says, as it was put (no version, no moment); numbers are floats."""

    person_id: UUID
    doc: dict[str, Any]


class FacilityData(NamedTuple):
    """What one facility contributed to a person's record."""

    facility_id: str
    start: datetime | None  # first visit
    end: datetime | None  # end of the last one
    visits: int
    resources: int


@dataclass(frozen=True, slots=True)
class DataCoverage:
    """What the record of a person rests on: outside it, nothing recorded does not mean nothing happened."""

    start: datetime | None
    end: datetime | None
    facilities: tuple[FacilityData, ...]
