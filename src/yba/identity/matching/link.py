"""De-duplicate one list of people, or link two: the same features, blocks and weights as online; pairs as CSV with zone and explanation."""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from . import batch
from .engine import connect
from .model import Model, load
from .sql import level_column
from .tables import Finding, Mapping, read_mapping, read_tables
from .training import learn

# ruff: noqa: S608  # statements are written from checked specs; no value of a user is in their text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

ENOUGH: Final = 20_000  # rows from which a list's own rarities and levels say more than the release's
_SOME: Final = 1_000  # rows from which a list says which values are more common in it than in the release
_MATCHES: Final = 300  # expected matches below which learning has nothing to learn from
_MEMORY: Final = "3GB"
_CHUNK: Final = 50_000
_SILENT: Final = frozenset({"not_said", "neither"})
HEADER: Final = ("left", "right", "weight", "probability", "zone", "explanation")


@dataclass(frozen=True, slots=True)
class Linked:
    """What a run found: rows read, pairs looked at, links, pairs for review, the release they were judged under, seconds, findings."""

    rows: int
    looked_at: int
    links: int
    reviews: int
    release: str
    seconds: float
    findings: tuple[Finding, ...]


def link_table(
    files: list[Path],
    mapping: Path,
    out: Path,
    *,
    release: str | None = None,
    work: Path | None = None,
    tell: Callable[[str], None] | None = None,
) -> Linked:
    """Link files of people and write the pairs of zone link and review.

    Without ``release`` a list of 20,000 rows or more is judged by rarities and levels learned from it (no labels needed), a shorter one by the
    release in force. ``work``: a database file for lists larger than memory. Raises Invalid for a file or mapping that cannot be used.
    """
    begun = time.monotonic()
    asked = read_mapping(mapping)
    with connect(str(work) if work else ":memory:", memory=_MEMORY) as engine:
        findings = read_tables(engine, files, asked)
        model = run(engine, _model(asked, release), fixed=release is not None, across="file" if len(files) > 1 else "", tell=tell)
        _write(engine, model, out)
        counts = engine.execute(
            "SELECT (SELECT count(*) FROM said), (SELECT count(*) FROM compared), count(*) FILTER (decision = 'link'),"
            " count(*) FILTER (decision = 'review') FROM decided"
        ).fetchone()
    rows, looked_at, links, reviews = counts or (0, 0, 0, 0)
    return Linked(rows, looked_at, links, reviews, model.release.name, round(time.monotonic() - begun, 2), tuple(findings))


def _model(asked: Mapping, release: str | None) -> Model:
    return load(release) if asked.release is None else Model(asked.set, asked.release)


def run(engine: duckdb.DuckDBPyConnection, model: Model, *, fixed: bool, across: str = "", tell: Callable[[str], None] | None = None) -> Model:
    """Take the table ``feature`` through blocks, comparison and judgement to ``decided``; returns the model that judged.

    ``fixed``: by the model as it is; else by the rows' own rarities and, where there are matches enough to learn from, levels; a list too short for
    that by what is more common, here or in the release. So how common a name is in its commune is known, where the rows tell.
    """
    say = tell or (lambda _what: None)
    held = engine.execute("SELECT count(*) FROM feature").fetchone()
    own = not fixed and bool(held) and (held or (0,))[0] >= (ENOUGH if model.set.name == "people" else 0)
    short = not fixed and not own and (held or (0,))[0] >= _SOME
    (batch.own_rarities if own else batch.common_rarities if short else batch.release_rarities)(engine, model)
    engine.execute("DROP TABLE feature")  # each step's table goes when the next one stands: a million rows fit in the memory that is allowed
    say("blocks")
    batch.block(engine, model.set, across=across)
    say("levels")
    batch.compare(engine, model.set)
    engine.execute("DROP TABLE pair")
    if short:
        model = replace(model, release=replace(model.release, name=f"{model.release.name}+rarities", local=True))
    if own:
        say("weights")
        learned = learn(engine, model, f"{model.release.name}+own")
        if learned.matches >= _MATCHES:
            model = learned.model
        else:
            model = replace(model, release=replace(model.release, name=f"{model.release.name}+rarities", local=True))
    batch.judge(engine, model)
    if fixed:
        batch.decide(engine, model)
        return model
    return decide_precisely(engine, model)


def decide_precisely(engine: duckdb.DuckDBPyConnection, model: Model) -> Model:
    """Decide, and once more where the links promise too little; returns the model with the certainty it took."""
    batch.decide(engine, model)
    raised = batch.precise(engine, model)
    if raised.release.certain > model.release.certain:
        batch.decide(engine, raised)
    return raised


def _write(engine: duckdb.DuckDBPyConnection, model: Model, out: Path) -> None:
    """Write the pairs, links first, heaviest first."""
    levels = [level_column(each.name) for each in model.set.comparisons]
    found = engine.execute(
        f"""SELECT CASE WHEN a.file <= b.file THEN a.id ELSE b.id END,
        CASE WHEN a.file <= b.file THEN b.id ELSE a.id END, d.weight, d.decision, d.zone, d.probability,
        d.guard, {", ".join(f"d.{level}" for level in levels)} FROM decided d JOIN said a ON a.number = d.l JOIN said b ON b.number = d.r
        WHERE d.decision <> 'new' ORDER BY d.decision, d.weight DESC, d.l, d.r"""
    )
    words: dict[tuple[int, ...], str] = {}
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        while rows := found.fetchmany(_CHUNK):
            for left, right, weight, decision, zone, probability, *pattern in rows:
                why = words.get(tuple(pattern)) or words.setdefault(tuple(pattern), explanation(model, pattern[0], pattern[1:]))
                rival = "" if decision == zone else "; có người khác cũng gần như vậy"
                writer.writerow((left, right, weight, f"{probability:.6f}", decision, why + rival))


def explanation(model: Model, guard: int, levels: list[int]) -> str:
    """Return the words of a pattern of levels: what was compared and how far it agrees, and the guard that held."""
    parts = [
        f"{each.vi}: {each.levels[number].vi}"
        for each, number in zip(model.set.comparisons, levels, strict=True)
        if each.levels[number].name not in _SILENT and not each.corrects
    ]
    if guard:
        parts.append(f"không tự nối vì {model.set.guards[guard - 1].vi}")
    return "; ".join(parts)
