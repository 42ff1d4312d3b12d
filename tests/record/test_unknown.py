"""An unknown patient's record from arrival to the day somebody says who it was, and back."""

from uuid import UUID

import pytest

from tests.identity.people import facts
from yba import access, audit, identity, record
from yba.access import Denied
from yba.identity.jobs import remind as remind_job
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


CARD = identity.CitizenCard("011085000002", "040123456", "Quàng Văn Thật", "1985-07-30", "male", "Bản Nà Lay", "2021-05-01")


def kinds(state=identity.ReviewState.OPEN):
    with reading(by=OPERATOR) as conn:
        return sorted(one.kind for one in identity.reviews(conn, by=OPERATOR, state=state))


def remind():
    remind_job(by=Actor.system("identity:unknown:remind"))


def clerk(facility=FACILITY):
    return Actor.user(UUID(int=3), [Grant("record-clerk", frozenset({facility}))], purpose="administration")


@pytest.mark.law("SKDT-R10")
def test_when_the_clock_runs_out_the_facilitys_clerks_find_it_on_their_desk_once(database):
    with clock.frozen("2026-11-20T08:00"):
        patient = arrive()
        remind()
        assert kinds() == ["unknown-patient"]
    with clock.frozen("2026-11-22T08:01"):
        remind()
        remind()
        assert kinds() == ["unknown-overdue", "unknown-patient"]
        with reading(by=clerk()) as conn:
            assert identity.desk_queue(conn, by=clerk()).found[0].item.kind == "unknown-overdue", "the first of its desk"
        with reading(by=clerk("11002")) as conn:
            assert identity.desk_queue(conn, by=clerk("11002")).found == ()
        with unit_of_work(by=clerk()) as conn:
            identity.note_commune_told(conn, by=clerk(), code=patient.code, how="Công văn số 12/BV")
        assert kinds() == []
        remind()
        assert kinds() == []


def test_a_death_brings_the_clock_forward(database):
    with clock.frozen("2026-11-20T08:00"):
        patient = arrive()
        with unit_of_work(by=OPERATOR) as conn:
            identity.note_unknown_death(conn, by=OPERATOR, code=patient.code, at=clock.now())
    with clock.frozen("2026-11-21T08:01"):
        remind()
        assert "unknown-overdue" in kinds()


def test_an_identification_that_was_undone_makes_unknown_again_and_reminds_again(database):
    with clock.frozen("2026-11-20T08:00"):
        patient = arrive()
        with unit_of_work(by=OPERATOR) as conn:
            known = known_person(conn)
    with clock.frozen("2026-11-22T09:00"):
        remind()
        with unit_of_work(by=OPERATOR) as conn:
            done = record.identify_unknown(conn, by=OPERATOR, code=patient.code, known=known, reason="Người nhà nhận dạng")
        assert done.is_known
        assert kinds() == []
        with unit_of_work(by=OPERATOR) as conn:
            [act] = identity.acts_of(conn, by=OPERATOR, person_id=known)
            record.carry_out(conn, by=OPERATOR, plan=identity.plan_undo(conn, by=OPERATOR, act=act.id, reason="Nhận nhầm người"))
        with reading(by=OPERATOR) as conn:
            [again] = identity.unknowns(conn, by=OPERATOR)
            assert (again.code, again.is_known, again.is_overdue, again.marks) == (patient.code, False, True, "sẹo dài ở má trái")
        remind()
        assert kinds() == ["unknown-overdue"]
        with unit_of_work(by=OPERATOR) as conn:
            record.identify_unknown(conn, by=OPERATOR, code=patient.code, known=known, reason="Đúng là người này")
        with reading(by=OPERATOR) as conn:
            assert identity.unknowns(conn, by=OPERATOR) == []


def test_papers_of_nobody_known_name_the_patient(database):
    patient = arrive()
    with unit_of_work(by=clerk()) as conn:
        done = record.identify_by_papers(conn, by=clerk(), code=patient.code, papers=CARD, reason="Tỉnh lại, xuất trình CCCD")
    assert done.identified_as == patient.person_id
    with reading(by=OPERATOR) as conn:
        view = identity.person(conn, by=OPERATOR, person_id=patient.person_id)
        assert view.golden["name"][0]["text"] == "Quàng Văn Thật"
        assert view.golden["birthDate"] == "1985-07-30"
        for number in (CARD.number, CARD.old, patient.code):
            assert identity.find(conn, by=OPERATOR, id=number) == [patient.person_id], number
        assert identity.unknowns(conn, by=OPERATOR) == []
        stored = record.get(conn, by=OPERATOR, rtype="Patient", id=str(patient.person_id))
        assert "Quàng Văn Thật" in stored.json


def test_papers_of_somebody_known_elsewhere_ask_the_officer_whose_merge_makes_known(database):
    patient = arrive()
    with unit_of_work(by=OPERATOR) as conn:
        said = facts("11002", "K", name="Quàng Văn Thật", birth="1985-07-30", sex="male", citizen_number=CARD.number)
        [found] = identity.resolve_many(conn, by=SYSTEM, facts=[said])
    known = found.person_id
    with unit_of_work(by=clerk()) as conn:
        assert record.identify_by_papers(conn, by=clerk(), code=patient.code, papers=CARD, reason="Xuất trình CCCD") is None
    assert kinds() == ["identifiers-disagree", "unknown-patient"]
    with reading(by=OPERATOR) as conn:
        assert [one.is_known for one in identity.unknowns(conn, by=OPERATOR)] == [False]
    with unit_of_work(by=OPERATOR) as conn:
        plan = identity.plan_merge(conn, by=OPERATOR, keep=known, drop=patient.person_id, reason="Giấy tờ gốc")
        record.carry_out(conn, by=OPERATOR, plan=record.weigh(conn, by=OPERATOR, plan=plan))
    with reading(by=OPERATOR) as conn:
        assert identity.unknowns(conn, by=OPERATOR) == []
        assert identity.unknown(conn, by=OPERATOR, code=patient.code).identified_as == known
    remind()
    assert "unknown-patient" not in kinds()
