"""A list of people verified at the register's pace: it stops where it must, goes on where it stopped, and asks for nobody twice."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.registers.test_population import CONSENT
from tests.registers.world import MAN, NUMBER, OPERATOR, OTHER, WOMAN, clerk, hurried, reached
from yba import identity
from yba.access import Denied
from yba.identity import PersonFacts, registers
from yba.identity.registers import batch as module
from yba.kit import Actor, Invalid, NotFound, clock
from yba.kit.db import reading, unit_of_work
from yba.operations.simulate import Mood

SYSTEM = Actor.system("test")
STRANGERS = [  # the register knows none of them
    ("011062000310", "Vàng A Sử", "1962-05-17", "male"), ("011171004421", "Cầm Thị Ong", "1971-11-02", "female"),
    ("011094007632", "Giàng Seo Phử", "1994-08-23", "male"), ("011148009943", "Lường Thị Pâng", "1948-02-09", "female"),
]  # fmt: skip


def people(facility="11001", more=0):
    known = [(NUMBER, WOMAN.name, "1959-03-12", "female"), (OTHER, MAN.name, "1985-07-30", "male")]
    known += STRANGERS[:more]
    facts = [
        PersonFacts(facility=facility, local_id=number, seen_at=clock.now(), sequence=n, name=name, birth=birth, sex=sex, citizen_number=number)
        for n, (number, name, birth, sex) in enumerate(known, 1)
    ]
    with unit_of_work(by=SYSTEM) as conn:
        return [one.person_id for one in identity.resolve_many(conn, by=SYSTEM, facts=facts)]


def laid(chosen, by=OPERATOR, facility=""):
    with unit_of_work(by=by) as conn:
        return registers.make_batch(conn, by=by, purpose="reconciliation", people=chosen, facility=facility, consent=CONSENT)


def told(batch, by=OPERATOR):
    with reading(by=by) as conn:
        return registers.report(conn, by=by, batch=batch)


def test_everybody_is_asked_for_once_and_reported(emptied, folder):
    chosen = people(more=3)
    seen = []
    with reached(folder) as server:
        batch = laid([*chosen, chosen[0]])
        run = registers.run_batch(by=OPERATOR, batch=batch, progress=lambda done, total: seen.append((done, total)))
        assert (run.done, run.left, run.stopped, server.count) == (5, 0, "", 5)
        assert registers.run_batch(by=OPERATOR, batch=batch).done == 0
        assert server.count == 5
    assert seen == [(number, 5) for number in range(1, 6)]
    report = told(batch)
    assert report.outcomes == {"found": 2, "not-found": 3}
    assert report.verdicts["name"] == {"yes": 2}
    assert [line.person_id for line in report.lines] == chosen


def test_it_goes_on_where_it_stopped(emptied, folder):
    chosen = people(more=4)
    with reached(folder, per_day=4) as server, clock.frozen("2026-11-22T08:00") as start:
        batch = laid(chosen)
        first = registers.run_batch(by=OPERATOR, batch=batch)
        assert (first.done, first.left, first.stopped, server.count) == (4, 2, "day", 4)
        with clock.frozen(start + timedelta(days=1)):
            second = registers.run_batch(by=OPERATOR, batch=batch)
        assert (second.done, second.left, server.count) == (2, 0, 6)
    assert sum(told(batch).outcomes.values()) == 6


def test_a_process_that_died_leaves_its_person_to_the_next(emptied, folder, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    chosen = people()
    with reached(folder) as server, clock.frozen("2026-11-22T08:00") as start:
        batch = laid(chosen)
        with monkeypatch.context() as broken:
            broken.setattr(module, "_ask", die)
            with pytest.raises(Killed):
                registers.run_batch(by=OPERATOR, batch=batch)
        assert registers.run_batch(by=OPERATOR, batch=batch).left == 1  # the one it held
        with clock.frozen(start + timedelta(minutes=11)):
            assert registers.run_batch(by=OPERATOR, batch=batch).left == 0
        assert server.count == 2


def test_an_outage_is_waited_for_and_then_left_for_later(emptied, folder, monkeypatch):
    hurried(monkeypatch)
    waits = []
    monkeypatch.setattr(module, "sleep", waits.append)
    chosen = people(more=4)
    with reached(folder) as server, clock.frozen("2026-11-22T08:00") as start:
        server.weather.next(*[Mood.BROKEN] * 20)
        batch = laid(chosen)
        run = registers.run_batch(by=OPERATOR, batch=batch, patience=100)
        assert (run.stopped, run.done, run.left) == ("breaker", 2, 4)
        assert server.count == 5
        server.weather.script.clear()
        with clock.frozen(start + timedelta(seconds=61)):
            assert registers.run_batch(by=OPERATOR, batch=batch).left == 0
    assert told(batch).outcomes == {"away": 2, "not-found": 4}


def test_whom_nobody_can_ask_for_is_said_and_does_not_stop_the_others(emptied, folder):
    chosen = people()
    with reached(folder):
        batch = laid([UUID(int=1), *chosen])
        assert registers.run_batch(by=OPERATOR, batch=batch).left == 0
    assert told(batch).outcomes == {"unaskable": 1, "found": 2}


def test_who_is_due_are_those_without_a_good_verdict(emptied, folder):
    chosen = people()
    with reached(folder):
        with reading(by=OPERATOR) as conn:
            assert sorted(registers.due(conn, by=OPERATOR)) == sorted(chosen)
        registers.run_batch(by=OPERATOR, batch=laid(chosen[:1]))
        with reading(by=OPERATOR) as conn:
            assert registers.due(conn, by=OPERATOR) == chosen[1:]
            assert len(registers.due(conn, by=OPERATOR, facility="11001")) == 2  # another asker
        with clock.frozen(clock.now() + timedelta(days=31)), reading(by=OPERATOR) as conn:
            assert len(registers.due(conn, by=OPERATOR)) == 2


@pytest.mark.law("SKDT-R08")
def test_a_batch_belongs_to_who_asked(emptied, folder):
    chosen = people()
    mine, other = clerk("11001"), clerk("11002")
    with reached(folder):
        batch = laid(chosen, mine, "11001")
        assert registers.run_batch(by=mine, batch=batch).done == 2
        for act in (lambda: registers.run_batch(by=other, batch=batch), lambda: told(batch, other)):
            with pytest.raises(NotFound):
                act()
        with pytest.raises(Denied):
            laid(chosen, other, "11001")
        with pytest.raises(Invalid):
            laid([], mine, "11001")
    assert told(batch, mine).outcomes == {"found": 2}
