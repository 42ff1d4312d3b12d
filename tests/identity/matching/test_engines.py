"""Same pair, same release: same weight, zone and levels, online in PostgreSQL and in a batch in DuckDB; whichever side is left."""

# ruff: noqa: S608  # names of columns and made-up values

from dataclasses import replace
from uuid import UUID

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yba.identity import matching
from yba.identity.matching import Asked, Description, Dialect, Features, batch, candidates, features, remember
from yba.synth import dirty

CODES = sorted({row.commune for row in dirty.residents(22, 60)})
MODEL = matching.load("2026.2")
# The same, as if it had been learned here, where half of the Nguyễn live in a few communes.
LOCAL = replace(
    MODEL,
    release=replace(
        MODEL.release,
        name="local",
        local=True,
        rarity=MODEL.release.rarity | {"family_commune": {f"{family} {code}": -130 for family in ("nguyen", "tran", "le") for code in CODES}},
    ),
)
words = st.text(alphabet="abcdeghiklmnopqrstuvxy '0123456789", max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(pairs=st.lists(st.tuples(words, words), min_size=1, max_size=30))
def test_edit_distances_agree_on_folded_text(conn, pairs):
    texts = [list(side) for side in zip(*pairs, strict=True)]
    with duckdb.connect() as engine:
        batch_ = engine.execute("SELECT levenshtein(a, b) FROM (SELECT unnest($1) AS a, unnest($2) AS b)", texts).fetchall()
    asked = "SELECT levenshtein(a, b), levenshtein_less_equal(a, b, 2) <= 2, levenshtein(a, b) <= 2 FROM unnest(%s::text[], %s::text[]) AS t (a, b)"
    online = conn.execute(asked, texts).fetchall()
    assert [row[0] for row in online] == [row[0] for row in batch_]
    assert all(row[1] == row[2] for row in online), "the bounded distance says the same about the bound"


def _rows(seed, count):
    rows = list(dirty.residents(seed, count))
    rows += [row for row, _ in dirty.copies(seed, rows, share=1.0)]
    return [features(Description(row.name, row.birth, row.sex, row.citizen, phone=row.phone, commune=row.commune)) for row in rows]


def _batch(rows, left, right, model=MODEL):
    """Score all pairs of two lists of row numbers in DuckDB, no blocks."""
    with duckdb.connect() as engine:
        kinds = ", ".join(f"{column} {'INT' if kind == 'int' else 'VARCHAR'}" for column, kind in MODEL.set.columns.items())
        engine.execute(f"CREATE TABLE feature (number INT, {kinds})")
        order = list(MODEL.set.columns)
        for number, row in enumerate(rows):
            said = row._asdict()
            engine.execute(f"INSERT INTO feature VALUES ({', '.join('?' * (1 + len(order)))})", [number, *(said[column] for column in order)])
        batch.release_rarities(engine, model)
        engine.execute("CREATE TABLE pair AS SELECT unnest($1) AS l, unnest($2) AS r", [left, right])
        batch.compare(engine, model.set)
        batch.judge(engine, model)
        return {(row[0], row[1]): row[2:] for row in engine.execute("SELECT * FROM scored").fetchall()}


@pytest.mark.parametrize(("seed", "model"), [(21, MODEL), (22, MODEL), (22, LOCAL)])
def test_online_and_batch_judge_alike(conn, seed, model):
    rows = _rows(seed, 60)
    half = len(rows) // 2
    remember(conn, model, [(UUID(int=number + 1), row) for number, row in enumerate(rows[:half])])
    online = candidates(conn, model, [Asked(row) for row in rows[half:]])
    found = {}
    for at, each in enumerate(online):
        for one in each:
            other = one.person_id.int - 1 if one.person_id else half + one.earlier
            found[(half + at, other)] = (one.weight, one.zone, one.guard, *one.levels)
    assert len(found) > half // 2
    assert _batch(rows, [pair[0] for pair in found], [pair[1] for pair in found], model) == found


def test_what_a_commune_has_in_common_is_taken_off_once_everywhere():
    """The correction is one integer of a pair, the same in the batch, in the explanation and online; the guard for elsewhere falls where it was learned."""
    rows = _rows(22, 60)
    pairs = [(number, 60 + number) for number in range(60)]
    plain, local = (_batch(rows, *map(list, zip(*pairs, strict=True)), model) for model in (MODEL, LOCAL))
    at = [each.name for each in MODEL.set.comparisons].index("family_place")
    thin = [each.name for each in MODEL.set.guards].index("thin") + 1
    corrected = {pair for pair, judged in local.items() if judged[3 + at] == 0 and rows[pair[0]].family in {"nguyen", "tran", "le"}}
    assert corrected
    assert all(local[pair][0] == plain[pair][0] - (130 if pair in corrected else 0) for pair in local)
    assert thin in {judged[2] for judged in plain.values()}
    assert thin not in {judged[2] for judged in local.values()}
    assert all(judged[1] != "link" for judged in plain.values() if judged[2] == thin)
    left, right = next(iter(corrected))
    assert {part.weight for part in LOCAL.explain(rows[left], rows[right]).parts if part.comparison == "family_place"} == {-130}


def test_left_and_right_may_change_places():
    rows = _rows(23, 40)
    pairs = [(a, b) for a in range(len(rows)) for b in range(a)]
    there = _batch(rows, [a for a, _ in pairs], [b for _, b in pairs])
    back = _batch(rows, [b for _, b in pairs], [a for a, _ in pairs])
    assert len(there) > 20
    assert {(b, a): judged for (a, b), judged in there.items()} == back


def test_an_explanation_adds_up_to_the_weight():
    rows = _rows(24, 30)
    for (a, b), judged in list(_batch(rows, list(range(30)), list(range(30, 60))).items())[:5]:
        told = MODEL.explain(rows[a], rows[b])
        assert (told.weight, told.zone) == judged[:2]
        assert told.prior + sum(part.weight for part in told.parts) == told.weight
        assert all(part.vi and part.en for part in told.parts)


@pytest.mark.long
def test_spark_judges_alike():
    """The same SQL on Spark; needs PyPI pyspark and Java 17."""
    sql = pytest.importorskip("pyspark.sql")
    rows = _rows(25, 60)
    pairs = [(a, b) for a in range(60) for b in range(60, 120)]
    expected = _batch(rows, [a for a, _ in pairs], [b for _, b in pairs], LOCAL)
    spark = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        kinds = ", ".join(f"{column} {'int' if MODEL.set.columns[column] == 'int' else 'string'}" for column in Features._fields)
        tf = ", ".join(f"tf_{column} int" for column in LOCAL.set.tf_columns)
        held = [(number, *row, *LOCAL.rarities(row._asdict()).values()) for number, row in enumerate(rows)]
        spark.createDataFrame(held, f"number int, {kinds}, {tf}").createOrReplaceTempView("row")
        spark.createDataFrame(pairs, "l int, r int").createOrReplaceTempView("pair")
        source = "pair p JOIN row l ON l.number = p.l JOIN row r ON r.number = p.r"
        asked = matching.score_sql(LOCAL, Dialect.SPARK, source, ["p.l AS l", "p.r AS r"], least=str(LOCAL.release.review))
        found = {(row[0], row[1]): tuple(row)[2:] for row in spark.sql(asked).collect()}
    finally:
        spark.stop()
    assert len(expected) > 30
    assert found == expected
