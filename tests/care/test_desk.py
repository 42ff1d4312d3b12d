"""What a desk must stand: two at one visit, a page sent twice, values nobody has, restricted diagnoses, somebody else's visit, a merge."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest

from tests.care.conftest import HOSPITAL, OPERATOR, STATION, nurse
from tests.record.rest_world import patient
from yba import access, care, identity, record
from yba.access import Denied, Right
from yba.care import store, worklist
from yba.kit import Conflict, Invalid, NotFound, clock
from yba.kit.db import reading, unit_of_work

D = Decimal
PRESSURE = {"systolic": D(150), "diastolic": D(90)}


def test_of_two_nurses_the_second_is_told_who_did_what(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION)
    other = nurse(account=22)
    with unit_of_work(by=other) as theirs:
        care.measure(theirs, by=other, visit=visit.id, number=visit.number, values=PRESSURE)
    with pytest.raises(care.Overtaken) as told:
        care.measure(mine, by=by, visit=visit.id, number=visit.number, values={"pulse": D(70)})
    assert [(one.who, one.kind) for one in told.value.acts] == [(other.name, "measure")]
    assert told.value.visit.number == 2
    again = care.measure(mine, by=by, visit=visit.id, number=told.value.visit.number, values={"pulse": D(70)})
    assert again.visit.number == 3


def test_a_page_sent_twice_writes_once(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION)
    first = care.measure(mine, by=by, visit=visit.id, number=1, values=PRESSURE, key="page-1")
    second = care.measure(mine, by=by, visit=visit.id, number=1, values=PRESSURE, key="page-1")
    assert (first.again, second.again, second.visit.number) == (False, True, 2)
    assert [one.kind for one in care.acts_of(mine, by=by, visit=visit.id)] == ["measure", "start"]
    one = care.follow_up(mine, by=by, person_id=person, facility=STATION, programme="hypertension", values=PRESSURE, next_on=None, key="k")
    assert care.follow_up(mine, by=by, person_id=person, facility=STATION, programme="hypertension", values=PRESSURE, next_on=None, key="k") == one


@pytest.mark.parametrize(
    ("values", "hard"),
    [
        ({"weight": D(700)}, {"weight": True}),
        ({"weight": D(160)}, {"weight": False}),
        ({"weight": D("NaN")}, {"weight": True}),
        ({"systolic": D(80), "diastolic": D(90)}, {"diastolic": True}),
        ({"systolic": D(120)}, {"diastolic": True}),
        ({"temperature": D("41.5"), "pulse": D(400)}, {"temperature": False, "pulse": True}),
    ],
)
def test_unusual_values_are_asked_about_and_impossible_ones_refused_even_when_confirmed(mine, by, person, values, hard):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    with pytest.raises(care.NotPlausible) as told:
        care.measure(mine, by=by, visit=visit, number=1, values=values)
    assert {one.field: one.hard for one in told.value.doubts} == hard
    if any(hard.values()):
        with pytest.raises(care.NotPlausible):
            care.measure(mine, by=by, visit=visit, number=1, values=values, confirmed=set(values))
    else:
        care.measure(mine, by=by, visit=visit, number=1, values=values, confirmed=set(values))


def test_what_is_no_code_or_no_day_is_said_at_once(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    with pytest.raises(care.NotPlausible) as told:
        care.diagnose(mine, by=by, visit=visit, number=1, diagnoses=[care.Diagnosis("I10"), care.Diagnosis("Q0.0"), care.Diagnosis("XX")])
    assert [one.field for one in told.value.doubts] == ["Q0.0", "XX"]
    for on in (clock.today(), clock.today() + timedelta(days=400)):
        with pytest.raises(Invalid):
            care.appoint(mine, by=by, visit=visit, number=1, on=on)
    with pytest.raises(Invalid):
        care.refer(mine, by=by, visit=visit, number=1, referral=care.Referral("99999", "?"))
    with pytest.raises(NotFound):
        care.start(mine, by=by, person_id=uuid4(), facility=STATION)


def test_diagnoses_are_changed_as_one_list(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    care.diagnose(mine, by=by, visit=visit, number=1, diagnoses=[care.Diagnosis("I10"), care.Diagnosis("E11.9")])
    changed = [care.Diagnosis("J06.9"), care.Diagnosis("I10")]
    with pytest.raises(care.NotPlausible) as told:
        care.diagnose(mine, by=by, visit=visit, number=2, diagnoses=changed)
    assert [one.field for one in told.value.doubts] == ["reason"]
    care.diagnose(mine, by=by, visit=visit, number=2, diagnoses=changed, reason="khám lại")
    found = [one.doc for one in record.of_person(mine, by=by, person_id=person)]
    assert sorted(one["code"]["coding"][0]["code"] for one in found if one["resourceType"] == "Condition") == ["I10", "J06.9"]
    assert care.favourites(mine, by=by, facility=STATION, list_id="icd10")[0] == "I10"


def test_a_restricted_diagnosis_can_be_written_and_is_masked_from_who_may_not_see_it(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    care.diagnose(mine, by=by, visit=visit, number=1, diagnoses=[care.Diagnosis("B20"), care.Diagnosis("I10")])
    other = nurse(account=22)
    with unit_of_work(by=other) as theirs:
        closed = care.close(theirs, by=other, visit=visit, number=2)
        assert closed.visit.state is care.State.CLOSED
        assert "B20" not in "".join(one.json for one in record.of_person(theirs, by=other, person_id=person))
    shown = record.of_person(mine, by=by, person_id=person)
    assert "B20" not in "".join(one.json for one in shown)


def test_another_facility_finds_nothing_and_may_nothing(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION)
    stranger = nurse(HOSPITAL, account=40)
    with unit_of_work(by=stranger) as theirs:
        with pytest.raises(NotFound):
            care.visit_of(theirs, by=stranger, visit=visit.id)
        with pytest.raises(NotFound):
            care.measure(theirs, by=stranger, visit=visit.id, number=1, values=PRESSURE)
        with pytest.raises(Denied):
            care.start(theirs, by=stranger, person_id=person, facility=STATION)
        with pytest.raises(Denied):
            care.work(theirs, by=stranger, facility=STATION)
        assert care.visits_of(theirs, by=stranger, person_id=person) == []


def test_only_a_visit_in_which_nothing_stands_is_cancelled_and_nothing_is_written_after_the_end(mine, by, person):
    visit = care.queue_up(mine, by=by, person_id=person, facility=STATION)
    assert visit.state is care.State.WAITING
    assert care.cancel(mine, by=by, visit=visit.id, number=1, reason="về").visit.state is care.State.CANCELLED
    with pytest.raises(Conflict):
        care.measure(mine, by=by, visit=visit.id, number=2, values=PRESSURE)
    second = care.start(mine, by=by, person_id=person, facility=STATION)
    assert second.id != visit.id
    care.measure(mine, by=by, visit=second.id, number=1, values=PRESSURE)
    with pytest.raises(Conflict):
        care.cancel(mine, by=by, visit=second.id, number=2, reason="về")


def test_the_work_list_says_who_waits_who_is_due_and_what_is_new(mine, by, person):
    done = care.follow_up(mine, by=by, person_id=person, facility=STATION, programme="hypertension", values=PRESSURE, next_on=None)
    assert done.state is care.State.CLOSED
    on = clock.today() + timedelta(days=14)  # above target: sooner
    (today,) = care.work(mine, by=by, facility=STATION, on=on)
    assert (today.why, today.programme, today.due, today.seen.name, today.seen.own) == (care.Why.TODAY, "hypertension", on, "Trần Thị Hường", True)
    (late,) = care.work(mine, by=by, facility=STATION, on=on + timedelta(days=3))
    assert late.why is care.Why.OVERDUE
    visit = care.queue_up(mine, by=by, person_id=person, facility=STATION)
    assert [one.why for one in care.work(mine, by=by, facility=STATION)] == [care.Why.WAITING]
    ordered = care.order(mine, by=by, visit=visit.id, number=1, orders=[care.Order("", "Đường huyết")])
    care.result(mine, by=by, visit=visit.id, number=2, results=[care.Result("Glucose", D(9), "mmol/L", request=ordered.saved[0].id)])
    found = care.work(mine, by=by, facility=STATION)
    assert [one.why for one in found] == [care.Why.WAITING, care.Why.RESULT]
    assert care.result_read(mine, by=by, item=found[1].item)
    assert not care.result_read(mine, by=by, item=found[1].item)
    with clock.frozen(clock.now() + timedelta(days=15)):
        care.start(mine, by=by, person_id=person, facility=STATION)
        assert [one.why for one in care.work(mine, by=by, facility=STATION)] == [care.Why.WAITING]


def test_a_visit_nobody_closed_yesterday_still_stands_in_the_list(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION)
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert [one.visit for one in care.work(mine, by=by, facility=STATION)] == [visit.id]
        assert care.start(mine, by=by, person_id=person, facility=STATION).id != visit.id


def test_other_rooms_add_their_items(mine, by, person, monkeypatch):
    due = care.Work(person, care.Why.TODAY, "start", due=clock.today(), programme="vaccination")
    monkeypatch.setattr(worklist._Known, "find", worklist._Known.find)  # put back afterwards

    def provider(conn, *, by, facility, on):
        return [due] if (facility, on) == (STATION, clock.today()) else []

    care.provide_by(lambda: (provider,))
    assert [one.programme for one in care.work(mine, by=by, facility=STATION)] == ["vaccination"]


def test_allergies_and_doubles_are_shown_and_stop_nobody(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION)
    allergy = {"resourceType": "AllergyIntolerance", "patient": {"reference": f"Patient/{visit.patient_id}"}, "code": {"text": "Amoxicilin"}}
    record.save(mine, by=by, writes=[record.Write("AllergyIntolerance", None, allergy, STATION)])
    drugs = [care.Drug("40.154", "Amoxicilin", "viên", D(1), 3, 5), care.Drug("40.30.501", "Amlodipin", "viên", D("0.5"), 1, 7)]
    first = care.prescribe(mine, by=by, visit=visit.id, number=1, drugs=drugs)
    assert [one.kind for one in first.warned] == ["allergy"]
    second = care.prescribe(mine, by=by, visit=visit.id, number=2, drugs=[drugs[1]])
    assert [one.kind for one in second.warned] == ["duplicate"]
    assert care.quantity_of(drugs[1]) == 4
    assert care.dose_text(drugs[1]) == "0,5 viên/lần * 1 lần/ngày * 7 ngày [4 viên]"


def test_a_visit_announces_itself_and_leaves_its_line_in_the_trail(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION)
    care.close(mine, by=by, visit=visit.id, number=1)
    with reading(by=OPERATOR.system("test")) as inner:
        kinds = [row[0] for row in inner.execute("SELECT kind FROM event WHERE about_id = %s ORDER BY position", (visit.encounter,))]
    assert kinds == ["care:visit:started", "care:visit:closed"]
    with reading(by=OPERATOR) as inner:
        rows = inner.execute(
            "SELECT tag, who, person_id FROM audit_event WHERE about_id = %s AND tag LIKE 'care:%%' ORDER BY id", (visit.encounter,)
        ).fetchall()
    assert rows == [("care:visit:start", by.name, person), ("care:visit:close", by.name, person)]


def test_visits_and_appointments_follow_a_merge_and_its_undo(conn, person):
    by = nurse()
    with unit_of_work(by=by) as mine:
        care.follow_up(mine, by=by, person_id=person, facility=STATION, programme="hypertension", values=PRESSURE, next_on=None)
        other = record.save(
            mine,
            by=by,
            writes=[
                record.Write("Patient", None, patient("N-7", facility=STATION, name="Trần Thị Hường", gender="female", birthDate="1959"), STATION)
            ],
        )[0].person_id
    with unit_of_work(by=OPERATOR) as inner:
        plan = record.weigh(inner, by=OPERATOR, plan=identity.plan_merge(inner, by=OPERATOR, keep=other, drop=person, reason="một người"))
        done = record.carry_out(inner, by=OPERATOR, plan=plan)
    with unit_of_work(by=by) as mine:
        assert [one.person_id for one in care.visits_of(mine, by=by, person_id=other)] == [other]
        assert care.visits_of(mine, by=by, person_id=person) == []
    with unit_of_work(by=OPERATOR) as inner:
        record.carry_out(
            inner, by=OPERATOR, plan=record.weigh(inner, by=OPERATOR, plan=identity.plan_undo(inner, by=OPERATOR, act=done.act, reason="nhầm"))
        )
    with unit_of_work(by=by) as mine:
        assert [one.person_id for one in care.visits_of(mine, by=by, person_id=person)] == [person]


def test_what_was_written_by_mistake_is_taken_back_with_its_reason(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    measured = care.measure(mine, by=by, visit=visit, number=1, values=PRESSURE).saved[0]
    booked = care.appoint(mine, by=by, visit=visit, number=2, on=clock.today() + timedelta(days=7)).saved[0]
    ordered = care.order(mine, by=by, visit=visit, number=3, orders=[care.Order("", "Đường huyết")]).saved[0]
    care.result(mine, by=by, visit=visit, number=4, results=[care.Result("Glucose", D(9), "mmol/L", request=ordered.id)])
    with pytest.raises(Conflict):
        care.take_back(mine, by=by, visit=visit, number=5, refs=[("ServiceRequest", ordered.id)], reason="nhầm")
    with pytest.raises(Invalid):
        care.take_back(mine, by=by, visit=visit, number=5, refs=[("Observation", measured.id)], reason=" ")
    with pytest.raises(NotFound):
        care.take_back(mine, by=by, visit=visit, number=5, refs=[("Observation", str(uuid4()))], reason="nhầm")
    refs = [("Observation", measured.id), ("Appointment", booked.id)]
    assert care.take_back(mine, by=by, visit=visit, number=5, refs=refs, reason="nhầm người").visit.number == 6
    assert {one.rtype for one in record.of_person(mine, by=by, person_id=person)}.isdisjoint({"Appointment"})
    assert care.Why.TODAY not in {one.why for one in care.work(mine, by=by, facility=STATION, on=clock.today() + timedelta(days=7))}
    with pytest.raises(NotFound):
        care.take_back(mine, by=by, visit=visit, number=6, refs=refs[:1], reason="nhầm")


def test_no_table_of_the_desks_is_read_through(conn, by):
    """At 20,000 visits and due items of many places, as the app role."""
    conn.execute(FILL)
    conn.execute("ANALYZE care_visit, care_due")
    with unit_of_work(by=by) as mine:
        seen = access.predicate(mine, by=by, right=Right.CARE_VISIT_READ, columns=store.OURS)
        asked = []
        spy = SimpleNamespace(execute=lambda text, given, **_: asked.append((text, given)) or SimpleNamespace(fetchall=list))
        store.queue(spy, STATION, clock.today(), seen)
        store.due(spy, STATION, clock.today(), 500, seen)
        store.of_person(spy, uuid4(), seen, 50)
        store.coming(spy, uuid4(), seen)
        store.under_way(spy, STATION, uuid4(), clock.today(), seen, key="page")
        for text, given in asked:
            plan = [row[0] for row in mine.execute(b"EXPLAIN " + text, given)]
            assert not [line for line in plan if "Seq Scan" in line], "\n".join(plan)


FILL = """
WITH n AS (SELECT i, md5(i::text)::uuid AS id, lpad((i % 200)::text, 5, '0') AS place FROM generate_series(1, 20000) i), v AS (
INSERT INTO care_visit (id, person_id, patient_id, facility, department, kind, state, reason, number, link, opened_by, opened_at, day)
SELECT id, id, id, place, '', 'exam', 'waiting', '', 1, i::text, 'x', now(), current_date - i % 90 FROM n)
INSERT INTO care_due (id, person_id, patient_id, facility, kind, programme, due, state, visit, noted_at)
SELECT id, id, id, place, 'appointment', '', current_date - i % 90, 'open', id, now() FROM n
"""
