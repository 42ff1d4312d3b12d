"""Reads under rights: what a restricted category hides is nowhere in what comes back, and no count, search or version tells of it."""

from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yba import access
from yba.access import Denied, Relation, RelationKind, UnitKind
from yba.fhir import search
from yba.kit import Actor, Forbidden, Grant, NotFound, clock
from yba.kit.db import reading, unit_of_work
from yba.operations.bench_web import counted
from yba.record import bundle_of, coverage_of_data, find_person, get, history, of_person, page_of, put_many, with_tokens

AN, CHILD = UUID(int=0xA), UUID(int=0xC)
SYSTEM, OPERATOR = Actor.system("test"), Actor.operator()
ACCOUNT = UUID(int=7)


def user(role, purpose, *, facility="01003", **grant):
    return Actor.user(ACCOUNT, [Grant(role, frozenset({facility} if facility else ()), **grant)], purpose=purpose)


DOCTOR = user("doctor", "treatment")
CITIZEN = user("citizen", "own-record", facility="", persons=frozenset({AN}))
READERS = {"operator": OPERATOR, "client": Actor.facility_client("01003"), "doctor": DOCTOR}
VISIT = Relation(AN, UnitKind.FACILITY, "01003", RelationKind.VISIT, clock.now() - timedelta(days=3), None, "Claim", "1", UUID(int=0xC1))


@pytest.fixture
def filled(database, put, condition):
    """One visit's conditions, one of them restricted; a doctor's facility is related to the person."""
    patient = {"resourceType": "Patient", "id": str(AN), "identifier": [{"system": "s", "value": "011159000001"}]}
    with unit_of_work(by=OPERATOR) as conn:
        put_many(conn, by=OPERATOR, puts=[put(patient, source=None), put(condition(1)), put(condition(2, "B20"), labels=("hiv",))])
        access.relate_many(conn, by=OPERATOR, relations=[VISIT])
    return database


def everything(by, put, condition):
    """All that reads give an actor of An."""
    with unit_of_work(by=by) as conn:
        page = page_of(conn, by=by, person_id=AN)
        found = [
            sorted(one.id for one in of_person(conn, by=by, person_id=AN)),
            [get(conn, by=by, rtype="Condition", id=f"c{n}") is not None for n in (1, 2)],
            [len(history(conn, by=by, rtype="Condition", id=f"c{n}")) for n in (1, 2)],
            coverage_of_data(conn, by=by, person_id=AN),
            (page.problems, page.data, page.visits),
        ]
        if by.kind.value != "user" or access.holds(by, access.Right.RECORD_CLINICAL_SEARCH):
            for code in ("I10", "B20"):
                token = search.token("code", "http://icd", code)
                found += [[one.id for one in with_tokens(conn, by=by, rtype="Condition", tokens=[token], person_id=person)] for person in (None, AN)]
    return found


@pytest.mark.law("BAOMAT-CB-R02")
@pytest.mark.parametrize("name", READERS)
def test_a_restricted_row_changes_no_answer(filled, put, condition, name):
    by = READERS[name]
    with_it = everything(by, put, condition)
    with filled.as_owner() as conn:
        conn.execute("DELETE FROM resource WHERE labels IS NOT NULL")
        conn.commit()
    assert everything(by, put, condition) == with_it, "searches, counts and pages are those of a record without it"


@pytest.mark.parametrize("name", READERS)
def test_only_that_something_is_masked_is_said(filled, name):
    by = READERS[name]
    with reading(by=by) as conn:
        assert page_of(conn, by=by, person_id=AN).masked
    with filled.as_owner() as conn:
        conn.execute("DELETE FROM resource WHERE labels IS NOT NULL")
        conn.commit()
    with reading(by=by) as conn:
        assert not page_of(conn, by=by, person_id=AN).masked


def test_a_person_sees_all_of_the_own_record_and_exports_it(filled):
    with reading(by=CITIZEN) as conn:
        assert {one.id for one in of_person(conn, by=CITIZEN, person_id=AN)} == {str(AN), "c1", "c2"}
        assert not page_of(conn, by=CITIZEN, person_id=AN).masked
        assert orjson.loads(bundle_of(conn, by=CITIZEN, person_id=AN))["total"] == 3
    with reading(by=CITIZEN) as conn, pytest.raises(NotFound):
        page_of(conn, by=CITIZEN, person_id=CHILD)


def test_what_is_restricted_now_is_not_shown_by_its_earlier_version(filled, put, condition):
    with unit_of_work(by=OPERATOR) as conn:
        put_many(conn, by=OPERATOR, puts=[put(condition(1, "B20"), labels=("hiv",))])
    for by in READERS.values():
        with reading(by=by) as conn:
            assert history(conn, by=by, rtype="Condition", id="c1") == []
    with reading(by=CITIZEN) as conn:
        assert [one.version for one in history(conn, by=CITIZEN, rtype="Condition", id="c1")] == [2, 1]


def test_without_a_relation_a_doctor_finds_a_person_and_reads_nothing(filled):
    other = user("doctor", "treatment", facility="79001")
    with reading(by=other) as conn:
        assert find_person(conn, by=other, number="011159000001") == AN
    with reading(by=other) as conn:
        with pytest.raises(NotFound):
            page_of(conn, by=other, person_id=AN)
        assert of_person(conn, by=other, person_id=AN) == []
        assert get(conn, by=other, rtype="Condition", id="c1") is None


@pytest.mark.parametrize("role", ["provincial-manager", "data-scientist", "system-administrator", "privacy-officer", "facility-administrator"])
def test_roles_without_clinical_rights_are_refused(filled, role):
    by = user(role, {"data-scientist": "research", "privacy-officer": "oversight"}.get(role, "administration"))
    with reading(by=by) as conn:
        for read in (
            lambda: page_of(conn, by=by, person_id=AN),
            lambda: bundle_of(conn, by=by, person_id=AN),
            lambda: of_person(conn, by=by, person_id=AN),
        ):
            with pytest.raises(Denied):
                read()


def test_who_may_read_may_not_write(filled, put, condition):
    for by in (DOCTOR, CITIZEN):
        with unit_of_work(by=by) as conn, pytest.raises(Forbidden):
            put_many(conn, by=by, puts=[put(condition(9))])


def test_a_certificate_at_home_with_the_child_is_read_in_the_mothers_record(filled, put):
    paper = put({"resourceType": "Composition", "id": "p1", "title": "Giấy chứng sinh", "date": "2026-03-02"}, person=CHILD)
    weight = put({"resourceType": "Observation", "id": "w1", "status": "final"}, person=CHILD)
    paper.also = (AN,)
    with unit_of_work(by=OPERATOR) as conn:
        put_many(conn, by=OPERATOR, puts=[paper, weight])
    for by in (DOCTOR, CITIZEN):
        with reading(by=by) as conn:
            assert {"p1"} <= {one.id for one in of_person(conn, by=by, person_id=AN)}
            assert [one.title for one in page_of(conn, by=by, person_id=AN).papers] == ["Giấy chứng sinh"]
            assert of_person(conn, by=by, person_id=CHILD) == [], "the child's own record is another's"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example puts the same row anew
@given(
    labels=st.lists(st.sampled_from(["hiv", "psychiatry", "tuberculosis", "genetic"]), unique=True, max_size=2),
    facility=st.sampled_from(["01003", "79001"]),
)
def test_every_read_gives_what_the_rules_permit(filled, put, condition, labels, facility):
    with unit_of_work(by=OPERATOR) as conn:
        put_many(conn, by=OPERATOR, puts=[put(condition(5), labels=tuple(labels), facility=facility)])
    held = [access.Held(AN, "visit", "facility:01003", VISIT.start, None)]
    row = access.Row(AN, facility, frozenset(labels), "Condition")
    for by in (*READERS.values(), CITIZEN):
        expected = access.permits(by, access.Right.RECORD_CLINICAL_READ, row, held)
        with reading(by=by) as conn:
            assert (get(conn, by=by, rtype="Condition", id="c5") is not None) is expected
            assert ("c5" in {one.id for one in of_person(conn, by=by, person_id=AN)}) is expected


def test_what_is_masked_is_asked_only_of_who_ever_had_something_restricted(filled, put):
    patient = {"resourceType": "Patient", "id": str(CHILD)}
    with unit_of_work(by=OPERATOR) as conn:
        put_many(conn, by=OPERATOR, puts=[put(patient, person=CHILD, source=None)])
        access.relate_many(conn, by=OPERATOR, relations=[VISIT._replace(person_id=CHILD, source_id=UUID(int=0xC2))])
    sent = {}
    for person in (AN, CHILD):
        with unit_of_work(by=DOCTOR) as conn, counted() as sent[person]:
            assert page_of(conn, by=DOCTOR, person_id=person).masked == (person == AN)
    assert sum("yba.labels" in one for one in sent[AN]) == 2
    assert len(sent[CHILD]) == len(sent[AN]) - 3, "lifted, asked, laid again"


def test_the_statement_of_the_page_is_planned_once_and_no_other_for_it(filled):
    with unit_of_work(by=DOCTOR) as conn:
        for _ in range(2):
            page_of(conn, by=DOCTOR, person_id=AN)
        plans = conn.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%labelled_person WHERE%'"
        ).fetchall()
        assert plans[-1][0] >= 2
        assert {custom for _, custom in plans} == {0}
        assert conn.execute("SHOW plan_cache_mode").fetchone() == ("auto",)
