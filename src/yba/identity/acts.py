"""The words of merging, splitting and undoing: plans, proposals, acts, and why something is not done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from yba.kit.errors import Conflict
from yba.specs.identity.merging import Guard, Since, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from .state import SourceKey


class ActKind(StrEnum):
    """What is done to people."""

    MERGE = "merge"
    SPLIT = "split"
    UNDO = "undo"


class SourceRef(NamedTuple):
    """One source: facility, patient number, variant; its Patient resource; whether a certificate of birth is all it is."""

    facility: str
    local_id: str
    variant: int
    patient: UUID
    born: bool

    @property
    def key(self) -> SourceKey:
        """What names it."""
        return self.facility, self.local_id, self.variant

    @property
    def has_document(self) -> bool:
        """Whether the Patient resource is this source's own: not of a reused number, not of a claim without one."""
        return self.variant == 1 and not self.local_id.startswith("~")


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done: everything named goes from ``giver`` to ``taker``; carried out by `record.carry_out`.

    A merge gives all of ``giver``, whose id means ``taker`` from then on. A split gives some sources to a new person (``fresh``) or back to
    the person they were merged in from. An undo takes ``reverts`` back. ``facilities``: how many know both together.
    """

    kind: ActKind
    giver: UUID
    taker: UUID
    moving: tuple[SourceRef, ...]
    staying: tuple[SourceRef, ...]
    identifiers: tuple[tuple[str, str], ...]
    guards: tuple[Guard, ...]
    reason: str
    facilities: int
    fresh: bool = False
    reverts: int | None = None
    """The act that is taken back, or of a split the merge whose exact contrary it is."""
    since: tuple[Since, ...] = ()
    """Why an undo is not possible: what happened since."""
    approved: Approval | None = None

    @property
    def refused(self) -> bool:
        """Whether nobody may do it."""
        return bool(self.since) or any(guard.verdict is Verdict.REFUSE for guard in self.guards)

    @property
    def needs_second(self) -> bool:
        """Whether another person has to approve it."""
        return any(guard.verdict is Verdict.SECOND for guard in self.guards)

    def with_guard(self, guard: Guard) -> Plan:
        """Return the plan with one more guard that fired."""
        return self if guard in self.guards else replace(self, guards=(*self.guards, guard))


class Approval(NamedTuple):
    """Who proposed what another person carries out now."""

    proposal: UUID
    proposed_by: str


class NotDone(Conflict):
    """A plan that is refused, with every reason in two languages (``reasons``: codes; ``vi``, ``en``)."""

    def __init__(self, reasons: Sequence[Guard | Since]) -> None:
        """Take the guards that fired or what happened since."""
        self.reasons = tuple(one.code for one in reasons)
        self.vi = " ".join(one.vi for one in reasons)
        self.en = " ".join(one.en for one in reasons)
        super().__init__(self.vi, advice=f"({self.en})")


class NeedsSecond(NotDone):
    """A plan that another person has to approve: propose it."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Identity's half of an act, done in the caller's transaction; the record goes on. ``golden``: documents of those who live, by person.

    ``aliases``: whom ids mean from now on (None: themselves). ``earlier``: what the act changed that is taken back, or by which the person a
    split gives to had come; ``seen``: when each was seen last.
    """

    plan: Plan
    act: int
    golden: dict[UUID, dict[str, Any]]
    aliases: dict[UUID, UUID | None]
    earlier: dict[str, Any]
    seen: dict[UUID, datetime]


@dataclass(frozen=True, slots=True)
class PersonAct:
    """One act as it was done; ``reverted_by``: the act that took it back."""

    id: int
    at: datetime
    kind: ActKind
    giver: UUID
    taker: UUID
    who: str
    second: str | None
    reason: str
    sources: tuple[SourceKey, ...]
    reverts: int | None
    reverted_by: int | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that waits for a second person; ``request`` says again what was asked for."""

    id: UUID
    at: datetime
    kind: ActKind
    giver: UUID
    taker: UUID
    request: dict[str, Any]
    guards: tuple[str, ...]
    reason: str
    who: str
    state: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    words: str | None = None
    act: int | None = None
