"""What is said in the place of a number: no source, not heard, too few, nobody; and what may be asked at all."""

from datetime import date

import duckdb
import pytest

from tests.warehouse.measures.drawn import ask, cells, drawn, lake
from yba.kit import Invalid
from yba.specs.measures import Dimension, Kind, PeriodKind, Semantics, measures
from yba.warehouse import State, period
from yba.warehouse.measures import statement
from yba.warehouse.views import titles

NAMES = "An Binh Chi Dung Em Phuc Giang Hoa Y Khanh".split()


def visits(**counts: int) -> str:
    """One visit each of so many people at facilities f<code>, in October 2026."""
    rows = [f"{who} | {at.removeprefix('f')} | 2026-10-05" for at, count in counts.items() for who in NAMES[:count]]
    return "who | at | start_date\n" + "\n".join(rows)


def test_an_empty_lake_has_no_source_and_never_a_zero():
    engine = duckdb.connect()
    for name, one in measures().items():
        (cell,) = ask(name, "2026-10", engine=engine).cells
        assert (cell.state, cell.value, cell.numerator, cell.denominator) == (State.NO_SOURCE, None, None, None), name
        assert cell.words
        assert cell.words.vi != cell.words.en
        assert one.sql or cell.words == one.missing


def test_what_is_not_in_the_lake_at_all_says_which_source_is_missing():
    assert {name for name, one in measures().items() if not one.sql} == set()
    for name, table in (("bed-use", "facility_bed"), ("record-coverage", "area_population"), ("sending-timeliness", "intake_claim")):
        (cell,) = ask(name, "2026-10", engine=lake(encounter=visits(f01=9)), smallest=5).cells
        assert (cell.state, titles()[table].vi in cell.words.vi) == (State.NO_SOURCE, True)


def test_a_lake_that_is_closed_to_the_machine_is_enough():
    """As `reader` leaves it: no file is reached, no setting changes."""
    engine = lake(encounter=visits(f01=6))
    engine.execute("SET enable_external_access = false")
    engine.execute("SET lock_configuration = true")
    assert cells(ask("visits", "2026-10", engine=engine)) == drawn("6 | - | 6 | shown")


def test_nobody_in_the_denominator_is_no_value_with_words():
    (cell,) = ask("length-of-stay", "2026-10", engine=lake(encounter=visits(f01=6))).cells
    assert (cell.denominator, cell.value, cell.state) == (0, None, State.SHOWN)
    assert cell.words.en == "nobody in the denominator"


def test_facilities_heard_from_stand_beside_every_value():
    engine = lake(encounter=visits(f01=6, f02=7) + "\nAn | 03 | 2025-11-01\nAn | 04 | 2025-10-31\nAn | 05 | 2026-11-01")
    found = ask("visits", "2026-10", "facility", engine=engine)
    assert cells(found) == drawn("01 | 6 | - | 6 | shown\n 02 | 7 | - | 7 | shown\n 03 | - | - | - | not_heard")  # 04: more than a year ago
    (whole,) = ask("visits", "2026-10", engine=engine).cells
    assert (whole.heard, whole.expected, round(whole.heard_share, 3)) == (2, 3, 0.667)
    (one,) = ask("visits", "2026-10", engine=engine, facilities=["03"]).cells
    assert (one.state, one.heard, one.expected) == (State.NOT_HEARD, 0, 1)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"f01": 5, "f02": 6}, "01 | 5 | - | 5 | shown\n 02 | 6 | - | 6 | shown"),
        # one alone would be told by the sum: the next smallest goes too
        ({"f01": 4, "f02": 9, "f03": 6}, "01 | - | - | - | too_few\n 02 | 9 | - | 9 | shown\n 03 | - | - | - | too_few"),
        ({"f01": 4, "f02": 1, "f03": 6}, "01 | - | - | - | too_few\n 02 | - | - | - | too_few\n 03 | 6 | - | 6 | shown"),
    ],
)
def test_few_people_are_hidden(counts, expected):
    assert cells(ask("visits", "2026-10", "facility", engine=lake(encounter=visits(**counts)), smallest=5)) == drawn(expected)


def test_people_are_counted_and_not_visits():
    often = "who | at | start_date\n" + "\n".join(["An | 01 | 2026-10-05"] * 50)
    assert cells(ask("visits", "2026-10", engine=lake(encounter=often), smallest=5)) == drawn("- | - | - | too_few")


@pytest.mark.parametrize(("dead", "state"), [(0, "shown"), (1, "too_few"), (4, "too_few"), (5, "shown")])
def test_a_share_is_hidden_by_few_in_its_numerator_too(dead, state):
    rows = [f"{who} | IMP | 2026-10-01 | 2026-10-02 | {5 if place < dead else 1}" for place, who in enumerate(NAMES)]
    engine = lake(encounter="who | class_code | start_date | end_date | outcome_code\n" + "\n".join(rows))
    assert [one.state for one in ask("deaths-in-hospital", "2026-10", engine=engine, smallest=5).cells] == [state]


def test_only_some_facilities_and_communes():
    engine = lake(encounter=visits(f01=3, f02=5), patient="who | commune_code\n An | 00004\n Binh | 00008")
    assert cells(ask("visits", "2026-10", engine=engine, facilities=["02"])) == drawn("5 | - | 5 | shown")
    assert cells(ask("visits", "2026-10", "facility", engine=engine, areas=["00004"])) == drawn("01 | 1 | - | 1 | shown\n 02 | 1 | - | 1 | shown")


def test_a_person_is_told_by_the_platforms_own_patient():
    engine = lake(encounter="who | start_date\n An | 2026-10-05", patient="who | at | row_seq | sex\n An | 01 | 9 | female\n An | | 1 | male")
    assert cells(ask("visits", "2026-10", "sex", engine=engine)) == drawn("male | 1 | - | 1 | shown")


@pytest.mark.parametrize(
    ("name", "when", "by", "words"),
    [
        ("length-of-stay", "2026-W43", "", "has no week"),
        ("length-of-stay", "2026-10", "detail", "cannot be asked by detail"),
        ("visits", "2026-10", "sex sex", "twice"),
    ],
)
def test_what_a_measure_does_not_have_is_refused(name, when, by, words):
    with pytest.raises(Invalid, match=words):
        ask(name, when, by, engine=duckdb.connect())


@pytest.mark.parametrize(
    ("text", "start", "end", "kind"),
    [
        ("2026", "2026-01-01", "2027-01-01", "year"),
        ("2026-Q4", "2026-10-01", "2027-01-01", "quarter"),
        ("2026-02", "2026-02-01", "2026-03-01", "month"),
        ("2026-12", "2026-12-01", "2027-01-01", "month"),
        ("2026-W53", "2026-12-28", "2027-01-04", "week"),
        ("2026-W01", "2025-12-29", "2026-01-05", "week"),
        ("2026-10@15", "2026-09-15", "2026-10-15", "month"),
        ("2026-01@15", "2025-12-15", "2026-01-15", "month"),
        ("2026-Q1@15", "2025-12-15", "2026-03-15", "quarter"),
        ("2026@15", "2025-12-15", "2026-12-15", "year"),
        ("2026-09-15..2026-10-14", "2026-09-15", "2026-10-15", "custom"),
    ],
)
def test_periods(text, start, end, kind):
    found = period(text)
    assert (found.start, found.end, found.kind) == (date.fromisoformat(start), date.fromisoformat(end), PeriodKind(kind))


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2025-W53", "2026-Q5", "2026-10@1", "2026-10@29", "2026-W10@15", "2026-10-02..2026-10-01", "hôm nay"]
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(Invalid, match="is no period"):
        period(text)


def test_what_accumulates_begins_with_the_year_of_its_cut():
    assert period("2026-10@15").window(Semantics.CUMULATIVE) == (date(2025, 12, 15), date(2026, 10, 15))
    assert period("2026-W53").window(Semantics.CUMULATIVE) == (date(2027, 1, 1), date(2027, 1, 4))
    assert period("2026-10").window(Semantics.STOCK)[1] == date(2026, 11, 1)


def test_every_statement_stands_on_the_views_and_gives_its_columns():
    engine = lake(encounter=visits(f01=6), patient="who\n An")
    for name, one in measures().items():
        if one.sql:
            by = tuple(one.dimensions)
            found = ask(name, f"2026-{'10' if PeriodKind.MONTH in one.periods else 'W40'}", " ".join(by), engine=engine)
            assert all(cell.dimensions.keys() <= set(Dimension) for cell in found.cells), name
            assert statement(one, by).count("fact AS (") == 1
            assert (one.kind is Kind.COUNT) == (one.denominator is None)
