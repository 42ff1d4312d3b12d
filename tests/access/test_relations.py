"""Relations of care and emergency access against the real tables, as the app role."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from yba import access, audit
from yba.access import Denied, EmergencyState, Held, Relation, RelationKind, Right, Row, UnitKind
from yba.kit import Actor, Conflict, Grant, Invalid, NotFound, clock, new_id
from yba.kit.db import unit_of_work

AN, BINH, LAN = UUID(int=0xA), UUID(int=0xB), UUID(int=0xC)
CLAIM, OTHER = UUID(int=0xC1), UUID(int=0xC2)
SYSTEM = Actor.system("test")
REASON = "Bệnh nhân hôn mê, nghi dị ứng thuốc"


ONE, TWO, THREE = UUID(int=7), UUID(int=8), UUID(int=70)


def doctor(account=ONE, facility="01003"):
    return Actor.user(account, [Grant("doctor", frozenset({facility}))], purpose="treatment")


def officer(account=TWO):
    return Actor.user(account, [Grant("privacy-officer")], purpose="oversight")


def citizen(person):
    return Actor.user(UUID(int=9), [Grant("citizen", persons=frozenset({person}))], purpose="own-record")


def visit(person=AN, facility="01003", source=CLAIM, days=1, ended=None):
    now = clock.now()
    return Relation(
        person,
        UnitKind.FACILITY,
        facility,
        RelationKind.VISIT,
        now - timedelta(days=days),
        None if ended is None else now - timedelta(days=ended),
        "Claim",
        str(source),
        source,
    )


def opens(conn, by, person=AN, right=Right.RECORD_CLINICAL_READ):
    with unit_of_work(by=by) as inner:
        return access.reaches(inner, by=by, right=right, person_id=person)


def why(conn, by):
    with unit_of_work(by=by) as inner:
        return access.reasons(inner, by=by, right=Right.RECORD_CLINICAL_READ, person_id=AN)


@pytest.mark.parametrize("fresh", [True, False])
def test_a_relation_opens_the_record_to_its_facility_alone(conn, fresh):
    assert not opens(conn, doctor())
    with unit_of_work(by=SYSTEM) as inner:
        assert access.relate_many(inner, by=SYSTEM, relations=[visit()], fresh=fresh) == 1
    assert opens(conn, doctor())
    assert not opens(conn, doctor(facility="79001"))
    assert not opens(conn, doctor(), person=BINH)


def test_writing_again_is_as_writing_once_and_takes_the_new_end(conn):
    for relation in (visit(), visit(ended=0), visit(ended=0)):
        access.relate_many(conn, by=SYSTEM, relations=[relation, relation])
    (kept,) = access.relations_of(conn, by=Actor.operator(), person_id=AN)
    assert kept.end is not None
    assert (kept.unit_kind, kept.unit, kept.kind, kept.source_id) == (UnitKind.FACILITY, "01003", RelationKind.VISIT, CLAIM)


@pytest.mark.parametrize(("ended", "seen"), [(29, True), (31, False)])
def test_the_right_outlives_the_visit_by_thirty_days(conn, ended, seen):
    access.relate_many(conn, by=SYSTEM, relations=[visit(days=60, ended=ended)])
    assert opens(conn, doctor()) is seen


@pytest.mark.parametrize(("since", "seen"), [(10, True), (5, True), (1, False), (-1, False)])
def test_who_came_after_a_visit_ended_does_not_inherit_the_days_after_it(conn, since, seen):
    """The visit ended three days ago: who was there then follows it up for thirty days, who moved there yesterday does not."""
    access.relate_many(conn, by=SYSTEM, relations=[visit(days=60, ended=3)])
    grant = Grant("doctor", frozenset({"01003"}), since=clock.now() - timedelta(days=since))
    by = Actor.user(ONE, [grant], purpose="treatment")
    assert opens(conn, by) is seen
    assert bool(why(conn, by)) is seen


def test_who_came_during_a_visit_has_it_and_the_days_after(conn):
    access.relate_many(conn, by=SYSTEM, relations=[visit(days=60)])
    by = Actor.user(ONE, [Grant("doctor", frozenset({"01003"}), since=clock.now() - timedelta(days=1))], purpose="treatment")
    assert opens(conn, by)
    access.end_relations(conn, by=SYSTEM, source_ids=[CLAIM], at=clock.now() - timedelta(hours=1))
    assert opens(conn, by)


def test_what_was_taken_back_counts_no_more_until_it_is_written_again(conn):
    access.relate_many(conn, by=SYSTEM, relations=[visit()])
    assert access.void_relations(conn, by=SYSTEM, source_ids=[CLAIM], reason="withdrawn") == 1
    assert not opens(conn, doctor())
    assert access.relations_of(conn, by=Actor.operator(), person_id=AN) == []
    access.relate_many(conn, by=SYSTEM, relations=[visit()])
    assert opens(conn, doctor())


def test_an_end_is_never_moved_later_by_ending_again(conn):
    access.relate_many(conn, by=SYSTEM, relations=[visit(days=60, ended=40)])
    assert access.end_relations(conn, by=SYSTEM, source_ids=[CLAIM], at=clock.now()) == 0
    assert not opens(conn, doctor())


def test_staff_cannot_relate_themselves(conn):
    by = doctor()
    with unit_of_work(by=by) as inner, pytest.raises(Denied):
        access.relate_many(inner, by=by, relations=[visit()])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM relation",
        "TRUNCATE relation",
        "SELECT 1 FROM relation_all",
        "UPDATE emergency SET reason = 'x'",
        "UPDATE notice SET at = now()",
        "DELETE FROM emergency",
    ],
)
def test_the_app_role_cannot_take_away_what_is_written(conn, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        conn.execute(statement)


def test_a_doctor_cannot_write_a_relation_around_the_door(conn):
    by = doctor()
    with pytest.raises(psycopg.errors.InsufficientPrivilege), unit_of_work(by=by) as inner:
        inner.execute(
            "INSERT INTO relation (start_at, person_id, source_id, unit, kind, ground_type, ground_id) VALUES (now(), %s, %s, %s, 'visit', '', '')",
            (AN, new_id(), f"user:{by.account}"),
        )


def break_glass(by, **more):
    given = {"person_id": AN, "ground": "unconscious", "reason": REASON, **more}
    with unit_of_work(by=by) as inner:
        return access.break_glass(inner, by=by, **given)


@pytest.mark.law("BAOMAT-CB-R20")
def test_breaking_the_glass_opens_one_record_for_a_time_tells_the_person_and_waits_for_review(conn):
    by = doctor()
    made = break_glass(by)
    assert opens(conn, by)
    assert not opens(conn, by, person=BINH)
    assert not opens(conn, doctor(THREE))  # the colleague at the same hospital
    held = [Held(AN, "emergency", f"user:{by.account}", made.opened_at, made.ends_at)]
    shown = {
        label: access.permits(by, Right.RECORD_CLINICAL_READ, Row(AN, labels=frozenset({label}), rtype="Procedure"), held)
        for label in ("hiv", "assisted-reproduction", "surrogacy")
    }
    assert shown == {"hiv": True, "assisted-reproduction": False, "surrogacy": False}  # never a donor's identity
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert not opens(conn, by)
    own = citizen(AN)
    with unit_of_work(by=own) as inner:
        (told,) = access.notices_of(inner, by=own, person_id=AN)
    assert (told.emergency_id, told.facility, told.role) == (made.id, "01003", "doctor")
    reviewer = officer()
    with unit_of_work(by=reviewer) as inner:
        (waiting,) = access.emergencies(inner, by=reviewer)
        assert access.emergency_counts(inner, by=reviewer, since=made.opened_at, until=clock.now() + timedelta(days=1)) == [
            ("01003", EmergencyState.OPEN, 1)
        ]
        assert (waiting.id, waiting.reason, waiting.review_by - waiting.opened_at) == (made.id, REASON, timedelta(days=3))
        done = access.review_emergency(inner, by=reviewer, id=made.id, verdict=EmergencyState.UNJUSTIFIED, words="Người bệnh không ở cơ sở này")
        assert done.state is EmergencyState.UNJUSTIFIED
        assert access.emergencies(inner, by=reviewer) == []
        with pytest.raises(Conflict):
            access.review_emergency(inner, by=reviewer, id=made.id, verdict=EmergencyState.JUSTIFIED, words="Đổi ý kiến về lần này")
    with clock.frozen(clock.now() + timedelta(seconds=1)):
        assert not opens(conn, by)  # found wrong: it ends at once
    with unit_of_work(by=own) as inner:
        assert {one.kind for one in access.notices_of(inner, by=own, person_id=AN)} == {"emergency", "unjustified"}
    tags = {entry.tag for entry in audit.trail(conn, by=Actor.operator(), person=AN)}
    assert {"access:emergency:open", "access:emergency:review", "access:notice:read"} <= tags


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"reason": "gấp"}, Invalid),
        ({"reason": "aaaaaaaaaaaaaa"}, Invalid),
        ({"reason": "a b         c     "}, Invalid),
        ({"ground": "curious"}, Invalid),
        ({"facility": "79001"}, Invalid),
    ],
)
def test_without_ground_reason_or_place_the_glass_stays_whole(conn, more, error):
    with pytest.raises(error):
        break_glass(doctor(), **more)
    assert conn.execute("SELECT (SELECT count(*) FROM emergency), (SELECT count(*) FROM relation), (SELECT count(*) FROM notice)").fetchone() == (
        0,
        0,
        0,
    )


@pytest.mark.parametrize(
    "by", [officer(), Actor.operator(), citizen(AN), Actor.operator().acting_as(Grant("doctor", frozenset({"01003"})), purpose="treatment")]
)
def test_only_clinical_users_break_the_glass(conn, by):
    with pytest.raises(Denied):
        break_glass(by)


def test_nobody_reviews_his_own(conn):
    both = Actor.user(UUID(int=7), [Grant("doctor", frozenset({"01003"})), Grant("privacy-officer")], purpose="treatment")
    made = break_glass(both)
    reviewer = both.for_purpose("oversight")
    with unit_of_work(by=reviewer) as inner, pytest.raises(Denied):
        access.review_emergency(inner, by=reviewer, id=made.id, verdict=EmergencyState.JUSTIFIED, words="Tôi thấy hợp lý mà")


def test_who_may_not_list_emergencies_learns_nothing_of_them(conn):
    made = break_glass(doctor())
    other = citizen(BINH)
    with unit_of_work(by=other) as inner:
        with pytest.raises(Denied):
            access.emergencies(inner, by=other)
        assert access.notices_of(inner, by=other, person_id=AN) == []
        assert inner.execute("SELECT count(*) FROM emergency").fetchone() == (0,)
    reviewer = officer()
    with unit_of_work(by=reviewer) as inner, pytest.raises(NotFound):
        access.review_emergency(inner, by=reviewer, id=new_id(), verdict=EmergencyState.JUSTIFIED, words="Không có lần này")
    assert made.state is EmergencyState.OPEN


def test_all_of_it_or_nothing(conn):
    with pytest.raises(psycopg.errors.DivisionByZero), unit_of_work(by=doctor()) as inner:  # noqa: PT012  # both in one unit
        access.break_glass(inner, by=doctor(), person_id=AN, ground="life", reason=REASON)
        inner.execute("SELECT 1/0")
    assert conn.execute("SELECT count(*) FROM audit_event WHERE tag = 'access:emergency:open'").fetchone() == (0,)
    assert not opens(conn, doctor())
