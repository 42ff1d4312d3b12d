"""The words of people's accounts: who signs in, what somebody is where, what is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID


class Kind(StrEnum):
    """Whether an account is opened by an administrator or by a citizen's first sign-in."""

    STAFF = "staff"
    CITIZEN = "citizen"


class Post(NamedTuple):
    """What somebody is to be, and where: a role of roles.toml with the places it needs.

    ``facility`` MA_CSKCB, ``department`` its code there, ``area`` a commune code of 2025 or "*" (the province), ``licence``
    the practitioner's number, ``person_id`` the ward of a guardian or the own person of a citizen; "" or None = does not apply.
    """

    role: str
    facility: str = ""
    department: str = ""
    area: str = ""
    licence: str = ""
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One account as an administrator sees it; ``factor``: a second factor is set up."""

    id: UUID
    username: str
    kind: Kind
    display_name: str
    phone: str
    email: str
    person_id: UUID | None
    demo: bool
    active: bool
    created_at: datetime
    last_seen: datetime | None
    disabled_at: datetime | None
    disabled_reason: str
    factor: bool


@dataclass(frozen=True, slots=True)
class Assignment:
    """One role of one account somewhere, from ``starts`` to ``ends`` (None = open, the end not included); ``ended_at``: when that was written."""

    id: UUID
    account: UUID
    post: Post
    starts: datetime
    ends: datetime | None
    granted_by: str
    reason: str
    end_reason: str
    ended_at: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether a moment lies in it: who was what in the past."""
        return self.starts <= at and (self.ends is None or at < self.ends)

    def in_force(self, now: datetime) -> bool:
        """Whether it counts now; what was ended stays ended, also when the clock is set back."""
        return self.covers(now) and (self.ends is None or self.ended_at is None or self.ends > self.ended_at)


class OpenSession(NamedTuple):
    """One browser session that has not run out. ``id`` names it to end it (a hash of its key, good for nothing else)."""

    id: str
    started_at: datetime | None
    seen_at: datetime | None
    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class Handover:
    """A one-time code just made; it is shown once, handed over in person and kept only as a hash."""

    account: UUID
    username: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Network:
    """One network of a facility, as CIDR; facility "" is the province's office."""

    id: UUID
    facility: str
    network: str
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class PractitionerIdentity:
    """Who a clinician is to others: ``known`` says that claims named this licence at this facility."""

    account: UUID
    display_name: str
    licence: str
    facility: str
    department: str
    known: bool


class Decision(StrEnum):
    """What a review says of an assignment."""

    KEEP = "keep"
    END = "end"


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One assignment under review."""

    assignment: Assignment
    username: str
    display_name: str
    last_seen: datetime | None
    decision: Decision | None
    decided_by: str
    words: str


@dataclass(frozen=True, slots=True)
class Review:
    """One half-yearly review of a facility ("" the province's own posts): signed off once every item has a decision."""

    id: UUID
    facility: str
    opened_at: datetime
    due: date
    signed_at: datetime | None
    signed_by: str
    signed_name: str
    items: tuple[ReviewItem, ...]
