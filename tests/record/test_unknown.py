"""An unknown patient's record from arrival to the day somebody says who it was, and back."""

from uuid import UUID

import pytest

from tests.identity.people import facts
from yba import access, audit, identity, record
from yba.access import Denied
from yba.kit import Actor, Grant, NotFound, clock
from yba.kit.db import reading, unit_of_work

OPERATOR, SYSTEM = Actor.operator(), Actor.system("test")
FACILITY = "11001"


def doctor(facility=FACILITY):
    return Actor.user(UUID(int=9), [Grant("doctor", frozenset({facility}))], purpose="treatment")


def arrive(by=OPERATOR, **more):
    with unit_of_work(by=by) as conn:
        return record.register_unknown(conn, by=by, facility=FACILITY, sex="male", age=(30, 45), marks="sẹo dài ở má trái", **more)


def known_person(conn):
    [found] = identity.resolve_many(
        conn, by=SYSTEM, facts=[facts(local_id="K", name="Quàng Văn Thật", birth="1985-07-30", sex="male", citizen_number="011085000002")]
    )
    record.put_many(conn, by=SYSTEM, puts=[record.unknown._patient(str(found.person_id), found.person_id, found.golden, "")])
    return found.person_id


def patients(person):
    with reading(by=OPERATOR) as conn:
        return sorted(one.id for one in record.of_person(conn, by=OPERATOR, person_id=person) if one.rtype == "Patient")


@pytest.mark.law("SKDT-R10")
def test_care_begins_without_a_name(database):
    patient = arrive(by=doctor())
    with reading(by=doctor()) as conn:
        assert record.find_person(conn, by=doctor(), number=patient.code) == patient.person_id
    with reading(by=doctor()) as conn:
        assert record.page_of(conn, by=doctor(), person_id=patient.person_id)  # within reach by the visit
    assert len(patients(patient.person_id)) == 2
    with reading(by=doctor("11002")) as conn:
        assert not access.reaches(conn, by=doctor("11002"), right=access.Right.RECORD_CLINICAL_READ, person_id=patient.person_id)
    with reading(by=OPERATOR) as conn:
        assert "sẹo" not in "".join(one.json for one in record.of_person(conn, by=OPERATOR, person_id=patient.person_id))
        assert {row.tag for row in audit.trail(conn, by=OPERATOR, person=patient.person_id)} >= {"identity:unknown:register", "record:resource:put"}


@pytest.mark.law("SKDT-R10", "EMR-R05")
def test_identified_everything_goes_to_the_known_person_and_an_undo_brings_it_back(database):
    patient = arrive()
    with unit_of_work(by=OPERATOR) as conn:
        known = known_person(conn)
        health = identity.record_health_id(conn, by=OPERATOR, person_id=known, number="011085000002", source="paper")
    before = patients(patient.person_id)
    with unit_of_work(by=OPERATOR) as conn:
        record.identify_unknown(conn, by=OPERATOR, code=patient.code, known=known, reason="Người nhà nhận dạng, có CCCD")
    with reading(by=OPERATOR) as conn:
        assert identity.find(conn, by=OPERATOR, id=patient.code) == [known]
        assert record.find_person(conn, by=OPERATOR, number=patient.code) == known
        assert identity.find(conn, by=OPERATOR, id=str(patient.person_id)) == [known]
        assert [one.value for one in identity.health_ids(conn, by=OPERATOR, person_id=known)] == [health.value]
        assert identity.unknowns(conn, by=OPERATOR) == []
        assert identity.reviews(conn, by=OPERATOR, kind="unknown-patient") == []
        [act] = identity.acts_of(conn, by=OPERATOR, person_id=known)
    assert str(identity.patient_id(FACILITY, patient.code)) in patients(known)
    with unit_of_work(by=OPERATOR) as conn:
        plan = identity.plan_undo(conn, by=OPERATOR, act=act.id, reason="Nhận nhầm người")
        record.carry_out(conn, by=OPERATOR, plan=plan)
    assert patients(patient.person_id) == before
    with reading(by=OPERATOR) as conn:
        assert identity.find(conn, by=OPERATOR, id=patient.code) == [patient.person_id]


def test_the_same_person_now_with_papers_needs_no_merge(database):
    patient = arrive()
    with unit_of_work(by=OPERATOR) as conn:
        record.identify_unknown(conn, by=OPERATOR, code=patient.code, known=patient.person_id, reason="Tỉnh lại, xuất trình CCCD")
        identity.record_health_id(conn, by=OPERATOR, person_id=patient.person_id, number="011085000003", source="paper")
    with reading(by=OPERATOR) as conn:
        assert identity.find(conn, by=OPERATOR, id=patient.code) == identity.find(conn, by=OPERATOR, id="011085000003") == [patient.person_id]


def test_who_may_not_merge_or_reach_identifies_nobody(database):
    patient = arrive()
    with unit_of_work(by=OPERATOR) as conn:
        known = known_person(conn)
    for who in (doctor(), Actor.user(UUID(int=3), [Grant("record-clerk", frozenset({"11002"}))], purpose="administration")):
        with pytest.raises((Denied, NotFound)), unit_of_work(by=who) as conn:
            record.identify_unknown(conn, by=who, code=patient.code, known=known, reason="không được phép")
    with reading(by=OPERATOR) as conn:
        assert identity.unknown(conn, by=OPERATOR, code=patient.code).identified_at is None


def test_a_failure_on_the_way_leaves_nothing(database, monkeypatch):
    def fail(*_, **__):
        raise NotFound

    monkeypatch.setattr(access, "relate_many", fail)
    with pytest.raises(NotFound):
        arrive()
    with reading(by=OPERATOR) as conn:
        assert identity.unknowns(conn, by=OPERATOR, every=True) == []
        assert conn.execute("SELECT count(*) FROM person").fetchone() == (0,)


def test_arrival_may_be_told_later(database):
    with clock.frozen("2026-11-22T10:00"):
        patient = arrive(arrived_at=clock.now().replace(hour=4))
    assert (patient.notify_by - patient.arrived_at).total_seconds() == 48 * 3600
