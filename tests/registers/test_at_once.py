"""Several processes at once: one pace, one breaker, one probe, one number a patient; here as threads with connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections

from tests.registers.test_batch import laid, people
from tests.registers.test_population import ALL_YES, ASKED, open_for
from tests.registers.world import OPERATOR, OTHER, hurried, reached
from yba import identity
from yba.identity import registers
from yba.identity.registers import HeldBack, RegisterError
from yba.kit import Conflict, clock
from yba.kit.db import unit_of_work
from yba.operations.simulate import Mood


def at_once(act, times, workers=4):
    """Run an act in threads; what it returned or raised, each."""

    def one(number):
        try:
            return act(number)
        except (HeldBack, RegisterError, Conflict) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(times)))


def test_the_pace_is_one_for_all(emptied, folder):
    with reached(folder, per_minute=60) as server, clock.frozen("2026-11-22T08:00"):
        found = at_once(lambda _: open_for().verify(ASKED, anew=True), 24)
        assert server.count == 10  # the burst; the rest comes back over the minute
    assert sum(isinstance(one, HeldBack) for one in found) == 14


def test_only_one_probes(emptied, folder, monkeypatch):
    hurried(monkeypatch, answer_seconds=10)
    with reached(folder) as server, clock.frozen("2026-11-22T08:00") as start:
        server.weather.next(*[Mood.ERROR] * 6)
        for _ in range(2):
            with pytest.raises(RegisterError):
                open_for().verify(ASKED)
        assert server.count == 5
        server.weather.script.clear()
        server.weather.delay = (0.5, 0.5)
        with clock.frozen(start + timedelta(seconds=61)):
            found = at_once(lambda _: open_for().verify(ASKED, anew=True), 4)
        answered = [one for one in found if not isinstance(one, Exception)]
        assert answered
        assert all(one.matches == ALL_YES for one in answered)
        assert server.count == 5 + len(answered)
        assert all(isinstance(one, HeldBack) for one in found if isinstance(one, Exception))


def test_one_batch_by_several_processes_asks_for_everybody_once(emptied, folder):
    chosen = people(more=4)
    with reached(folder) as server:
        batch = laid(chosen)
        runs = at_once(lambda _: registers.run_batch(by=OPERATOR, batch=batch), 3)
        assert sum(run.done for run in runs) == len(chosen) == server.count


def test_no_two_patients_get_one_code(emptied):
    def give(_):
        with unit_of_work(by=OPERATOR) as conn:
            return identity.give_temporary(conn, by=OPERATOR, facility="11001", kind="other").code

    codes = at_once(give, 20)
    assert len(set(codes)) == 20


def test_one_number_for_two_people_at_once_goes_to_one(emptied):
    chosen = people()

    def record(number):
        with unit_of_work(by=OPERATOR) as conn:
            return identity.record_health_id(conn, by=OPERATOR, person_id=chosen[number], number="011199009999", source="paper")

    found = at_once(record, 2, workers=2)
    assert sum(isinstance(one, Conflict) for one in found) == 1


def test_the_household_is_verified_by_its_head(emptied, folder):
    woman, man = people()
    with unit_of_work(by=OPERATOR) as conn:
        conn.execute("INSERT INTO household (id, commune, book, since) VALUES (%s, '03127', 'cm41', '2020-01-01')", (UUID(int=5),))
        for person, relation in ((woman, "spouse"), (man, "head")):
            conn.execute(
                "INSERT INTO household_member (household, person_id, relation, since, source_type, source_id, who) VALUES (%s, %s, %s, '2020-01-01', 'book', 'cm41', 'test')",
                (UUID(int=5), person, relation),
            )
        assert registers.asked_of(conn, by=OPERATOR, person_id=woman).head == OTHER
    with reached(folder):
        assert open_for().verify_person(woman).matches["household"].value == "yes"
