"""Releases of weights: integers in hundredths of a bit, immutable once written; the packaged ones and a province's own."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from yba.specs.claims import SpecError

from .comparisons import MatchingSet, matching_set

FOLDER: Final = Path(__file__).parent / "weights"
CURRENT: Final = "2026.2"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}")


@dataclass(frozen=True, slots=True)
class Release:
    """Weights of one set. ``prior``: log odds that two people of the population drawn at random are one, before anything is compared.

    ``weights``: comparison -> level -> weight, for a level with tf without its rarity; ``rarity``: column -> value -> weight, ``rarest``: of a value
    that is not in the table. ``link`` and ``review`` are the least weights of these zones; ``certain``: percent
    that the best of several candidates must have; ``sure``: from here three records are believed to be one human; ``precise``: of ten thousand
    links how many are to be right: where the pairs at hand promise less, `batch.precise` raises ``certain``.
    ``population``: for how many people the prior stands; ``local``: it was learned among the people it judges, so it knows their names.
    """

    name: str
    set: str
    prior: int
    link: int
    review: int
    certain: int
    sure: int
    population: int
    trained: str
    weights: dict[str, dict[str, int]]
    rarest: dict[str, int]
    rarity: dict[str, dict[str, int]] = field(default_factory=dict)
    local: bool = False
    precise: int = 0


def releases(folder: Path = FOLDER) -> tuple[str, ...]:
    """Names of the releases in a folder, in order."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


@cache
def release(name: str = CURRENT) -> Release:
    """Return a packaged release."""
    return read_release(FOLDER / f"{name}.toml")


def read_release(path: Path, made_for: MatchingSet | None = None) -> Release:
    """Read a release with its table of rarities beside it. Raises SpecError when it does not fit its set."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        compared = made_for or matching_set(data["set"])
        found = Release(
            **{key: data[key] for key in ("name", "set", "prior", "link", "review", "certain", "sure", "population", "trained")},
            weights=_filled(compared, data["weights"]),
            rarest=dict.fromkeys(compared.joints, 0) | data["rarest"],
            rarity=_rarities(path.with_suffix(".tf.csv")),
            local=data.get("local", False),
            precise=data.get("precise", 0),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise SpecError(f"{path.name}: {type(error).__name__} {error}") from error
    _check(path.name, found, compared)
    return found


def _filled(made: MatchingSet, weights: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """Weights with what came into the set after the release was written: a level it does not know weighs nothing, and nothing is corrected."""
    told = {each.name: dict.fromkeys((level.name for level in each.levels), 0) for each in made.comparisons if each.corrects or each.name in weights}
    return weights | {name: levels | weights.get(name, {}) for name, levels in told.items()}


def _rarities(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    if path.exists():
        with path.open(encoding="utf-8", newline="") as lines:
            for column, value, weight in csv.reader(lines):
                found.setdefault(column, {})[value] = int(weight)
    return found


def _check(file: str, found: Release, made: MatchingSet) -> None:
    wanted = {each.name: {level.name for level in each.levels} for each in made.comparisons}
    bad = [name for name, levels in wanted.items() if found.weights.get(name, {}).keys() != levels]
    bad += sorted(found.weights.keys() - wanted.keys())
    bad += [f"tf {column}" for column in made.tf_columns if column not in found.rarest]
    bad += [] if found.review <= found.link else ["review lies above link"]
    if bad:
        raise SpecError(f"{file} does not fit the set {made.name}: {', '.join(bad)}")


def write_release(folder: Path, made: Release) -> Path:
    """Write a release; raises SpecError when there is one of this name: a release never changes."""
    if not _NAME.fullmatch(made.name):
        raise SpecError(f"{made.name!r} is no name for a release")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{made.name}.toml"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for column, values in sorted(made.rarity.items()):
        writer.writerows((column, value, weight) for value, weight in sorted(values.items()))
    path.with_suffix(".tf.csv").write_text(text.getvalue(), "utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_toml(made))
    except FileExistsError:
        raise SpecError(f"there is a release {made.name} already") from None
    return path


def _toml(made: Release) -> str:
    heads = ("name", "set", "trained", "population", "prior", "link", "review", "certain", "sure", "precise")
    lines = [f"{key} = {_literal(getattr(made, key))}" for key in heads] + [f"local = {str(made.local).lower()}"]
    for head, table in (("rarest", made.rarest), *((f"weights.{name}", levels) for name, levels in made.weights.items())):
        lines += ["", f"[{head}]", *(f"{key} = {value}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _literal(value: Any) -> str:  # noqa: ANN401  # text or integer
    return str(value) if isinstance(value, int) else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
