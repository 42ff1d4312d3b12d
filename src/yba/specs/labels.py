"""Restricted categories of a resource, from its codes, its words and its table (`specs/labels.toml`)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yba.kit.folding import composed, folded, toned

if TYPE_CHECKING:
    from collections.abc import Iterable

PATH: Final = Path(__file__).with_name("labels.toml")
NONE: Final[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class _Rules:
    codes: tuple[tuple[str, str, str], ...]
    """(first, last, label): ranges of three-character categories or a longer code alone."""
    tables: dict[str, tuple[str, ...]]
    words: re.Pattern[str]
    by_word: dict[str, list[tuple[str, str]]]
    """Folded word -> (word as written in Vietnamese, label)."""
    always_toned: frozenset[str]
    """Words that mean something else without their tones ("tự tử", "từ từ")."""


@cache
def _rules() -> _Rules:
    data = tomllib.loads(PATH.read_text("utf-8"))
    categories = data["category"]
    codes = []
    tables: dict[str, tuple[str, ...]] = {}
    by_word: dict[str, list[tuple[str, str]]] = {}
    for label, category in categories.items():
        for code in category["icd10"]:
            first, _, last = code.partition("-")
            codes.append((first, last or first, label))
        for table in category.get("tables", ()):
            tables[table] = (*tables.get(table, ()), label)
        for word in category["words"]:
            by_word.setdefault(folded(composed(word)), []).append((word, label))
    return _Rules(tuple(codes), tables, re.compile(rf"(?<!\w)(?:{_either(by_word)})(?!\w)"), by_word, frozenset(data["always_toned"]))


def _either(words: Iterable[str]) -> str:
    """Write the choice between words, the longest first; those that begin alike together, so that most of them need not be tried."""
    groups: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        groups.setdefault(word[0], []).append(re.escape(word[1:]).replace(r"\ ", r"\s+"))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in groups.items())


@lru_cache(maxsize=16_384)
def of_code(code: str) -> tuple[str, ...]:
    """Give the labels of an ICD-10 code in any spelling ("b20", "F20.0*")."""
    text = code.strip().upper()
    if len(text) > 3 and text[3] != ".":  # noqa: PLR2004 - J189 for J18.9
        text = f"{text[:3]}.{text[3:]}"
    return tuple(dict.fromkeys(label for first, last, label in _rules().codes if first <= text[: len(first)] <= last))


def of_text(text: str) -> tuple[str, ...]:
    """Give the labels of a name or a free text."""
    return _of_short(text) if len(text) <= 200 else _search(text)  # noqa: PLR2004 - names repeat, notes do not


@lru_cache(maxsize=32_768)
def _of_short(text: str) -> tuple[str, ...]:
    return _search(text)


def _search(text: str) -> tuple[str, ...]:
    rules = _rules()
    written = composed(text)
    plain = folded(written)
    found: dict[str, None] = {}
    for match in rules.words.finditer(plain):
        said = written[match.start() : match.end()]
        for word, label in rules.by_word[" ".join(match[0].split())]:
            if (said.isascii() and word not in rules.always_toned) or toned(said) == toned(word):
                found[label] = None
    return tuple(found) if found else NONE


def of_table(table: str) -> tuple[str, ...]:
    """Give the labels every resource of a claims table has."""
    return _rules().tables.get(table, NONE)


@cache
def names() -> tuple[str, ...]:
    """Give every category."""
    return tuple(tomllib.loads(PATH.read_text("utf-8"))["category"])
