"""Reading a spec file: its faults named by file, key and rule, texts in two languages, days, words of closed lists, lists as CSV."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from .claims import SpecError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

_T = TypeVar("_T", bound=StrEnum)
Table = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]  # a list: columns and rows


@dataclass(frozen=True, slots=True)
class Words:
    """The same in Vietnamese and in English."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Where something is read, for faults that name file and key."""

    where: str

    def fault(self, key: str, rule: str) -> SpecError:
        """Say what is wrong; "" for what is wrong with the whole file."""
        return SpecError(f"{self.where}{f': {key}' if key else ''}: {rule}")

    def below(self, place: str) -> Reading:
        """Read a part of it: its faults name the part before their key."""
        return Reading(f"{self.where}: {place}")

    def toml(self, path: Path) -> dict[str, Any]:
        """Read a TOML file. Raises SpecError."""
        try:
            return tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise self.fault("", str(error)) from error

    def keys(self, data: Mapping[str, Any], needed: Iterable[str], known: Collection[str], thing: str) -> None:
        """Hold a table to the keys it needs, none of them empty, and to those there are. Raises SpecError."""
        for key in needed:
            if data.get(key) in (None, "", []):
                raise self.fault(key, "is needed")
        for key in data:
            if key not in known:
                raise self.fault(key, f"is no key of {thing}")

    def hold(self, rules: Iterable[tuple[str, bool, str]]) -> None:
        """Raise SpecError for the first rule (key, whether it holds, words) that does not hold."""
        for key, holds, rule in rules:
            if not holds:
                raise self.fault(key, rule)

    def words(self, key: str, value: object) -> Words:
        """Read a text in both languages."""
        vi, between, en = str(value).partition(" · ") if isinstance(value, str) else ("", "", "")
        if not (vi.strip() and between and en.strip()):
            raise self.fault(key, "is written as Vietnamese · English")
        return Words(vi.strip(), en.strip())

    def text(self, key: str, value: object) -> str:
        """Read a text."""
        if not isinstance(value, str):
            raise self.fault(key, "is a text")
        return value

    def day(self, key: str, value: object) -> date:
        """Read a day."""
        if not isinstance(value, date):
            raise self.fault(key, "is a day, written 2026-11-22 without quotes")
        return value

    def one(self, key: str, known: type[_T], value: object) -> _T:
        """Read one word of a closed list."""
        if value not in [one.value for one in known]:
            raise self.fault(key, f"is one of {', '.join(known)}, not {value!r}")
        return known(str(value))


def table(path: Path) -> Table:
    """Read a list that statements join, lines with # left out: columns and rows. Raises SpecError."""
    if not path.is_file():
        raise Reading(path.name).fault("", "there is no such list")
    head, *rows = csv.reader(line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    if any(len(row) != len(head) for row in rows):
        raise Reading(path.name).fault("", "every row has as many fields as the head")
    return tuple(head), tuple(tuple(row) for row in rows)
