"""A visit from the door to its end: each act one transaction, in the record as FHIR that the national profiles accept."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.care.conftest import HOSPITAL, STATION, doctor, nurse
from yba import care, fhir, record
from yba.kit import clock
from yba.kit.db import unit_of_work
from yba.specs import fhir as national

D = Decimal
PRESSURE = {"systolic": D(150), "diastolic": D(90)}


def whole_visit(mine, by, person):
    """Everything a desk can write in one visit."""
    visit = care.start(mine, by=by, person_id=person, facility=STATION, reason="Đau đầu", department="K01").id
    care.measure(mine, by=by, visit=visit, number=1, values={**PRESSURE, "pulse": D(75), "weight": D("61.5"), "height": D(160)})
    care.diagnose(
        mine, by=by, visit=visit, number=2, diagnoses=[care.Diagnosis("E11.9"), care.Diagnosis("i10", "Tăng huyết áp độ 1", principal=True)]
    )
    ordered = care.order(mine, by=by, visit=visit, number=3, orders=[care.Order("23.0075.1494", "Định lượng Glucose [Máu]")])
    request = ordered.saved[0].id
    care.result(mine, by=by, visit=visit, number=4, results=[care.Result("Glucose", D("7.8"), "mmol/L", request=request, conclusion="Cao")])
    care.prescribe(mine, by=by, visit=visit, number=5, drugs=[care.Drug("40.30.501", "Amlodipin", "viên", D(1), 1, 28, "5mg", "1.01")])
    care.refer(mine, by=by, visit=visit, number=6, referral=care.Referral(HOSPITAL, "Khám chuyên khoa mắt"))
    care.appoint(mine, by=by, visit=visit, number=7, on=clock.today() + timedelta(days=28), programme="hypertension")
    return care.close(mine, by=by, visit=visit, number=8).visit


@pytest.mark.parametrize("by", [nurse(), doctor()], ids=["nurse", "doctor"])
def test_everything_of_a_visit_stands_in_the_record_as_the_profiles_want_it(conn, person, by):
    with unit_of_work(by=by) as mine:
        visit = whole_visit(mine, by, person)
        found = record.of_person(mine, by=by, person_id=person)
    ours = [one.doc for one in found if one.facility_id == STATION and one.rtype != "Patient"]
    assert {one["meta"]["source"] for one in ours} == {care.CHANNEL}
    assert {one["resourceType"] for one in ours} == {
        "Encounter", "Observation", "Condition", "ServiceRequest", "DiagnosticReport", "MedicationRequest", "Appointment",
    }  # fmt: skip
    library = national.profiles()
    for doc in ours:
        profile = national.profile_of(doc["resourceType"])
        issues = fhir.validate(doc, profiles=[profile] if profile else [], library=library)
        assert [one for one in issues if one.severity in {"error", "fatal"}] == [], doc
    encounter = next(one for one in ours if one["resourceType"] == "Encounter")
    assert encounter["status"] == "finished"
    assert encounter["diagnosis"][0]["rank"] == 1
    conditions = {f"Condition/{one['id']}": one["code"] for one in ours if one["resourceType"] == "Condition"}
    assert conditions[encounter["diagnosis"][0]["condition"]["reference"]]["text"] == "Tăng huyết áp độ 1"
    assert encounter["identifier"][0]["value"] == visit.link
    bmi = next(one for one in ours if one.get("code", {}).get("coding", [{}])[0].get("code") == "39156-5")
    assert bmi["valueQuantity"]["value"] == 24.0
    draft = next(one for one in ours if one["resourceType"] == "MedicationRequest")
    assert (draft["status"], draft["intent"], draft["dispenseRequest"]["quantity"]["value"]) == ("draft", "plan", 28)
