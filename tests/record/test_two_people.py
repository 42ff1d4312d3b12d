"""A resource of two people: at home in one record, seen in both under the same rights, through corrections, merges and splits."""

from uuid import UUID

import pytest

from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.record import of_person, page_of, put_many, tombstone_many

CHILD, OTHER, CLAIM, THIRD = UUID(int=0xC), UUID(int=0xD), UUID(int=0xC1), UUID(int=0xE)


def paper(number=1, title="Giấy chứng sinh"):
    return {
        "resourceType": "Composition", "id": f"p{number}", "status": "final", "title": title, "date": "2026-03-02",
        "type": {"text": title}, "subject": {"reference": "Patient/born"},
    }  # fmt: skip


@pytest.fixture
def birth(conn, operator, put, an):
    """A mother's claim with a visit of hers and a child's Patient, weight and certificate."""
    encounter = {"resourceType": "Encounter", "id": "e1", "status": "finished", "subject": {"reference": "Patient/sa"}}
    weight = {"resourceType": "Observation", "id": "w1", "status": "final", "code": {"text": "Cân nặng"}, "subject": {"reference": "Patient/born"}}
    mother = {"resourceType": "RelatedPerson", "id": "m1", "patient": {"reference": "Patient/born"}}
    puts = [
        put({"resourceType": "Patient", "id": "sa", "link": [{}]}, source=None),
        put(encounter),
        put({"resourceType": "Appointment", "id": "a1", "status": "proposed"}),
        put({"resourceType": "Patient", "id": "born", "link": [{}]}, person=CHILD),
        put(weight, person=CHILD),
        put(paper(), person=CHILD),
        put(mother, person=CHILD),
    ]
    puts[5].also = puts[6].also = (an,)
    put_many(conn, by=operator, puts=puts)


def ids(conn, by, person):
    return {one.id for one in of_person(conn, by=by, person_id=person)}


def test_both_records_show_it_once(conn, operator, birth, an):
    assert ids(conn, operator, an) == {"sa", "e1", "a1", "p1", "m1"}
    assert ids(conn, operator, CHILD) == {"born", "w1", "p1", "m1"}
    for person in (an, CHILD):
        assert [one.title for one in page_of(conn, by=operator, person_id=person).papers] == ["Giấy chứng sinh"]


def test_the_same_rights_hold_for_both(conn, operator, birth, put, an):
    assert ids(conn, Actor.facility_client("79001"), an) == set()
    assert ids(conn, Actor.facility_client("01003"), an) == {"sa", "e1", "a1", "p1", "m1"}
    with unit_of_work(by=Actor.facility_client("79001")) as other:
        assert other.execute("SELECT count(*) FROM secondary").fetchone() == (0,)


def test_tombstones_and_the_next_put_decide(conn, operator, birth, put, an):
    corrected = put(paper(title="Giấy chứng sinh (cấp lại)"), person=CHILD)
    put_many(conn, by=operator, puts=[corrected])  # says nothing of further people
    assert "p1" in ids(conn, operator, an)
    corrected.also = (OTHER,)
    put_many(conn, by=operator, puts=[corrected])
    assert "p1" not in ids(conn, operator, an)
    assert ids(conn, operator, OTHER) == {"p1"}
    tombstone_many(conn, by=operator, refs=[("Composition", "p1"), ("RelatedPerson", "m1")], reason="withdrawn")
    assert ids(conn, operator, OTHER) == set()
    assert "m1" not in ids(conn, operator, an)


def test_a_merge_of_either_keeps_both(conn, operator, birth, give, an, binh):
    give(an, binh, ["sa"], documents=[CLAIM])
    assert ids(conn, operator, an) == set()
    assert ids(conn, operator, binh) == {"sa", "e1", "a1", "p1", "m1"}
    assert ids(conn, operator, CHILD) == {"born", "w1", "p1", "m1"}
    give(CHILD, OTHER, ["born"], born=["born"])
    assert ids(conn, operator, OTHER) == {"born", "w1", "p1", "m1"}
    assert ids(conn, operator, binh) == {"sa", "e1", "a1", "p1", "m1"}


def test_mother_and_child_in_one_record_come_apart_again(conn, operator, birth, give, an):
    give(CHILD, an, ["born"], born=["born"])
    assert ids(conn, operator, an) == {"sa", "e1", "a1", "born", "w1", "p1", "m1"}
    assert len(of_person(conn, by=operator, person_id=an)) == 7
    give(an, THIRD, ["born"], born=["born"], stay=[CLAIM])
    assert ids(conn, operator, THIRD) == {"born", "w1", "p1", "m1"}
    assert ids(conn, operator, an) == {"sa", "e1", "a1", "p1", "m1"}


def test_the_mother_leaves_a_wrong_merge_without_her_child(conn, operator, birth, give, an, binh):
    give(CHILD, an, ["born"], born=["born"])
    give(an, binh, ["sa"], documents=[CLAIM], others=["born"])
    assert ids(conn, operator, binh) == {"sa", "e1", "a1", "p1", "m1"}
    assert ids(conn, operator, an) == {"born", "w1", "p1", "m1"}
