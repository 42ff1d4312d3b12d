"""Restricted categories at a desk: however a visit is cut into acts, its Encounter and what was written for a diagnosis keep them."""

from decimal import Decimal

from tests.care.conftest import OPERATOR, STATION
from yba import care
from yba.kit.db import reading, unit_of_work


def labels():
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT rtype, labels FROM resource WHERE rtype <> 'Patient' AND NOT deleted").fetchall()
    return {rtype: tuple(found or ()) for rtype, found in rows}


def act(by, does, visit, number, **more):
    with unit_of_work(by=by) as conn:
        return does(conn, by=by, visit=visit.id, number=number, **more)


def test_a_visit_stays_restricted_when_it_is_closed_and_opens_when_the_diagnosis_was_wrong(conn, person, by):
    with unit_of_work(by=by) as mine:
        visit = care.start(mine, by=by, person_id=person, facility=STATION)
    act(by, care.diagnose, visit, 1, diagnoses=[care.Diagnosis("F20")])
    pills = care.Drug("", "Thuốc A", "viên", Decimal(1), 1, 5)
    act(by, care.prescribe, visit, 2, drugs=[pills])
    assert labels() == {"Encounter": ("psychiatry",), "Condition": ("psychiatry",), "MedicationRequest": ()}
    act(by, care.diagnose, visit, 3, diagnoses=[care.Diagnosis("I10")], reason="ghi nhầm")
    assert labels() == {"Encounter": (), "Condition": (), "MedicationRequest": ()}
    act(by, care.diagnose, visit, 4, diagnoses=[care.Diagnosis("I10"), care.Diagnosis("F20")])
    act(by, care.close, visit, 5)
    assert labels()["Encounter"] == ("psychiatry",), "closing writes the Encounter alone"
