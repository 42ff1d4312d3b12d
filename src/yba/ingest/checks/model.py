"""The words of the checks: what they know of the world, what is under check, and what a fault is before it is a finding."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from yba import terminology
from yba.ingest.model import VALUE_LENGTH, Finding, ParsedClaim, Row, Severity
from yba.specs.codes import Membership

from .values import DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from yba.specs.claims import Edition

MOST_PER_CAUSE: Final = 1000
"""Findings of one rule, table and field in one claim; the rest is counted in one more (bounds hostile input)."""
MOST_CAUSES: Final = 2000
"""Causes told apart in one claim, well over all columns there are; further ones are counted by rule and table. What rejects is always told."""
NAMED_PER_NOTE: Final = 5

_LISTS: Final = {
    "icd10": terminology.lists.ICD10,
    "icd9cm": terminology.lists.ICD9CM,
    "province": terminology.lists.PROVINCE,
    "district": terminology.lists.DISTRICT,
    "commune": terminology.lists.COMMUNE,
    "drug": terminology.lists.INGREDIENT,
    "service": terminology.lists.SERVICE,
}


def standard_member(list_id: str, code: str, on: date) -> Membership:
    """Ask `yba.terminology`; UNKNOWN for lists nobody keeps."""
    name = _LISTS.get(list_id)
    return Membership.UNKNOWN if name is None else terminology.is_member(name, code, on)


class AgeEdit(Protocol):
    """An age rule of an ICD-10 code: both ends included, in days or full years."""

    @property
    def text_vi(self) -> str:
        """The rule in words."""

    @property
    def unit(self) -> str:
        """Give "day" or "year"."""

    @property
    def least(self) -> int:
        """Youngest age."""

    @property
    def most(self) -> int | None:
        """Oldest age, None without limit."""


class IcdEntry(Protocol):
    """What the rules ask of one ICD-10 code."""

    @property
    def never_main(self) -> bool:
        """Whether it may not be the principal diagnosis."""

    @property
    def sex(self) -> str:
        """Give "male", "female" or nothing."""

    @property
    def ages(self) -> tuple[AgeEdit, ...]:
        """Its age rules."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the checks know beside the claim."""

    today: date
    facilities: frozenset[str] | None = None
    """Facility codes that are known; None when no list is complete enough to judge by."""
    member: Callable[[str, str, date], Membership] = standard_member
    """Whether a code stands in a list kept by another room: icd10, commune, province, drug, service …"""
    icd: Callable[[str, date], IcdEntry | None] = field(default=terminology.icd10.entry)
    """The edits of an ICD-10 code on a day."""


class Fault(NamedTuple):
    """What a rule function yields; the engine makes it a finding."""

    table: str
    row: int
    field: str
    value: str
    expected: str
    lesser: bool = False
    edition: str = ""
    """Empty: the decision the claim is written in."""


class Told(NamedTuple):
    """A rule as the engine carries it."""

    rule: str
    severity: Severity
    lesser: Severity


class Visit:
    """One claim under check, with what many rules ask for and the findings made so far."""

    __slots__ = ("arrived", "claim", "context", "counts", "edition", "end", "ended", "found", "head", "missed", "more", "tables", "today")

    def __init__(self, claim: ParsedClaim, edition: Edition, context: Context, end: date) -> None:
        self.claim = claim
        self.tables: Mapping[str, list[Row]] = claim.tables
        self.edition = edition
        self.context = context
        self.end = end
        """The day the visit ended: the day lists and rules are taken of."""
        heads = claim.tables.get("XML1")
        self.head: Row = heads[0] if heads else {}
        self.arrived = self.head.get("NGAY_VAO", "")
        self.ended = self.head.get("NGAY_RA", "")
        self.today = context.today.isoformat().replace("-", "") + "2359"
        self.found: list[Finding] = []
        self.counts: dict[tuple[str, str, str], int] = {}
        self.more: dict[tuple[Told, str], int] = {}
        """Findings beyond MOST_CAUSES, counted only: a million columns nobody knows must not become a million rows."""
        self.missed: dict[tuple[Told, str, str, str], dict[str, None]] = {}
        """Codes not found in lists too incomplete to speak at every line: one note per claim and column."""

    def rows(self, table: str) -> list[Row]:
        """Give the rows of a table, none when it is absent."""
        return self.tables.get(table) or []

    def add(self, told: Told, table: str, row: int, column: str, value: str, expected: str, *, lesser: bool = False, edition: str = "") -> None:
        """Keep one finding."""
        cause = (told.rule, table, column)
        count = self.counts.get(cause, 0) + 1
        if count == 1 and len(self.counts) >= MOST_CAUSES and told.severity is not Severity.REJECT:
            self.more[told, table] = self.more.get((told, table), 0) + 1
            return
        self.counts[cause] = count
        if count > MOST_PER_CAUSE:
            return
        self.found.append(
            Finding(
                rule=told.rule,
                severity=told.lesser if lesser else told.severity,
                table=table,
                row=row,
                field=column[:VALUE_LENGTH],
                value=value[:VALUE_LENGTH],
                expected=expected,
                edition=edition or self.edition.decision,
            )
        )

    def close(self) -> list[Finding]:
        """Give the findings, with one more for each cause that had too many to tell one by one."""
        for (told, table, column, label), codes in self.missed.items():
            named = ", ".join(list(codes)[:NAMED_PER_NOTE])
            rest = f" +{len(codes) - NAMED_PER_NOTE}" if len(codes) > NAMED_PER_NOTE else ""
            self.found.append(Finding(told.rule, Severity.NOTE, table, 0, column, f"{named}{rest}"[:VALUE_LENGTH], label, label))
        for (rule, table, column), count in self.counts.items():
            if count > MOST_PER_CAUSE:
                like = next(one for one in self.found if (one.rule, one.table, one.field) == (rule, table, column[:VALUE_LENGTH]))
                rest = f"+{count - MOST_PER_CAUSE}"
                self.found.append(Finding(rule, like.severity, table, 0, column, rest, like.expected, like.edition))
        for (told, table), count in self.more.items():
            self.found.append(Finding(told.rule, told.severity, table, 0, "", f"+{count}", "", self.edition.decision))
        return self.found


def end_of(claim: ParsedClaim, today: date) -> date:
    """Give the day a visit ended (else the day it began, else today): editions are chosen by it."""
    for table, names in (("XML1", ("NGAY_RA", "NGAY_VAO")), ("XML0", ("NGAY_VAO",)), ("XML12", ("NGAY_HOP",))):
        rows = claim.tables.get(table)
        for name in names if rows else ():
            day = DAYS[rows[0].get(name, "")] if rows else None
            if day is not None:
                return day
    return today
