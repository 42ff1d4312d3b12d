"""An outside judge of training: Splink 5, by its own expectation-maximisation over the same levels, gives the weights that we give."""

import importlib
import re
from importlib.util import find_spec
from math import log2

import duckdb
import pytest

from tests.identity.matching.register import compared
from yba.identity import matching
from yba.identity.matching import training

pytestmark = [pytest.mark.long, pytest.mark.skipif(find_spec("splink") is None, reason="uv sync --extra train")]
COMPARED = ("birth", "sex", "citizen", "phone", "place")
# Without tf the weight is log2 m/u; with tf the rarity of the value stands for u and the weight is log2 m.
JUDGED = (
    ("birth", "same"),
    ("place", "same"),
    ("place", "province"),
    ("phone", "same"),
    ("phone", "other"),
    ("phone", "neither"),
    ("citizen", "neither"),
)
NEAR = 30  # hundredths of a bit


def _by_splink(engine, wanted):
    """Return comparison -> level -> (m, u) as Splink estimates them on pairs of one name."""
    splink, levels = importlib.import_module("splink"), importlib.import_module("splink.comparison_level_library")
    custom = importlib.import_module("splink.comparison_library").CustomComparison
    comparisons = [
        custom(
            output_column_name=each.name,
            comparison_levels=[
                levels.CustomLevel(re.sub(r"\b([lr])\.(\w+)", r'"\2_\1"', level.when), label_for_charts=level.name)
                if level.when
                else levels.ElseLevel()
                for level in each.levels
            ],
        )
        for each in wanted
    ]
    engine.execute("CREATE TABLE people AS SELECT * FROM row")
    told = splink.SettingsCreator(link_type="dedupe_only", unique_id_column_name="number", comparisons=comparisons)
    linker = splink.Linker(splink.DuckDBAPI(connection=engine).register("people"), told)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation("l.name = r.name", fix_u_probabilities=True)
    made = linker.misc.save_model_to_json()["comparisons"]
    return {
        each.name: {
            level.name: (found.get("m_probability"), found.get("u_probability"))
            for level, found in zip(each.levels, one["comparison_levels"], strict=True)
        }
        for each, one in zip(wanted, made, strict=True)
    }


@pytest.mark.filterwarnings("ignore")
def test_splink_gives_the_same_weights():
    model = matching.load("2026.2")
    wanted = [each for each in model.set.comparisons if each.name in COMPARED]
    with duckdb.connect() as engine:
        compared(engine, model, 20_000)
        ours = training.learn(engine, model, "judged").model.release.weights
        theirs = _by_splink(engine, wanted)
    rare = {each.name: {level.name for level in each.levels if level.tf} for each in wanted}
    for comparison, level in JUDGED:
        m, u = theirs[comparison][level]
        weight = 100 * (log2(m) if level in rare[comparison] else log2(m / u))
        assert abs(weight - ours[comparison][level]) < NEAR, (comparison, level, weight, ours[comparison][level])
