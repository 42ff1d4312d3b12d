"""What two answers tell between them: rows and columns of a table give no hidden number away, what is asked freely is rounded and stays so."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.specs.measures import Dimension, measures
from yba.warehouse import Cell, State, period
from yba.warehouse.measures.hiding import hidden
from yba.warehouse.measures.model import Counted
from yba.warehouse.measures.rounding import Coarse, is_free, rounded

F, S, D, C = Dimension.FACILITY, Dimension.SEX, Dimension.DETAIL, Dimension.COMMUNE
OCTOBER = period("2026-10")
VISITS = measures()["visits"]


def counted(sizes, name="visits", when=OCTOBER, each=1.0):
    """A count of ``sizes``: people by values of dimensions; each of them brings ``each``."""
    cells = tuple(Cell(when.label, dict(key), people * each, None, people * each, State.SHOWN, 1, 1) for key, people in sizes.items())
    by = tuple(dict(next(iter(sizes))))
    return Counted(measures()[name], when, by, cells, tuple((people, people) for people in sizes.values()))


def table(rows):
    """People by facility and sex: {"f1": (men, women)}."""
    return counted({((F, name), (S, sex)): people for name, pair in rows.items() for sex, people in zip(("m", "w"), pair, strict=True)})


def gone(made, smallest=5):
    return {tuple(cell.dimensions.values()) for cell in hidden(made, smallest) if cell.state is State.TOO_FEW}


def test_a_sum_along_a_row_gives_no_hidden_cell_away():
    """Two women at f1: the smallest other cell of the whole table is f3's, but f1's own sum less its men would tell them."""
    assert {("f1", "w"), ("f1", "m")} <= gone(table({"f1": (40, 2), "f2": (50, 60), "f3": (6, 70)}))


def test_a_sum_along_a_column_gives_none_away_either():
    found = gone(table({"f1": (40, 2), "f2": (50, 60), "f3": (6, 70)}))
    assert sum(sex == "w" for _, sex in found) >= 2
    assert sum(sex == "m" for _, sex in found) >= 2


@pytest.mark.parametrize(
    ("people", "left"),
    [
        ((1, 1, 9, 30), {30}),  # the sum of the two is two: each would be one
        ((1, 2, 9, 30), {30}),
        ((4, 4, 9, 30), {9, 30}),  # one to four and four to seven
        ((1, 1, 1, 1, 1, 30), set()),  # five of five cells: each would be one
        ((2, 30), set()),
        ((0, 0, 3, 7, 9), {0, 9}),  # a nought hides nothing
        ((5, 6, 7), {5, 6, 7}),
    ],
)
def test_what_is_hidden_together_is_not_told_by_its_sum(people, left):
    made = counted({((F, f"f{place}"),): one for place, one in enumerate(people)})
    assert {cell.value for cell in hidden(made, 5) if cell.state is State.SHOWN} == left


@given(st.lists(st.lists(st.integers(0, 12), min_size=2, max_size=4), min_size=1, max_size=5), st.randoms())
def test_no_row_and_no_column_tells_of_few(rows, chance):
    """An attacker who knows every sum learns of each line no more than a sum of five people and more; in whatever order cells come."""
    width = min(map(len, rows))
    sizes = {((F, f"f{place}"), (D, f"d{at}")): row[at] for place, row in enumerate(rows) for at in range(width)}
    found = gone(counted(sizes))
    mixed = [*sizes.items()]
    chance.shuffle(mixed)
    assert gone(counted(dict(mixed))) == found
    for axis in (0, 1):
        for line in {key[axis] for key in sizes}:
            values = {tuple(value for _, value in key): size for key, size in sizes.items() if key[axis] == line}
            some = [size for key, size in values.items() if key in found]
            spare = [size for key, size in values.items() if key not in found and size >= 5]
            assert not [key for key, size in values.items() if key not in found and 0 < size < 5]
            if some and spare:
                assert len(some) > 1
                assert sum(some) >= 5
                assert sum(some) > len(some)


@pytest.mark.parametrize(
    ("name", "when", "by", "narrowed", "free"),
    [
        ("visits", "2026-10", (), False, False), ("visits", "2026", (), False, False), ("visits", "2026-10", (F,), False, False),
        ("visits", "2026-W43", (C,), False, False), ("notifiable-diagnoses", "2026-W43", (C, D), False, False),  # an alert rule's
        ("referrals", "2026-10", (F, D), False, False), ("hypertension-cascade", "2026-10", (C, D), False, False),
        ("visits", "2026-10-01..2026-10-30", (), False, True), ("visits", "2026-10@15", (), False, True), ("visits", "2026-10", (F, S), False, True),
        ("visits", "2026-Q4", (F,), False, True), ("visits", "2026", (C,), False, True), ("visits", "2026-10", (), True, True),
        ("notifiable-diagnoses", "2026-10", (C, D), False, True), ("top-diagnoses", "2026-W43", (F, D), False, True),
    ],
)  # fmt: skip
def test_free_is_what_nobody_publishes_by_plan(name, when, by, narrowed, free):
    assert is_free(measures()[name], period(when), by, narrowed=narrowed) is free


def blurred(people, *, key=b"k", where="f1", when="2026-10-01..2026-10-30", only=(), each=1.0):
    made = counted({((F, where),): people}, when=period(when), each=each)
    (cell,) = rounded(made.cells, made, Coarse(key, 5, only))
    return cell


def test_a_rounded_number_is_a_multiple_and_on_average_the_number():
    keys = [str(number).encode() for number in range(2000)]
    for people in (5, 6, 9, 12, 1203):
        found = [blurred(people, key=key).value for key in keys]
        assert set(found) <= {people // 5 * 5, -(-people // 5) * 5}
        assert abs(sum(found) / len(found) - people) < 0.3
    assert blurred(0).value == 0


def test_the_same_people_give_the_same_number_however_they_are_asked_for():
    made = counted({((S, "w"),): 13}, when=period("2026-10"))
    crossed = counted({((F, "f1"), (S, "w")): 13}, when=period("2026-10"))
    for key in (b"a", b"b", b"c", b"d", b"e", b"f"):
        (narrowed,) = rounded(made.cells, made, Coarse(key, 5, ((F, ("f1",)),)))
        (cell,) = rounded(crossed.cells, crossed, Coarse(key, 5))
        assert narrowed.value == cell.value


def test_one_day_more_is_not_told_by_the_difference():
    """Windows that differ by a day, with one person on it and with nobody: the differences look alike."""

    def differences(more):
        pairs = [(f"2026-09-{day:02}..2026-10-14", f"2026-09-{day:02}..2026-10-15") for day in range(1, 31)]
        return {blurred(40 + more, when=longer).value - blurred(40, when=shorter).value for shorter, longer in pairs}

    assert differences(1) <= {0.0, 5.0}
    assert 0.0 in differences(1)
    assert {blurred(42 + more, key=bytes([n])).value for n in range(40) for more in (0, 1)} == {40.0, 45.0}


def test_money_is_rounded_to_what_so_many_people_cost():
    """The difference of two sums of money is no one's bill."""
    cell = blurred(40, each=312_000.0)
    assert cell.value % 2_000_000 == 0
    assert abs(cell.value - 40 * 312_000) <= 2_000_000


def test_shares_and_means_are_told_no_finer_than_their_people_allow():
    for name, people, value, shown in (
        ("readmission-30", 12, 66.666, 65.0), ("readmission-30", 400, 66.666, 67.0), ("readmission-30", 5000, 66.666, 66.7),
        ("length-of-stay", 12, 4.4167, 4.4), ("cost-per-visit", 2000, 312_345.6, 312_000.0),
    ):  # fmt: skip
        cell = Cell("2026-Q4", {F: "f1"}, 8.0, float(people), value, State.SHOWN, 1, 1)
        made = Counted(measures()[name], period("2026-Q4"), (F,), (cell,), ((8, people),))
        assert rounded(made.cells, made, Coarse(b"k", 5))[0].value == shown


def test_what_is_about_nobody_and_what_is_hidden_stays_as_it_is():
    beds = Counted(measures()["bed-use"], OCTOBER, (F,), (Cell("2026-10", {F: "f1"}, 3.0, 31.0, 9.7, State.SHOWN, 1, 1),), ((0, 0),))
    assert rounded(beds.cells, beds, Coarse(b"k", 5)) == [*beds.cells]
    few = table({"f1": (40, 2), "f2": (50, 60)})
    told = rounded(hidden(few, 5), few, Coarse(b"k", 5))
    assert {cell.value for cell in told if cell.state is State.TOO_FEW} == {None}
    assert rounded(few.cells, few, Coarse(b"k", 1)) == [*few.cells], "an installation that hides nothing rounds nothing"


def test_every_combination_of_dimensions_is_judged():
    for name, one in measures().items():
        for by in product(one.dimensions, repeat=2):
            assert is_free(one, OCTOBER, by, narrowed=False) in {True, False}, name
