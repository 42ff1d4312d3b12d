"""What is known before a batch is decided: people, their sources, who owns which identifier; changed in place, saved after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uuid import UUID

    from .kin import Link
    from .normalise import Key

Stamp = tuple[int, int]
"""(end of visit in seconds of Unix time, landing sequence): the order of what is later."""
SourceKey = tuple[str, str, int]
"""(facility, local_id, variant); variants above 1 are other humans under a reused patient number."""


@dataclass(slots=True)
class IdFact:
    """An identifier as sent by one source: days (ISO) first and last seen, and the card's validity."""

    first: str
    last: str
    valid_from: str = ""
    valid_to: str = ""
    registered_at: str = ""
    fresh: bool = False
    changed: bool = False

    @property
    def card(self) -> tuple[str, str, str]:
        """The validity as one value that can be ordered."""
        return self.valid_to, self.valid_from, self.registered_at


@dataclass(slots=True)
class Source:
    """One facility's patient: what it sent last (``sent``) and better values it sent before (``kept``)."""

    key: SourceKey
    person_id: UUID
    patient: UUID
    """Id of its Patient resource."""
    sent: dict[str, Any]
    kept: dict[str, list[Any]]
    stamp: Stamp
    ids: dict[Key, IdFact] = field(default_factory=dict)
    deaths: dict[str, str] = field(default_factory=dict)
    """Claim -> when the person died, as that claim tells it."""
    withdrawn: bool = False
    """Says nothing of its person: the claim it came from was taken back."""
    told: list[list[str]] = field(default_factory=list)
    """Earlier descriptions [name, birth, sex] that were accepted: a claim that is read again must find its way back."""
    fresh: bool = False
    touched: bool = False
    """Stamp moved on, nothing else."""
    changed: bool = False
    doc_stale: bool = False


@dataclass(slots=True)
class Person:
    """One person: sources, citizen numbers, digest of the golden document as last handed out (0 = never)."""

    id: UUID
    digest: int = 0
    sources: list[Source] = field(default_factory=list)
    citizens: set[str] = field(default_factory=set)
    holds: set[Key] = field(default_factory=set)
    """Identifiers it held first: the ones its golden document shows."""
    fresh: bool = False
    stale: bool = False


@dataclass(slots=True)
class Owner:
    """A person holds an identifier; ``claimed`` when somebody else held it first."""

    person_id: UUID
    sequence: int
    claimed: bool
    fresh: bool = False


@dataclass(slots=True)
class Review:
    """A conflict to be opened."""

    kind: str
    persons: tuple[UUID, ...]
    facility: str
    local_id: str
    evidence: dict[str, Any]


@dataclass(slots=True)
class Happening:
    """A line of a person's history: created, linked."""

    person_id: UUID
    kind: str
    source: SourceKey
    reason: str
    evidence: dict[str, Any]


@dataclass(slots=True)
class State:
    """Everything a batch may need and everything it does."""

    people: dict[UUID, Person] = field(default_factory=dict)
    sources: dict[tuple[str, str], list[Source]] = field(default_factory=dict)
    owners: dict[Key, list[Owner]] = field(default_factory=dict)
    reviews: list[Review] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    """Newborns tied to their mothers."""
    beside: set[UUID] = field(default_factory=set)
    """People whose golden document may have changed, though no claim of the batch is theirs."""

    def add(self, source: Source) -> None:
        """Put a source in its places (its person is made when missing)."""
        person = self.people.get(source.person_id)
        if person is None:
            person = self.people[source.person_id] = Person(source.person_id)
        if not source.withdrawn:
            person.sources.append(source)
            person.citizens.update(value for kind, value in source.ids if kind == "SDDCN")
        self.sources.setdefault(source.key[:2], []).append(source)
