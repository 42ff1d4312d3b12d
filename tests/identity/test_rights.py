"""Asking about people under rights: who may find, who may open, and what a facility sees of a person it shares with others."""

from uuid import UUID

import pytest

from tests.identity.people import CITIZEN, MAN, facts
from yba import access, identity
from yba.access import Denied, Relation, RelationKind, UnitKind
from yba.identity import Doubt, ReviewState
from yba.kit import Actor, Grant, NotFound, clock
from yba.kit.db import reading, unit_of_work

OPERATOR = Actor.operator()


def user(role, facility="11001", purpose="treatment"):
    return Actor.user(UUID(int=7), [Grant(role, frozenset({facility}))], purpose=purpose)


@pytest.fixture
def her(database):
    """One person, known at two facilities; the first has met a conflict and has a visit under way."""
    with unit_of_work(by=OPERATOR) as conn:
        here, there = identity.resolve_many(conn, by=OPERATOR, facts=[facts(citizen_number=CITIZEN), facts("99999", "Z9", citizen_number=CITIZEN)])
        assert here.person_id == there.person_id
        identity.report(conn, by=OPERATOR, doubts=[Doubt("visit-after-death", here.person_id, "11001", "1", {})])
        visit = Relation(here.person_id, UnitKind.FACILITY, "11001", RelationKind.VISIT, clock.now(), None, "Claim", "1", UUID(int=1))
        access.relate_many(conn, by=OPERATOR, relations=[visit])
    return here.person_id


def test_a_doctor_finds_anybody_and_opens_whom_a_relation_opens(her):
    here, elsewhere = user("doctor"), user("doctor", "99999")
    for by in (here, elsewhere):
        with reading(by=by) as conn:
            assert identity.find(conn, by=by, id=CITIZEN) == [her]
    with reading(by=here) as conn:
        view = identity.person(conn, by=here, person_id=her)
        assert {source.facility for source in view.sources} == {"11001", "99999"}
        assert view.reviews == (), "conflicts are the clerk's"
    with reading(by=elsewhere) as conn, pytest.raises(NotFound):
        identity.person(conn, by=elsewhere, person_id=her)


def test_a_clerk_sees_what_the_own_facility_said_and_settles_its_conflicts(her):
    clerk, other = user("record-clerk", purpose="administration"), user("record-clerk", "99999", purpose="administration")
    with reading(by=clerk) as conn:
        view = identity.person(conn, by=clerk, person_id=her)
        assert {source.facility for source in view.sources} == {one.facility for one in view.identifiers} == {"11001"}
        (item,) = identity.reviews(conn, by=clerk)
        assert [one.id for one in view.reviews] == [item.id]
    with unit_of_work(by=other) as conn:
        assert identity.reviews(conn, by=other) == []
        with pytest.raises(NotFound):
            identity.settle(conn, by=other, review=item.id, state=ReviewState.DISMISSED, reason="?")
    with unit_of_work(by=clerk) as conn:
        identity.settle(conn, by=clerk, review=item.id, state=ReviewState.SETTLED, reason="đã đối chiếu")
        assert identity.reviews(conn, by=clerk) == []


@pytest.mark.parametrize("role", ["provincial-manager", "system-administrator", "citizen", "claims-auditor", "data-scientist"])
def test_who_has_no_business_with_identity_is_refused(her, role):
    by = user(role, purpose={"citizen": "own-record", "claims-auditor": "payment", "data-scientist": "research"}.get(role, "administration"))
    acts = [
        lambda conn: identity.find(conn, by=by, id=CITIZEN),
        lambda conn: identity.reviews(conn, by=by),
        lambda conn: identity.plan_merge(conn, by=by, keep=her, drop=UUID(int=1), reason="?"),
        lambda conn: identity.plan_split(conn, by=by, person=her, sources=[("11001", "A1", 1)], reason="?"),
        lambda conn: identity.plan_undo(conn, by=by, act=1, reason="?"),
        lambda conn: identity.resolve_many(conn, by=by, facts=[facts(local_id="C3")]),
        lambda conn: identity.recognise(conn, by=by, facts=[facts(local_id="C3")]),
        lambda conn: identity.retract(conn, by=by, births=[her]),
    ]
    for act in acts:
        with unit_of_work(by=by) as conn, pytest.raises(Denied):
            act(conn)


def test_recognising_writes_nothing_and_names_only_who_is_known(her, database):
    with unit_of_work(by=OPERATOR) as conn:
        known, namesake, stranger = identity.recognise(
            conn,
            by=OPERATOR,
            facts=[
                facts("11002", "B5", citizen_number=CITIZEN),
                facts("11002", "B6", citizen_number=CITIZEN, **MAN),
                facts("11003", "B7", citizen_number="011190000001", name="Lê Thị Lạ", birth="1990"),
            ],
        )
    assert known == her
    assert (namesake, stranger) == (None, None)
    with database.as_owner() as conn:
        assert conn.execute("SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM person_source)").fetchone() == (1, 2)
