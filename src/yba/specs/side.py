"""The warehouse's tables beside the views, as data: `specs/views/side.toml`, every column described."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from .reading import Reading

FILE: Final = Path(__file__).with_name("views") / "side.toml"
_KEYS: Final = frozenset({"title", "about", "by", "columns"})


@dataclass(frozen=True, slots=True)
class SideColumn:
    """One column: its name, DuckDB's type, and what it means (Vietnamese · English)."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class SideTable:
    """One table: its titles, what a row is, whether it is kept month by month, its columns in order."""

    name: str
    title_vi: str
    title_en: str
    about: str
    by_month: bool
    columns: tuple[SideColumn, ...]


@cache
def side_tables() -> dict[str, SideTable]:
    """Give every table by name, in the order of the file. Raises SpecError naming table and column."""
    at = Reading(FILE.name)
    return {name: _read(at.below(name), name, told) for name, told in at.toml(FILE).items()}


def _read(at: Reading, name: str, told: dict[str, Any]) -> SideTable:
    at.keys(told, ("title", "columns"), _KEYS, "a side table")
    at.hold([("by", told.get("by", "month") == "month", "is month, or is not there")])
    title, columns = at.words("title", told["title"]), []
    for column, said in told["columns"].items():
        here = at.below(column)
        here.keys(said, ("type", "about"), ("type", "about"), "a column")
        here.words("about", said["about"])
        columns.append(SideColumn(column, here.text("type", said["type"]), said["about"]))
    return SideTable(name, title.vi, title.en, told.get("about", ""), "by" in told, tuple(columns))
