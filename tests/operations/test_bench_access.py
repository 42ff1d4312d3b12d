"""The bench of access measures real answers: both variants give the same bytes, only one leaves a row in the trail, and a plan is a plan."""

import pytest

from tests.api import world as w
from yba import accounts, audit
from yba.operations import guarded, plain
from yba.operations.bench_plans import plans_kept
from yba.operations.bench_reading import token
from yba.operations.bench_world import DOCTOR, fill  # what is measured


@pytest.fixture
def made(database, monkeypatch):
    monkeypatch.setitem(fill.__globals__, "_PEOPLE", 120)
    return fill()


def ask(session, path):
    """Twice: only of a session the process has seen before does one message read."""
    client = w.Client(session)
    client.get(path)
    reply = client.get(path)
    return reply.status, reply.data


def looks(database):
    with database.as_owner() as conn:
        return conn.execute("SELECT count(*) FROM record_access").fetchone()[0]


def test_both_variants_answer_the_same_and_one_leaves_a_row(made, database, monkeypatch):
    monkeypatch.setattr(audit, "noting", audit.noting)  # the variants change these for good: put back after the test
    monkeypatch.setattr(accounts, "guess", accounts.guess)
    path, session = f"Condition/{next(iter(made.values()))[0]}", token()
    guarded()
    w.Client(session).get(path)
    before = looks(database)
    with_both = ask(session, path)
    assert with_both[0] == 200
    assert looks(database) == before + 2
    with database.as_owner() as conn:
        assert conn.execute("SELECT who FROM record_access ORDER BY id DESC LIMIT 1").fetchone()[0] == DOCTOR.name
    assert ask(session, "Condition/none")[0] == 404
    plain()
    before = looks(database)
    assert ask(session, path) == with_both
    assert looks(database) == before


def test_the_plans_of_the_hot_reads_are_read_and_a_lost_index_is_seen(made, database):
    good, total = plans_kept(made)
    assert total > 20
    assert good == total
    with database.as_owner() as conn:
        conn.execute("ALTER TABLE locator DROP CONSTRAINT locator_pkey")
        conn.commit()
    assert plans_kept(made)[0] < total
