"""The tables of the claims XML as data: one frozen object per column, table and decision, read from `specs/claims/`."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("claims")
PORTAL_LIMIT = 4000
"""What the insurer's portal cuts unlimited ("n") fields at (validator of QĐ 4750)."""


class SpecError(ValueError):
    """A spec file says something impossible; the message names file and line."""


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    DATETIME = "datetime"


class Required(StrEnum):
    """Whether a column must be filled; UNKNOWN where no source says."""

    YES = "yes"
    NO = "no"
    CONDITIONAL = "conditional"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one table under one decision; drives reader, checks, dictionary, mapping coverage and generator."""

    field: str
    """The law's name: GIOI_TINH."""
    name: str
    """Ours, the same for the same concept in every table and decision: sex."""
    kind: Kind
    max_length: int | None
    """Characters; None when unlimited or unknown."""
    unlimited: bool
    """True when the decision says "n"; the portal then cuts at 4000."""
    required: Required
    condition: str
    """When it is required, in words, for CONDITIONAL."""
    codes: str | None
    """Id of the code list its values come from (`yba.specs.codes`)."""
    many: bool
    """True when several values are joined with ";"."""
    digits: tuple[int, ...]
    """DATETIME: allowed lengths, of 4 (year), 8 (yyyyMMdd) and 12 (yyyyMMddHHmm)."""
    partial: bool
    """DATETIME: zeros stand for unknown month, day, hour, minute."""
    decimals: int | None
    """NUMBER: digits allowed after the dot."""
    meaning_vi: str
    meaning_en: str
    notes: str
    origin: str
    """Which decision brought the column or changed it, or how it was derived."""
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one decision with the element names that carry it."""

    name: str
    """XML0 (check-in), XML1 … XML15."""
    title_vi: str
    title_en: str
    root: str
    list_element: str
    """Empty when the record stands directly below the root, or is the root."""
    record: str
    alternative_roots: tuple[str, ...]
    """Other root names programs write for the same table."""
    min_rows: int
    max_rows: int | None
    """None: any number."""
    own_file: bool
    """True for the tables that never travel inside GIAMDINHHS (XML0, XML12)."""
    columns: tuple[Column, ...]
    by_field: dict[str, Column] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Edition:
    """All tables of one decision, with where they come from and who looks after them."""

    decision: str
    title: str
    family: str
    """917, 4210 or 130 (130 and everything that amends it)."""
    valid_from: date
    """First visit end date the decision applies to."""
    valid_to: date | None
    source: str
    owner: str
    checked_by: str
    next_review: date
    tables: dict[str, Table]


def edition(decision: str) -> Edition:
    """Give the tables of one decision ("3176"); KeyError when we do not know it."""
    return _all()[decision]


def editions() -> tuple[Edition, ...]:
    """Give every decision, oldest first."""
    return tuple(_all().values())


def in_force(on: date, family: str | None = None) -> Edition | None:
    """Give the newest decision in force for a visit that ended on `on`; None before the first one."""
    found = None
    for one in editions():
        if family in (None, one.family) and one.valid_from <= on and (one.valid_to is None or on <= one.valid_to):
            found = one
    return found


@cache
def _all() -> dict[str, Edition]:
    found = [_edition(path) for path in FOLDER.glob("*/edition.toml")]
    if not found:
        message = f"no claims editions below {FOLDER}"
        raise SpecError(message)
    return {one.decision: one for one in sorted(found, key=lambda one: one.valid_from)}


def _edition(path: Path) -> Edition:
    data = tomllib.loads(path.read_text("utf-8"))
    try:
        return Edition(
            decision=path.parent.name,
            title=data["title"],
            family=data["family"],
            valid_from=data["valid_from"],
            valid_to=data.get("valid_to"),
            source=data["source"],
            owner=data["owner"],
            checked_by=data["checked_by"],
            next_review=data["next_review"],
            tables={name: _table(path.parent, name, table) for name, table in data["tables"].items()},
        )
    except KeyError as missing:
        message = f"{path}: {missing} is missing"
        raise SpecError(message) from missing


def _table(folder: Path, name: str, data: dict[str, Any]) -> Table:
    path = folder / f"{name.lower()}.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        columns = tuple(_column(path, number, row) for number, row in enumerate(csv.DictReader(lines), 2))
    by_field = {column.field: column for column in columns}
    if len(by_field) != len(columns):
        message = f"{path}: a field stands twice"
        raise SpecError(message)
    return Table(
        name=name,
        title_vi=data["title_vi"],
        title_en=data["title_en"],
        root=data["root"],
        list_element=data["list"],
        record=data["record"],
        alternative_roots=tuple(data.get("alternative_roots", ())),
        min_rows=data["min_rows"],
        max_rows=data.get("max_rows"),
        own_file=data.get("own_file", False),
        columns=columns,
        by_field=by_field,
    )


def _column(path: Path, number: int, row: dict[str, str]) -> Column:
    try:
        kind = Kind(row["kind"])
        shape = row["format"].split()
        return Column(
            field=row["field"],
            name=row["name"],
            kind=kind,
            max_length=int(row["length"]) if row["length"].isdigit() else None,
            unlimited=row["length"] == "n",
            required=Required(row["required"]),
            condition=row["condition"],
            codes=row["codes"] or None,
            many=row["many"] == "yes",
            digits=tuple(int(part) for part in shape if part.isdigit()) if kind is Kind.DATETIME else (),
            partial="partial" in shape,
            decimals=int(shape[0]) if kind is Kind.NUMBER and shape else None,
            meaning_vi=row["meaning_vi"],
            meaning_en=row["meaning_en"],
            notes=row["notes"],
            origin=row["origin"],
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
    except (KeyError, ValueError) as fault:
        message = f"{path}, line {number}: {fault}"
        raise SpecError(message) from fault
