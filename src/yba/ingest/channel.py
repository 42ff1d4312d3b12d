"""The ways a message can come in, and what landing says of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from yba.identity import Told

from .landing.peek import MessageKind
from .model import Finding


class Channel(StrEnum):
    """How a message arrived."""

    FILE = "file"
    GATEWAY = "gateway"
    INTAKE = "intake"
    WATCH = "watch"
    STDIN = "stdin"


class State(StrEnum):
    """Where a message stands."""

    RECEIVED = "received"
    DONE = "done"
    REFUSED = "refused"
    SET_ASIDE = "set-aside"
    WITHDRAWN = "withdrawn"


class Outcome(IntEnum):
    """What became of one claim; the numbers are those of table `outcome`."""

    ACCEPTED = 1
    UNCHANGED = 2
    REPLACED = 3
    REJECTED = 4


@dataclass(frozen=True, slots=True)
class Landing:
    """What is known of a message once its bytes are durable.

    ``transaction``: 26 characters, the same for the same bytes of the same sender; ``again``: these bytes were here before;
    ``facility``: the envelope's, empty when unknown; ``refusal``: why the whole message is not processed.
    """

    transaction: str
    sequence: int
    sha256: str
    received_at: datetime
    again: bool
    kind: MessageKind
    state: State
    facility: str
    claims_present: int
    refusal: Finding | None


@dataclass(frozen=True, slots=True)
class Peek:
    """What can be said of a message without storing it: enough to answer faults at once.

    ``facilities``: what MACSKCB and every readable XML1.MA_CSKCB say; ``fault``: why the whole message will be refused.
    """

    kind: MessageKind
    facilities: frozenset[str]
    claims_present: int
    fault: Finding | None


@dataclass(frozen=True, slots=True)
class ClaimReceipt:
    """What became of one claim of a message."""

    ordinal: int
    facility: str
    link: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    decided: dict[str, Told] = field(default_factory=dict)
    """Of a conflict of identity (the rule of its finding) what was asked or decided since; not a word of anybody else."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message: its claims and, apart, the findings on the message itself.

    ``state`` is "received" until the first claim is written, then "processing", "done", "refused", "set-aside" or "withdrawn".
    """

    transaction: str
    filename: str
    kind: MessageKind
    facility: str
    received_at: datetime
    state: str
    claims_present: int
    findings: tuple[Finding, ...]
    claims: tuple[ClaimReceipt, ...]

    @property
    def counts(self) -> dict[Outcome, int]:
        """Claims by outcome; all four keys. Medical assessments stand in ``claims`` and are none."""
        found = dict.fromkeys(Outcome, 0)
        if self.kind is MessageKind.ASSESSMENT:
            return found
        for claim in self.claims:
            found[claim.outcome] += 1
        return found
