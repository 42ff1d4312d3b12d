"""Books read: who stands in them, what each cell says, what is counted and noted; the lake only names, the record shows."""

import csv
import io
from contextlib import contextmanager
from datetime import date

import openpyxl
import pytest

from tests.warehouse.books.library import (
    AN,
    AWAY,
    BINH,
    CHI,
    DOCTOR,
    DUNG,
    HERE,
    HOME,
    MANAGER,
    NURSE,
    OCTOBER,
    OPERATOR,
    OTHER_NURSE,
    OURS,
    THEIRS,
    dispensed,
    exported,
    key,
    live_in,
    made,
    month,
    names,
    patient,
    put,
    read,
    tie,
    trail,
    visit,
)  # fmt: skip
from yba.access import Denied
from yba.kit import Invalid, NotFound
from yba.operations.bench_web import counted
from yba.specs.books import books
from yba.warehouse import period
from yba.warehouse.books import PAGE, Place, as_csv, as_xlsx, asking, edition_for


def cells(reading, row=0):
    return dict(zip([one.name for one in reading.headings], reading.rows[row].cells, strict=True))


def test_the_clinic_book_has_the_fourteen_columns_of_the_circular_filled_from_visits(lake):
    month()
    found = read()
    assert cells(found) == {
        "order": "1", "name": "LÒ THỊ AN", "sex": "Nữ", "birth": "12/03/1959", "citizen": "011159001234", "insurance": "DN4111234567890",
        "address": "Bản Noong Bua", "ethnicity": "Thái", "occupation": "", "symptoms": "Ho, sốt", "diagnosis": "J06.9 bệnh J06.9",
        "treatment": "Paracetamol 500mg", "examiner": "001234/ĐB-CCHN", "note": "Uống đủ nước",
    }  # fmt: skip
    assert (found.rows[0].day, found.total, found.pages, found.edition.name) == (date(2026, 10, 5), 2, 1, "tt23-2025")
    assert cells(read(english=True))["sex"] == "Female"


def test_a_station_reads_what_it_wrote_and_what_others_wrote_of_its_residents(lake):
    month()
    assert names(read()) == ["AN", "BÌNH"], "who came from elsewhere stands in the station's own book"
    assert names(read(at=Place(THEIRS))) == ["CHI"], "of the hospital's book a resident's row alone"
    assert names(read(at=Place(commune=HOME))) == ["AN", "CHI"], "residents, wherever they were seen"
    assert names(read(by=OTHER_NURSE, at=Place(commune=HOME))) == ["CHI"], "their own hospital's row of a resident of ours"
    assert names(read(by=OTHER_NURSE)) == ["BÌNH"]
    assert names(read(by=OPERATOR)) == ["AN", "BÌNH"]


def test_a_doctor_reads_the_rows_of_people_on_a_visit_there(lake):
    month()
    assert names(read(by=DOCTOR)) == []
    tie(BINH, OURS)
    found = read(by=DOCTOR)
    assert (names(found), found.total) == (["BÌNH"], 1)


def test_who_reads_aggregates_only_gets_nothing(lake):
    month()
    with pytest.raises(Denied):
        read(by=MANAGER)
    assert trail() == []


@pytest.mark.law("EMR-R12")
def test_each_reading_is_in_the_trail_and_each_person_shown_but_never_the_book_beside_the_person(lake):
    month()
    read()
    (book, first, second) = trail()
    assert book[:5] == (NURSE.name, "Book", "A1", None, OURS)
    assert book[5] == {"period": "2026-10", "edition": "tt23-2025", "rows": 2, "of": 2, "page": 1, "form": "page"}
    assert {first[3], second[3]} == {AN, BINH}
    assert "A1" not in str((first, second))
    assert {one[6] for one in (book, first, second)} == {"warehouse:row:read"}


def test_pages_hold_together_and_numbers_run_on(lake):
    put(patient(AN, "LÒ THỊ AN"), *[visit(AN, 100 + 10 * number, f"2026-10-{number % 28 + 1:02d}") for number in range(PAGE + 3)])
    exported()
    first, second = read(), read(page=2)
    assert (len(first.rows), len(second.rows), first.total, first.pages) == (PAGE, 3, PAGE + 3, 2)
    assert [row.number for row in (*first.rows, *second.rows)] == list(range(1, PAGE + 4))
    whole = read(page=None)
    assert [row.ref for row in whole.rows] == [row.ref for row in (*first.rows, *second.rows)]
    assert read(page=3).rows == ()


class Counting:
    """An engine that writes down what it is asked."""

    def __init__(self, engine, sent):
        self.engine, self.sent = engine, sent

    def execute(self, query, *given):
        self.sent.append(query)
        return self.engine.execute(query, *given)


def statements(monkeypatch, **asked):
    """How many statements all of a book takes: of the database, of the lake once it is open; and its rows."""
    of_lake, real = [], asking.reader

    @contextmanager
    def reader(**given):
        with real(**given) as engine:
            yield Counting(engine, of_lake)

    with monkeypatch.context() as patched, counted() as of_record:
        patched.setattr(asking, "reader", reader)
        rows = len(read(page=None, **asked).rows)
    return len(of_record), len(of_lake), rows


def test_many_rows_take_the_statements_of_few(lake, monkeypatch):
    def seen(number, day):
        return visit(AN, 1000 + 20 * number, day, more=[dispensed(AN, 1010 + 20 * number, 1000 + 20 * number, "Thuốc")])

    put(patient(AN, "LÒ THỊ AN"), seen(0, "2026-09-01"), *[seen(number, "2026-10-05") for number in range(1, 61)])
    exported()
    statements(monkeypatch)  # the first reading of a connection says more
    of_record, of_lake, rows = statements(monkeypatch)
    assert (*statements(monkeypatch, when=period("2026-09")), rows) == (of_record, of_lake, 1, 60)
    monkeypatch.setattr(asking, "CHUNK", 20)
    in_three, of_lake_then, _ = statements(monkeypatch)
    assert of_lake_then == of_lake, "the lake is asked once for all rows, however many documents are held at once"
    types = 4  # Encounter, Patient, Condition, MedicationDispense
    assert in_three <= of_record + 2 * types, "the record once a type for each chunk"


def test_editions_stand_side_by_side(lake):
    put(patient(AN, "LÒ THỊ AN"), visit(AN, 10, "2025-03-05"))
    exported()
    march = period("2025-03")
    assert read(when=march).edition.name == "tt37-2019"
    other = read(when=march, edition="tt23-2025")
    assert (other.edition.name, names(other)) == ("tt23-2025", ["AN"])
    assert any("hiệu lực" in one.vi for one in other.notes)
    book = books()["a1"]
    for when, name in (
        ("2025-06", "tt37-2019"),
        ("2025-Q3", "tt23-2025"),
        ("2027-02", "tt23-2025"),
        ("2027-03", "tt23-2025"),
        ("2019-05", "tt37-2019"),
    ):
        assert edition_for(book, period(when)).name == name
    with pytest.raises(Invalid, match="mẫu"):
        read(edition="tt32-2014")


def test_the_same_visit_told_by_two_channels_is_one_row(lake):
    subject = {"reference": f"Patient/{key(AN, 1)}"}
    by_desk = made(
        "Encounter", key(AN, 30), AN, status="finished", subject=subject, mapped_by="desk", **{"class": {"code": "AMB"}},
        period={"start": "2026-10-05T08:40:00+07:00", "end": "2026-10-05T09:00:00+07:00"},
    )  # fmt: skip
    by_claim = visit(AN, 10, "2026-10-05")
    by_claim[0].mapped_by = "1"
    put(patient(AN, "LÒ THỊ AN"), by_claim, by_desk)
    exported()
    assert [row.ref[1] for row in read().rows] == [key(AN, 10)]


def test_inpatients_and_cancelled_visits_and_other_months_are_no_rows(lake):
    put(
        patient(AN, "LÒ THỊ AN"), visit(AN, 10, "2026-10-05", act="IMP"), visit(AN, 20, "2026-10-06", status="cancelled"),
        visit(AN, 30, "2026-09-30"), visit(AN, 40, "2026-11-01"), visit(AN, 50, "2026-10-31"),
    )  # fmt: skip
    exported()
    assert [row.day.day for row in read().rows] == [31]


def test_a_book_without_events_and_a_column_without_a_source_say_so(lake):
    month()
    found = read("a11")
    assert found.rows == ()
    assert any("chưa có nguồn" in one.vi for one in found.notes)
    put(visit(AN, 60, "2026-10-09", codes=("B51",)))
    exported()
    malaria = read("a7")
    sheet = list(csv.reader(io.StringIO(as_csv(malaria).removeprefix("\ufeff"))))
    assert sheet[1][sheet[0].index("Có thai")] == "chưa có nguồn"
    assert sheet[1][sheet[0].index("Bệnh")] == "B51 bệnh B51"


def test_files_hold_what_the_page_holds_and_no_formula(lake):
    put(patient(DUNG, "=HYPERLINK(1)"), visit(DUNG, 10, "2026-10-05"))
    exported()
    found = read(page=None, form="csv")
    text = as_csv(found)
    assert "'=HYPERLINK(1)" in text
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(found))).active
    assert sheet.page_setup.orientation == "landscape"
    assert (sheet["C5"].value, sheet["C5"].data_type) == ("=HYPERLINK(1)", "s")
    assert sheet["A5"].value == "05/10/2026"
    assert trail()[0][5]["form"] == "csv"


def test_what_is_asked_wrongly(lake):
    with pytest.raises(NotFound, match="Kho"):
        read()
    month()
    with pytest.raises(NotFound, match="sổ này"):
        read("a13")
    for at in (Place(), Place(OURS, HOME)):
        with pytest.raises(Invalid, match="cơ sở"):
            read(at=at)


def test_a_person_known_as_dead_stands_in_the_book_of_the_commune(lake):
    put(patient(AN, "LÒ THỊ AN", deceasedDateTime="2026-10-12"), patient(BINH, "TRẦN THỊ BÌNH", commune=AWAY, deceasedDateTime="2026-10-13"))
    live_in(AN)
    live_in(BINH, AWAY)
    exported()
    found = read("a6", at=Place(commune=HOME))
    assert (names(found), cells(found)["died"]) == (["AN"], "12/10/2026")
    assert names(read("a6", at=Place(commune=AWAY))) == []


def test_diseases_followed_show_measures_of_the_visit(lake):
    encounter, subject = {"reference": f"Encounter/{key(AN, 10)}"}, {"reference": f"Patient/{key(AN, 1)}"}
    pressure = [
        {"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value}} for code, value in (("8480-6", 152), ("8462-4", 95))
    ]  # fmt: skip
    signs = [
        made("Observation", key(AN, 20), AN, status="final", subject=subject, encounter=encounter, code={"coding": [{"system": "http://loinc.org", "code": "85354-9"}]}, component=pressure),
        made("Observation", key(AN, 21), AN, status="final", subject=subject, encounter=encounter, code={"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}, valueQuantity={"value": 60.5}),
    ]  # fmt: skip
    put(patient(AN, "LÒ THỊ AN"), visit(AN, 10, "2026-10-05", codes=("I10", "J06.9"), more=[*signs, dispensed(AN, 22, 10, "Amlodipin 5mg")]))
    put(visit(AN, 40, "2026-10-06"))
    exported()
    found = read("a12")
    assert found.total == 1
    told = cells(found)
    assert (told["disease"], told["pressure"], told["weight"], told["medicines"], told["days"]) == (
        "I10 bệnh I10", "152/95", "60,5", "Amlodipin 5mg", "5",
    )  # fmt: skip


def test_both_regimes_may_be_asked_of_the_month_that_falls_due_after_the_circular_ends(lake):
    month()
    assert HERE.facility == OURS
    assert {one: read(edition=one).edition.name for one in books()["a1"].editions} == {"tt37-2019": "tt37-2019", "tt23-2025": "tt23-2025"}
    assert CHI not in {row.person_id for row in read().rows}
    assert OCTOBER.label == "2026-10"
