"""The boards: every file holds, asks only what its measures answer, and a wrong one is refused by file, tile and rule."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba import warehouse
from yba.specs.boards import Chart, boards, label, load
from yba.specs.claims import SpecError
from yba.specs.measures import Dimension, PeriodKind

KINDS = [PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR]
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
GOOD = Path(__file__).parents[2] / "src" / "yba" / "specs" / "boards" / "director.toml"


def test_a_board_asks_only_what_its_measures_answer() -> None:
    today = date(2026, 11, 22)
    for board in boards().values():
        for tile in board.tiles:
            assert tile.detail == "" or f"'{tile.detail}'" in tile.spec.sql, "a detail nobody counts would show nothing for ever"
            for when, dimensions in tile.asked(today):
                assert warehouse.period(when).kind in tile.spec.periods
                assert set(dimensions) <= set(tile.spec.dimensions)
                assert len(set(dimensions)) == len(dimensions)


@given(DAYS, st.sampled_from(KINDS), st.integers(0, 30))
def test_periods_follow_one_another_without_a_gap(today: date, kind: PeriodKind, back: int) -> None:
    here, before = (warehouse.period(label(kind, today, one)) for one in (back, back + 1))
    assert before.end == here.start
    if back == 0:
        assert here.start <= today < here.end


@given(DAYS)
def test_a_course_ends_with_the_period_of_the_tile(today: date) -> None:
    for tile in boards()["director"].tiles:
        course = [warehouse.period(one) for one in tile.periods(today)]
        assert len(course) == tile.course
        last = course[-1]
        ended = last.end <= today
        assert ended is (tile.window == "ended")
        assert last.start <= today < last.end + (1 + tile.lag) * timedelta(days=31)
        if tile.measure == "readmission-30":
            assert today - last.end >= timedelta(days=28), "who will come back within 30 days is not known earlier"


def test_flows_are_asked_from_and_to() -> None:
    tile = next(one for one in boards()["director"].tiles if one.chart is Chart.SANKEY)
    assert (Dimension.FACILITY, Dimension.DETAIL) in [dimensions for _, dimensions in tile.asked(date(2026, 11, 22))]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ((r'measure = "visits"', 'measure = "visitz"'), "there is no measure"),
        ((r'period = "month"', 'period = "fortnight"'), "is one of"),
        ((r'map = "record-freshness"', 'map = "bed-use"'), "opened by commune"),
        ((r"target = 95", "target = 94"), "one of the measure's own"),
        ((r'detail = "A"\n', ""), "names one of them"),
        ((r'dimensions = \["facility"\]\nchart = "funnel"', 'dimensions = []\nchart = "funnel"'), "is opened by facility"),
        ((r'(measure = "bed-use"[^[]*\[[^[]*)chart = "line"', r'\1chart = "funnel"'), "things counted one by one"),
        ((r'window = "running"', 'window = "sometimes"'), "is one of"),
        ((r'better = "neither"', 'worse = "neither"'), "better"),
        ((r'"provincial-manager"', '"provincial-manger"'), "there is no role"),
    ],
)
def test_a_wrong_board_is_refused_with_file_place_and_rule(tmp_path: Path, change: tuple[str, str], rule: str) -> None:
    text = GOOD.read_text("utf-8")
    wrong = re.sub(change[0], change[1], text, count=1)
    assert wrong != text
    (tmp_path / "wrong.toml").write_text(wrong, "utf-8")
    with pytest.raises(SpecError, match=rule) as said:
        load(tmp_path)
    assert str(said.value).startswith("wrong.toml")
