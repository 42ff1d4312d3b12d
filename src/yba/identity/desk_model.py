"""The words of the clerk's desk: an item with its place in the queue, what was decided, figures of a facility."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.kit.errors import Conflict, Invalid

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from .model import ReviewItem

PAGE: Final = 50


class Decided(StrEnum):
    """What was done about a conflict. MERGED, RIGHT, SPLIT settle it, DIFFERENT dismisses it; the others leave or make it open."""

    MERGED = "merged"
    RIGHT = "right"
    DIFFERENT = "different"
    SPLIT = "split"
    ASKED = "asked"
    ANSWERED = "answered"
    PROPOSED = "proposed"
    DECLINED = "declined"
    UNDONE = "undone"


CLOSING: Final = frozenset({Decided.MERGED, Decided.RIGHT, Decided.SPLIT, Decided.DIFFERENT})


class Decision(NamedTuple):
    """One line of what was done: by whom, the ready reason ("" none) and own words, the act or proposal it led to."""

    review: UUID
    at: datetime
    who: str
    kind: Decided
    reason: str
    words: str
    act: int | None
    proposal: UUID | None


@dataclass(frozen=True, slots=True)
class Queued:
    """A conflict in its place: points of risk, and what was done last."""

    item: ReviewItem
    risk: int
    last: Decision | None


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of conflicts, the riskiest first; ``kinds`` and ``facilities`` count all that match but for their own filter."""

    found: tuple[Queued, ...]
    total: int
    offset: int
    kinds: dict[str, int]
    facilities: dict[str, int]


@dataclass(frozen=True, slots=True)
class Case:
    """One conflict as the desk shows it; ``before`` and ``after`` are its neighbours in the queue that was asked for."""

    item: ReviewItem
    risk: int
    decisions: tuple[Decision, ...]
    before: UUID | None = None
    after: UUID | None = None


class Told(NamedTuple):
    """What a facility may know of a decision about its own patient: what, when, and of a question its ready words' code."""

    kind: Decided
    at: datetime
    reason: str


class FacilityFigures(NamedTuple):
    """How well one facility identifies: its patient numbers, how many without any citizen number, and its conflicts since a day."""

    facility: str
    patients: int
    without_number: int
    shared_numbers: int
    shared_cards: int
    reused_locals: int
    opened: int
    still_open: int


class KindFigures(NamedTuple):
    """Conflicts of one kind: opened and decided since a day, open now, and half of the open ones are older than (days; None: none open)."""

    kind: str
    opened: int
    decided: int
    still_open: int
    median_age: float | None


class ClerkFigures(NamedTuple):
    """What one clerk did since a day, by what was decided."""

    who: str
    done: dict[Decided, int]


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """The desk in numbers, as far as the reader's rights reach."""

    kinds: tuple[KindFigures, ...]
    facilities: tuple[FacilityFigures, ...]
    clerks: tuple[ClerkFigures, ...]
    still_open: int
    median_age: float | None


class AlreadyDecided(Conflict):
    """Somebody else decided first; ``last`` says who, what and when."""

    def __init__(self, last: Decision | None) -> None:
        """Take the last line of what was done, None when it was closed elsewhere."""
        self.last = last
        self.vi, self.en = "Mục đối soát này đã có người quyết định trước bạn.", "Somebody else decided this item before you."
        super().__init__(self.vi, advice=f"({self.en})")


class NoReason(Invalid):
    """A decision without a reason of its own."""

    def __init__(self) -> None:
        """Say what would be accepted, in two languages."""
        self.vi = "Chọn một lý do của quyết định này, hoặc ghi rõ từ 10 đến 500 ký tự."
        self.en = "Choose a reason of this decision, or say it in 10 to 500 characters."
        super().__init__(self.vi, advice=f"({self.en})")


@dataclass(slots=True)
class Act:
    """What a clerk asks for: the decision, its ready reason and own words; the act or proposal that came of it."""

    kind: Decided
    reason: str = ""
    words: str = ""
    act: int | None = field(default=None)
    proposal: UUID | None = field(default=None)
