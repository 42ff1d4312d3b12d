"""`Prefer: respond-async`: worked by the queue as who asked, with the rights of then; nobody else collects the answer."""

from datetime import timedelta

import pytest

from tests.api import world as w
from yba import accounts
from yba.api.jobs import run, sweep
from yba.kit import Actor, clock
from yba.kit.db import reading, unit_of_work


def put_off(client, path="_history?_count=1"):
    answer = client.get(path, prefer="respond-async")
    assert answer.status == 202, answer.data
    return answer.headers["content-location"].partition("/fhir/")[2]


def work(place):
    run(by=Actor.system("test"), number=place.rpartition("/")[2])


def test_it_is_answered_later_to_who_asked(client):
    client.post("Patient", w.patient())
    place = put_off(client)
    waiting = client.get(place)
    assert (waiting.status, waiting.headers["retry-after"]) == (202, "2")
    work(place)
    work(place)
    done = client.get(place)
    assert done.status == 200
    (entry,) = done.doc["entry"]
    assert entry["response"]["status"] == "200 OK"
    assert entry["resource"]["type"] == "history"
    assert w.software(w.THERE).get(place).status == 404
    assert client.ask("DELETE", place).status == 202
    assert client.get(place).status == 404


@pytest.mark.law("DLCN-R01")
def test_a_right_lost_in_between_opens_nothing(database):
    doctor, account = w.person("doctor")
    place = put_off(doctor, "Patient/none/$everything")
    with unit_of_work(by=w.OPERATOR) as conn:
        for one in accounts.assignments_of(conn, by=w.OPERATOR, account=account):
            accounts.end_assignment(conn, by=w.OPERATOR, assignment=one.id, reason="chuyển đi")
    work(place)
    assert doctor.get(place).status in {401, 403}


def test_nothing_of_it_stands_in_the_open_and_it_is_forgotten_in_time(client):
    place = put_off(client, "Patient/_history?_since=2026-01-01")
    with reading(by=w.OPERATOR) as conn:
        (row,) = conn.execute("SELECT encode(request, 'escape') FROM api_later").fetchall()
    assert "_since" not in row[0]
    with clock.frozen(clock.now() + timedelta(hours=24, seconds=1)):
        assert client.get(place).status in {401, 404}
        sweep(by=Actor.system("test"))
    with reading(by=w.OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM api_later").fetchone() == (0,)
    put_off(client)
    with reading(by=Actor.facility_client(w.HERE)) as conn:
        assert conn.execute("SELECT count(*) FROM api_later").fetchone() == (0,)


def test_one_caller_puts_off_ten_at_most(client):
    for _ in range(10):
        put_off(client)
    assert client.get("_history", prefer="respond-async").status == 429
