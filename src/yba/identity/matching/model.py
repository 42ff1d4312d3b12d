"""A set of comparisons with a release of weights: what a pair is judged under, and its words for a clerk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from yba.kit.errors import NotFound
from yba.kit.settings import VAR
from yba.specs.identity import matching as specs

from .engine import connect
from .features import Features, key_of
from .sql import Dialect, level_column, score_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from yba.specs.identity.matching import MatchingSet, Release


class Key(NamedTuple):
    """A blocking key of a row: its hash, the rows of it looked at at most, its block, and the coarser blocks that hold all that it holds."""

    key: int
    cap: int
    block: str
    within: tuple[str, ...]


class Part(NamedTuple):
    """One line of an explanation: what was compared, how far it agrees, what that weighs (hundredths of a bit)."""

    comparison: str
    level: str
    weight: int
    vi: str
    en: str


class Explanation(NamedTuple):
    """Why a pair has its weight: prior, parts, the guard that held ("" none) with its words."""

    weight: int
    zone: str
    prior: int
    parts: tuple[Part, ...]
    guard: str = ""
    guard_vi: str = ""
    guard_en: str = ""


@dataclass(frozen=True)
class Model:
    """Comparisons, blocks, guards and weights."""

    set: MatchingSet
    release: Release

    def rarities(self, row: Mapping[str, object]) -> dict[str, int]:
        """Return the tf_ columns of a row: how much it weighs that somebody else has the same value."""
        return {name: table.get(" ".join([str(row[column]) for column in columns]), rarest) for name, columns, table, rarest in self._rarities}

    @cached_property
    def _rarities(self) -> tuple[tuple[str, tuple[str, ...], dict[str, int], int], ...]:
        held, joints = self.release.rarity, self.set.joints
        return tuple((f"tf_{each}", joints.get(each, (each,)), held.get(each, {}), self.release.rarest[each]) for each in self.set.tf_columns)

    def keys(self, row: Features) -> tuple[Key, ...]:
        """Return the blocking keys of a row; a block of which a column is not said has none."""
        return self._keys(row)

    @cached_property
    def _keys(self) -> Callable[[Features], tuple[Key, ...]]:
        """Remembered for a while: what is asked for is kept soon after."""
        at = {column: place for place, column in enumerate(Features._fields)}
        blocks = [(each.name, tuple(at[column] for column in each.columns), each.cap, self.set.within(each)) for each in self.set.blocks]

        @lru_cache(maxsize=2048)
        def keys(row: Features) -> tuple[Key, ...]:
            found = []
            for name, places, cap, within in blocks:
                values = [row[place] for place in places]
                if None not in values and "" not in values:
                    found.append(Key(key_of(name, *map(str, values)), cap, name, within))
            return tuple(found)

        return keys

    def key_alone(self, column: str, value: str) -> int:
        """Return the blocking key of every row with this value in one column. Raises NotFound where no block is made of that column alone."""
        for each in self.set.blocks:
            if each.columns == (column,):
                return key_of(each.name, value)
        raise NotFound(f"Bộ so sánh không có khóa riêng của cột {column}.")

    def explain(self, left: Features, right: Features) -> Explanation:
        """Judge one pair and say why, by the same SQL as everywhere (in an engine of its own: some milliseconds)."""
        rows = [{**each._asdict(), **self.rarities(each._asdict())} for each in (left, right)]
        pairs = ", ".join(f"(SELECT {_asked(row, alias)}) {alias}" for row, alias in zip(rows, "lr", strict=True))
        params = {f"{alias}_{key}": value for row, alias in zip(rows, "lr", strict=True) for key, value in row.items()}
        with connect() as engine:
            found = engine.execute(score_sql(self, Dialect.DUCKDB, pairs, ("1 AS pair",)), params)
            names = [each[0] for each in found.description or ()]
            return self.explained(dict(zip(names, found.fetchone() or (), strict=True)), rows[0])

    def explained(self, scored: Mapping[str, int | str], rarity: Mapping[str, object]) -> Explanation:
        """Put a scored row (weight, zone, guard, levels) into words; ``rarity`` holds the tf_ columns of its left side."""
        parts = []
        for each in self.set.comparisons:
            level = each.levels[int(scored[level_column(each.name)])]
            weight = self.release.weights[each.name][level.name] + (int(str(rarity[f"tf_{level.tf}"])) if level.tf else 0)
            if weight or not each.corrects:
                parts.append(Part(each.name, level.name, weight, f"{each.vi}: {level.vi}", f"{each.en}: {level.en}"))
        guard = int(scored["guard"])
        held = self.set.guards[guard - 1] if guard else None
        words = (held.name, held.vi, held.en) if held else ("", "", "")
        return Explanation(int(scored["weight"]), str(scored["zone"]), self.release.prior, tuple(parts), *words)


def _asked(row: Mapping[str, object], alias: str) -> str:
    """Write a row of parameters with their types (an absent number has none of its own)."""
    whole = {"year", "month", "day"}
    return ", ".join(f"CAST(${alias}_{key} AS {'int' if key in whole or key.startswith('tf_') else 'varchar'}) AS {key}" for key in row)


def own_releases() -> Path:
    """Return the folder of this installation's own releases."""
    return VAR() / "identity" / "weights"


def load(release: str | None = None) -> Model:
    """Return the model of a release: the operator's of this name, else a packaged one; None: the newest in force (current.txt, else the shipped).

    Raises NotFound, SpecError.
    """
    folder = own_releases()
    name = release
    if name is None:
        chosen = folder / "current"
        name = chosen.read_text("utf-8").strip() if chosen.exists() else None
    if name is None:
        found = specs.release()
    elif (folder / f"{name}.toml").exists():
        found = specs.read_release(folder / f"{name}.toml")
    elif name in specs.releases():
        found = specs.release(name)
    else:
        raise NotFound(f"Không có bộ trọng số {name}.")
    return Model(specs.matching_set(found.set), found)


def current() -> Model:
    """Return the model in force, read once a process for as long as the file that names it is the same."""
    folder = VAR()
    try:
        found = os.stat(_chosen(folder))  # noqa: PTH116  # half the time of Path.stat, three times a Patient
    except FileNotFoundError:
        return _current(folder, None)
    return _current(folder, (found.st_mtime_ns, found.st_ino, found.st_size))


@lru_cache(maxsize=4)
def _chosen(folder: Path) -> str:
    return str(folder / "identity" / "weights" / "current")


@lru_cache(maxsize=4)
def _current(_folder: Path, _written: tuple[int, int, int] | None) -> Model:
    return load()
