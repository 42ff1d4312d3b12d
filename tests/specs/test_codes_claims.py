"""The code lists of the claims: read as a whole, dated by the decisions, honest about what is missing."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from yba import terminology
from yba.specs import claims, codes
from yba.specs.codes import Membership

YES, NO, UNKNOWN = Membership.YES, Membership.NO, Membership.UNKNOWN
GATHERED = Path(__file__).parents[3] / "shared" / "spec" / "claims-xml" / "codes.csv"


@pytest.mark.parametrize("held", codes.lists().values(), ids=lambda held: held.id)
def test_list(held: codes.CodeList):
    assert held.title_vi
    assert held.title_en
    assert held.absent != bool(held.codes)
    assert held.complete or held.why
    assert all(code.code == code.code.strip() != "" for code in held.codes)


@pytest.mark.skipif(not GATHERED.exists(), reason="needs ../shared")
def test_all_74_gathered_lists_are_here():
    with GATHERED.open(encoding="utf-8", newline="") as lines:
        gathered = {row["field"] for row in csv.DictReader(lines)}
    held = {name for one in codes.lists().values() for name in one.field.split("|") if not name.startswith("+")}
    assert len(gathered) == 74
    assert held == gathered


def test_every_file_is_a_list():
    files = {path.stem for path in codes.FOLDER.glob("*.csv")} - {"index"}
    assert files == {one.id for one in codes.lists().values() if not one.absent}


def test_every_coded_column_has_its_list():
    used = {column.codes for edition in claims.editions() for table in edition.tables.values() for column in table.columns if column.codes}
    assert used <= codes.lists().keys() | codes.external_lists().keys()


@pytest.mark.law("BHYT-DATA-R14")
@pytest.mark.parametrize(
    ("code", "on", "answer"),
    [
        ("01", "2025-01-01", YES),
        ("10", "2026-07-31", YES),
        ("11", "2026-07-31", NO),
        ("11", "2026-08-01", YES),
        ("16", "2026-08-01", YES),
        ("17", "2026-08-01", NO),
        ("1", "2026-08-01", NO),
    ],
)
def test_visit_types(code: str, on: str, answer: Membership):
    assert codes.code_list("visit-type").has(code, date.fromisoformat(on)) is answer


@pytest.mark.law("BHYT-DATA-R14")
def test_there_are_sixteen_visit_types_as_text():
    assert codes.code_list("visit-type").allowed(date(2026, 8, 1)) == tuple(f"{number:02}" for number in range(1, 17))


@pytest.mark.law("BHYT-DATA-R15")
@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("K01", YES),
        ("K60", YES),
        ("K99", YES),
        ("K16.1", YES),
        ("K59.2", YES),
        ("K0809", YES),
        ("K02.D35", YES),
        ("K61", NO),
        ("K1", NO),
        ("K02.D", NO),
        ("khoa", NO),
        ("", NO),
    ],
)
def test_departments_are_judged_by_grammar(code: str, answer: Membership):
    assert codes.code_list("department").has(code, date(2026, 8, 1)) is answer


@pytest.mark.law("BHYT-DATA-R15")
def test_before_the_grammar_an_unknown_department_is_no_fault():
    assert codes.code_list("department").has("K02.D35", date(2026, 7, 31)) is UNKNOWN


@pytest.mark.law("BHYT-DATA-R16")
@pytest.mark.parametrize(
    ("code", "on", "answer"),
    [
        ("1.1", "2024-01-01", YES),
        ("1.8", "2024-01-01", YES),
        ("1.8", "2025-12-31", YES),
        ("1.8", "2026-01-01", NO),
        ("1.18", "2026-01-01", YES),
        ("5", "2024-01-01", UNKNOWN),
        ("5", "2025-10-17", NO),
    ],
)
def test_arrival_categories(code: str, on: str, answer: Membership):
    assert codes.code_list("arrival-category").has(code, date.fromisoformat(on)) is answer


@pytest.mark.law("BHYT-DATA-R16")
def test_27_arrival_categories_since_qd_3276():
    assert len(codes.code_list("arrival-category").allowed(date(2026, 1, 1))) == 27


@pytest.mark.law("BHYT-DATA-R16")
def test_fuel_codes():
    fuel = codes.code_list("fuel")
    assert fuel.has("R954V1", date(2025, 10, 17)) is YES
    assert fuel.has("R95", date(2025, 10, 17)) is NO
    assert fuel.has("R95", date(2025, 10, 16)) is UNKNOWN


KNOWN_DIFFERENCES = {"ethnic": {"56"}}  # "unknown" is 56 in one source and 99 in the other: both are taken here


@pytest.mark.parametrize(
    ("ours", "theirs"), [("visit-type", "visit_type"), ("arrival-category", "object"), ("ethnic-group", "ethnic"), ("fuel", "fuel")]
)
def test_terminology_does_not_contradict_us(ours: str, theirs: str):
    held, on = codes.code_list(ours), date(2026, 9, 1)
    assert {code for code in held.allowed(on) if terminology.is_member(theirs, code, on) is NO} == KNOWN_DIFFERENCES.get(theirs, set())


def test_editions_of_outside_lists():
    icd10 = codes.external_lists()["icd10"]
    assert icd10.label(date(2026, 6, 30)) == "ICD-10 QĐ 4469/2020"
    assert icd10.label(date(2026, 7, 1)) == "ICD-10 TT 06/2026"
