"""merging.toml: guards of merges and splits with their words, sizes, and the words for what stands in the way of an undo."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from yba.specs.claims import SpecError

from .reading import read


class Verdict(StrEnum):
    """What a guard does: nobody may, a second person must approve, or it is only said."""

    REFUSE = "refuse"
    SECOND = "second"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard that fired, with the words for a clerk."""

    code: str
    verdict: Verdict
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Since:
    """Something that happened since an act and keeps it from being undone."""

    code: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class MergeRules:
    """The whole file: sizes above which a second person is needed, tolerances, guards and reasons by code."""

    resources: int
    facilities: int
    birth_years: int
    days_after_death: int
    guards: dict[str, Guard]
    since: dict[str, Since]


@cache
def merging() -> MergeRules:
    """Read merging.toml. Raises SpecError for a verdict nobody knows or words that are missing."""
    data = read("merging.toml")
    try:
        guards = {code: Guard(code, Verdict(said["verdict"]), said["vi"], said["en"]) for code, said in data["guard"].items()}
        since = {code: Since(code, said["vi"], said["en"]) for code, said in data["since"].items()}
    except (KeyError, ValueError) as error:
        raise SpecError(f"merging.toml: {error}") from error
    return MergeRules(
        resources=data["size"]["resources"], facilities=data["size"]["facilities"], birth_years=data["tolerance"]["birth_years"],
        days_after_death=data["tolerance"]["days_after_death"], guards=guards, since=since,
    )  # fmt: skip
