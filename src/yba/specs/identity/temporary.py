"""The temporary identifier as data: its form, kinds of people who get one, and the clocks of unknown patients (temporary.toml)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from yba.specs.claims import SpecError

from .reading import read

SCHEMES: Final = frozenset({"ISO 7064 MOD 97-10"})


@dataclass(frozen=True, slots=True)
class TemporaryKind:
    """Why somebody has a temporary identifier."""

    code: str
    vi: str
    en: str
    law: str


@dataclass(frozen=True, slots=True)
class UnknownRules:
    """The clocks and bounds of the flow of unknown patients: hours from arrival and from death, characters, years, names by sex."""

    notify_hours: int
    notify_hours_dead: int
    marks_at_most: int
    oldest: int
    name: dict[str, str]
    law: str


@dataclass(frozen=True, slots=True)
class TemporaryRules:
    """temporary.toml, compiled."""

    prefix: str
    pattern: re.Pattern[str]
    most_of_a_day: int
    kinds: dict[str, TemporaryKind]
    unknown: UnknownRules


@cache
def temporary() -> TemporaryRules:
    """Read temporary.toml; raises SpecError for a scheme nobody computes or a form that could pass for another number."""
    data: dict[str, Any] = read("temporary.toml")
    if data["scheme"] not in SCHEMES:
        raise SpecError(f"temporary.toml: scheme {data['scheme']!r} is not known")
    pattern = re.compile(data["pattern"])
    if any(pattern.fullmatch("1" * digits) for digits in range(1, 40)):
        raise SpecError("temporary.toml: the pattern fits plain digits: it could pass for a personal number")
    return TemporaryRules(
        prefix=data["prefix"],
        pattern=pattern,
        most_of_a_day=data["most_of_a_day"],
        kinds={code: TemporaryKind(code, **words) for code, words in data["kind"].items()},
        unknown=UnknownRules(**data["unknown"]),
    )
