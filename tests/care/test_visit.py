"""A visit from the door to its end: each act one transaction, in the record as FHIR that the national profiles accept."""

from __future__ import annotations

from decimal import Decimal

from tests.care.conftest import STATION, nurse
from yba import care, record
from yba.kit.db import unit_of_work


def test_a_visit_opens_the_record_and_leaves_what_a_claim_would(conn, person):
    by = nurse()
    with unit_of_work(by=by) as mine:
        visit = care.start(mine, by=by, person_id=person, facility=STATION, reason="Đau đầu")
        assert (visit.state, visit.number) == (care.State.OPEN, 1)
        assert care.start(mine, by=by, person_id=person, facility=STATION) == visit
        done = care.measure(
            mine, by=by, visit=visit.id, number=1, values={"systolic": Decimal(150), "diastolic": Decimal(90), "weight": Decimal("61.5")}
        )
        assert [one.rtype for one in done.saved] == ["Observation", "Observation"]
        done = care.diagnose(mine, by=by, visit=visit.id, number=2, diagnoses=[care.Diagnosis("I10"), care.Diagnosis("E11.9")])
        closed = care.close(mine, by=by, visit=visit.id, number=3)
        assert closed.visit.state is care.State.CLOSED
        found = record.of_person(mine, by=by, person_id=person)
    assert {one.rtype for one in found} >= {"Encounter", "Condition", "Observation", "Patient"}
