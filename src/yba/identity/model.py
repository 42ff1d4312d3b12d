"""The words of identity: what a claim says of its person, and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from .kin import Kin, Membership, Said


class IdType(StrEnum):
    """Kinds of identifier (shared/spec/identity.md, section 1); the local patient number is the source's own key."""

    CITIZEN = "SDDCN"
    OLD_CITIZEN = "CMND9"
    PASSPORT = "HO_CHIEU"
    INSURANCE = "MA_BHXH"
    CARD = "MA_THE_BHYT"
    TEMPORARY = "MA_TAM"


class Card(NamedTuple):
    """One insurance card: number, facility it is registered at (MA_DKBD), days it is valid from and to (ISO, "" unknown)."""

    number: str
    registered_at: str = ""
    valid_from: str = ""
    valid_to: str = ""


@dataclass(slots=True)
class PersonFacts:
    """What one claim says of its person, as text; "" means not said. The key is (facility, local_id).

    ``birth`` is a partial ISO date ("1959", "1959-03", "1959-03-12") or "1959-03-12T10:30"; ``sex`` is male, female
    or unknown; ``seen_at`` is aware (end of the visit); ``sequence`` is the landing order, larger is later.
    """

    facility: str
    local_id: str
    seen_at: datetime
    sequence: int
    name: str = ""
    birth: str = ""
    sex: str = "unknown"
    citizen_number: str = ""
    passport: str = ""
    old_citizen_number: str = ""
    cards: tuple[Card, ...] = ()
    insurance_numbers: tuple[str, ...] = ()
    phone: str = ""
    address: str = ""
    province: str = ""
    district: str = ""
    commune: str = ""
    ethnicity: str = ""
    nationality: str = ""
    occupation: str = ""
    blood_group: str = ""
    claim: UUID | None = None
    """The claim that says it: what it says of a death is taken away when a later version does not."""
    started_at: datetime | None = None
    """Beginning of the visit, aware; None when it could not be read."""
    died: str = ""
    """"2026-03-01T10:30", "2026-03-01", "?" for a death without a date; "" when none is told."""
    born_of: str = ""
    """Of a newborn told of by its mother's claim: the mother's patient number at this facility."""
    patient: UUID | None = None
    """Id of the source's Patient where the caller writes it itself (a newborn's, as its certificate says; one that came as FHIR)."""
    resource_id: str = ""
    """FHIR id of the source's Patient where that came as a document of its own and is kept as it was sent."""


@dataclass(slots=True)
class Resolution:
    """The person of one claim; ``golden`` and ``source`` are Patient resources, present only when they changed.

    ``review`` is the kind of conflict met (a key of specs/identity/reviews.toml, which has the words) or None. In a
    batch a changed document hangs on the last claim of its person, so that one batch puts each resource once.
    """

    person_id: UUID
    new: bool
    source_changed: bool = False
    review: str | None = None
    place: str | None = None
    """variant/patient number of the source where (facility, patient number) does not say it: a reused number, or none was sent."""
    golden: dict[str, Any] | None = None
    source: dict[str, Any] | None = None
    after_death: str = ""
    """When the person died by another claim, if this visit began after that."""
    others: list[Retraction] = field(default_factory=list)
    """Golden documents of other people that changed with this claim: a corrected death that was told of somebody else."""
    made: bool = False
    """The person was made in this batch: nothing of it is stored anywhere."""


class Retraction(NamedTuple):
    """A person after something was taken back: the golden document, None for a person without sources."""

    person_id: UUID
    golden: dict[str, Any] | None


class Doubt(NamedTuple):
    """A conflict that another room met, for a clerk; ``kind`` is a key of specs/identity/reviews.toml."""

    kind: str
    person_id: UUID
    facility: str
    local_id: str
    evidence: dict[str, Any]


class ReviewState(StrEnum):
    """Where a clerk stands with a conflict."""

    OPEN = "open"
    SETTLED = "settled"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A conflict for a clerk: who is concerned, what was seen, since when."""

    id: UUID
    kind: str
    persons: tuple[UUID, ...]
    facility: str
    local_id: str
    evidence: dict[str, Any]
    state: ReviewState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SourceView:
    """One facility's knowledge of a person: its patient number, the source Patient's id and what it sent last."""

    facility: str
    local_id: str
    patient_id: UUID
    demographics: dict[str, Any]
    seen_at: datetime
    variant: int = 1
    """Larger for another human under a reused patient number."""


@dataclass(frozen=True, slots=True)
class IdentifierView:
    """One identifier as a dated fact of one source; ``held`` says whether this person holds it unquestioned."""

    type: IdType
    value: str
    facility: str
    first_seen: str
    last_seen: str
    held: bool
    contested_by: tuple[UUID, ...] = ()
    """Other living people within reach who hold or claim the same number."""


class PersonEvent(NamedTuple):
    """One line of a person's history: created, linked, merged."""

    at: datetime
    who: str
    kind: str
    facility: str
    local_id: str
    reason: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person with sources, identifiers and history."""

    id: UUID
    created_at: datetime
    merged_into: UUID | None
    vital_status: str
    golden: dict[str, Any]
    sources: tuple[SourceView, ...]
    identifiers: tuple[IdentifierView, ...]
    events: tuple[PersonEvent, ...] = field(default=())
    reviews: tuple[ReviewItem, ...] = field(default=())
    kin: tuple[Kin, ...] = field(default=())
    households: tuple[Membership, ...] = field(default=())
    said: tuple[Said, ...] = field(default=())
    """Names, births, addresses and phones that sources said, the newest of each first."""
