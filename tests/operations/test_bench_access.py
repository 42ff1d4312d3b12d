"""The bench of access measures real answers: both variants give the same bytes, only one leaves a row in the trail, and a plan is a plan."""

import pytest

from yba.operations.bench_access import _fill, _plans, guarded_app, plain_app  # what is measured


@pytest.fixture
def made(database, monkeypatch):
    monkeypatch.setitem(_fill.__globals__, "_PEOPLE", 120)
    return _fill()


def ask(application, path):
    said = []
    body = b"".join(application({"PATH_INFO": path}, lambda status, _headers: said.append(status)))
    return said[0], body


def looks(database):
    with database.as_owner() as conn:
        return conn.execute("SELECT count(*) FROM record_access").fetchone()[0]


def test_both_variants_answer_the_same_and_one_leaves_a_row(made, database, monkeypatch):
    from yba import audit  # noqa: PLC0415  # the plain variant takes its note away, for good: put back after the test

    monkeypatch.setattr(audit, "noting", audit.noting)
    path = f"/Condition/{next(iter(made.values()))[0]}"
    before = looks(database)
    with_both = ask(guarded_app(), path)
    assert with_both[0] == "200 OK"
    assert looks(database) == before + 1
    assert ask(plain_app(), path) == with_both
    assert looks(database) == before + 1
    assert ask(guarded_app(), "/Condition/none")[0] == "404 Not Found"


def test_the_plans_of_the_hot_reads_are_read_and_a_lost_index_is_seen(made, database):
    good, total = _plans(made)
    assert total > 20
    assert good == total
    with database.as_owner() as conn:
        conn.execute("ALTER TABLE locator DROP CONSTRAINT locator_pkey")
        conn.commit()
    assert _plans(made)[0] < total
