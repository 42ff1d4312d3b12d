"""Results at the desk: the range they are held against, who approved them, of which specimen; a correction never overwrites and is told."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.care.conftest import STATION, doctor
from tests.record.rest_world import patient
from yba import care, fhir, record, terminology
from yba.care import ranges
from yba.kit import Conflict, Invalid, NotFound, clock
from yba.kit.db import unit_of_work
from yba.specs import fhir as national

D = Decimal


@pytest.fixture
def visit(mine, by, person):
    """A visit under way."""
    return care.start(mine, by=by, person_id=person, facility=STATION).id


def written(mine, by, acted, rtype):
    (ref,) = [one for one in acted.saved if one.rtype == rtype]
    doc = record.get(mine, by=by, rtype=rtype, id=ref.id).exact
    profile = national.profile_of(rtype)
    wrong = fhir.validate(doc, profiles=[profile] if profile else [], library=national.profiles())
    assert [one for one in wrong if one.severity in {"error", "fatal"}] == []
    return doc


@pytest.mark.parametrize(
    ("result", "low", "high", "says"),
    [
        (care.Result("Glucose", D("7.8"), "mmol/L"), "3.9", "5.6", "H"),
        (care.Result("Glucose", D("3.1"), "mmol/l"), "3.9", "5.6", "L"),
        (care.Result("Glucose", D("5.6"), "mmol/L"), "3.9", "5.6", "N"),
        (care.Result("Creatinin", D(90), "µmol/L"), "45", "84", "H"),  # of a woman
        (care.Result("LDL-C", D("3.4"), "mmol/L"), None, "3.4", "H"),  # "< 3.4": the limit is not in it
        (care.Result("HDL-C", D("0.9"), "mmol/L"), "0.9", None, "L"),
        (care.Result("Natri", D("0.140"), "mol/L"), "0.133", "0.147", "N"),  # reckoned into the unit given
        (care.Result("Glucose", D("7.8"), "mmol/L", low=D("4.1"), high=D(8)), "4.1", "8", "N"),  # the laboratory's own
    ],
)
def test_a_number_is_held_against_its_range(mine, by, visit, result, low, high, says):
    doc = written(mine, by, care.result(mine, by=by, visit=visit, number=1, results=[result]), "Observation")
    (told,) = doc["referenceRange"]
    sides = {side: told.get(side, {}).get("value") for side in ("low", "high")}
    assert sides == {"low": low and D(low), "high": high and D(high)}
    assert doc["interpretation"][0]["coding"][0]["code"] == says


def test_no_range_is_better_than_a_wrong_one(mine, by, visit):
    results = [care.Result("Glucose", D(140), "mg/dL"), care.Result("Chỉ số lạ", D(3), "mmol/L"), care.Result("Glucose", D(5))]
    acted = care.result(mine, by=by, visit=visit, number=1, results=results)
    docs = [record.get(mine, by=by, rtype=one.rtype, id=one.id).doc for one in acted.saved if one.rtype == "Observation"]
    assert [doc for doc in docs if "referenceRange" in doc] == []
    item = terminology.labs.find("Creatinin", "µmol/L")
    on = date(2026, 11, 22)
    assert ranges.usual(item, "umol/L", sex="unknown", birth="1959", on=on) is None
    assert ranges.usual(item, "umol/L", sex="female", birth="2015-01-01", on=on) is None
    assert ranges.usual(item, "umol/L", sex="female", birth="", on=on) is None


@given(st.decimals(0, 10**4, places=2), st.decimals(0, 10**4, places=2), st.decimals(0, 10**4, places=3))
def test_a_range_says_one_of_three_words_and_the_right_one(one, other, value):
    low, high = sorted((one, other))
    assert ranges.Range(low, high).says(value) == ("L" if value < low else "H" if value > high else "N")


def test_every_range_of_the_list_is_read():
    told = [one.properties.get(key, "") for one in terminology.concepts(terminology.lists.LAB, "common-1") for key in ("normal", "normal_female")]
    assert [text for text in told if text and ranges.read(text) is None] == []
    assert sum(bool(text) for text in told) > 80


def test_the_units_of_an_item_are_offered_the_usual_one_first():
    assert care.units_of("Glucose máu")[0] == "mmol/L"
    assert "mg/dL" in care.units_of("Creatinin máu")
    assert care.units_of("Chỉ số lạ") == []


@pytest.mark.law("CLS-R02")
def test_a_result_says_who_what_when_how_of_which_specimen_and_who_approved_it(conn, mine, by, visit, person):
    now = clock.now().replace(microsecond=0)
    request = care.order(mine, by=by, visit=visit, number=1, orders=[care.Order("23.0075.1494", "Định lượng Glucose [Máu]")]).saved[0].id
    one = care.Result(
        "Glucose", D("7.8"), "mmol/L", request=request, method="Hexokinase", specimen="Huyết thanh", taken=now - timedelta(hours=2),
        received=now - timedelta(hours=1), released=False,
    )  # fmt: skip
    acted = care.result(mine, by=by, visit=visit, number=2, results=[one])
    doc, report = written(mine, by, acted, "Observation"), written(mine, by, acted, "DiagnosticReport")
    assert (doc["status"], report["status"], "resultsInterpreter" in report) == ("preliminary", "preliminary", False)
    other = doctor()
    with unit_of_work(by=other) as theirs:
        approved = care.approve(theirs, by=other, visit=visit, number=3, reports=[report["id"]])
        with pytest.raises(Conflict):
            care.approve(theirs, by=other, visit=visit, number=4, reports=[report["id"]])
        doc, report = written(theirs, other, approved, "Observation"), written(theirs, other, approved, "DiagnosticReport")
    assert (doc["status"], report["status"]) == ("final", "final")
    assert doc["subject"]["reference"].startswith("Patient/")
    assert doc["code"]["coding"][0]["code"]
    assert report["code"]["coding"][0]["code"] == "23.0075.1494"
    assert doc["effectiveDateTime"] == (now - timedelta(hours=2)).isoformat()
    assert doc["method"]["text"] == "Hexokinase"
    (specimen,) = doc["contained"]
    assert (specimen["type"]["text"], specimen["receivedTime"]) == ("Huyết thanh", (now - timedelta(hours=1)).isoformat())
    assert doc["performer"][0] == {"identifier": {"system": "https://yba.vn/id/actor", "value": by.name}, "display": "Nhân viên y tế trạm"}
    assert doc["performer"][1]["display"] == STATION
    assert report["resultsInterpreter"][0]["identifier"]["value"] == other.name
    who = {part["url"]: part for part in next(part for part in doc["extension"] if part["url"].endswith("/approved"))["extension"]}
    assert who["who"]["valueReference"]["identifier"]["value"] == other.name
    assert who["at"]["valueInstant"]


def test_times_that_cannot_be_are_refused(mine, by, visit):
    now = clock.now()
    for taken, received in ((now + timedelta(hours=1), None), (now, now - timedelta(hours=1)), (None, now + timedelta(days=1))):
        with pytest.raises(care.NotPlausible):
            care.result(mine, by=by, visit=visit, number=1, results=[care.Result("Glucose", D(5), "mmol/L", taken=taken, received=received)])
    with pytest.raises(care.NotPlausible):
        care.result(mine, by=by, visit=visit, number=1, results=[care.Result("Glucose", D(5), "mmol/L", low=D(6), high=D(4))])


def test_a_correction_is_a_new_version_with_its_reason_and_who_ordered_is_told_even_after_the_visit(mine, by, visit, person):
    acted = care.result(mine, by=by, visit=visit, number=1, results=[care.Result("Glucose", D("17.8"), "mmol/L")])
    doc, report = written(mine, by, acted, "Observation"), written(mine, by, acted, "DiagnosticReport")
    care.close(mine, by=by, visit=visit, number=2)
    for item in care.work(mine, by=by, facility=STATION):
        care.result_read(mine, by=by, item=item.item)
    right = care.Result("", D("7.8"), "mmol/L")
    asked = {"by": by, "visit": visit, "report": report["id"], "observation": doc["id"], "result": right}
    with pytest.raises(Invalid):
        care.correct(mine, **asked, number=3, reason=" ")
    with pytest.raises(NotFound):
        care.correct(mine, **{**asked, "observation": report["id"]}, number=3, reason="nhập nhầm")
    fixed = care.correct(mine, **asked, number=3, reason="nhập nhầm dấu phẩy")
    assert fixed.visit.state is care.State.CLOSED
    doc, report = written(mine, by, fixed, "Observation"), written(mine, by, fixed, "DiagnosticReport")
    assert (doc["status"], doc["valueQuantity"]["value"], report["status"]) == ("corrected", D("7.8"), "corrected")
    assert "nhập nhầm dấu phẩy" in doc["note"][-1]["text"]
    versions = record.history(mine, by=by, rtype="Observation", id=doc["id"])
    assert [one.exact["valueQuantity"]["value"] for one in versions] == [D("7.8"), D("17.8")]
    (told,) = care.work(mine, by=by, facility=STATION)
    assert (told.why, told.corrected, told.person_id, told.visit) == (care.Why.RESULT, True, person, visit)
    assert care.result_read(mine, by=by, item=told.item)
    assert care.work(mine, by=by, facility=STATION) == []


def test_a_report_of_another_visit_is_not_found(conn, mine, by, visit):
    with unit_of_work(by=by) as inner:
        doc = patient("N-8", "011090000077", facility=STATION, name="Lò Văn Un", gender="male", birthDate="1990")
        other = record.save(inner, by=by, writes=[record.Write("Patient", None, doc, STATION)])[0].person_id
    elsewhere = care.start(mine, by=by, person_id=other, facility=STATION).id
    acted = care.result(mine, by=by, visit=elsewhere, number=1, results=[care.Result("Glucose", D(5), "mmol/L", released=False)])
    report = written(mine, by, acted, "DiagnosticReport")["id"]
    with pytest.raises(NotFound):
        care.approve(mine, by=by, visit=visit, number=1, reports=[report])
