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
    landing = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=data)
    totals = ingest.process(by=OPERATOR)
    assert (totals.claims_accepted, totals.claims_rejected) == (1, 0)
    assert landing.facility == STATION
    with reading(by=OPERATOR) as conn:
        found = record.of_person(conn, by=OPERATOR, person_id=person)
        told = record.visit_of(conn, by=OPERATOR, id=visit.encounter)
        page = record.page_of(conn, by=OPERATOR, person_id=person)
    assert [one.channel for one in told] == ["claims", "desk"]
    assert len(page.visits) == 1
    desk, claimed = ([one.doc for one in found if one.mapped_by == "desk"], [one.doc for one in found if one.mapped_by not in {"", "fhir", "desk"}])
    assert {one["resourceType"] for one in claimed} >= {"Claim", "MedicationDispense", "Appointment"}
    for said in (diagnoses, values, revisits, span, reports):
        assert said(claimed) == said(desk), said.__name__


def diagnoses(docs):
    """Codes with the words for them, the principal one marked."""
    (visit,) = [one for one in docs if one["resourceType"] == "Encounter"]
    first = visit["diagnosis"][0]["condition"]["reference"]
    return {(one["code"]["coding"][0]["code"], f"Condition/{one['id']}" == first) for one in docs if one["resourceType"] == "Condition"}


def values(docs):
    """What was measured, by LOINC code: numbers with their UCUM unit; what is computed stays out of a claim."""
    found = {}
    for one in docs:
        if one["resourceType"] == "Observation" and one["code"].get("coding", [{}])[0].get("code") != "39156-5":
            for part in one.get("component", [one]):
                found[part["code"]["coding"][-1]["code"]] = (part["valueQuantity"]["value"], part["valueQuantity"].get("code"))
    return found


def revisits(docs):
    """Days of appointments."""
    return [one["requestedPeriod"][0]["start"] for one in docs if one["resourceType"] == "Appointment"]


def span(docs):
    """From when to when, what kind of visit, why."""
    (visit,) = [one for one in docs if one["resourceType"] == "Encounter"]
    kind = [part["code"] for part in visit["type"][0]["coding"]]
    return visit["status"], visit["class"]["code"], visit["period"], kind, visit["reasonCode"][0]["text"], visit["location"][0]["location"]["display"]


def reports(docs):
    """Services with what was concluded."""
    return {(one["code"]["text"], one["code"]["coding"][0]["code"], one["conclusion"]) for one in docs if one["resourceType"] == "DiagnosticReport"}
