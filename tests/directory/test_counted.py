"""Population and beds: read strictly, every fault with its line, field and rule; loaded whole, asked by day and year."""

from datetime import date

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from yba import directory, warehouse
from yba.audit import Tag, trail
from yba.cli.directory import directory as command
from yba.directory import Beds, People
from yba.kit import Actor, Forbidden, Invalid
from yba.specs.age_bands import BANDS, NAMES, band_of
from yba.warehouse.measures import running

BY = Actor.operator()
PEOPLE = "commune,year,sex,age_band,people,source\n"
BEDS = "facility,since,beds,source\n"


def read(text):
    return directory.read_population((PEOPLE + text).encode())


def test_finer_groups_are_added_up():
    found = read("03127,2026,male,5-9,10,TK\n03127,2026,male,10-14,20,TK\n03127,2026,male,14,1,DC\n03127,2026,female,85+,3,TK\n")
    assert found == [People("03127", 2026, "female", "80+", 3, "TK"), People("03127", 2026, "male", "5-14", 31, "TK; DC")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("99999,2026,male,5-9,10,TK\n", "dòng 2, commune: .*no commune has this code"),
        ("03127,2026,male,5-9,10,TK\n03127,26,male,0,10,TK\n", "dòng 3, year: .*from 2025 to 2100"),
        ("03127,2026,nam,5-9,10,TK\n", "dòng 2, sex: ghi male hoặc female"),
        ("03127,2026,male,0-4,10,TK\n", "dòng 2, age_band: nằm trọn trong một nhóm"),
        ("03127,2026,male,5-9,1.000,TK\n", "dòng 2, people: .*không dấu chấm"),
        ("03127,2026,male,5-9,-1,TK\n", "dòng 2, people"),
        ("03127,2026,male,5-9,10,\n", "dòng 2, source: ghi nguồn"),
        ("03127,2026,male,5-9,10,TK,thừa\n", "dòng 2: thừa ô"),
        ("03127,2026,male,5-9,10,TK\n03127,2026,male,5-9,10,TK\n", "dòng 3, age_band: nhóm này đã có"),
        ("99999,2026,nam,5-9,10,TK\n1,2026,male,5-9,x,TK\n", "dòng 2, commune.*; dòng 3, commune"),
        ("", "từ 1 đến"),
    ],
)
def test_every_fault_is_said_with_line_field_and_rule(text, words):
    with pytest.raises(Invalid, match=words):
        read(text)


def test_many_faults_are_cut_and_the_rest_is_not_read():
    with pytest.raises(Invalid, match="dòng 21") as raised:
        read("x,2026,male,5-9,10,TK\n" * 50)
    assert "dòng 22" not in str(raised.value)
    assert "…" in str(raised.value)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"", b"commune;year\n", PEOPLE.encode() + "Mường Thanh".encode("utf-16")])
def test_what_is_no_such_file_is_refused(data):
    with pytest.raises(Invalid):
        directory.read_population(data)


@given(st.integers(0, 130), st.integers(0, 130))
def test_a_group_lies_in_one_band_or_in_none(first, last):
    found = band_of(f"{first}-{last}")
    holding = [name for low, high, name in BANDS if low <= first <= last < high]
    assert found == (holding[0] if holding else None)


def test_measures_put_every_age_into_the_band_of_the_tables():
    with warehouse.scratch() as engine:
        told = dict(engine.execute(f"SELECT age, {running._BAND} FROM (SELECT unnest(range(-1, 131)) AS age) f").fetchall())  # noqa: S608  our own
    assert told == {-1: None} | {age: band_of(str(age)) for age in range(131)}
    assert {*NAMES} == {*told.values()} - {None}


def test_loading_again_replaces_commune_and_year(conn):
    first = read("03127,2026,male,5-9,10,TK\n03127,2026,female,5-9,7,TK\n03151,2026,male,5-9,1,TK\n")
    assert directory.load_population(conn, by=BY, lines=first) == 18
    assert directory.load_population(conn, by=BY, lines=read("03127,2026,male,5-9,12,TK2\n")) == 12
    assert directory.population(conn, by=BY) == [("03127", 2026, 12, "TK2"), ("03151", 2026, 1, "TK")]
    assert directory.population(conn, by=BY, year=2025) == []
    noted = trail(conn, by=BY, tag=Tag.POPULATION_LOAD)
    assert [one.detail["people"] for one in noted] == [12, 18]


def test_beds_are_in_force_until_the_next_row(conn):
    lines = directory.read_beds(f"{BEDS}11001,2026-01-01,100,QĐ 1\n11001,2026-07-01,0,QĐ 2\n".encode())
    assert directory.load_beds(conn, by=BY, lines=lines) == 1
    directory.load_beds(conn, by=BY, lines=[Beds("11001", date(2026, 1, 1), 110, "QĐ 3")])
    assert [(one.since, one.beds) for one in directory.beds(conn, by=BY, facility="11001")] == [(date(2026, 1, 1), 110), (date(2026, 7, 1), 0)]
    assert (
        b"".join(directory.lines_of(conn, by=BY, table="facility_bed"))
        == b"11001,2026-01-01,2026-06-30,110,Q\xc4\x90 3\n11001,2026-07-01,,0,Q\xc4\x90 2\n"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1100,2026-01-01,1,a\n", "dòng 2, facility"),
        ("11001,01/02/2026,1,a\n", "dòng 2, since: ghi ngày"),
        ("11001,2026-01-01,1,a\n" * 2, "dòng 3, since"),
    ],
)
def test_faults_of_beds(text, words):
    with pytest.raises(Invalid, match=words):
        directory.read_beds((BEDS + text).encode())


def test_who_may_not_write_the_directory_loads_nothing(conn):
    client = Actor.facility_client("11001")
    for act, line in (
        (directory.load_population, People("03127", 2026, "male", "0", 1, "a")),
        (directory.load_beds, Beds("11001", date(2026, 1, 1), 1, "a")),
    ):
        with pytest.raises(Forbidden):
            act(conn, by=client, lines=[line])


def test_the_commands(database, tmp_path):
    (tmp_path / "people.csv").write_text(f"{PEOPLE}03127,2026,male,5-9,10,Cục Thống kê\n", "utf-8")
    (tmp_path / "beds.csv").write_text(f"{BEDS}11001,2026-01-01,100,QĐ 1\n", "utf-8")

    def run(*words):
        return CliRunner().invoke(command, [str(word) for word in words])

    assert run("population", "show").exit_code == 3
    assert "10 người ở 1 xã" in run("population", "load", tmp_path / "people.csv").output
    assert orjson.loads(run("population", "show", "--json").stdout) == [{"commune": "03127", "year": 2026, "people": 10, "source": "Cục Thống kê"}]
    assert run("beds", "load", tmp_path / "beds.csv").exit_code == 0
    assert "100 giường" in run("beds", "show", "11001").output
    assert run("beds", "show", "11002").exit_code == 3
