"""The same weights over whole tables: from texts to features, blocks, compared and judged pairs; in DuckDB, inside its memory limit."""

# ruff: noqa: S608  # statements are written from checked specs and names of our own tables; no value of a user is in their text

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .features import Features, address_column, birth_columns, name_columns, numbers, phone_column, place_columns, sex_column
from .sql import Dialect, compare_sql, judge_sql

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from yba.specs.identity.matching import Block, MatchingSet

    from .model import Model

_ODDS: Final = "2.0 ** (least(weight, 3000) / 100.0)"  # beyond 30 bits nothing is more certain
_CHUNK: Final = 100_000  # values handed over at a time
_MOST_CERTAIN: Final = 99  # percent: more is asked of nobody
_LINKS: Final = 300  # fewer promise nothing
_PAIR: Final = 2  # a value that two rows have may be one human's
_OFTEN, _MATTERS = 20, 50  # rows of a joint from which it says anything, and how much it must say (hundredths of a bit)
_SAME_DIGITS: Final = "|".join(f"{digit}{{6,}}" for digit in range(10))


class Group(NamedTuple):
    """Texts that are normalised together, the columns they become, and which values are as they should be already (a condition; they stay)."""

    texts: tuple[str, ...]
    columns: tuple[str, ...]
    function: Callable[..., tuple[Any, ...]]
    as_is: str = ""


# Each distinct text is worked on once; numbers that most people have to themselves are passed by where they are in the normal form.
GROUPS: Final = (
    Group(("name",), Features._fields[:7], name_columns),
    Group(("birth",), ("year", "month", "day", "days", "born"), birth_columns),
    Group(("sex",), ("sex",), lambda text: (sex_column(text),)),
    Group(
        ("citizen", "old", "insurance"),
        ("citizen", "old", "insurance"),
        numbers,
        f"regexp_full_match(citizen, '[0-9]{{12}}') AND NOT regexp_matches(citizen, '^000|^1234|{_SAME_DIGITS}') AND old = '' AND insurance = ''",
    ),
    Group(
        ("phone",),
        ("phone",),
        lambda text: (phone_column(text),),
        f"regexp_full_match(phone, '0[35789][0-9]{{8}}') AND NOT regexp_matches(phone, '12345|98765|{_SAME_DIGITS}')",
    ),
    Group(("commune",), ("commune", "province"), place_columns),
    Group(("address",), ("address",), lambda text: (address_column(text),)),
    Group(("mother",), ("mother",), lambda text: (name_columns(text)[0],)),
)
TEXTS: Final = tuple(text for group in GROUPS for text in group.texts)


def normalise(engine: duckdb.DuckDBPyConnection, compared: MatchingSet, said: str, into: str) -> None:
    """Make the table ``into`` (number, features…) of ``said`` (number and the texts of `TEXTS`, "" where not said)."""
    columns: dict[str, str] = {}
    joins = []
    for place, group in enumerate(GROUPS):
        _work(engine, compared, said, group, f"group_{place}")
        on = " AND ".join(f"s.{text} = g{place}.said_{text}" for text in group.texts)
        joins.append(f"LEFT JOIN group_{place} g{place} ON {on}")
        columns |= {column: f"g{place}.{column}" for column in group.columns}
        if group.as_is:  # only values that are as they should be are missing from the group
            columns |= {
                column: f"CASE WHEN g{place}.said_{group.texts[0]} IS NULL THEN s.{column} ELSE g{place}.{column} END" for column in group.columns
            }
    listed = ", ".join(f"{columns[column]} AS {column}" for column in Features._fields)
    engine.execute(f"CREATE OR REPLACE TABLE {into} AS SELECT s.number, {listed} FROM {said} s {' '.join(joins)}")
    for place, _group in enumerate(GROUPS):
        engine.execute(f"DROP TABLE group_{place}")


def _work(engine: duckdb.DuckDBPyConnection, compared: MatchingSet, said: str, group: Group, into: str) -> None:
    """Make the table of a group's distinct texts and what they become."""
    kinds = [*(f"said_{text} VARCHAR" for text in group.texts), *(f"{column} {_kind(compared, column)}" for column in group.columns)]
    engine.execute(f"CREATE OR REPLACE TABLE {into} ({', '.join(kinds)})")
    where = f" WHERE NOT ({group.as_is})" if group.as_is else ""
    distinct = engine.execute(f"SELECT DISTINCT {', '.join(group.texts)} FROM {said}{where}")
    insert = f"INSERT INTO {into} SELECT {', '.join(f'unnest(${at})' for at in range(1, len(kinds) + 1))}"
    with engine.cursor() as writer:
        while values := distinct.fetchmany(_CHUNK):
            rows = [(*value, *group.function(*value)) for value in values]
            writer.execute(insert, [list(column) for column in zip(*rows, strict=True)])


def _kind(compared: MatchingSet, column: str) -> str:
    return "INT" if compared.columns[column] == "int" else "VARCHAR"


def release_rarities(engine: duckdb.DuckDBPyConnection, model: Model, features: str = "feature", into: str = "row") -> None:
    """Make the table ``into``: the features with their tf_ columns by the release's tables."""
    engine.execute("CREATE OR REPLACE TABLE rarity (of VARCHAR, value VARCHAR, weight INT)")
    for column, table in model.release.rarity.items():
        engine.execute("INSERT INTO rarity SELECT $1, unnest($2), unnest($3)", [column, list(table), list(table.values())])
    _join_rarities(engine, model, features, into)


def own_rarities(engine: duckdb.DuckDBPyConnection, model: Model, features: str = "feature", into: str = "row") -> None:
    """Make the table ``into`` by how rare the values are in these very rows: for lists of another population than the release's."""
    engine.execute("CREATE OR REPLACE TABLE rarity (of VARCHAR, value VARCHAR, weight INT)")
    for column in model.set.tf_columns:
        _count(engine, model, column, features, more_than=1)
    _join_rarities(engine, model, features, into)


def common_rarities(engine: duckdb.DuckDBPyConnection, model: Model, features: str = "feature", into: str = "row") -> None:
    """Make the table ``into`` by the release or these very rows, whichever says that a value is more common: for lists too short to learn from."""
    release_rarities(engine, model, features, into)
    engine.execute("ALTER TABLE rarity RENAME TO told")
    engine.execute("CREATE OR REPLACE TABLE rarity (of VARCHAR, value VARCHAR, weight INT)")
    for column in model.set.tf_columns:
        _count(engine, model, column, features, more_than=_PAIR)
    rarest = " ".join(f"WHEN '{column}' THEN {weight}" for column, weight in model.release.rarest.items())
    engine.execute(
        f"""CREATE OR REPLACE TABLE rarity AS SELECT coalesce(o.of, t.of) AS of, coalesce(o.value, t.value) AS value,
        CAST(least(coalesce(o.weight, t.weight), coalesce(t.weight, CASE o.of {rarest} END)) AS INT) AS weight
        FROM rarity o FULL JOIN told t ON t.of = o.of AND t.value = o.value"""
    )
    engine.execute("DROP TABLE told")
    _join_rarities(engine, model, features, into)


def _count(engine: duckdb.DuckDBPyConnection, model: Model, column: str, features: str, *, more_than: int) -> None:
    """Add to the table of rarities how rare the values of a column are in these rows, or by how much a joint corrects them."""
    if column in model.set.joints:
        _count_joint(engine, model, column, features)
        return
    engine.execute(
        f"""INSERT INTO rarity SELECT $1, value, CAST(round(-100 * log2(held / said)) AS INT)
        FROM (SELECT CAST({column} AS VARCHAR) AS value, count(*) AS held, sum(count(*)) OVER () AS said FROM {features}
              WHERE {_said(model.set, column)} GROUP BY 1) WHERE held > {more_than}""",
        [column],
    )


def _count_joint(engine: duckdb.DuckDBPyConnection, model: Model, joint: str, features: str) -> None:
    """How much more often than by chance two values meet: what both rarities together say too much. Only what is seen twenty times, and matters."""
    first, second = model.set.joints[joint]
    engine.execute(
        f"""INSERT INTO rarity
        WITH met AS (SELECT {first} AS a, {second} AS b, CAST(count(*) AS DOUBLE) AS n FROM {features}
                      WHERE {_said(model.set, first)} AND {_said(model.set, second)} GROUP BY 1, 2),
        much AS (SELECT a, b, n, sum(n) OVER (PARTITION BY a) * sum(n) OVER (PARTITION BY b) / sum(n) OVER () AS chance FROM met)
        SELECT $1, concat_ws(' ', a, b), CAST(round(100 * log2(chance / n)) AS INT) FROM much
         WHERE n >= {_OFTEN} AND 100 * log2(chance / n) <= {-_MATTERS}""",
        [joint],
    )


def _join_rarities(engine: duckdb.DuckDBPyConnection, model: Model, features: str, into: str) -> None:
    columns, joins = [], []
    for column in model.set.tf_columns:
        columns.append(f"coalesce(t_{column}.weight, {model.release.rarest[column]}) AS tf_{column}")
        value = f"concat_ws(' ', {', '.join(f'f.{each}' for each in model.set.joints.get(column, (column,)))})"
        joins.append(f"LEFT JOIN rarity t_{column} ON t_{column}.of = '{column}' AND t_{column}.value = {value}")
    engine.execute(f"CREATE OR REPLACE TABLE {into} AS SELECT f.*{''.join(f', {column}' for column in columns)} FROM {features} f {' '.join(joins)}")


def _said(compared: MatchingSet, column: str) -> str:
    return f"{column} IS NOT NULL" if compared.columns[column] == "int" else f"{column} <> ''"


def block(engine: duckdb.DuckDBPyConnection, compared: MatchingSet, rows: str = "row", into: str = "pair", *, across: str = "") -> None:
    """Make the table of pairs (l < r, numbers of rows) that agree in all columns of a block whose key is not above its cap.

    ``across``: a column; only pairs that differ in it (two files).
    """
    parts = " UNION ".join(_pairs_of(compared, each, rows, across) for each in compared.blocks)
    engine.execute(f"CREATE OR REPLACE TABLE {into} AS {parts}")


def _pairs_of(compared: MatchingSet, each: Block, rows: str, across: str) -> str:
    said = " AND ".join(_said(compared, column) for column in each.columns)
    keys, more = ", ".join(each.columns), f", {across}" if across else ""
    counted = f"SELECT number, {keys}{more}, count(*) OVER (PARTITION BY {keys}) AS held FROM {rows} WHERE {said}"
    held = f"SELECT number, {keys}{more} FROM ({counted}) WHERE held BETWEEN 2 AND {each.cap}"
    apart = f" AND a.{across} <> b.{across}" if across else ""
    return f"SELECT a.number AS l, b.number AS r FROM ({held}) a JOIN ({held}) b USING ({keys}) WHERE a.number < b.number{apart}"


def compare(engine: duckdb.DuckDBPyConnection, compared: MatchingSet, rows: str = "row", pairs: str = "pair", into: str = "compared") -> None:
    """Make the table of compared pairs: l, r, guard, levels, rarity; what training counts and `judge` weighs."""
    source = f"{pairs} p JOIN {rows} l ON l.number = p.l JOIN {rows} r ON r.number = p.r"
    engine.execute(f"CREATE OR REPLACE TABLE {into} AS {compare_sql(compared, Dialect.DUCKDB, source, ('p.l AS l', 'p.r AS r'))}")


def judge(engine: duckdb.DuckDBPyConnection, model: Model, compared: str = "compared", into: str = "scored") -> None:
    """Make the table of pairs of zone review or link: l, r, weight, zone, guard, levels."""
    engine.execute(f"CREATE OR REPLACE TABLE {into} AS {judge_sql(model, compared, ('l', 'r'), least=str(model.release.review))}")


def precise(engine: duckdb.DuckDBPyConnection, model: Model, decided: str = "decided") -> Model:
    """Return the model with ``certain`` raised until the links that are left promise the precision the release wants.

    Probabilities are calibrated, so the mean over the links is the share that is right: no label is needed. Where many share their names, more
    links lie near the threshold and it must lie higher (docs/decisions/0019).
    """
    if not model.release.precise:
        return model
    wanted = model.release.precise / 10_000
    links, promised = engine.execute(f"SELECT count(*), avg(probability) FROM {decided} WHERE decision = 'link'").fetchone() or (0, None)
    if links < _LINKS or promised >= wanted:
        return model
    found = engine.execute(
        f"""SELECT min(least_) FROM (SELECT ceil(100 * probability) AS least_, min(promised) AS promised FROM (
            SELECT probability, avg(probability) OVER (ORDER BY probability DESC) AS promised FROM {decided} WHERE decision = 'link')
            GROUP BY 1) WHERE promised >= {wanted}"""
    ).fetchone()
    needed = int(found[0]) if found and found[0] is not None else _MOST_CERTAIN
    certain = max(model.release.certain, min(needed, _MOST_CERTAIN))
    return replace(model, release=replace(model.release, certain=certain))


def decide(engine: duckdb.DuckDBPyConnection, model: Model, scored: str = "scored", into: str = "decided") -> None:
    """Make the scored pairs with ``probability`` and ``decision``: the pair's zone, but review for a link that is not certain beside its rivals.

    The probability is that of the pair among all candidates of its two rows, each of which has one partner or none: so of thin evidence only what
    has no rival links. Three rows of which each two are sure (the release's weight for that) are one human, and no rivals.
    """
    sure, certain = model.release.sure, model.release.certain / 100
    engine.execute(
        f"""CREATE OR REPLACE TABLE {into} AS
        WITH weighed AS (SELECT l, r, {_ODDS} AS odds, zone = 'link' AND weight >= {sure} AS is_sure FROM {scored}),
        ends AS (SELECT l AS one, r AS other, odds, is_sure FROM weighed UNION ALL SELECT r, l, odds, is_sure FROM weighed),
        hopes AS (SELECT one, sum(odds) AS odds FROM ends GROUP BY one),
        friends AS (
            SELECT p.l, p.r, sum(a.odds + b.odds) AS odds FROM weighed p
              JOIN ends a ON a.one = p.l AND a.is_sure JOIN ends b ON b.one = p.r AND b.other = a.other AND b.is_sure
             WHERE p.is_sure GROUP BY p.l, p.r),
        likely AS (
            SELECT p.l, p.r, p.odds / greatest(p.odds, 1 + a.odds + b.odds - p.odds - coalesce(f.odds, 0)) AS probability
              FROM weighed p JOIN hopes a ON a.one = p.l JOIN hopes b ON b.one = p.r LEFT JOIN friends f ON f.l = p.l AND f.r = p.r)
        SELECT s.*, k.probability, CASE WHEN s.zone = 'link' AND k.probability < {certain} THEN 'review' ELSE s.zone END AS decision
          FROM {scored} s JOIN likely k ON k.l = s.l AND k.r = s.r"""
    )
