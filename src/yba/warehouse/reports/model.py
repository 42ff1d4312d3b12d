"""The words of periodic reports: a unit, the state of a number, figures, a report as it was kept, its steps and differences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.specs.exports import UnitKind
from yba.specs.reading import Words

from .errors import NotSo

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from uuid import UUID

    from yba.specs.exports import Edition
    from yba.warehouse.measures import Period

WHOLE: Final = ""  # the place that is the unit itself, among the places of its figures


class CellState(StrEnum):
    """Whether a number may be read, and if not why: a blank is never 0."""

    SHOWN = "shown"
    NO_SOURCE = "no_source"
    NOT_HEARD = "not_heard"
    UNDEFINED = "undefined"
    NONE = "none"


STATES: Final = {
    CellState.SHOWN: Words("có số", "known"),
    CellState.NO_SOURCE: Words("chưa có nguồn", "no source"),
    CellState.NOT_HEARD: Words("chưa gửi", "not heard"),
    CellState.UNDEFINED: Words("không tính được: mẫu số bằng 0 hoặc trống", "not defined: the divisor is 0 or blank"),
    CellState.NONE: Words("không có ô này", "no such cell"),
}


class Verdict(StrEnum):
    """What a check says; what hangs on a blank is not judged."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_JUDGED = "not_judged"


class Step(StrEnum):
    """The steps of a report, each by somebody; nothing is taken back but by returning what is not locked."""

    MADE = "made"
    APPROVED = "approved"
    LOCKED = "locked"
    RETURNED = "returned"

    @classmethod
    def reached(cls, done: Iterable[Step]) -> Step:
        """Return the step a report stands at that has done these: the furthest."""
        return max(done, key=[*cls].index)


class Unit(NamedTuple):
    """Whose report: ``facility`` is who reports (MA_CSKCB), of a commune its station, "" for the province."""

    kind: UnitKind
    code: str
    facility: str

    def __str__(self) -> str:
        """Write it as it is kept: facility:11001, commune:03127, province."""
        return self.kind.value if self.kind is UnitKind.PROVINCE else f"{self.kind}:{self.code}"


def unit(text: str, *, station: str = "") -> Unit:
    """Read a unit; ``station``: who reports for a commune. Raises Invalid."""
    kind, _, code = text.strip().partition(":")
    if kind == UnitKind.PROVINCE.value and not code:
        return Unit(UnitKind.PROVINCE, "", "")
    if kind == UnitKind.FACILITY.value and code.isalnum():
        return Unit(UnitKind.FACILITY, code, code)
    if kind == UnitKind.COMMUNE.value and code.isalnum() and station.isalnum():
        return Unit(UnitKind.COMMUNE, code, station)
    raise NotSo(
        f"{text[:40]!r} không phải đơn vị báo cáo.", f"{text[:40]!r} is no unit that reports: write facility:11001, commune:03127 or province."
    )


class Number(NamedTuple):
    """One cell."""

    value: float | int | None
    state: CellState


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check says at one place, of one column (of rows) or one row (of columns)."""

    rule: str
    place: str
    at: str
    left: float | int | None
    right: float | int | None
    verdict: Verdict
    hard: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What a report says: numbers by place, row and column; ``heard`` of ``expected`` facilities told of a visit in the period.

    Places: WHOLE, then "commune:00001" and "facility:11001" within the unit. The same data give the same figures, byte for byte.
    """

    cells: dict[str, dict[str, tuple[Number, ...]]]
    places: tuple[str, ...]
    heard: int
    expected: int
    checks: tuple[Judged, ...]

    @property
    def broken(self) -> tuple[Judged, ...]:
        """Return the checks that forbid to sign."""
        return tuple(one for one in self.checks if one.hard and one.verdict is Verdict.BROKEN)


class Difference(NamedTuple):
    """One number that is another one now; None = it was or is blank."""

    place: str
    row: str
    column: str
    old: float | int | None
    new: float | int | None


class Late(NamedTuple):
    """What a facility sent of the period after the lock: claims that were new, and claims sent again."""

    facility: str
    new: int
    again: int


class Line(NamedTuple):
    """One row of a form as people read it."""

    id: str
    number: str
    words: Words
    unit: Words | None
    parent: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form as people read it: kept with what was signed, so that it can be shown when the specs have gone on."""

    number: str
    title: Words
    law: str
    notes: Words | None
    without_successor: Words | None
    columns: tuple[tuple[str, Words], ...]
    lines: tuple[Line, ...]
    maker: Words
    signer: Words


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as it would be now; ``digest`` is the SHA-256 of its figures, ``seq`` and ``until`` the export it was counted from."""

    edition: Edition
    unit: Unit
    period: Period
    sheet: Sheet
    figures: Figures
    digest: bytes
    seq: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """One step: when, who, under which name, and what was said."""

    step: Step
    at: datetime
    who: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A report as it was made, never changed: ``number`` 0 the report, 1 and on its corrections."""

    id: UUID
    report: str
    edition: str
    unit: Unit
    period: Period
    number: int
    attempt: int
    corrects: UUID | None
    labels: tuple[str, ...]
    sheet: Sheet
    figures: Figures
    digest: bytes
    sha256: bytes
    origin: dict[str, Any]
    differences: tuple[Difference, ...]
    late: tuple[Late, ...] | None  # None: nobody knows what was sent late
    steps: tuple[Signed, ...]

    @property
    def state(self) -> Step:
        """Return the step it stands at."""
        return Step.reached(one.step for one in self.steps)

    def step(self, step: Step) -> Signed | None:
        """Return one step."""
        return next((one for one in self.steps if one.step is step), None)


class Standing(NamedTuple):
    """How one report of one period stands for a unit: ``state`` None = nothing was made yet; ``differs``: numbers that are others since the lock."""

    report: str
    edition: Edition
    period: Period
    due: date
    state: Step | None
    number: int
    late: bool  # past its due date and not locked
    running: bool  # the period has not ended
    differs: int = 0


class Changed(NamedTuple):
    """A locked report whose numbers are others now: how many of them, since when that is known, when it was held against the lake last."""

    report: str
    unit: Unit
    period: str
    number: int
    differs: int
    since: datetime
    looked_at: datetime
