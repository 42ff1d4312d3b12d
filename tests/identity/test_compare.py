"""The comparison a clerk can read, drawn as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.identity.compare import PART, Level, Who, birth_level, compare, name_level

NAMES = """
Nguyễn Văn An     | NGUYEN VAN AN        | SAME
Nguyễn Văn An     | Nguy?n V?n An        | SAME
Nguyễn Văn Ân     | Nguy?n V?n ?n        | SAME
Hoàng Thuý        | Hoàng Thúy           | SAME
Lý Mỹ             | Lí Mĩ                | SAME
Nguyễn Văn An     | Nguyễn Văn Ân        | NEAR
Trần Thị Hương    | Trần Thị Hường       | NEAR
Trần Thị Hương    | Trần Hương           | NEAR
Trần Thị Hương    | Hương Trần Thị       | NEAR
Trần Thị Hương    | Trần Thị Hươgn       | NEAR
Vừ A Dính         | Vừ A íDnh            | NEAR
Nguyễn Thị Mai    | Nguyễn Thị Lan       | OTHER
Nguyễn Văn An     | Nguyễn Văn Ba        | OTHER
Mai               | Mai Lan              | OTHER
Nguyễn Văn An     | Lê Thị Mai           | OTHER
Con bà Mai        | Lê Văn Nam           | NOTHING
                  | Lê Văn Nam           | NOTHING
"""
BIRTHS = """
1959-03-12 | 1959-03-12T10:30 | SAME
1959       | 1959-03-12       | SAME
1959-03    | 1959-03-12       | SAME
1959-01-01 | 1959-03-12       | NOTHING
1959-03-12 | 1959-12-03       | NEAR
1959-03-12 | 1960-03-12       | OTHER
           | 1960-03-12       | NOTHING
"""


def rows(table):
    return [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()]


@pytest.mark.parametrize(("a", "b", "level"), rows(NAMES))
def test_names(a, b, level):
    assert (name_level(a, b).name, name_level(b, a).name) == (level, level)


@pytest.mark.parametrize(("a", "b", "level"), rows(BIRTHS))
def test_births(a, b, level):
    assert (birth_level(a, b).name, birth_level(b, a).name) == (level, level)


def test_twins_with_near_names_and_other_numbers_are_two():
    an, anh = Who("Lò Văn An", "2020-05-05", "male", 2026), Who("Lò Văn Ân", "2020-05-05", "male", 2026)
    assert compare(an, anh).total == 0
    assert compare(an, anh, citizen_differs=True).total == 2
    assert compare(an, an, citizen_differs=True).total == 1


def test_a_nameless_newborn_is_nobody_of_another_year():
    baby, mother = Who("Con bà Mai", "2026-01-05", "female", 2026), Who("Lò Thị Mai", "1999-03-12", "female", 2026)
    assert compare(baby, mother).total == PART
    assert compare(mother, baby).total == PART
    assert compare(baby._replace(birth=""), mother).total == PART
    assert compare(baby, Who("Lò Văn Nam", "2026-01-05", "unknown", 2026)).total == 0


people = st.builds(
    Who,
    st.sampled_from(["Lò Thị Mai", "LO THI MAI", "Con bà Mai", "Quàng Văn Hặc", "L? Th? Mai", ""]),
    st.sampled_from(["", "1959", "1959-03-12", "1959-01-01", "1985-07-30", "2026-01-05"]),
    st.sampled_from(["male", "female", "unknown"]),
    st.just(2026),
)


@given(people, people, st.booleans())
def test_comparing_has_no_direction_and_nobody_contradicts_themselves(a, b, differs):
    assert compare(a, b, citizen_differs=differs) == compare(b, a, citizen_differs=differs)
    assert compare(a, a).total == 0


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_names_are_answered(a, b):
    assert name_level(a, b) in Level
    assert name_level(a, b) == name_level(b, a)
