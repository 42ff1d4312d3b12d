"""Households at a desk: who lives together, who heads it, who left, and every act taken back to what was before."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.identity.people import facts
from yba import access, identity
from yba.access import Denied
from yba.kit import Actor, Conflict, Grant, Invalid, NotFound
from yba.kit.db import unit_of_work
from yba.kit.settings import LIKENESS

STATION, COMMUNE = "11001", "03127"
NURSE = Actor.user(UUID(int=5), [Grant("station-nurse", frozenset({STATION}), areas=frozenset({COMMUNE}))], purpose="treatment")
AT = {"by": NURSE, "facility": STATION}


@pytest.fixture
def people(conn, operator):
    """Three people."""
    with LIKENESS.set_to("off"):
        said = [facts(local_id=f"A{number}", sequence=number + 1, name=f"Lò Văn {'Một Hai Ba'.split()[number]}") for number in range(3)]
        return [one.person_id for one in identity.resolve_many(conn, by=operator, facts=said)]


@pytest.fixture
def mine(conn, people):
    """The nurse's unit of work."""
    with unit_of_work(by=NURSE) as inner:
        yield inner


def shape(mine, id_):
    return [(one.person_id, one.relation) for one in identity.household(mine, by=NURSE, household_id=id_).members]


def test_a_household_from_its_first_to_its_last_member(mine, people):
    head, wife, child = people
    id_ = identity.make_household(mine, **AT, commune=COMMUNE, book="12", head=head)
    identity.join_household(mine, **AT, household=id_, person_id=wife, relation="spouse")
    identity.join_household(mine, **AT, household=id_, person_id=child, relation="child")
    assert shape(mine, id_) == [(head, "head"), (wife, "spouse"), (child, "child")]
    assert {one.person_id for one in identity.seek(mine, by=NURSE, text="12")} == set(people)
    identity.head_household(mine, **AT, household=id_, person_id=wife, before="spouse")
    assert shape(mine, id_)[0] == (wife, "head")
    with pytest.raises(Conflict):
        identity.move_out(mine, **AT, household=id_, person_id=wife)
    for person in (head, child, wife):
        identity.move_out(mine, **AT, household=id_, person_id=person)
    with pytest.raises(NotFound):
        identity.join_household(mine, **AT, household=id_, person_id=head, relation="child")
    assert identity.make_household(mine, **AT, commune=COMMUNE, book="12", head=head) != id_


def test_members_open_to_the_station_of_the_commune_as_long_as_they_are(mine, people):
    id_ = identity.make_household(mine, **AT, commune=COMMUNE, book="12", head=people[0])
    identity.join_household(mine, **AT, household=id_, person_id=people[1], relation="child")
    reach = access.Right.RECORD_CLINICAL_READ
    assert access.reaches(mine, by=NURSE, right=reach, person_id=people[1])
    identity.move_out(mine, **AT, household=id_, person_id=people[1])
    assert not access.reaches(mine, by=NURSE, right=reach, person_id=people[2])
    (one,) = identity.household(mine, by=NURSE, household_id=id_).members
    assert one.person_id == people[0]


def test_each_act_is_taken_back_to_what_was_before(mine, people):
    id_ = identity.make_household(mine, **AT, commune=COMMUNE, book="12", head=people[0])
    identity.join_household(mine, **AT, household=id_, person_id=people[1], relation="child")
    stood = shape(mine, id_)
    for act in (
        lambda: identity.join_household(mine, **AT, household=id_, person_id=people[2], relation="parent"),
        lambda: identity.head_household(mine, **AT, household=id_, person_id=people[1]),
        lambda: identity.relate_member(mine, **AT, household=id_, person_id=people[1], relation="sibling"),
        lambda: identity.move_out(mine, **AT, household=id_, person_id=people[1]),
    ):
        act()
        assert shape(mine, id_) != stood
        newest = identity.household_acts(mine, by=NURSE, household_id=id_)[0]
        identity.undo_household(mine, **AT, act=newest.id)
        assert shape(mine, id_) == stood
        with pytest.raises(Conflict):
            identity.undo_household(mine, **AT, act=newest.id)
    first = identity.household_acts(mine, by=NURSE, household_id=id_)[-1]
    with pytest.raises(Conflict):
        identity.undo_household(mine, **AT, act=first.id)


def test_what_cannot_be_is_refused(mine, people):
    id_ = identity.make_household(mine, **AT, commune=COMMUNE, book="12", head=people[0])
    with pytest.raises(Conflict), mine.transaction():
        identity.make_household(mine, **AT, commune=COMMUNE, book="12", head=people[1])
    with pytest.raises(Conflict), mine.transaction():
        identity.make_household(mine, **AT, commune=COMMUNE, book="13", head=people[0])
    with pytest.raises(Invalid):
        identity.make_household(mine, **AT, commune="99999", book="13", head=people[1])
    with pytest.raises(Invalid):
        identity.join_household(mine, **AT, household=id_, person_id=people[1], relation="head")
    with pytest.raises(NotFound):
        identity.join_household(mine, **AT, household=id_, person_id=UUID(int=1), relation="child")
    with pytest.raises(Denied):
        identity.move_out(mine, by=NURSE, facility="11002", household=id_, person_id=people[0])
