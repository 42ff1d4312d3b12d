"""Registration: whom it may be comes first, nothing is typed twice, and what cannot be is said at once."""

from __future__ import annotations

import pytest

from tests.care.conftest import COMMUNE, STATION, doctor, nurse
from yba import care, identity, record
from yba.access import Denied
from yba.kit import Actor, Grant
from yba.kit.db import unit_of_work

NEW = care.Newcomer(
    "Lò Văn  Inh", "male", "1985-07-30", citizen="011085000123", card="DN4010123456789", phone="0983 417 265", commune=COMMUNE, address="Bản Mới"
)


def test_somebody_nobody_knows_is_a_new_person_that_a_visit_can_begin_with(mine, by):
    done = care.register(mine, by=by, facts=NEW, facility=STATION)
    assert (done.created, done.found) == (True, ())
    (found,) = identity.seek(mine, by=by, text="011085000123")
    assert (found.person_id, found.name, found.own) == (done.person_id, "Lò Văn Inh", True)
    visit = care.start(mine, by=by, person_id=done.person_id, facility=STATION)
    patients = [one for one in record.of_person(mine, by=by, person_id=done.person_id) if one.rtype == "Patient"]
    assert str(visit.patient_id) in {one.id for one in patients}
    assert len(patients) == 2


def test_a_form_sent_twice_is_one_person(mine, by):
    first = care.register(mine, by=by, facts=NEW, facility=STATION)
    second = care.register(mine, by=by, facts=NEW, facility=STATION, is_new=True)
    assert second.person_id is None
    assert [one.person_id for one in second.found] == [first.person_id]


def test_whom_it_may_be_is_asked_before_there_is_a_second_person(mine, by, person):
    same = care.register(mine, by=by, facts=care.Newcomer("Trần Thị Hường", "female", "1959-03-12"), facility=STATION, is_new=True)
    assert (same.person_id, [(one.person_id, one.why) for one in same.found]) == (None, [(person, "certain")])
    known = care.Newcomer("Trần Thị Hường", "female", "1959-12-03", citizen="001159000077")
    asked = care.register(mine, by=by, facts=known, facility=STATION)
    assert (asked.person_id, [one.person_id for one in asked.found]) == (None, [person])
    made = care.register(mine, by=by, facts=known, facility=STATION, is_new=True)
    assert made.person_id not in {None, person}


def test_the_text_of_a_card_is_enough(mine, by):
    card = identity.read_card("011085000124||Lường Thị Ún|01021990|Nữ|Bản Cũ, xã Mường Phăng|05052021")
    done = care.register(mine, by=by, facts=care.newcomer_of_card(card), facility=STATION)
    (found,) = identity.seek(mine, by=by, text="011085000124")
    assert (found.person_id, found.sex, found.birth) == (done.person_id, "female", "1990-02-01")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"birth": "2999-01-01"}, "birth"),
        ({"birth": "1985-02-30"}, "birth"),
        ({"birth": "1800"}, "birth"),
        ({"birth": ""}, "birth"),
        ({"name": " 12 "}, "name"),
        ({"sex": ""}, "sex"),
        ({"citizen": "12345"}, "citizen"),
        ({"card": "X1"}, "card"),
        ({"phone": "abc"}, "phone"),
        ({"commune": "99999"}, "commune"),
    ],
)
def test_what_cannot_be_is_said_by_field(mine, by, changed, field):
    with pytest.raises(care.NotPlausible) as told:
        care.register(mine, by=by, facts=NEW._replace(**changed), facility=STATION)
    assert [one.field for one in told.value.doubts] == [field]


@pytest.mark.parametrize("name", ["O'Brien <b>Lan</b>", "Nguyễn\u00a0Thị\u200bHòa", 'Đỗ "Tí" & Tèo'])
def test_names_are_kept_as_they_are_written(mine, by, name):
    done = care.register(mine, by=by, facts=NEW._replace(name=name), facility=STATION)
    assert identity.people_seen(mine, by=by, person_ids=[done.person_id])[done.person_id].name == " ".join(name.split())


def test_nobody_registers_at_another_place_or_without_the_right(conn):
    for by in (nurse("11002"), Actor.user(nurse().account, [Grant("lab", frozenset({STATION}))], purpose="treatment")):
        with unit_of_work(by=by) as mine, pytest.raises(Denied):
            care.register(mine, by=by, facts=NEW, facility=STATION)
    by = doctor()
    with unit_of_work(by=by) as mine:
        assert care.register(mine, by=by, facts=NEW, facility=STATION).created
