"""The code lists of the claims XML as data, dated, each saying whether it is complete; read from `specs/codes_claims/`."""

from __future__ import annotations

import csv
import dataclasses
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from .claims import SpecError

FOLDER = Path(__file__).with_name("codes_claims")


class Membership(StrEnum):
    """Whether a code belongs to a list on a day; UNKNOWN when the list is known to be incomplete."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Code:
    """One code with its meaning and the days it may be used on."""

    code: str
    meaning_vi: str
    valid_from: date | None
    valid_to: date | None
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Grammar:
    """A pattern that codes must follow from a day on; it takes the place of an enumeration."""

    valid_from: date
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list: its codes, since when it is complete, and why it is not."""

    id: str
    field: str
    """The list's name in the gathered `codes.csv`."""
    title_vi: str
    title_en: str
    complete: bool
    complete_from: date | None
    """Visits that ended before this day are judged as if the list were incomplete."""
    absent: bool
    """True for names people look for that no table has."""
    why: str
    source: str
    grammar: Grammar | None
    codes: tuple[Code, ...]
    by_code: dict[str, Code] = dataclasses.field(repr=False, compare=False)

    def has(self, code: str, on: date) -> Membership:
        """Say whether `code` may be used for a visit that ended on `on`."""
        if self.grammar is not None and on >= self.grammar.valid_from:
            return Membership.YES if self.grammar.pattern.fullmatch(code) else Membership.NO
        found = self.by_code.get(code)
        if found is None:
            return Membership.NO if self.complete_on(on) else Membership.UNKNOWN
        early = found.valid_from is not None and on < found.valid_from
        late = found.valid_to is not None and on > found.valid_to
        return Membership.NO if (early or late) and self.complete_on(on) else Membership.YES

    def since(self, on: date) -> date | None:
        """Give the last day up to `on` on which the list changed; None when it never did as far as we know."""
        return max((day for day in self.changes() if day <= on), default=None)

    def changes(self) -> set[date]:
        """Give every day on which the list changes."""
        days = {code.valid_from for code in self.codes if code.valid_from}
        days |= {date.fromordinal(code.valid_to.toordinal() + 1) for code in self.codes if code.valid_to}
        days |= {self.complete_from} if self.complete_from else set()
        return days | ({self.grammar.valid_from} if self.grammar else set())

    def complete_on(self, on: date) -> bool:
        """Say whether a miss on this day means the code is wrong."""
        return self.complete and (self.complete_from is None or on >= self.complete_from)

    def allowed(self, on: date) -> tuple[str, ...]:
        """Give the codes of that day, for messages and pick lists."""
        return tuple(
            one.code for one in self.codes if (one.valid_from is None or one.valid_from <= on) and (one.valid_to is None or on <= one.valid_to)
        )


def code_list(list_id: str) -> CodeList:
    """Give one list; KeyError when we hold none of that id."""
    return lists()[list_id]


@cache
def lists() -> dict[str, CodeList]:
    """Give every list by id."""
    with (FOLDER / "index.csv").open(encoding="utf-8", newline="") as lines:
        return {row["id"]: _list(row) for row in csv.DictReader(lines)}


def _list(row: dict[str, str]) -> CodeList:
    path = FOLDER / f"{row['id']}.csv"
    if row["complete"] not in {"yes", "no", "absent"} or (row["complete"] != "yes" and not row["why"]):
        message = f"{path}: say yes, no or absent, and why it is not complete"
        raise SpecError(message)
    codes: tuple[Code, ...] = ()
    if row["complete"] != "absent":
        with path.open(encoding="utf-8", newline="") as lines:
            codes = tuple(_code(path, one) for one in csv.DictReader(lines))
    by_code = {one.code: one for one in codes}
    if len(by_code) != len(codes):
        message = f"{path}: a code stands twice"
        raise SpecError(message)
    return CodeList(
        id=row["id"],
        field=row["field"],
        title_vi=row["title_vi"],
        title_en=row["title_en"],
        complete=row["complete"] == "yes",
        complete_from=_day(row["complete_from"]),
        absent=row["complete"] == "absent",
        why=row["why"],
        source=row["source"],
        grammar=_grammar(row["grammar"]),
        codes=codes,
        by_code=by_code,
    )


def _code(path: Path, row: dict[str, str]) -> Code:
    try:
        first, last = _day(row["valid_from"]), _day(row["valid_to"])
    except ValueError as fault:
        message = f"{path}, code {row['code']}: {fault}"
        raise SpecError(message) from fault
    return Code(row["code"], row["meaning_vi"], first, last, row["source"], row["note"])


def _grammar(text: str) -> Grammar | None:
    if not text:
        return None
    day, _, pattern = text.partition(": ")
    return Grammar(date.fromisoformat(day), re.compile(pattern))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class ExternalList:
    """A list that another room keeps; here only how findings name its editions."""

    id: str
    title_vi: str
    title_en: str
    tell_unknown: str
    """What a miss is worth where the list is incomplete: a note at the "line", one per "claim" and column, or "no" (nobody keeps the list)."""
    editions: tuple[tuple[date, str], ...]
    shape: re.Pattern[str] | None
    """What codes of this list look like; others in the same column belong to lists of their own. None: every code."""

    def label(self, on: date) -> str:
        """Name the edition in force on a day."""
        return next((label for first, label in reversed(self.editions) if first <= on), self.editions[0][1])


@cache
def external_lists() -> dict[str, ExternalList]:
    """Give the lists kept by `terminology` and `directory`, by id."""
    found = tomllib.loads((FOLDER / "external.toml").read_text("utf-8"))
    return {
        list_id: ExternalList(
            id=list_id,
            title_vi=data["title_vi"],
            title_en=data["title_en"],
            tell_unknown=data["tell_unknown"],
            editions=tuple((edition["from"], edition["label"]) for edition in data["editions"]),
            shape=re.compile(data["shape"]) if "shape" in data else None,
        )
        for list_id, data in found.items()
    }
