"""The rules of identity as data: kinds of identifier, survivorship of values, kinds of conflict and their words."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from yba.specs.claims import SpecError

_FOLDER: Final = Path(__file__).parent
CRITERIA: Final = ("named", "intact", "marked", "words", "precision", "known", "coded", "latest")


@dataclass(frozen=True, slots=True)
class IdentifierKind:
    """One kind of identifier: how it looks and how far it is trusted (see identifiers.toml)."""

    type: str
    system: str
    pattern: re.Pattern[str]
    part_at: int
    review: str


@dataclass(frozen=True, slots=True)
class IdentifierRules:
    """identifiers.toml, compiled: kinds in the order in which they decide, and the texts that are no identifiers."""

    kinds: tuple[IdentifierKind, ...]
    junk: re.Pattern[str]
    temporary_place: re.Pattern[str]
    temporary_card: re.Pattern[str]
    placeholder: re.Pattern[str]
    named: re.Pattern[str]
    infant_years: int


@dataclass(frozen=True, slots=True)
class Survival:
    """How one field survives: criteria in order, within one source and across sources."""

    field: str
    within: tuple[str, ...]
    across: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewKind:
    """A kind of conflict with its words for the facility's receipt."""

    code: str
    vi: str
    en: str
    mend: str


@cache
def identifiers() -> IdentifierRules:
    """Read and compile identifiers.toml."""
    data = _read("identifiers.toml")
    kinds = tuple(IdentifierKind(k["type"], k["system"], re.compile(k["pattern"]), k["part_at"], k["review"]) for k in data["kind"])
    unknown = {kind.review for kind in kinds} - reviews().keys()
    if unknown or len({kind.type for kind in kinds}) != len(kinds):
        message = f"identifiers.toml: a type twice, or reviews without words: {sorted(unknown)}"
        raise SpecError(message)
    return IdentifierRules(
        kinds=kinds,
        junk=_any_of(data["junk"]["patterns"]),
        temporary_place=re.compile(data["temporary"]["registered_at"]),
        temporary_card=re.compile(data["temporary"]["irregular"]),
        placeholder=_any_of(data["placeholder"]["patterns"]),
        named=re.compile(data["placeholder"]["named"]),
        infant_years=data["placeholder"]["infant_years"],
    )


@cache
def survivorship() -> dict[str, Survival]:
    """Read survivorship.toml: field -> its rule; every rule must end with `latest`."""
    rules = {name: Survival(name, tuple(rule["within"]), tuple(rule["across"])) for name, rule in _read("survivorship.toml")["field"].items()}
    for rule in rules.values():
        for order in (rule.within, rule.across):
            if order[-1] != "latest" or not set(order) <= set(CRITERIA):
                message = f"survivorship.toml: {rule.field} has an unknown criterion or does not end with latest"
                raise SpecError(message)
    return rules


@cache
def reviews() -> dict[str, ReviewKind]:
    """Read reviews.toml: code -> kind of conflict with its words."""
    return {code: ReviewKind(code, **words) for code, words in _read("reviews.toml")["kind"].items()}


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    # Each alternative numbers its own groups from 1, so a back reference needs its place in the whole.
    parts, groups = [], 0
    for pattern in patterns:
        parts.append("(?:" + re.sub(r"\\(\d)", lambda m, base=groups: f"\\{int(m[1]) + base}", pattern) + ")")  # type: ignore[misc]
        groups += re.compile(pattern).groups
    return re.compile("|".join(parts))


def _read(name: str) -> dict[str, Any]:
    data = tomllib.loads((_FOLDER / name).read_text("utf-8"))
    missing = {"source", "valid_from", "owner", "checked_by", "next_review"} - data.keys()
    if missing:
        message = f"{name} does not say {', '.join(sorted(missing))}"
        raise SpecError(message)
    return data
