"""Restricted categories of a resource, from its codes, its words and its table (`specs/labels.toml`)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import yba.specs
from yba.kit.text import fold

PATH: Final = Path(yba.specs.__file__).with_name("labels.toml")
NONE: Final[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class _Rules:
    codes: tuple[tuple[str, str, str], ...]
    """(first, last, label): ranges of three-character categories or a longer code alone."""
    tables: dict[str, tuple[str, ...]]
    words: re.Pattern[str]
    by_word: dict[str, tuple[str, ...]]


@cache
def _rules() -> _Rules:
    categories = tomllib.loads(PATH.read_text("utf-8"))["category"]
    codes = []
    tables: dict[str, tuple[str, ...]] = {}
    by_word: dict[str, tuple[str, ...]] = {}
    for label, data in categories.items():
        for code in data["icd10"]:
            first, _, last = code.partition("-")
            codes.append((first, last or first, label))
        for table in data.get("tables", ()):
            tables[table] = (*tables.get(table, ()), label)
        for word in data["words"]:
            by_word[word] = (*by_word.get(word, ()), label)
    longest_first = sorted(by_word, key=len, reverse=True)
    words = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
    return _Rules(tuple(codes), tables, words, by_word)


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
    found = dict.fromkeys(rules.words.findall(fold(text)))
    return tuple(dict.fromkeys(label for word in found for label in rules.by_word[word])) if found else NONE


def of_table(table: str) -> tuple[str, ...]:
    """Give the labels every resource of a claims table has."""
    return _rules().tables.get(table, NONE)


def names() -> tuple[str, ...]:
    """Give every category."""
    return tuple(tomllib.loads(PATH.read_text("utf-8"))["category"])
