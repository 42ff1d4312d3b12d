"""Sets of comparisons: ordered levels with conditions in the portable subset of SQL, blocks, guards."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from yba.specs.claims import SpecError

FOLDER: Final = Path(__file__).parent
ZONES: Final = ("new", "review", "link")
TYPES: Final = frozenset({"text", "int"})
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_FUNCTIONS: Final = frozenset({"abs", "least", "greatest", "length", "substr", "levenshtein"})
_TOKEN: Final = re.compile(r"\s*([lr]\.[a-z][a-z0-9_]*|[a-z]+|AND|OR|NOT|IS|NULL|\d+|'[a-z0-9 ]*'|<>|<=|>=|[=<>+\-*(),])")
_WORDS: Final = frozenset({"AND", "OR", "NOT", "IS", "NULL"})


@dataclass(frozen=True, slots=True)
class Level:
    """One level of agreement: the condition ("" holds always), the column (or joint) whose rarity counts ("" none), words."""

    name: str
    when: str
    tf: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing compared; the first level that holds is the pair's. ``corrects``: its weight is a joint's alone, nothing is learned of its levels."""

    name: str
    vi: str
    en: str
    levels: tuple[Level, ...]
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that agree in all of ``columns`` are looked at; keys with more than ``cap`` rows are left to finer blocks."""

    name: str
    columns: tuple[str, ...]
    cap: int


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition under which a pair's zone is at most ``zone``, whatever its weight.

    ``elsewhere``: holds only under a release that was learned among other people; it says that too little is known, not that two people differ.
    """

    name: str
    when: str
    zone: str
    vi: str
    en: str
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class MatchingSet:
    """A set: columns (name -> text | int), comparisons, blocks, guards, joints (name -> columns whose values are counted together)."""

    name: str
    columns: dict[str, str]
    comparisons: tuple[Comparison, ...]
    blocks: tuple[Block, ...]
    guards: tuple[Guard, ...]
    joints: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def tf_columns(self) -> tuple[str, ...]:
        """Columns and joints whose rarity counts, in the order in which levels name them."""
        return tuple(dict.fromkeys(level.tf for each in self.comparisons for level in each.levels if level.tf))

    def within(self, block: Block) -> tuple[str, ...]:
        """Blocks of fewer columns that hold all of ``block``, the coarsest alone: where one is not above its cap, ``block`` adds nothing."""
        coarser = [each for each in self.blocks if set(each.columns) < set(block.columns)]
        return tuple(each.name for each in coarser if not any(set(other.columns) < set(each.columns) for other in coarser))


@cache
def matching_set(name: str) -> MatchingSet:
    """Return a packaged set."""
    return read_set(FOLDER / f"{name}.toml")


def read_set(path: Path) -> MatchingSet:
    """Read a set from a file. Raises SpecError with the file and the entry that is wrong."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        made = _made(path.stem, data)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise SpecError(f"{path.name}: {type(error).__name__} {error}") from error
    _check(path.name, made)
    return made


def _made(name: str, data: dict[str, Any]) -> MatchingSet:
    return MatchingSet(
        name=name,
        columns=dict(data["columns"]),
        comparisons=tuple(
            Comparison(
                one["name"],
                one["vi"],
                one["en"],
                tuple(Level(each["name"], each["when"], each.get("tf", ""), each["vi"], each["en"]) for each in one["level"]),
                corrects=one.get("corrects", False),
            )
            for one in data["comparison"]
        ),
        blocks=tuple(Block(one["name"], tuple(one["columns"]), one["cap"]) for one in data["block"]),
        guards=tuple(
            Guard(one["name"], one["when"], one["zone"], one["vi"], one["en"], elsewhere=one.get("elsewhere", False)) for one in data.get("guard", ())
        ),
        joints={name: (first, second) for name, (first, second) in data.get("joint", {}).items()},
    )


def _check(file: str, made: MatchingSet) -> None:
    """Refuse what the generator of SQL could not write, or would write wrongly."""
    bad = [name for name, kind in made.columns.items() if not _NAME.fullmatch(name) or kind not in TYPES]
    for each in made.comparisons:
        names = [level.name for level in each.levels]
        if len(set(names)) != len(names) or each.levels[-1].when or any(not level.when for level in each.levels[:-1]):
            bad.append(f"comparison {each.name}: level names differ, the last level and no other has no condition")
        bad += [f"comparison {each.name}, level {level.name}: {why}" for level in each.levels if (why := _fault(level.when, made))]
        counted = made.joints if each.corrects else made.columns
        bad += [f"comparison {each.name}, level {level.name}: tf {level.tf}" for level in each.levels if level.tf and level.tf not in counted]
        bad += [f"name {name!r}" for name in (each.name, *names) if not _NAME.fullmatch(name)]
    bad += [f"joint {name}" for name, columns in made.joints.items() if name in made.columns or not set(columns) <= made.columns.keys()]
    bad += [f"block {block.name}" for block in made.blocks if not set(block.columns) <= made.columns.keys() or block.cap < 1]
    bad += [f"guard {guard.name}: {why}" for guard in made.guards if (why := _fault(guard.when, made) or _zone_fault(guard))]
    if any(before.elsewhere and not after.elsewhere for before, after in pairwise(made.guards)):
        bad.append("guards: those for elsewhere come last, or they would hide the others")
    if bad or not made.comparisons or not made.blocks:
        raise SpecError(f"{file}: {'; '.join(bad) or 'no comparison or no block'}")


def _zone_fault(guard: Guard) -> str:
    return "" if guard.zone in ZONES[:2] else f"zone {guard.zone}"


def _fault(when: str, made: MatchingSet) -> str:
    """Say what in a condition is outside the portable subset; "" when nothing is."""
    at = 0
    while when[at:].strip():
        match = _TOKEN.match(when, at)
        if match is None:
            return f"not in the subset from {when[at : at + 20]!r}"
        word = match[1]
        if word[:2] in {"l.", "r."}:
            if word[2:] not in made.columns:
                return f"unknown column {word}"
        elif word[0].isalpha() and word not in _WORDS and word not in _FUNCTIONS:
            return f"unknown word {word}"
        at = match.end()
    return ""
