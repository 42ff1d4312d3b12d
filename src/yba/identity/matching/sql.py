"""The SQL of scoring, written once from the data for PostgreSQL, DuckDB and Spark: integers only, so that every engine gives the same weight."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.specs.identity.matching import Comparison, MatchingSet

    from .model import Model

_CLOSE: Final = re.compile(r"levenshtein\(([^(),]+), ([^(),]+)\) (<=|>) (\d+)")
_SIDE: Final = re.compile(r"\b([lr])\.")


class Dialect(StrEnum):
    """The engines; they differ in how a bounded edit distance is asked for."""

    POSTGRESQL = "postgresql"
    DUCKDB = "duckdb"
    SPARK = "spark"


def condition(when: str, dialect: Dialect, left: str = "l", right: str = "r") -> str:
    """Return a condition of the data for an engine and two aliases.

    PostgreSQL stops counting edits at the bound (levenshtein_less_equal gives bound + 1 or more beyond it: the same answer).
    """
    if dialect is Dialect.POSTGRESQL:
        when = _CLOSE.sub(r"levenshtein_less_equal(\1, \2, \4) \3 \4", when)
    return _SIDE.sub(lambda match: f"{left if match[1] == 'l' else right}.", when)


def levels_sql(compared: MatchingSet, dialect: Dialect, left: str = "l", right: str = "r") -> str:
    """Return one column per comparison, named after it: the number of the pair's level, 0 the first."""
    return ", ".join(f"{_level_case(each, dialect, left, right)} AS {level_column(each.name)}" for each in compared.comparisons)


def level_column(comparison: str) -> str:
    """Return the column that holds a comparison's level."""
    return f"level_{comparison}"


def _level_case(each: Comparison, dialect: Dialect, left: str, right: str) -> str:
    last = len(each.levels) - 1
    whens = " ".join(f"WHEN {condition(level.when, dialect, left, right)} THEN {number}" for number, level in enumerate(each.levels[:-1]))
    return f"CASE {whens} ELSE {last} END"


def guard_sql(compared: MatchingSet, dialect: Dialect, left: str = "l", right: str = "r") -> str:
    """Return the number of the first guard that holds, 1 the first; 0 when none does. Those that end at "new" come first."""
    whens = " ".join(f"WHEN {condition(guard.when, dialect, left, right)} THEN {number + 1}" for number, guard in enumerate(compared.guards))
    return f"CASE {whens} ELSE 0 END" if whens else "0"


def rarity_sql(compared: MatchingSet, alias: str) -> str:
    """Return how rare what agrees is: the sum of the tf_ columns that the levels name, of either side (the level says that they are equal)."""
    parts = []
    for each in compared.comparisons:
        whens = " ".join(f"WHEN {number} THEN {alias}.tf_{level.tf}" for number, level in enumerate(each.levels) if level.tf)
        if whens:
            parts.append(f"CASE {alias}.{level_column(each.name)} {whens} ELSE 0 END")
    return " + ".join(parts) or "0"


def weight_sql(model: Model, alias: str, rarity: str) -> str:
    """Return the weight over the columns of `levels_sql` and a rarity: prior and one integer per comparison."""
    parts = [str(model.release.prior), rarity]
    for each in model.set.comparisons:
        weights = model.release.weights[each.name]
        whens = " ".join(f"WHEN {number} THEN {weights[level.name]}" for number, level in enumerate(each.levels) if weights[level.name])
        if whens:
            parts.append(f"CASE {alias}.{level_column(each.name)} {whens} ELSE 0 END")
    return " + ".join(parts)


def zone_sql(model: Model, weight: str, guard: str) -> str:
    """Return the zone over a weight and a guard's number."""
    new = [str(number) for number, each in enumerate(model.set.guards, 1) if each.zone == "new"]
    held = f"WHEN {guard} IN ({', '.join(new)}) THEN 'new' " if new else ""
    return (
        f"CASE WHEN {weight} < {model.release.review} THEN 'new' {held}"
        f"WHEN {weight} < {model.release.link} OR {guard} > 0 THEN 'review' ELSE 'link' END"
    )


def compare_sql(compared: MatchingSet, dialect: Dialect, pairs: str, keep: Sequence[str], *, left: str = "l", right: str = "r") -> str:
    """Return a SELECT that compares pairs and weighs nothing: kept columns, guard, one level per comparison, rarity of what agrees."""
    kept = [one.rsplit(" AS ", 1)[-1] for one in keep]
    levels = [level_column(each.name) for each in compared.comparisons]
    columns = [*keep, *(f"{left}.tf_{column}" for column in compared.tf_columns), levels_sql(compared, dialect, left, right)]
    inner = _select([*columns, f"{guard_sql(compared, dialect, left, right)} AS guard"], pairs)
    return _select([*_of("p", [*kept, "guard", *levels]), f"{rarity_sql(compared, 'p')} AS rarity"], f"({inner}{_fence(dialect)}) p")


def score_sql(model: Model, dialect: Dialect, pairs: str, keep: Sequence[str], *, left: str = "l", right: str = "r", least: str = "") -> str:
    """Return a SELECT that scores pairs: the kept columns, weight, zone, guard and one level per comparison.

    ``pairs`` is a FROM clause in which ``left`` and ``right`` are rows of features, the left one with its ``tf_`` columns; ``keep`` are expressions
    with a name (``l.id AS l_id``); ``least`` leaves out pairs of a smaller weight.
    """
    compared = compare_sql(model.set, dialect, pairs, keep, left=left, right=right)
    return judge_sql(model, f"({compared}{_fence(dialect)})", [one.rsplit(" AS ", 1)[-1] for one in keep], least=least, dialect=dialect)


def judge_sql(model: Model, compared: str, keep: Sequence[str], *, least: str = "", dialect: Dialect = Dialect.DUCKDB) -> str:
    """Return a SELECT that weighs what `compare_sql` found (a table, or the statement in brackets): kept columns, weight, zone, guard, levels."""
    levels = [level_column(each.name) for each in model.set.comparisons]
    weighed = _select([*_of("c", [*keep, *levels]), _held(model, "c.guard"), f"{weight_sql(model, 'c', 'c.rarity')} AS weight"], f"{compared} c")
    judged = [*_of("s", [*keep, "weight"]), f"{zone_sql(model, 's.weight', 's.guard')} AS zone", *_of("s", ["guard", *levels])]
    return _select(judged, f"({weighed}{_fence(dialect)}) s{f' WHERE s.weight >= {least}' if least else ''}")


def _held(model: Model, guard: str) -> str:
    """Return the guard that holds under this release: where it was learned, those for elsewhere hold nobody up."""
    idle = [str(number) for number, each in enumerate(model.set.guards, 1) if each.elsewhere and model.release.local]
    return f"CASE WHEN {guard} IN ({', '.join(idle)}) THEN 0 ELSE {guard} END AS guard" if idle else f"{guard} AS guard"


def _fence(dialect: Dialect) -> str:
    """PostgreSQL would write the conditions of the levels into every use of a level, and work them out each time (2.2 times the work)."""
    return " OFFSET 0" if dialect is Dialect.POSTGRESQL else ""


def _of(alias: str, columns: Sequence[str]) -> list[str]:
    return [f"{alias}.{column}" for column in columns]


def _select(columns: Sequence[str], source: str) -> str:
    return f"SELECT {', '.join(columns)} FROM {source}"  # noqa: S608  # written from checked data, no values of users in it
