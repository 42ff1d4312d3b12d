"""The books of a facility as data: `specs/books/<book>.toml` names columns and where each comes from, and the events that are rows.

Events are visits with some `diagnoses`, or what `<book>.sql` finds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .access import FHIR_TYPES
from .labels import names as labels
from .measures import view_columns
from .reading import Reading, Words

if TYPE_CHECKING:
    from datetime import date

FOLDER: Final = Path(__file__).with_name("books")
RESTS: Final = "rests"  # the part that the SQL itself names: without one of these a row has no place in the book
SHAPES: Final = frozenset({"text", "day", "moment", "number", "sex", "yes", "order", "place"})
LISTED: Final = ("list:", "claims:")  # the name of a code: of a list of `terminology`, of a list of `specs.codes`
_KNOWN: Final = frozenset({
    "code", "title", "row", "editions", "restricted", "event", "day", "still", "visits", "diagnoses", "reads", "types", "part", "columns", "column",
    "missing", "notes", "owner", "law", "fields", "valid_from", "checked_by", "next_review",
})  # fmt: skip
_NEEDED: Final = ("code", "title", "row", "editions", "columns", "owner", "law", "fields", "valid_from", "checked_by", "next_review")
_TABLES: Final = re.compile(r"\b(?:FROM|JOIN)\s+(?:lake\.\"(\w+)\"|([a-z_]+))")
_CODES: Final = re.compile(r"([A-Z]\d\d)(?:-([A-Z]\d\d))?")  # three characters of ICD-10, or from one to another
_SHARED: Final = frozenset({"visit", "resident"})  # what a statement may read besides views


@dataclass(frozen=True, slots=True)
class Edition:
    """One regime of books: its decision and the days it holds."""

    name: str
    title: Words
    valid_from: date
    valid_to: date | None
    notes: Words | None

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Part:
    """Resources that belong to a row: those its event refers to (``follow``), rows of a view about its visit, or a type of the same source.

    ``follow`` is FHIRPath over the event that gives references; ``view`` is asked by its column ``key`` (the visit's key) and ``where``;
    ``type`` are resources of the same claim or document about the same person.
    """

    name: str
    follow: str
    view: str
    key: str
    where: str
    type: str


@dataclass(frozen=True, slots=True)
class Field:
    """Where a cell comes from: FHIRPath over the documents of a part ("event" = the row's own resource)."""

    part: str
    path: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column: first of ``fields`` that says anything; none and ``missing``: nothing in the record holds it yet."""

    name: str
    title: Words
    fields: tuple[Field, ...]
    every: bool  # all fields are told, not the first
    shape: str
    missing: Words | None
    editions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """One book; without ``sql`` nothing in the record is its event, and ``missing`` says what would have to be."""

    name: str
    code: str
    title: Words
    row: Words
    editions: tuple[str, ...]
    restricted: tuple[str, ...]  # categories without which nobody reads the book
    event: str  # resource type of a row
    day: str  # FHIRPath over the event: the day that puts it into a period
    still: str  # FHIRPath over the event: false = it is no row any more
    visits: bool  # the SQL reads `visit`, where a visit told by several channels is one
    reads: tuple[str, ...]  # views
    types: tuple[str, ...]  # tables lake."<Type>"
    parts: dict[str, Part]
    columns: tuple[Column, ...]
    missing: Words | None
    notes: Words | None
    owner: str
    law: str
    fields: str  # where the list of columns was found
    valid_from: date
    checked_by: str
    next_review: date
    sql: str

    def columns_of(self, edition: str) -> tuple[Column, ...]:
        """Return the columns an edition has, in its order."""
        return tuple(one for one in self.columns if edition in one.editions)


@cache
def books() -> dict[str, Book]:
    """Give every book by name (a1 … a12), in the order of the series. Raises SpecError naming file, key and rule."""
    return load(FOLDER)


@cache
def editions() -> dict[str, Edition]:
    """Give the regimes of books by name, the newest first."""
    return _editions(FOLDER)


def load(folder: Path) -> dict[str, Book]:
    """Read the books of a folder. Raises SpecError naming file, key and rule."""
    known = _editions(folder)
    columns = folder / "base" / "columns.toml"
    shared = Reading(f"base/{columns.name}").toml(columns)["column"]
    paths = [path for path in folder.glob("*.toml") if path.name != "editions.toml"]
    found = {path.stem: _read(path, known, shared) for path in sorted(paths, key=_series)}
    for path in folder.glob("*.sql"):
        if path.stem not in found:
            raise Reading(path.name).fault("", f"no {path.stem}.toml says what book it fills")
    return found


def _series(path: Path) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", path.stem)]


def _editions(folder: Path) -> dict[str, Edition]:
    path = folder / "editions.toml"
    at = Reading(path.name)
    told = at.toml(path)["edition"]
    found = [_edition(at.below(name), name, one) for name, one in told.items()]
    return {one.name: one for one in sorted(found, key=lambda one: one.valid_from, reverse=True)}


def _edition(at: Reading, name: str, told: dict[str, Any]) -> Edition:
    at.keys(told, ("title", "valid_from"), ("title", "valid_from", "valid_to", "notes"), "an edition")
    valid_to = at.day("valid_to", told["valid_to"]) if "valid_to" in told else None
    notes = at.words("notes", told["notes"]) if "notes" in told else None
    return Edition(name, at.words("title", told["title"]), at.day("valid_from", told["valid_from"]), valid_to, notes)


def _read(path: Path, known: dict[str, Edition], shared: dict[str, Any]) -> Book:
    at = Reading(path.name)
    data = at.toml(path)
    at.keys(data, _NEEDED, _KNOWN, "a book")
    own = data.get("column", {})
    if unused := sorted(own.keys() - set(data["columns"])):
        raise at.fault(f"column.{unused[0]}", "does not stand in columns")
    if strange := [name for name in data["columns"] if name not in own and name not in shared]:
        raise at.fault("columns", f"{strange[0]} is described neither here nor in base/columns.toml")
    told: dict[str, Any] = {key: at.words(key, data[key]) if key in data else None for key in ("title", "row", "missing", "notes")}
    told |= {key: tuple(data.get(key, ())) for key in ("editions", "restricted", "reads", "types")}
    told |= {key: data.get(key, "") for key in ("code", "event", "day", "still", "owner", "law", "fields", "checked_by")}
    told |= {key: at.day(key, data[key]) for key in ("valid_from", "next_review")}
    book = Book(
        name=path.stem,
        columns=tuple(_column(at, name, _told(shared.get(name, {}), own.get(name, {})), data["editions"]) for name in data["columns"]),
        parts={name: _part(at, name, one) for name, one in data.get("part", {}).items()},
        sql=_sql(at, path, data.get("diagnoses", ())),
        visits=data.get("visits") is True,
        **told,
    )
    _check(at, book, known)
    return book


def _sql(at: Reading, path: Path, diagnoses: list[str]) -> str:
    """Give the statement of a book: its own, or that of visits with some diagnoses; "" where it has none."""
    own = path.with_suffix(".sql")
    if not diagnoses:
        return own.read_text("utf-8") if own.is_file() else ""
    ranges = [_CODES.fullmatch(one) for one in diagnoses]
    if own.is_file() or None in ranges:
        raise at.fault("diagnoses", f"are categories of ICD-10 such as I10 or I10-I15, and stand in the place of {own.name}")
    codes = " OR ".join(f"c.icd10_category BETWEEN '{one[1]}' AND '{one[2] or one[1]}'" for one in ranges if one)
    return path.parent.joinpath("base", "visit_with_diagnosis.sql").read_text("utf-8").replace("{codes}", codes)


def _part(at: Reading, name: str, told: dict[str, Any]) -> Part:
    at.below(f"part.{name}").keys(told, (), ("follow", "view", "key", "where", "type"), "a part")
    if sum(key in told for key in ("follow", "view", "type")) != 1:
        raise at.fault(f"part.{name}", "says one of follow, view, type")
    return Part(name, *(told.get(key, "") for key in ("follow", "view", "key", "where", "type")))


def _told(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Put a book's own words over the shared ones: where it says that nothing holds the column, the shared places do not count."""
    kept = {key: value for key, value in shared.items() if not ("missing" in own and key in {"from", "every", "shape"})}
    return kept | own


def _column(at: Reading, name: str, told: dict[str, Any], of_book: list[str]) -> Column:
    key = f"column.{name}"
    at.below(key).keys(told, ("title",), ("title", "from", "every", "shape", "missing", "editions"), "a column")
    fields = []
    for one in told.get("from", ()):
        part, between, expression = one.partition(": ")
        if not between:
            raise at.fault(key, "from is written as part: FHIRPath")
        fields.append(Field(part, expression))
    shape = told.get("shape", "text")
    if shape not in SHAPES and not shape.startswith(LISTED):
        raise at.fault(key, f"shape is one of {', '.join(sorted(SHAPES))}, list:…, claims:…")
    if (shape != "order") and bool(fields) == ("missing" in told):
        raise at.fault(key, "says where it comes from, or that nothing holds it: one of the two")
    missing = at.words(key, told["missing"]) if "missing" in told else None
    return Column(name, at.words(key, told["title"]), tuple(fields), told.get("every") is True, shape, missing, tuple(told.get("editions", of_book)))


def _check(at: Reading, book: Book, known: dict[str, Edition]) -> None:
    has = bool(book.sql)
    named = {field.part for column in book.columns for field in column.fields} - {"event", RESTS}
    rules = (
        ("missing", has == (book.missing is None), "a book has SQL, or says what is missing: one of the two"),
        ("event", not has or book.event in FHIR_TYPES, "is a resource type"),
        ("day", not has or bool(book.day), "says which day puts a row into a period"),
        (
            "column",
            not has or named <= {"event", RESTS, *book.parts},
            f"{', '.join(sorted(named - book.parts.keys() - {'event', RESTS}))} is no part",
        ),
        ("editions", set(book.editions) <= known.keys(), "names editions of editions.toml"),
        ("editions", all(set(one.editions) <= set(book.editions) for one in book.columns), "a column has none that the book has not"),
        ("restricted", set(book.restricted) <= set(labels()), "names categories of labels.toml"),
        ("columns", len({one.name for one in book.columns}) == len(book.columns), "names each once"),
        ("next_review", book.next_review > book.valid_from, "comes after valid_from"),
    )
    at.hold(rules)
    _check_tables(at, book)


def _check_tables(at: Reading, book: Book) -> None:
    for view in book.reads:
        if not view_columns(view):
            raise at.fault("reads", f"there is no view {view} in specs/views")
    for part in book.parts.values():
        if part.view and (part.view not in book.reads or part.key not in view_columns(part.view)):
            raise at.fault(f"part.{part.name}", "names a view of reads and one of its columns")
        if part.type and part.type not in book.types:
            raise at.fault(f"part.{part.name}", "names a type of types")
    own = set(re.findall(r"\b([a-z_]+) AS \(", book.sql))
    for rtype, view in _TABLES.findall(re.sub(r"--.*", "", book.sql)):
        if rtype and rtype not in book.types:
            raise at.fault("types", f"the SQL reads {rtype}, which is not named")
        if view and view not in {*book.reads, *_SHARED, *own}:
            raise at.fault("reads", f"the SQL reads {view}, which is not named")
