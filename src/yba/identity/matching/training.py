"""Weights learned from rows without labels: how rare values are, how often levels agree by chance (drawn pairs), and among matches (EM)."""

# ruff: noqa: S608  # statements are written from checked specs and names of our own tables; no value of a user is in their text

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log2
from typing import TYPE_CHECKING, Final

from .sql import Dialect, judge_sql, level_column, levels_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from yba.specs.identity.matching import Comparison, Level

    from .model import Model

_DRAWN: Final = 400_000  # pairs for the levels of chance, and a quarter of it for each column whose rarity counts
_ROUNDS: Final = 25
_STILL: Final = 0.0005
_BIT: Final = 100
_BUCKET: Final = 50  # rarities are counted together in steps of half a bit
_WIDEST: Final = 2600  # no level alone says more than 26 bits: papers are shared, lent and mistyped
_PRIOR_PAIRS: Final = 4.0  # matches each level starts with, spread as the release before says: a level nobody met keeps its weight
_FLOOR: Final = 1e-7
_MET, _SELDOM = 20, 1e-3  # below both, the data say nothing of a level
_FEW: Final = 10_000  # rows below which a column's own rarities say little


@dataclass(frozen=True, slots=True)
class Learned:
    """What training found: the model, expected matches, and the rounds it took."""

    model: Model
    matches: float
    pairs: int
    rounds: int


def chances(engine: duckdb.DuckDBPyConnection, model: Model, rows: str = "row", compared: str = "compared") -> dict[str, list[float]]:
    """Return per comparison how often each level is met between two different people, given that the column of its tf is equal.

    Levels without tf are counted over pairs drawn at random; levels with one over neighbours in a random order within each value, weighted by how
    many pairs the value has. Compared pairs that are likely one human under the model at hand are left out. The order is a hash of the row's
    number: random() falls differently in every run, because several threads draw from it.
    """
    engine.execute(f"CREATE OR REPLACE TEMP TABLE likely AS SELECT l, r FROM ({judge_sql(model, compared, ('l', 'r'), least='0')})")
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE mixed AS SELECT number, row_number() OVER (ORDER BY dice, number) AS place FROM
        (SELECT number, md5('mixed ' || number) AS dice FROM {rows} ORDER BY dice, number LIMIT {_DRAWN})"""
    )
    engine.execute(
        f"""CREATE OR REPLACE TEMP TABLE drawn AS SELECT a.number AS l, b.number AS r, 1 AS n FROM mixed a
        CROSS JOIN (SELECT unnest(range(1, 1 + greatest(1, least(50, (SELECT {_DRAWN} // greatest(1, count(*)) FROM mixed))))) AS step) s
        JOIN mixed b ON b.place = a.place + s.step"""
    )
    by_chance = _shares(engine, model, rows)
    within = {}
    for column in (each for each in model.set.tf_columns if each not in model.set.joints):
        said = f"{column} IS NOT NULL AND CAST({column} AS VARCHAR) <> ''"
        engine.execute(
            f"""CREATE OR REPLACE TEMP TABLE drawn AS SELECT l, r, n FROM (
            SELECT number AS l, lead(number) OVER w AS r, count(*) OVER (PARTITION BY {column}) AS n
              FROM (SELECT number, {column}, md5('{column} ' || number) AS dice FROM {rows} WHERE {said})
              WINDOW w AS (PARTITION BY {column} ORDER BY dice, number))
            WHERE r IS NOT NULL ORDER BY hash(l), l LIMIT {_DRAWN // 4}"""
        )
        within[column] = _shares(engine, model, rows, column)
    return {
        each.name: [
            max((within[level.tf] if level.tf else by_chance)[each.name][number], _FLOOR) if not _whole(level) else 1.0
            for number, level in enumerate(each.levels)
        ]
        for each in _learnt(model)
    }


def _whole(level: Level) -> bool:
    """Whether the level says no more than that its tf column is equal: then its rarity is all its chance."""
    return bool(level.tf) and level.when in {f"l.{level.tf} = r.{level.tf}", f"l.{level.tf} <> '' AND l.{level.tf} = r.{level.tf}"}


def _shares(engine: duckdb.DuckDBPyConnection, model: Model, rows: str, column: str = "") -> dict[str, list[float]]:
    """Return the shares of levels among the drawn pairs; with ``column`` only of the comparisons in which its rarity counts."""
    wanted = [each for each in _learnt(model) if not column or any(level.tf == column for level in each.levels)]
    asked = replace(model.set, comparisons=tuple(wanted))
    held = engine.execute(
        f"""SELECT {", ".join(level_column(each.name) for each in wanted)}, CAST(sum(n) AS DOUBLE)
              FROM (SELECT d.n, {levels_sql(asked, Dialect.DUCKDB)} FROM drawn d
              JOIN {rows} l ON l.number = d.l JOIN {rows} r ON r.number = d.r
              ANTI JOIN likely k ON k.l = least(d.l, d.r) AND k.r = greatest(d.l, d.r)) GROUP BY ALL"""
    ).fetchall()
    shares = {each.name: [0.0] * len(each.levels) for each in wanted}
    total = 0.0
    for *pattern, count in held:
        total += count
        for each, level in zip(wanted, pattern, strict=True):
            shares[each.name][level] += count
    return {name: [value / max(total, 1.0) for value in values] for name, values in shares.items()}


def learn(engine: duckdb.DuckDBPyConnection, model: Model, name: str, rows: str = "row", compared: str = "compared") -> Learned:
    """Learn weights from the blocked pairs: chance levels drawn, matches by expectation-maximisation over patterns of levels."""
    chance = chances(engine, model, rows, compared)
    patterns = _patterns(engine, model, compared)
    people = engine.execute(f"SELECT count(*) FROM {rows}").fetchone()
    count = people[0] if people else 0
    possible = max(1.0, count * (count - 1) / 2)
    weights = {each.name: [model.release.weights[each.name][level.name] / _BIT for level in each.levels] for each in _learnt(model)}
    prior, matches, rounds = model.release.prior / _BIT, 0.0, 0
    met: dict[str, list[float]] = {}
    names = list(weights)
    start = {each: _spread(weights[each], chance[each]) for each in names}
    for rounds in range(1, _ROUNDS + 1):  # noqa: B007  # told in the result
        before = matches
        met = {each: [_PRIOR_PAIRS * share for share in start[each]] for each in names}
        matches = 0.0
        for levels, rarity, n in patterns:
            bits = prior + rarity + sum(weights[each][level] for each, level in zip(names, levels, strict=True))
            share = n / (1 + 2.0 ** -max(-200.0, min(200.0, bits)))
            matches += share
            for each, level in zip(names, levels, strict=True):
                met[each][level] += share
        weights = {each: _bits(met[each], chance[each]) for each in names}
        prior = log2(max(matches, 1.0) / possible)
        if abs(matches - before) <= _STILL * matches:
            break
    rounded = {each.name: _settled(model, each, weights[each.name], met[each.name], chance[each.name]) for each in _learnt(model)}
    made = replace(
        model.release,
        name=name,
        weights=model.release.weights | rounded,
        prior=round(prior * _BIT),
        population=count,
        trained=f"{count} rows, EM {rounds} rounds",
        local=True,
    )
    return Learned(replace(model, release=made), matches, sum(n for *_, n in patterns), rounds)


def _learnt(model: Model) -> list[Comparison]:
    """The comparisons whose levels say something; a correction is counted, not learned."""
    return [each for each in model.set.comparisons if not each.corrects]


def _settled(model: Model, each: Comparison, bits: list[float], met: list[float], chance: list[float]) -> dict[str, int]:
    """Return the rounded weights of a comparison; of a level hardly met, among matches or by chance, and of what no row says, those of before."""
    before = model.release.weights[each.name]
    if sum(met) - max(met) < _MET:
        return dict(before)
    return {
        level.name: before[level.name] if met[number] < _MET and chance[number] < _SELDOM else round(bits[number] * _BIT)
        for number, level in enumerate(each.levels)
    }


def _bits(met: list[float], chance: list[float]) -> list[float]:
    """Return the weights of a comparison's levels in bits: how much more often a level is met among matches than by chance."""
    total, widest = sum(met), _WIDEST / _BIT
    return [max(-widest, min(widest, log2(max(share / total, _FLOOR) / u))) for share, u in zip(met, chance, strict=True)]


def _spread(weights: list[float], chance: list[float]) -> list[float]:
    shares = [2.0**weight * u for weight, u in zip(weights, chance, strict=True)]
    return [share / sum(shares) for share in shares]


def _patterns(engine: duckdb.DuckDBPyConnection, model: Model, compared: str) -> list[tuple[tuple[int, ...], float, int]]:
    """Return (levels, rarity in bits, number of pairs) of the compared pairs."""
    columns = ", ".join(level_column(each.name) for each in _learnt(model))
    held = engine.execute(f"SELECT {columns}, avg(rarity), count(*) FROM {compared} GROUP BY {columns}, rarity // {_BUCKET}").fetchall()
    return sorted((tuple(row[:-2]), row[-2] / _BIT, row[-1]) for row in held)  # sums of doubles depend on their order


def publishable(engine: duckdb.DuckDBPyConnection, model: Model, *, least: int, without: Sequence[str] = (), rows: str = "row") -> Model:
    """Return the model with the tables of rarities that may leave the house: values that at least ``least`` people share, nobody's own.

    A value that is not in the table weighs what such values weigh on average. ``without``: columns of which only the average is kept.
    """
    rarity: dict[str, dict[str, int]] = {}
    rarest = dict(model.release.rarest)
    for column in model.set.tf_columns:
        if column in model.set.joints:  # only what many rows share was counted
            rarity[column] = dict(engine.execute("SELECT value, weight FROM rarity WHERE of = $1", [column]).fetchall())
            continue
        said = f"{column} IS NOT NULL AND CAST({column} AS VARCHAR) <> ''"
        held = engine.execute(f"SELECT count(*) FROM {rows} WHERE {said}").fetchone()
        if not held or held[0] < _FEW:
            rarity[column] = dict(model.release.rarity.get(column, {}))
            continue
        limit = 0 if column in without else round(_BIT * log2(held[0] / least))
        rest = engine.execute(f"SELECT avg(tf_{column}) FROM {rows} WHERE {said} AND tf_{column} > {limit}").fetchone()
        if rest and rest[0] is not None:
            rarest[column] = round(rest[0])
        kept = engine.execute("SELECT value, weight FROM rarity WHERE of = $1 AND weight <= $2", [column, limit]).fetchall()
        rarity[column] = dict(kept)
    return replace(model, release=replace(model.release, rarity=rarity, rarest=rarest))
