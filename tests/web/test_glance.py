"""What is seen first of a record, and in what order Vietnamese words stand."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.web.test_page import dispense, observation, page, patient, visit
from yba.operations.sample_record import Made
from yba.web import glance
from yba.web.spelling import name_order, spelling_order

TODAY = date(2026, 11, 21)


def pressure(day, high, low):
    parts = [{"code": {"text": code}, "valueQuantity": {"value": value, "unit": "mmHg"}} for code, value in (("tâm thu", high), ("tâm trương", low))]
    doc = {"code": {"coding": [{"code": "85354-9"}], "text": "Huyết áp"}, "effectiveDateTime": day, "component": parts}
    return Made("Observation", f"bp{day}", doc | {"category": [{"coding": [{"code": "vital-signs"}]}]}, "11001")


def test_medicines_in_use_end_in_order_and_one_without_days_counts_a_month():
    made = page([dispense("2026-11-10", 14), dispense("2026-11-20", 5, "A"), dispense("2026-11-01", None, "B"), dispense("2026-09-01", None, "C")])
    assert [(one.medicine.name, one.left) for one in glance.taken(made, TODAY)] == [("Amlodipin 5 mg", 2), ("A", 3), ("B", None)]


def test_a_draft_prescription_is_nothing_in_hand():
    request = Made("MedicationRequest", "r", {"status": "draft", "medicationCodeableConcept": {"text": "X"}, "authoredOn": "2026-11-21"}, "11001")
    assert page([request]).medicines == []


def test_what_is_to_be_done_today():
    made = page(
        [patient(), dispense("2026-11-01", 14), dispense("2026-10-01", 14), dispense("2026-11-20", 5, "A"), dispense("2026-11-01", 3, "Once")]
    )
    due = glance.Task("due", "Tăng huyết áp", -12)
    told = [(one.kind, one.what, one.days) for one in glance.tasks(made, TODAY, [due])]
    assert told == [("due", "Tăng huyết áp", -12), ("ended", "Amlodipin 5 mg", -7), ("ends", "A", 3), ("allergies", "", 0)]
    dead = page([patient(deceasedBoolean=True), dispense("2026-11-20", 5, "A")])
    assert glance.tasks(dead, TODAY) == [], "nothing is due of somebody who died"


def test_vital_signs_and_what_is_out_of_range_come_first_and_old_values_last():
    facts = [
        observation("2026-11-20", 5.0, "N", code={"text": "Natri"}),
        observation("2026-11-01", 9.0, "G", code={"text": "Glucose"}, referenceRange=[{"high": {"value": 6.4}}]),
        pressure("2026-10-01", 152, 94),
        observation("2020-01-01", 9.0, "O", code={"text": "Cũ"}, referenceRange=[{"high": {"value": 6.4}}]),
    ]
    assert [one.name for one in glance.values(page(facts), TODAY)] == ["Huyết áp", "Glucose", "Natri", "Cũ"]


def test_a_pressure_has_a_course_of_its_first_number():
    (result,) = page([pressure("2026-01-01", 130, 80), pressure("2026-02-01", 152, 94)]).results
    assert (result.value, [point.value for point in result.points]) == ("152/94", [130, 152])
    assert glance.trend(result.points) == "up"
    assert glance.trend(result.points[:1]) == ""


def test_the_line_of_time_holds_visits_papers_and_vaccines_newest_first():
    paper = Made("Composition", "d", {"title": "Giấy ra viện", "date": "2026-03-01"}, "11001")
    vaccine = Made("Immunization", "i", {"vaccineCode": {"text": "Cúm"}, "occurrenceDateTime": "2026-02-01"}, "11001")
    line = glance.timeline(page([*visit(1, "2026-01-01"), *visit(2, "2026-04-01"), paper, vaccine]))
    assert [(one.day[:10], one.kinds[0]) for one in line] == [("2026-04-01", "v"), ("2026-03-01", "p"), ("2026-02-01", "i"), ("2026-01-01", "v")]


def test_new_since_the_last_visit_here_is_what_others_did_after_it():
    here, there = visit(1, "2026-01-01"), visit(2, "2026-04-01", code="E11", text="Đái tháo đường")
    for fact in there:
        fact.facility_id = "11002"
    today = visit(3, "2026-11-21")
    made = page([*here, *there, *today])
    found = glance.since(made, ["11001"], TODAY)
    assert found.day == "2026-01-01", "the visit of today is why the page is open"
    assert [one.facility for one in found.visits] == ["11002"]
    assert [one.code for one in found.problems] == ["E11"]
    assert glance.since(made, ["99999"], TODAY).day == ""


def test_words_stand_as_in_a_dictionary():
    words = ["Đông", "Dương", "Ân", "An", "Ăn", "ấn", "Ba", "Bà", "Bả", "Bã", "Bá", "Bạ", "Ơn", "On", "Ôn", "Mường Thanh", "Mường Ảng", "Y", "Ử", "U"]
    assert sorted(words, key=spelling_order) == [
        "An", "Ăn", "Ân", "ấn", "Ba", "Bà", "Bả", "Bã", "Bá", "Bạ", "Dương", "Đông", "Mường Ảng", "Mường Thanh", "On", "Ôn", "Ơn", "U", "Ử", "Y",
    ]  # fmt: skip


def test_people_stand_by_their_given_names():
    people = ["Trần Văn Đông", "Nguyễn Thị Ân", "Lò Văn An", "Đỗ An", "Bùi Văn Dương"]
    assert sorted(people, key=name_order) == ["Đỗ An", "Lò Văn An", "Nguyễn Thị Ân", "Bùi Văn Dương", "Trần Văn Đông"]


@given(st.text(max_size=12))
def test_any_text_has_a_place(text):
    assert spelling_order(text) <= spelling_order(text + " a")
