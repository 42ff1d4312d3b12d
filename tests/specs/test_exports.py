"""The reports as data: every file loads and says what it must; faults are named by file, key and rule."""

import re
import shutil
from datetime import date, timedelta
from itertools import pairwise

import pytest

from yba.specs import exports
from yba.specs.claims import SpecError
from yba.specs.measures import Semantics


def every():
    return [one for editions in exports.reports().values() for one in editions]


def test_what_the_law_names_is_there_and_the_rest_is_said():
    numbers = {one.number for one in every()}
    assert {f"Biểu {n}/BCT" for n in (2, 9, 11, 14)} <= numbers
    unknown = " ".join(one.number for one in exports.not_known())
    assert set(re.findall(r"\d+", unknown.partition("/")[0])) == {str(n) for n in range(1, 15)} - {"2", "9", "11", "14"}


@pytest.mark.law("HTTT-BC-R25")
def test_editions_follow_each_other_without_a_gap_over_the_end_of_the_circular():
    for name in ("facility-activity", "morbidity", "epidemic", "population"):
        assert exports.edition(name, date(2025, 6, 30)) is None
        assert exports.edition(name, date(2027, 2, 28)).edition == "tt23-2025"
        after = exports.edition(name, date(2027, 3, 1))
        assert after.edition == "after-tt23"
        assert "Chưa có mẫu thay thế" in after.without_successor.vi
        assert after.rows == exports.edition(name, date(2027, 2, 28)).rows
    for editions in exports.reports().values():
        for before, after in pairwise(editions):
            assert before.valid_to + timedelta(days=1) == after.valid_from


def test_every_row_says_where_it_comes_from_or_what_is_missing():
    for one in every():
        assert len({row.id for row in one.rows}) == len(one.rows)
        assert one.checked_by
        assert one.source
        for row in one.rows:
            assert row.query or row.measure or row.formula or row.missing, (one.report, row.id)
        lines = {row.line for row in one.rows if row.query}
        for query in one.queries.values():
            written = set(re.findall(r"'([a-z0-9.-]+)'", query.sql))
            told = {row.line for row in one.rows if row.query == query.name and "list" not in row.id}
            if not query.lists:
                assert told <= written, (one.report, query.name, told - written)
        assert lines or all(row.missing for row in one.rows if not row.formula)


def test_only_the_law_of_a_category_makes_a_report_restricted():
    assert {one.report for one in every() if one.labels} == {"hiv-care", "hiv-surveillance", "prep", "mental-health"}


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(exports.FOLDER, tmp_path / "exports")


SPOILED = [
    ("facility-activity", 'parent = "visits"', 'parent = "visit"', "there is no row visit"),
    ("facility-activity", 'semantics = "cumulative"', 'semantics = "yearly"', "is one of flow, stock, cumulative"),
    ("facility-activity", 'measure = "length-of-stay"', 'measure = "stay"', "names a measure"),
    ("facility-activity", 'ratio = ["days", "bed-days"]', 'ratio = ["days", "beds-days"]', "are not above it"),
    ("facility-activity", 'ratio = ["days", "bed-days"]', 'sum = ["visits.insured", "visits.emergency"]', "adds up rows that overlap"),
    ("facility-activity", "ended.deaths <= ended", "ended.deaths < ended", "is no rule"),
    ("facility-activity", "ended.deaths <= ended", "ended.dead <= ended", "names ended.dead"),
    ("facility-activity", 'query = "beds"', 'query = "bed"', "there is no query bed"),
    ("facility-activity", "working_days = 5", "work_days = 5", "is told by working_days"),
    ("facility-activity", 'cycles = ["month"]', 'cycles = ["week"]', "is one of month, quarter"),
    ("facility-activity", 'words = "Giường bệnh cuối kỳ · Beds at the end of the period"', 'words = "Giường bệnh"', "Vietnamese · English"),
    ("facility-activity", "valid_to = 2027-02-28", "valid_to = 2027-03-05", "are in force at once"),
    ("facility-activity", 'uses = "activity"', 'uses = "activity"\nlabels = ["hivv"]', "is no restricted category"),
    ("facility-activity", 'id = "visits"\n', 'id = "stays"\n', "stays stands twice"),
    ("facility-activity", 'unit = "giường · beds"', 'unti = "giường · beds"', "knows no unti"),
    ("facility-activity", 'uses = "activity"', 'use = "activity"', "use: is no key of an edition"),
    ("facility-activity", "valid_to = 2027-02-28", 'valid_to = "2027-02-28"', "valid_to: is a day"),
    ("facility-activity", 'source = ["encounter"]', 'source = ["visit"]', "query.activity: source: visit is not among"),
    ("facility-activity", 'patient = ["row_person", "birth_date"', 'patient = ["row_person", "born"', "the view has no column born"),
    ("facility-activity", 'condition = ["id", "code"]', "", "the SQL reads condition, which is not named"),
    ("morbidity", 'lists = ["icd_chapter"]', 'lists = ["icd_chapters"]', "no such list"),
]


@pytest.mark.parametrize(("report", "good", "bad", "words"), SPOILED)
def test_a_fault_is_named(folder, report, good, bad, words):
    path = folder / report / "tt23-2025.toml"
    text = path.read_text("utf-8")
    assert good in text
    path.write_text(text.replace(good, bad, 1), "utf-8")
    with pytest.raises(SpecError, match=re.escape(words)):
        exports.load(folder)


def test_a_changed_definition_has_another_digest(folder):
    before = exports.load(folder)["morbidity"][0].digest
    assert before == exports.reports()["morbidity"][0].digest
    (folder / "morbidity" / "morbidity.sql").write_text("SELECT 1", "utf-8")
    assert exports.load(folder)["morbidity"][0].digest != before


def test_semantics_of_a_query():
    one = exports.reports()["facility-activity"][0]
    assert exports.semantics_of(one.rows, "activity") == (Semantics.FLOW, Semantics.CUMULATIVE)
