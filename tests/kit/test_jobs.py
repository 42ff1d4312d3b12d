"""The queue: a job lives and dies with the transaction of its act, is worked after the commit, and is tried again when it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction

from yba.kit import Actor, Internal, db

if TYPE_CHECKING:
    from tests.conftest import TestDatabase

BY = Actor.operator()


@pytest.fixture
def queue(database: TestDatabase) -> Any:
    from yba.kit import jobs  # noqa: PLC0415  # needs Django's apps

    return jobs


@pytest.fixture
def seen(queue: Any) -> list[tuple[str, int]]:
    calls: list[tuple[str, int]] = []

    def count(*, by: Actor, number: int) -> None:
        with db.unit_of_work(by=by) as conn:
            assert conn.execute("SELECT current_setting('yba.actor')").fetchone() == ("system:test:thing:count",)
        calls.append((by.name, number))

    def fail_once(*, by: Actor, number: int) -> None:
        calls.append((by.name, number))
        if len(calls) == 1:
            message = "the first time"
            raise ValueError(message)

    queue.join([queue.Job("test:thing:count", count), queue.Job("test:thing:fail", fail_once)])
    return calls


def test_a_job_is_worked_after_the_commit_as_the_system(queue: Any, seen: list[tuple[str, int]]) -> None:
    with db.unit_of_work(by=BY) as conn:
        assert queue.enqueue(conn, "test:thing:count", number=7) > 0
    queue.work(forever=False)
    assert seen == [("system:test:thing:count", 7)]
    queue.work(forever=False)
    assert len(seen) == 1


def test_a_job_of_a_rolled_back_act_never_was(queue: Any, seen: list[tuple[str, int]]) -> None:
    with db.unit_of_work(by=BY) as conn:
        queue.enqueue(conn, "test:thing:count", number=7)
        transaction.set_rollback(True)
    queue.work(forever=False)
    assert seen == []


def test_only_once_keeps_the_transaction_alive(queue: Any, seen: list[tuple[str, int]]) -> None:
    with db.unit_of_work(by=BY) as conn:
        assert queue.enqueue(conn, "test:thing:count", only_once="x", number=1)
        assert not queue.enqueue(conn, "test:thing:count", only_once="x", number=2)
        assert queue.enqueue(conn, "test:thing:count", only_once="y", number=3)
    queue.work(forever=False)
    assert sorted(number for _, number in seen) == [1, 3]


def test_a_failed_job_waits_for_its_next_attempt(queue: Any, seen: list[tuple[str, int]], database: TestDatabase) -> None:
    with db.unit_of_work(by=BY) as conn:
        queue.enqueue(conn, "test:thing:fail", number=1)
    queue.work(forever=False)
    with database.connect() as conn:
        rows = conn.execute("SELECT status::text, attempts, scheduled_at > now() FROM procrastinate_jobs").fetchall()
        assert rows == [("todo", 1, True)]
        conn.execute("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 s'")
    queue.work(forever=False)
    assert len(seen) == 2


def test_enqueue_refuses_a_connection_of_its_own(queue: Any, database: TestDatabase) -> None:
    with database.connect() as stranger, pytest.raises(Internal):
        queue.enqueue(stranger, "test:thing:count", number=1)


STOPPED = """WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second') RETURNING id)
    UPDATE procrastinate_jobs SET status = 'doing', attempts = %s, worker_id = worker.id FROM worker"""


def stopped(queue: Any, database: TestDatabase, *, silent: int, attempts: int = 0) -> None:
    """A job with a lock, in the hands of a worker that was heard of so many seconds ago."""
    with db.unit_of_work(by=BY) as conn:
        queue.enqueue(conn, "test:thing:count", only_once="x", one_at_a_time="lock", number=1)
    with database.connect() as conn:
        conn.execute(STOPPED, (silent, attempts))
    with db.unit_of_work(by=BY) as conn:
        queue.enqueue(conn, "test:thing:count", one_at_a_time="lock", number=2)


def test_the_job_of_a_dead_worker_comes_back_and_lets_others_go_on(queue: Any, seen: list[tuple[str, int]], database: TestDatabase) -> None:
    stopped(queue, database, silent=400)
    queue.work(forever=False)
    assert seen == [], "its lock is held by nobody who lives"
    found = queue.look(frozenset())
    assert len(found) == 1
    queue.work(forever=False)
    assert seen == [], "one look is not enough: who wakes from a standstill looks at itself"
    assert queue.look(found) == frozenset()
    queue.work(forever=False)
    assert [number for _, number in seen] == [1, 2]


def test_the_job_of_a_worker_that_lives_is_left_to_it(queue: Any, seen: list[tuple[str, int]], database: TestDatabase) -> None:
    stopped(queue, database, silent=100)
    assert queue.look(queue.look(frozenset())) == frozenset()
    queue.work(forever=False)
    assert seen == []


def test_a_job_that_kills_its_workers_is_given_up(queue: Any, seen: list[tuple[str, int]], database: TestDatabase) -> None:
    stopped(queue, database, silent=400, attempts=5)
    queue.look(queue.look(frozenset()))
    queue.work(forever=False)
    assert [number for _, number in seen] == [2]


def test_what_waits_a_second_time_anyway_is_not_brought_back(queue: Any, seen: list[tuple[str, int]], database: TestDatabase) -> None:
    stopped(queue, database, silent=400)
    with db.unit_of_work(by=BY) as conn:
        assert queue.enqueue(conn, "test:thing:count", only_once="x", number=3)
    queue.look(queue.look(frozenset()))
    queue.work(forever=False)
    assert sorted(number for _, number in seen) == [2, 3]
