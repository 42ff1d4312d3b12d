"""The warehouse's tables beside the views, as data: `specs/views/side.toml`, every column described."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from .claims import SpecError

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
    return {name: _read(name, told) for name, told in tomllib.loads(FILE.read_text("utf-8")).items()}


def _read(name: str, told: dict[str, Any]) -> SideTable:
    vi, between, en = str(told.get("title", "")).partition(" · ")
    if told.keys() - _KEYS or not between or not told.get("columns") or told.get("by", "month") != "month":
        message = f"{FILE.name}: {name} has a title in two languages, `about`, columns, and `by` = month or nothing"
        raise SpecError(message)
    columns = []
    for column, said in told["columns"].items():
        if set(said) != {"type", "about"} or " · " not in said["about"]:
            message = f"{FILE.name}: {name}.{column} has a type, and `about` in two languages"
            raise SpecError(message)
        columns.append(SideColumn(column, said["type"], said["about"]))
    return SideTable(name, vi, en, told.get("about", ""), "by" in told, tuple(columns))
