"""The periodic reports as data: `specs/exports/<report>/<edition>.toml` says which rows, when and until when; the SQL beside it counts."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .claims import SpecError
from .exports_rows import Check, Column, Reading, Row, checks, columns, rows
from .measures import BASE, Semantics, Words, base, code_list, measures
from .measures import FOLDER as MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

FOLDER: Final = Path(__file__).with_name("exports")
LABELS: Final = Path(__file__).with_name("labels.toml")


class Cycle(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


class UnitKind(StrEnum):
    """Whose report it is: a facility's, a commune's (made by its station), the province's."""

    FACILITY = "facility"
    COMMUNE = "commune"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Due:
    """Until when a report is due after its period: the earliest of what is told here counts.

    ``working_days``, ``days`` after the last day; ``day`` of the month after the end (of ``month`` of the year after it where one is told):
    the report is there before that day.
    """

    working_days: int | None
    days: int | None
    day: int | None
    month: int | None


@dataclass(frozen=True, slots=True)
class Query:
    """One SQL: a row per thing counted (facility or commune, person, line, col, amount), of what it reads as `specs/measures` names it."""

    name: str
    sql: str
    reads: dict[str, tuple[str, ...]]  # view or side table -> columns
    source: tuple[str, ...]  # tables that must hold a row, else there is no source; "a|b" = one of them is enough
    lists: tuple[str, ...]
    by_commune: bool  # its rows name a commune of 2025 in the place of a facility
    told_only: bool  # a place of which it has no row is not known; else it counts 0 where the facility was heard from


@dataclass(frozen=True, slots=True)
class Edition:
    """One form of one report, in force for periods whose last day lies between ``valid_from`` and ``valid_to`` (None = open)."""

    report: str
    edition: str
    number: str
    title: Words
    law: str
    valid_from: date
    valid_to: date | None
    without_successor: Words | None  # the form of an edition that has ended, because nothing has taken its place
    cycles: tuple[Cycle, ...]
    cut: int  # a period begins on this day of the month before; 0: on the first of its own
    year_begins: int  # month with which the report's own year begins; a year is named by its end
    units: tuple[UnitKind, ...]
    due: Due
    labels: tuple[str, ...]  # restricted categories the whole report is about
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    checks: tuple[Check, ...]
    queries: dict[str, Query]
    maker: Words
    signer: Words
    notes: Words | None
    source: str
    owner: str
    checked_by: str
    next_review: date
    digest: str  # SHA-256 of everything the numbers are made by

    def row(self, name: str) -> Row:
        """Return one row."""
        return next(one for one in self.rows if one.id == name)


_NEEDED: Final = ("number", "title", "law", "valid_from", "cycles", "units", "due", "row", "maker", "signer", "source", "owner", "checked_by")


@cache
def reports() -> dict[str, tuple[Edition, ...]]:
    """Give every report with its editions, the oldest first. Raises SpecError naming file, key and rule."""
    return load(FOLDER)


def load(folder: Path) -> dict[str, tuple[Edition, ...]]:
    """Read the reports of a folder. Raises SpecError."""
    found = {}
    for below in sorted(path for path in folder.iterdir() if path.is_dir() and path.name != "lists"):
        editions = sorted((_edition(path) for path in sorted(below.glob("*.toml"))), key=lambda one: one.valid_from)
        for before, after in pairwise(editions):
            if before.valid_to is None or before.valid_to >= after.valid_from:
                raise SpecError(f"{below.name}: {before.edition} and {after.edition} are in force at once")
        found[below.name] = tuple(editions)
    return found


def edition(report: str, on: date) -> Edition | None:
    """Give the edition in force on a period's last day; None: no form is known for it. Raises KeyError for an unknown report."""
    return next((one for one in reports()[report] if one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)), None)


@dataclass(frozen=True, slots=True)
class Missing:
    """A form the law names whose text was not found."""

    number: str
    law: str
    words: Words


@cache
def not_known() -> tuple[Missing, ...]:
    """Give the forms nobody could read: named, so that nobody thinks they are done."""
    path = FOLDER / "not_known.toml"
    return tuple(Missing(one["number"], one["law"], _at(path).words("words", one["words"])) for one in tomllib.loads(path.read_text("utf-8"))["form"])


@cache
def holidays() -> frozenset[date]:
    """Give the days on which offices are closed beside Saturdays and Sundays, as far as they are known."""
    told = tomllib.loads(FOLDER.joinpath("holidays.toml").read_text("utf-8"))
    return frozenset(told["days"])


@cache
def listed(name: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Give a list that queries join, ours or the measures': columns and rows. Raises SpecError."""
    path = FOLDER / "lists" / f"{name}.csv"
    if not path.is_file():
        return code_list(name)
    head, *found = csv.reader(line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    if any(len(row) != len(head) for row in found):
        raise SpecError(f"{path.name}: every row has as many fields as the head")
    return tuple(head), tuple(tuple(row) for row in found)


def _at(path: Path) -> Reading:
    return Reading(f"{path.parent.name}/{path.name}")


def _edition(path: Path) -> Edition:
    data, at = tomllib.loads(path.read_text("utf-8")), _at(path)
    if "continues" in data:
        return _continued(path, data, at)
    for key in _NEEDED:
        if data.get(key) in (None, "", []):
            raise at.fault(key, "is needed")
    queries = {name: _query(path, at, name, told) for name, told in data.get("query", {}).items()}
    found_columns = columns(at, data)
    found_rows = rows(at, data, queries, found_columns, listed)
    made = Edition(
        report=path.parent.name, edition=path.stem, number=data["number"], title=at.words("title", data["title"]), law=data["law"],
        valid_from=at.day("valid_from", data["valid_from"]), valid_to=data.get("valid_to"), without_successor=None,
        cycles=tuple(at.one("cycles", Cycle, one) for one in data["cycles"]), cut=data.get("cut", 0), year_begins=data.get("year_begins", 1),
        units=tuple(at.one("units", UnitKind, one) for one in data["units"]), due=_due(at, data["due"]), labels=_labels(at, data),
        columns=found_columns, rows=found_rows, checks=checks(at, data, found_rows, found_columns), queries=queries,
        maker=at.words("maker", data["maker"]), signer=at.words("signer", data["signer"]),
        notes=at.words("notes", data["notes"]) if "notes" in data else None, source=data["source"], owner=data["owner"],
        checked_by=data["checked_by"], next_review=at.day("next_review", data.get("next_review")), digest="",
    )  # fmt: skip
    if not 0 <= made.cut <= 28 or made.cut == 1 or not 1 <= made.year_begins <= 12:  # noqa: PLR2004  every month has a 28th
        raise at.fault("cut", "is a day from 2 to 28, year_begins a month")
    return replace(made, digest=_digest(path, made))


def _continued(path: Path, data: dict[str, Any], at: Reading) -> Edition:
    """Read the edition that goes on under a form whose time is over."""
    before = _edition(path.with_name(f"{data['continues']}.toml"))
    words = at.words("without_successor", data.get("without_successor", ""))
    return replace(
        before, edition=path.stem, valid_from=at.day("valid_from", data.get("valid_from")), valid_to=data.get("valid_to"), without_successor=words,
        law=data.get("law", before.law), checked_by=data["checked_by"], next_review=at.day("next_review", data.get("next_review")),
    )  # fmt: skip


def _due(at: Reading, told: dict[str, int]) -> Due:
    known = ("working_days", "days", "day", "month")
    if not told or set(told) - set(known) or not {"working_days", "days", "day"} & set(told):
        raise at.fault("due", f"is told by {', '.join(known)}")
    return Due(*(told.get(key) for key in known))


def _labels(at: Reading, data: dict[str, Any]) -> tuple[str, ...]:
    if unknown := sorted(set(data.get("labels", ())) - set(tomllib.loads(LABELS.read_text("utf-8"))["category"])):
        raise at.fault("labels", f"{', '.join(unknown)} is no restricted category")
    return tuple(data.get("labels", ()))


def _query(path: Path, at: Reading, name: str, told: dict[str, Any]) -> Query:
    file = path.with_name(f"{name}.sql")
    if not file.is_file():
        raise at.fault(f"query.{name}", f"no {file.name} stands beside it")
    reads = {view: tuple(names) for view, names in told["reads"].items()}
    source = tuple(told.get("source", reads))
    if unknown := {one for either in source for one in either.split("|")} - set(reads):
        raise at.fault(f"query.{name}.source", f"{', '.join(sorted(unknown))} is not among what it reads")
    for one in told.get("lists", ()):
        listed(one)
    by_commune = told.get("by") == "commune"
    return Query(name, file.read_text("utf-8"), reads, source, tuple(told.get("lists", ())), by_commune, by_commune or told.get("zero") == "told")


def _digest(path: Path, made: Edition) -> str:
    """Hash all that a number of the edition comes from: the file, its SQL and lists, what visits and residents are, the measures it shows."""
    named = sorted({name for query in made.queries.values() for name in query.lists})
    asked = [measures()[row.measure] for row in made.rows if row.measure]
    told = [path.read_text("utf-8"), *(query.sql for _, query in sorted(made.queries.items())), *(str(listed(name)) for name in named)]
    told += [base(name) for name in BASE] + [MEASURES.joinpath(f"{one.name}.toml").read_text("utf-8") + one.sql for one in asked]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()


def semantics_of(rows_: Iterable[Row], query: str) -> tuple[Semantics, ...]:
    """Say under which meanings of the period a query is run."""
    return tuple(dict.fromkeys(one.semantics for one in rows_ if one.query == query))
