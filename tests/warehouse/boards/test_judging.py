"""Which places stand out: drawn tables, and properties no data may break."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.specs.boards import Better, boards
from yba.specs.measures import Dimension, measures
from yba.warehouse import Cell, State
from yba.warehouse.boards import Limit, Shown, control, funnel_of, number
from yba.warehouse.boards.judging import improved, judged, worst

TILE = next(one for one in boards()["director"].tiles if one.measure == "antibiotic-share")
PLACE = Dimension.FACILITY


def cell(numerator: int, denominator: int, code: str | None = None, state: State = State.SHOWN) -> Cell:
    value = 100 * numerator / denominator if denominator else None
    told = state is State.SHOWN
    return Cell(
        "2026-10", {PLACE: code} if code else {}, numerator if told else None, denominator if told else None, value if told else None, state, 1, 1
    )


def shown(now: dict[str, tuple[int, int]], before: dict[str, tuple[int, int]] | None = None, better: Better = Better.LOWER) -> Shown:
    """A tile whose whole is the sum of its places."""
    cells = tuple(cell(*pair, code) for code, pair in now.items())
    earlier = tuple(cell(*pair, code) for code, pair in (before or {}).items())
    whole = cell(sum(one for one, _ in now.values()), sum(one for _, one in now.values()))
    return Shown(replace(TILE, better=better), ("2026-09", "2026-10"), (None, whole), {PLACE: cells}, {PLACE: earlier})


def test_a_large_place_a_little_off_is_worse_than_a_small_one_far_off() -> None:
    """Why no league table: 2 of 3 is a higher share than 60 of 100, and says less."""
    found = worst(judged([shown({"A": (300, 1000), "B": (60, 100), "C": (2, 3), "D": (290, 1000)})]))
    assert [one.code for one in found] == ["B"], "C lies within chance"
    assert found[0].limit is Limit.BEYOND
    assert found[0].reason.vi == "60 % (60/100), chung 31,0 %: ngoài giới hạn 99,8 %"


def test_the_reason_says_where_it_comes_from() -> None:
    found = worst(judged([shown({"A": (300, 1000), "B": (60, 100)}, {"A": (300, 1000), "B": (41, 100)})]))
    assert found[0].reason.vi.endswith("; tăng 19 điểm % so với kỳ trước")
    assert found[0].reason.en == "60 % (60/100), all 32.7 %: outside the 99.8 % limits; up 19 points since the period before"


@pytest.mark.parametrize("better", [Better.HIGHER, Better.LOWER])
def test_better_decides_who_is_worse_and_who_improved(better: Better) -> None:
    now, before = {"A": (500, 1000), "B": (80, 100), "C": (20, 100)}, {"A": (500, 1000), "B": (50, 100), "C": (50, 100)}
    places = judged([shown(now, before, better)])
    assert [one.code for one in worst(places)] == (["C"] if better is Better.HIGHER else ["B"])
    assert [one.code for one in improved(places)] == (["B"] if better is Better.HIGHER else ["C"])


def test_a_share_of_sums_has_no_limits_that_chance_makes() -> None:
    """Of bed days nobody draws lots: no funnel, nobody is worst for it, and its course is held against its own ranges."""
    beds = replace(shown({"A": (300, 1000), "B": (600, 100)}), tile=replace(TILE, measure="bed-use", better=Better.HIGHER))
    assert judged([beds]) == []
    assert funnel_of(beds, PLACE) is None
    course = [cell(500 + 10 * (n % 2), 1000) for n in range(6)]
    months, values = [f"2026-{n + 5:02}" for n in range(6)], [one.value for one in course]
    ranges, chance = control(measures()["bed-use"], months, course, values), control(TILE.spec, months, course, values)
    assert ranges[0].limits.upper == pytest.approx(50.4 + 2.66)
    assert chance[0].limits.upper == pytest.approx(50.4 + 300 * (0.504 * 0.496 / 1000) ** 0.5)


def test_a_number_to_know_judges_nobody_and_hidden_or_unheard_places_are_left_out() -> None:
    assert judged([shown({"A": (1, 100), "B": (90, 100)}, better=Better.NEITHER)]) == []
    one = shown({"A": (300, 1000)})
    silent = tuple(cell(0, 0, code, state) for code, state in (("F", State.TOO_FEW), ("N", State.NOT_HEARD)))
    assert {place.code for place in judged([replace(one, places={PLACE: (*one.places[PLACE], *silent)})])} == {"A"}


COUNTS = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda pair: (min(pair), max(pair)))
TABLES = st.dictionaries(st.sampled_from("ABCDEFGH"), COUNTS, min_size=1)


@given(TABLES, TABLES, st.sampled_from([Better.HIGHER, Better.LOWER]))
def test_nobody_is_named_who_is_within_chance_and_everybody_at_most_once(
    now: dict[str, tuple[int, int]], before: dict[str, tuple[int, int]], better: Better
) -> None:
    places = judged([shown(now, before, better)])
    for one in worst(places):
        assert one.limit is not Limit.WITHIN
        assert ((one.cell.value or 0) > one.centre) is (better is Better.LOWER)
    for one in improved(places):
        assert one.before is not None
        assert ((one.cell.value or 0) > (one.before.value or 0)) is (better is Better.HIGHER)
    for listed in (worst(places), improved(places)):
        assert len(listed) <= 5
        assert len({one.code for one in listed}) == len(listed)


@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_numbers_are_written_as_their_readers_do(value: float) -> None:
    vi, en = number(value), number(value, "en")
    assert vi.translate(str.maketrans(",.", ".,")) == en
    assert abs(float(en.replace(",", "")) - value) <= max(0.05, abs(value) * 0.001)
    assert re.fullmatch(r"-?\d{1,3}(\.\d{3})*(,\d)?", vi)
