"""desk.toml: the order of the clerk's desk, the ready reasons of each decision, and the words of a decision for a facility's receipt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from yba.specs.claims import SpecError

from .reading import read


class Words(NamedTuple):
    """One text in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class DeskRules:
    """The whole file: ``risk`` points by name, ``kinds`` by kind of conflict; ``reasons`` by decision and code; ``decided`` by what was decided."""

    risk: dict[str, int]
    kinds: dict[str, int]
    same_person: tuple[str, ...]
    reasons: dict[str, dict[str, Words]]
    decided: dict[str, Words]


@cache
def desk() -> DeskRules:
    """Read desk.toml. Raises SpecError for words or points that are missing."""
    data = read("desk.toml")
    try:
        points = dict(data["risk"])
        return DeskRules(
            kinds=points.pop("kind"),
            risk=points,
            same_person=tuple(data["same_person"]["kinds"]),
            reasons={act: {code: Words(**said) for code, said in found.items()} for act, found in data["reason"].items()},
            decided={what: Words(**said) for what, said in data["decided"].items()},
        )
    except (KeyError, TypeError) as error:
        raise SpecError(f"desk.toml: {error}") from error
