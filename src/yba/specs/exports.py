"""The periodic reports as data: `specs/exports/<report>/<edition>.toml` says which rows, when and until when; the SQL beside it counts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .exports_rows import Check, Column, Row, checks, columns, rows
from .labels import names as categories
from .measures import BASE, Semantics, base, code_list, hold_to_views, measures
from .measures import FOLDER as MEASURES
from .reading import Reading, Table, Words, table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

FOLDER: Final = Path(__file__).with_name("exports")


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


_NEEDED: Final = (
    "number", "title", "law", "valid_from", "cycles", "units", "due", "row", "maker", "signer", "source", "owner", "checked_by", "next_review",
)  # fmt: skip
_KNOWN: Final = frozenset((*_NEEDED, "valid_to", "cut", "year_begins", "uses", "labels", "notes", "column", "check", "query"))
_GOES_ON: Final = ("continues", "valid_from", "without_successor", "checked_by", "next_review")


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
                raise Reading(f"exports/{below.name}").fault("", f"{before.edition} and {after.edition} are in force at once")
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
    at = _at(path)
    return tuple(Missing(one["number"], one["law"], at.words("words", one["words"])) for one in at.toml(path)["form"])


@cache
def holidays() -> frozenset[date]:
    """Give the days on which offices are closed beside Saturdays and Sundays, as far as they are known."""
    path = FOLDER / "holidays.toml"
    at = _at(path)
    return frozenset(at.day("days", one) for one in at.toml(path)["days"])


@cache
def listed(name: str) -> Table:
    """Give a list that queries join, ours or the measures': columns and rows. Raises SpecError."""
    path = FOLDER / "lists" / f"{name}.csv"
    return table(path) if path.is_file() else code_list(name)


def _at(path: Path) -> Reading:
    return Reading(f"exports/{path.parent.name}/{path.name}")


def _edition(path: Path) -> Edition:
    at = _at(path)
    data = at.toml(path)
    if "continues" in data:
        return _continued(path, data, at)
    at.keys(data, _NEEDED, _KNOWN, "an edition")
    queries = {name: _query(path, at, name, told) for name, told in data.get("query", {}).items()}
    found_columns = columns(at, data)
    found_rows = rows(at, data, queries, found_columns, listed)
    made = Edition(
        report=path.parent.name, edition=path.stem, number=data["number"], title=at.words("title", data["title"]), law=data["law"],
        valid_from=at.day("valid_from", data["valid_from"]), valid_to=_last_day(at, data), without_successor=None,
        cycles=tuple(at.one("cycles", Cycle, one) for one in data["cycles"]), cut=data.get("cut", 0), year_begins=data.get("year_begins", 1),
        units=tuple(at.one("units", UnitKind, one) for one in data["units"]), due=_due(at, data["due"]), labels=_labels(at, data),
        columns=found_columns, rows=found_rows, checks=checks(at, data, found_rows, found_columns), queries=queries,
        maker=at.words("maker", data["maker"]), signer=at.words("signer", data["signer"]),
        notes=at.words("notes", data["notes"]) if "notes" in data else None, source=data["source"], owner=data["owner"],
        checked_by=data["checked_by"], next_review=at.day("next_review", data["next_review"]), digest="",
    )  # fmt: skip
    if not 0 <= made.cut <= 28 or made.cut == 1 or not 1 <= made.year_begins <= 12:  # noqa: PLR2004  every month has a 28th
        raise at.fault("cut", "is a day from 2 to 28, year_begins a month")
    return replace(made, digest=_digest(path, made))


def _continued(path: Path, data: dict[str, Any], at: Reading) -> Edition:
    """Read the edition that goes on under a form whose time is over."""
    at.keys(data, _GOES_ON, (*_GOES_ON, "valid_to", "law"), "an edition that goes on")
    return replace(
        _edition(path.with_name(f"{data['continues']}.toml")),
        edition=path.stem,
        valid_from=at.day("valid_from", data["valid_from"]),
        valid_to=_last_day(at, data),
        without_successor=at.words("without_successor", data["without_successor"]),
        **({"law": data["law"]} if "law" in data else {}),
        checked_by=data["checked_by"],
        next_review=at.day("next_review", data["next_review"]),
    )


def _last_day(at: Reading, data: dict[str, Any]) -> date | None:
    """Read until when an edition is in force; None = open."""
    return at.day("valid_to", data["valid_to"]) if "valid_to" in data else None


def _due(at: Reading, told: dict[str, int]) -> Due:
    known = ("working_days", "days", "day", "month")
    if not told or set(told) - set(known) or not {"working_days", "days", "day"} & set(told):
        raise at.fault("due", f"is told by {', '.join(known)}")
    return Due(*(told.get(key) for key in known))


def _labels(at: Reading, data: dict[str, Any]) -> tuple[str, ...]:
    found = tuple(data.get("labels", ()))
    if unknown := sorted(set(found) - set(categories())):
        raise at.fault("labels", f"{', '.join(unknown)} is no restricted category")
    return found


def _query(path: Path, at: Reading, name: str, told: dict[str, Any]) -> Query:
    file = path.with_name(f"{name}.sql")
    if not file.is_file():
        raise at.fault(f"query.{name}", f"no {file.name} stands beside it")
    sql, reads = file.read_text("utf-8"), {view: tuple(names) for view, names in told["reads"].items()}
    source = tuple(told.get("source", reads))
    hold_to_views(at.below(f"query.{name}"), reads, source, sql)
    for one in told.get("lists", ()):
        listed(one)
    by_commune = told.get("by") == "commune"
    return Query(name, sql, reads, source, tuple(told.get("lists", ())), by_commune, by_commune or told.get("zero") == "told")


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
