"""Bad input of the warehouse, through the record and the lake: clocks, merges over months, a year sent again, views and questions that are wrong."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import duckdb
import orjson
import pytest
from click.testing import CliRunner

from tests.warehouse.lake_world import AN, BINH, CHI, FACILITY, SYSTEM, write
from yba import warehouse
from yba.cli.main import yba
from yba.fhir import views
from yba.kit import Internal
from yba.record import Put
from yba.specs.measures import Dimension

MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]


def visit(number: int, day: str, person: UUID = AN, *, end: str = "", kind: str = "AMB") -> Put:
    """One visit; the same number is the same visit."""
    ident = str(UUID(int=number))
    doc: dict[str, Any] = {"resourceType": "Encounter", "id": ident, "status": "finished", "class": {"code": kind}}
    doc["period"] = {"start": f"{day}T08:00:00+07:00", "end": f"{end or day}T09:00:00+07:00"}
    return Put("Encounter", ident, person, orjson.dumps(doc), [number], None, None, FACILITY, UUID(int=1), (), "test")


def counts(name: str = "visits", *, months: Any = MONTHS, **only: Any) -> list[float | None]:
    """The value of each month, nobody hidden."""
    with warehouse.settings.SMALLEST_CELL.set_to(1):
        return [
            cell.value
            for month in months
            for cell in warehouse.measure(name, by=SYSTEM, period=warehouse.period(month), dimensions=[Dimension.FACILITY], **only).cells
        ]


def test_a_merge_over_months_moves_people_and_no_visit(lake):
    """An came in September, Binh in October; they are one: visits stay in their months, the day before still knows two people."""
    write(visit(1, "2026-09-30"), visit(2, "2026-10-01", BINH), visit(3, "2026-10-31", CHI))
    before = warehouse.refresh(by=SYSTEM).seq
    asked = ["2026-09", "2026-10"]
    assert counts(months=asked) == [1, 2]
    write(visit(2, "2026-10-01", AN))
    warehouse.refresh(by=SYSTEM)
    assert counts(months=asked) == [1, 2]
    people = "SELECT count(DISTINCT row_person) FROM encounter"
    for as_of, expected in ((None, 2), (before, 3)):
        with warehouse.reader(by=SYSTEM, as_of=as_of) as engine:
            assert engine.execute(people).fetchone() == (expected,)


def test_a_facility_that_sends_a_year_again_changes_what_it_changes(lake):
    """The same year is nothing new; a corrected year takes the place of the old one, in the months it names."""
    year = [visit(number, f"2026-{number:02d}-15") for number in range(1, 13)]
    write(*year)
    warehouse.refresh(by=SYSTEM)
    assert counts() == [1] * 12
    write(*year)
    assert warehouse.refresh(by=SYSTEM).rows == {}
    assert counts() == [1] * 12
    write(*(visit(number, f"2026-{max(1, number - 1):02d}-15") for number in range(1, 13)))
    assert warehouse.refresh(by=SYSTEM).rows == {"Encounter": 11}
    assert counts() == [2, *[1] * 10, None], "December was told of by nobody, which is not nought"


def test_a_stay_that_ends_before_it_begins_has_no_length_and_one_of_tomorrow_is_not_today(lake):
    """Clocks that are wrong: said by what is left out, never by a negative day."""
    write(
        visit(1, "2026-10-10", end="2026-10-05", kind="IMP"),
        visit(2, "2026-10-01", end="2026-10-04", kind="IMP"),
        visit(3, "2199-01-01", end="2199-01-02", kind="IMP"),
    )
    warehouse.refresh(by=SYSTEM)
    assert counts("length-of-stay", months=["2026-10", "2199-01"]) == [3, 1]
    assert counts(months=["2026-10", "2199-01"]) == [2, 1]


def test_a_view_that_names_a_missing_element_says_which_and_gives_nothing(lake):
    """R4 has no Encounter.nosuch: a strict check says so with its place; the lake is read all the same, the column is empty."""
    doc = {
        "name": "wrong", "resource": "Encounter", "status": "active",
        "select": [{"column": [{"name": "id", "path": "getResourceKey()"}, {"name": "lost", "path": "nosuch.code", "type": "string"}]}],
    }  # fmt: skip
    assert [(at, "nosuch" in doubt) for at, doubt in views.compile_view(views.read(doc)).doubts] == [("select[0].column[1]", True)]
    write(visit(1, "2026-10-01"))
    view = views.read(doc)
    warehouse.refresh(by=SYSTEM, views=(view,))
    with warehouse.reader(by=SYSTEM, views=(view,)) as engine:
        assert engine.execute("SELECT lost FROM wrong").fetchall() == [(None,)]


def test_a_measure_that_divides_by_nobody_says_so_and_a_question_that_divides_by_zero_is_refused(lake):
    write(visit(1, "2026-10-01"))
    warehouse.refresh(by=SYSTEM)
    (cell,) = warehouse.measure("length-of-stay", by=SYSTEM, period=warehouse.period("2026-10")).cells
    assert (cell.value, cell.words.en) == (None, "nobody in the denominator")
    with warehouse.reader(by=SYSTEM) as engine, pytest.raises(duckdb.Error, match="Division by zero"):
        engine.execute("SELECT count(*) // 0 FROM encounter").fetchall()


def test_a_file_cut_in_half_is_not_counted_and_is_named(lake):
    """What kill -9 or a full disk may leave in the place of a file: no number, never a smaller one."""
    write(*(visit(number, "2026-10-01") for number in range(1, 9)))
    warehouse.refresh(by=SYSTEM)
    flat = next(lake.glob("views/encounter@*/*.parquet"))
    flat.write_bytes(flat.read_bytes()[: flat.stat().st_size // 2])
    with pytest.raises(Internal, match=r"encounter|visits"):
        counts(months=["2026-10"])
    status = CliRunner().invoke(yba, ["warehouse", "status"])
    assert status.exit_code != 0
    assert "views/encounter@" in status.stderr
    warehouse.refresh(by=SYSTEM, anew=["Encounter"])
    assert counts(months=["2026-10"]) == [8]


def test_a_year_before_the_lake_knows_of_anything_is_not_heard(lake):
    write(visit(1, "2026-10-01"))
    warehouse.refresh(by=SYSTEM)
    found = warehouse.measure("visits", by=SYSTEM, period=warehouse.period("1999"))
    assert [(one.state, one.value, one.expected) for one in found.cells] == [("not_heard", None, 0)]
