"""Small sets of codes that rules decide by (contrast media, dialysis …), each saying how good it is; read from `specs/value_sets/`."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from .claims import SpecError

FOLDER: Final = Path(__file__).with_name("value_sets")
WAYS: Final = frozenset({"item", "chapter", "ingredient"})
_GENERAL: Final = frozenset({"source", "valid_from", "owner", "checked_by", "next_review"})


@dataclass(frozen=True, slots=True)
class ValueSet:
    """One set: a code belongs to it by itself, by lying between two others, or by a word in the name beside it."""

    id: str
    by: str
    """What of a line is looked at: "item" or "chapter" of a service code, "ingredient" of a drug."""
    codes: frozenset[str]
    first: str
    last: str
    words: tuple[str, ...]
    title_vi: str
    title_en: str
    complete: bool
    why: str

    def has(self, code: str) -> bool:
        """Say whether a code (a whole MA_THUOC, or a part of MA_DICH_VU) belongs to the set; of ranges the number decides."""
        return code in self.codes or (bool(self.first) and len(code) == len(self.first) and self.first <= code <= self.last)

    def named(self, name: str) -> bool:
        """Say whether a name holds one of the set's words."""
        folded = name.casefold()
        return any(word in folded for word in self.words)


def value_set(set_id: str) -> ValueSet:
    """Give one set; KeyError when there is none of that id."""
    return value_sets()[set_id]


@cache
def value_sets() -> dict[str, ValueSet]:
    """Give every set by id."""
    index = tomllib.loads((FOLDER / "index.toml").read_text("utf-8"))
    missing = _GENERAL - index.keys()
    if missing:
        message = f"{FOLDER / 'index.toml'}: say {sorted(missing)}"
        raise SpecError(message)
    return {name: _set(name, data) for name, data in index.items() if name not in _GENERAL}


def _set(name: str, data: dict[str, Any]) -> ValueSet:
    path = FOLDER / f"{name}.csv"
    codes = list(data.get("codes", ()))
    if path.exists():
        with path.open(encoding="utf-8", newline="") as lines:
            codes += [row["code"] for row in csv.DictReader(lines)]
    if data.get("by") not in WAYS or not (codes or data.get("first")) or (not data["complete"] and not data.get("why")):
        message = f"{FOLDER / 'index.toml'}, {name}: say by what, which codes, and why it is not complete"
        raise SpecError(message)
    return ValueSet(
        id=name,
        by=data["by"],
        codes=frozenset(codes),
        first=data.get("first", ""),
        last=data.get("last", ""),
        words=tuple(data.get("words", ())),
        title_vi=data["title_vi"],
        title_en=data["title_en"],
        complete=data["complete"],
        why=data.get("why", ""),
    )
