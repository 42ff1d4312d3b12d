"""Every act of a desk under what people really do: a button pressed twice, the back button, another at the same visit, pasted text and HTML."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest

from tests.care.conftest import HOSPITAL, STATION, nurse
from tests.care.test_claim import header
from yba import care, record
from yba.kit import clock
from yba.kit.db import unit_of_work

D = Decimal
PASTED = "“Đau”\u200b ngực – <b>3</b> ngày & O'Brien"
ACTS = {
    "measure": lambda where: care.measure(where.pop("conn"), **where, values={"pulse": D(71)}),
    "diagnose": lambda where: care.diagnose(where.pop("conn"), **where, diagnoses=[care.Diagnosis("I10", PASTED)]),
    "order": lambda where: care.order(where.pop("conn"), **where, orders=[care.Order("", PASTED, PASTED)]),
    "result": lambda where: care.result(where.pop("conn"), **where, results=[care.Result("Test nhanh", words=PASTED)]),
    "prescribe": lambda where: care.prescribe(where.pop("conn"), **where, drugs=[care.Drug("", "Paracetamol", "viên", D(1), 2, 3, words=PASTED)]),
    "refer": lambda where: care.refer(where.pop("conn"), **where, referral=care.Referral(HOSPITAL, PASTED)),
    "appoint": lambda where: care.appoint(where.pop("conn"), **where, on=clock.today() + timedelta(days=7), words=PASTED),
    "papers": lambda where: care.see_papers(where.pop("conn"), **where, papers=[care.Paper("citizen-card", "vneid")]),
}


@pytest.mark.parametrize("kind", ACTS)
def test_a_button_pressed_twice_writes_once_and_the_back_button_is_told_what_was_done(mine, by, person, kind):
    visit = care.start(mine, by=by, person_id=person, facility=STATION, reason=PASTED).id

    def act(**more):
        return ACTS[kind]({"conn": mine, "by": by, "visit": visit, **more})

    first = act(number=1, key="page")
    before = stored(mine, by, person)
    again = act(number=1, key="page")
    assert (first.again, again.again, again.visit.number) == (False, True, 2)
    with pytest.raises(care.Overtaken) as told:
        act(number=1, key="page of before")
    assert [one.kind for one in told.value.acts] == [kind]
    other = nurse(account=22)
    with unit_of_work(by=other) as theirs, pytest.raises(care.Overtaken):
        ACTS[kind]({"conn": theirs, "by": other, "visit": visit, "number": 1, "key": "theirs"})
    assert stored(mine, by, person) == before
    assert care.visit_of(mine, by=by, visit=visit).reason == PASTED


def stored(mine, by, person):
    """What stands in the record, by version."""
    return sorted((one.rtype, one.id, one.version) for one in record.of_person(mine, by=by, person_id=person))


def test_words_are_stored_as_words(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    care.diagnose(mine, by=by, visit=visit, number=1, diagnoses=[care.Diagnosis("I10", PASTED)])
    care.close(mine, by=by, visit=visit, number=2)
    (doc,) = [one.doc for one in record.of_person(mine, by=by, person_id=person) if one.rtype == "Condition"]
    assert doc["code"]["text"] == PASTED
    assert unescape(header(care.claim(mine, by=by, visit=visit))["CHAN_DOAN_RV"]) == PASTED


@pytest.mark.parametrize(("weight", "hard"), [("700", True), ("-3", True), ("NaN", True), ("170", False)])
def test_what_nobody_weighs_is_refused_and_what_few_weigh_asked_about(mine, by, person, weight, hard):
    visit = care.start(mine, by=by, person_id=person, facility=STATION).id
    for confirmed in ((), ("weight",)):
        if confirmed and not hard:
            assert care.measure(mine, by=by, visit=visit, number=1, values={"weight": D(weight)}, confirmed=confirmed).saved
            continue
        with pytest.raises(care.NotPlausible) as told:
            care.measure(mine, by=by, visit=visit, number=1, values={"weight": D(weight)}, confirmed=confirmed)
        assert [(one.field, one.hard) for one in told.value.doubts] == [("weight", hard)]


def test_somebody_born_tomorrow_is_not_registered_nor_one_older_than_anybody(mine, by):
    tomorrow = clock.today() + timedelta(days=1)
    for birth in (tomorrow.isoformat(), f"{tomorrow.year + 1}", "1850-01-01"):
        with pytest.raises(care.NotPlausible) as told:
            care.register(mine, by=by, facts=care.Newcomer("O'Brien <i>Lan</i>", "female", birth), facility=STATION)
        assert [one.field for one in told.value.doubts] == ["birth"]


def test_a_session_that_ended_half_way_finds_its_visit_again(mine, by, person):
    visit = care.start(mine, by=by, person_id=person, facility=STATION, reason="ho")
    care.measure(mine, by=by, visit=visit.id, number=1, values={"pulse": D(71)})
    with unit_of_work(by=nurse()) as later:
        again = care.start(later, by=nurse(), person_id=person, facility=STATION)
        assert (again.id, again.number, again.reason) == (visit.id, 2, "ho")
        assert [one.visit for one in care.work(later, by=nurse(), facility=STATION)] == [visit.id]
