"""The claim of a visit: our own gateway takes it, and it says the same as the visit did."""

from __future__ import annotations

import pytest

from tests.care.conftest import OPERATOR, STATION, doctor, new_person
from tests.care.test_visit import whole_visit
from yba import care, ingest, record
from yba.kit import Conflict
from yba.kit.db import reading, unit_of_work


def test_a_claim_is_written_when_a_visit_is_closed(conn, person):
    by = doctor()
    with unit_of_work(by=by) as mine:
        visit = care.start(mine, by=by, person_id=person, facility=STATION)
        with pytest.raises(Conflict):
            care.claim(mine, by=by, visit=visit.id)
        care.close(mine, by=by, visit=visit.id, number=1)
        assert b"GIAMDINHHS" in care.claim(mine, by=by, visit=visit.id)


def test_our_own_gateway_reads_the_claim_back_to_the_same_content(database):
    by = doctor()
    person = new_person()
    with unit_of_work(by=by) as mine:
        visit = whole_visit(mine, by, person)
        data = care.claim(mine, by=by, visit=visit.id)
        before = {one.rtype: one for one in record.of_person(mine, by=by, person_id=person)}
    landing = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=data)
    totals = ingest.process(by=OPERATOR)
    assert (totals.claims_accepted, totals.claims_rejected) == (1, 0)
    assert landing.facility == STATION
    with reading(by=OPERATOR) as conn:
        found = record.of_person(conn, by=OPERATOR, person_id=person)
    claimed = [one.doc for one in found if one.mapped_by not in {"", "fhir"}]
    assert {one["resourceType"] for one in claimed} >= {
        "Claim",
        "Encounter",
        "Condition",
        "MedicationDispense",
        "Observation",
        "DiagnosticReport",
        "Appointment",
    }
    codes = {one["code"]["coding"][0]["code"] for one in claimed if one["resourceType"] == "Condition"}
    assert codes == {"I10", "E11.9"}
    values = {one["code"]["text"]: one.get("valueQuantity", {}).get("value") for one in claimed if one["resourceType"] == "Observation"}
    assert values["Cân nặng"] == 61.5
    assert values["Glucose"] == 7.8
    assert before
