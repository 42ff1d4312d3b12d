"""The words of asking outside registers: what is asked, what is kept of an answer, and how it can fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from yba.kit.errors import Unavailable

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class Register(StrEnum):
    """The registers that can be asked."""

    POPULATION = "population"
    CARD = "card"


class Verdict(StrEnum):
    """What a register says of one field: never its own value."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not-known"


class Outcome(StrEnum):
    """What came of a question (column outcome); ASKED: it went out and nothing came back, because the process ended."""

    ASKED = "asked"
    FOUND = "found"
    NOT_FOUND = "not-found"
    WRONG_PERSON = "wrong-person"
    BAD_ANSWER = "bad-answer"
    REFUSED = "refused"
    AWAY = "away"
    FAILED = "failed"


FIELDS: Final = ("number", "name", "birth", "sex", "address", "household")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be verified; "" is not asked.

    ``number`` has 12 digits (9: an old card); ``birth`` is a partial ISO date; ``commune`` a 2025 code; ``head`` the personal number of the head of
    the household.
    """

    number: str
    name: str
    birth: str
    sex: str = ""
    commune: str = ""
    head: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a register said, as verdicts: kept for whom it was asked, until it expires, and passed on to nobody else."""

    outcome: Outcome
    matches: dict[str, Verdict]
    read_at: datetime
    expires: datetime
    query: UUID
    kept: bool = False
    """Whether it was kept from an earlier question instead of asked anew."""

    @property
    def agrees(self) -> bool:
        """Whether the register knows this number with this name and birth."""
        return all(self.matches.get(field) is Verdict.YES for field in ("number", "name", "birth"))

    @property
    def contradicts(self) -> tuple[str, ...]:
        """The fields the register says otherwise."""
        return tuple(name for name in FIELDS if self.matches.get(name) is Verdict.NO)


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What the insurer said of a card: its code, and what the look-up is judged by; the whole reply is kept as it came."""

    outcome: Outcome
    code: str
    meaning: str
    facts: dict[str, str]
    read_at: datetime
    query: UUID
    kept: bool = False


@dataclass(slots=True)
class Reply:
    """What one exchange gave: to be kept."""

    outcome: Outcome
    matches: dict[str, str] = field(default_factory=dict)
    code: str = ""
    facts: dict[str, Any] | None = None
    raw: bytes | None = None


class RegisterError(Unavailable):
    """A register gave no answer that can be used; nothing personal stands in the words. ``outcome`` is what the question was kept with."""

    def __init__(self, message: str, *, outcome: Outcome, again: bool = False, breaks: bool = True, wait: float = 0.0, advice: str = "") -> None:
        """``again``: another attempt may help; ``breaks``: counts for the breaker; ``wait``: seconds the server asks for."""
        super().__init__(message, advice=advice)
        self.outcome, self.again, self.breaks, self.wait = outcome, again, breaks, wait


class HeldBack(Unavailable):
    """Nothing was asked: the breaker is open, or the minute or the day is spent; ``seconds`` until it is worth asking again."""

    def __init__(self, message: str, *, why: str, seconds: float) -> None:
        """``why`` is breaker, minute or day."""
        super().__init__(message, advice=f"Thử lại sau {max(1, round(seconds))} giây.")
        self.why, self.seconds = why, seconds


def away(message: str, *, wait: float = 0.0, breaks: bool = True) -> RegisterError:
    """The register does not answer, or says that it cannot now."""
    return RegisterError(message, outcome=Outcome.AWAY, again=True, wait=wait, breaks=breaks)


def bad_answer(message: str) -> RegisterError:
    """What came back is not an answer; asked again, because gateways on the way answer in the register's place."""
    return RegisterError(message, outcome=Outcome.BAD_ANSWER, again=True)
