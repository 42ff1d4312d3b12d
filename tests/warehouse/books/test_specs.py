"""The books as data: every file loads, every path compiles and is asked of documents that hold it, every faulty file is refused by name."""

import shutil
from collections import defaultdict
from datetime import date
from uuid import UUID

import orjson
import pytest

from tests.warehouse.books.library import OFFICER, OURS, exported, made, put, read, tie
from yba import warehouse
from yba.access import RelationKind, UnitKind
from yba.specs import books as spec
from yba.specs.claims import SpecError
from yba.specs.labels import of_table
from yba.warehouse import period
from yba.warehouse.books import Place
from yba.warehouse.books.cells import path

PERSON = UUID(int=0xF << 64)


def test_the_series_is_whole_and_in_order():
    assert [one.code for one in spec.books().values()] == [
        "A1", "A2.1", "A2.2", "A3", "A4", "A5.1", "A5.2", "A6", "A7", "A8", "A9", "A10", "A11", "A12",
    ]  # fmt: skip
    assert {one.name for one in spec.books().values() if {"hiv", "psychiatry", "reproductive"} & set(one.restricted)} >= {"a10", "a8", "a5-2"}
    assert {one for book in spec.books().values() for one in of_table("XML15") if book.name == "a9"} <= set(spec.books()["a9"].restricted)


@pytest.mark.parametrize("book", spec.books().values(), ids=lambda one: one.name)
def test_every_path_compiles_and_every_column_has_a_place_or_says_that_it_has_none(book):
    for text in (book.day, book.still, *(part.follow for part in book.parts.values())):
        if text:
            path(text)
    for column in book.columns:
        for field in column.fields:
            path(field.path)
        assert column.shape == "order" or bool(column.fields) != bool(column.missing)


def golden(name):
    """The resources of a golden claim, as the mapping writes them, about one person each."""
    found = orjson.loads((spec.FOLDER.parents[3] / "tests" / "golden" / "mapping" / name / "out.json").read_bytes())["resources"]
    for one in found:
        doc = one["doc"]
        yield made(doc.pop("resourceType"), doc.pop("id"), PERSON, facility=OURS, labels=one["labels"], source=UUID(int=5), **doc)


@pytest.mark.parametrize(
    ("name", "claim", "when", "wanted"),
    [
        ("a9", "hiv-and-tuberculosis-3176", "2025", {"site", "history", "bacteriology", "resistance", "began", "regimen", "result"}),
        ("a10", "hiv-and-tuberculosis-3176", "2025", {"group", "diagnosed_at", "arv_began", "arv_at", "stage"}),
        ("a4", "birth-of-twins-3176", "2025", {"child", "child_sex", "parity", "place", "attendant", "child_status", "mother", "mother_citizen"}),
        ("a12", "inpatient-3176", "2025", {"disease", "weight", "medicines", "days"}),
    ],
)  # fmt: skip
def test_what_claims_tell_fills_the_books(lake, name, claim, when, wanted):
    """Documents as the mapping of claims writes them, read by whom the person's treatment is entrusted to."""
    put(list(golden(claim)), made("Patient", "Patient-source", PERSON, name=[{"text": "LÒ THỊ AN"}], gender="female"))
    exported()
    found = read(name, by=enrolled(), when=period(when), at=Place(OURS))
    assert found.rows, "the lake finds the event"
    filled = {heading.name for row in found.rows for heading, cell in zip(found.headings, row.cells, strict=True) if cell}
    assert wanted <= filled, wanted - filled
    assert len({row.ref for row in found.rows}) == len(found.rows)


def enrolled():
    """A programme officer in whose hands the person's treatment is: HIV and tuberculosis are open there."""
    tie(PERSON, OURS, kind=RelationKind.ENROLMENT)
    tie(PERSON, str(OFFICER.account), kind=RelationKind.ENROLMENT, of=UnitKind.USER)
    return OFFICER


BROKEN = {
    "part": (', "procedure"]', "]", "names a view"),
    "column": ('from = ["event: extension(', 'from = ["visit: extension(', "is no part"),
    "shape": ('title = "Triệu chứng · Symptoms"', 'title = "Triệu chứng · Symptoms"\nshape = "sound"', "shape is one of"),
    "words": ('title = "Sổ khám bệnh · Clinic visits"', 'title = "Sổ khám bệnh"', "Vietnamese · English"),
    "key": ("visits = true", "visit = true", "is no key"),
    "edition": ('"tt23-2025"]', '"tt24-2025"]', "editions"),
    "view": ('view = "condition"', 'view = "conditions"', "names a view"),
    "unknown": ('"symptoms",', '"symptoms", "smell",', "described neither"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_a_faulty_book_is_refused_by_file_and_key(tmp_path, kind):
    shutil.copytree(spec.FOLDER, tmp_path / "books")
    was, becomes, said = BROKEN[kind]
    file = tmp_path / "books" / "a1.toml"
    text = file.read_text("utf-8")
    assert was in text
    file.write_text(text.replace(was, becomes, 1), "utf-8")
    with pytest.raises(SpecError, match=rf"a1\.toml.*({said})"):
        spec.load(tmp_path / "books")


@pytest.mark.parametrize("codes", ['"B5"', '"B50-"', '"B50 - B54"', "\"B50' OR '1\"", '"b50"'])
def test_diagnoses_are_categories_and_nothing_else(tmp_path, codes):
    shutil.copytree(spec.FOLDER, tmp_path / "books")
    file = tmp_path / "books" / "a7.toml"
    file.write_text(file.read_text("utf-8").replace('"B50-B54"', codes, 1), "utf-8")
    with pytest.raises(SpecError, match=r"a7\.toml: diagnoses"):
        spec.load(tmp_path / "books")


def test_a_book_of_diagnoses_holds_the_visits_with_them_and_rests_on_them():
    """Whatever code is written after the three characters, by the ministry's list or by WHO's alone; not what was refuted."""
    given = [("J44", None, None), ("J449", None, None), ("I10", None, "confirmed"), ("J46", None, None), ("E10", None, "refuted"), (None, "E14.9", None),
             ("K01", "I10", None), ("", None, None)]  # fmt: skip
    with warehouse.scratch() as engine:
        engine.execute("CREATE TABLE visit AS SELECT 'V' || n AS id, uuid() AS person, '11001' AS facility, DATE '2026-10-05' AS start_date, "
                       "TIMESTAMPTZ '2026-10-05 08:00:00+07' AS start_at FROM range(8) t (n)")  # fmt: skip
        engine.execute("CREATE TABLE condition (id VARCHAR, encounter_id VARCHAR, code VARCHAR, who_icd10_code VARCHAR, verification_status VARCHAR)")
        for n, row in enumerate(given):
            engine.execute("INSERT INTO condition VALUES (?, ?, ?, ?, ?)", [f"C{n}", f"V{n}", *row])
        found = engine.execute(spec.books()["a12"].sql, {"start": date(2026, 10, 1), "end": date(2026, 11, 1)}).fetchall()
    assert sorted((row[0], row[-1]) for row in found) == [("V0", ["C0"]), ("V1", ["C1"]), ("V2", ["C2"]), ("V5", ["C5"])]


def test_no_column_of_a_book_tells_the_sex_of_an_unborn_child_or_an_hiv_result_outside_of_its_book():
    told = defaultdict(set)
    for book in spec.books().values():
        for column in book.columns:
            for field in column.fields:
                told[book.name].add(field.path)
    for name in ("a3", "a4", "a1", "a12"):
        assert not [one for one in told[name] if "hiv" in one.lower() or "75622-1" in one]
    assert {column.missing is not None for column in spec.books()["a3"].columns if column.name == "hiv"} == {True}
