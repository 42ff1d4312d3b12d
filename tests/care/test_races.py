"""Two at once, on two connections: one visit comes of two starts, one act of two with the same number."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

from django.db import connections

from tests.care.conftest import STATION, new_person, nurse
from yba import care
from yba.kit.db import unit_of_work

BOTH = (nurse(account=21), nurse(account=22))


def together(act):
    """Run an act as both nurses at the same moment; what each got, or the conflict it met."""
    ready = Barrier(2)

    def run(by):
        try:
            ready.wait(10)
            with unit_of_work(by=by) as conn:
                return act(conn, by)
        except care.Overtaken as told:
            return told
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, BOTH))


def test_two_starts_are_one_visit_and_two_acts_of_one_number_are_one(database):
    person = new_person()
    one, other = together(lambda conn, by: care.start(conn, by=by, person_id=person, facility=STATION))
    assert one.id == other.id
    values = {"pulse": Decimal(70)}
    told = together(lambda conn, by: care.measure(conn, by=by, visit=one.id, number=1, values=values))
    overtaken = [answer for answer in told if isinstance(answer, care.Overtaken)]
    assert len(overtaken) == 1
    assert [act.kind for act in overtaken[0].acts] == ["measure"]


def test_one_page_of_a_follow_up_sent_twice_at_once_is_one_follow_up(database):
    person, values = new_person(), {"systolic": Decimal(150), "diastolic": Decimal(90)}
    sent = {"person_id": person, "facility": STATION, "programme": "hypertension", "values": values, "next_on": None, "key": "page"}
    one, other = together(lambda conn, by: care.follow_up(conn, by=by, **sent))
    assert one == other
