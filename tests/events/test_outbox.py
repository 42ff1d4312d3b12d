"""What is announced is read once, in order, and never skipped because a neighbour committed first."""

import time
from uuid import UUID

import pytest
from psycopg.errors import InsufficientPrivilege

from yba import access, events
from yba.access import Right
from yba.events import News
from yba.kit import Actor, Grant
from yba.kit.db import unit_of_work


def say(conn, by, *names):
    events.announce(conn, by=by, news=[News("record:claim:ingested", "Claim", name, None, "01234", {"n": name}) for name in names])


def read(by, reader="surveillance", *, take=None):
    with unit_of_work(by=by) as conn:
        found = events.pending(conn, by=by, reader=reader, kinds=["record:claim:ingested"])
        if found and take != 0:
            events.advance(conn, by=by, reader=reader, event=found[(take or len(found)) - 1])
        return [event.about_id for event in found]


def patiently(by, reader="surveillance", *, take=None, count=1):
    """Read until there are so many: any transaction of the shared test server that is still open is waited for."""
    until = time.monotonic() + 20
    found = read(by, reader, take=take)
    while len(found) < count and time.monotonic() < until:
        time.sleep(0.1)
        found += read(by, reader, take=take)
    return found


def test_readers_go_on_where_they_stopped(database, operator):
    with unit_of_work(by=operator) as conn:
        say(conn, operator, "a", "b", "c")
    assert patiently(operator, take=2, count=3) == ["a", "b", "c"]
    assert read(operator) == ["c"]
    assert read(operator) == []
    assert read(operator, "programmes") == ["a", "b", "c"]


def test_an_act_that_fails_announces_nothing(database, operator):
    with pytest.raises(ZeroDivisionError), unit_of_work(by=operator) as conn:  # noqa: PT012  the act fails after it wrote
        say(conn, operator, "gone")
        1 / 0  # noqa: B018
    assert read(operator) == []


def test_a_running_neighbour_is_waited_for(database, operator):
    slow = database.connect()
    try:
        say(slow, operator, "early")  # draws its position now, commits later
        with unit_of_work(by=operator) as conn:
            say(conn, operator, "late")
        assert read(operator) == []
        slow.commit()
        assert patiently(operator, count=2) == ["early", "late"]
    finally:
        slow.close()


@pytest.mark.parametrize(
    "by",
    [
        Actor.facility_client("01234"),
        Actor.user(UUID(int=7), [Grant("doctor", frozenset({"01234"}))], purpose="treatment"),
        Actor.user(UUID(int=7), [Grant("privacy-officer")], purpose="oversight"),
    ],
)
def test_nobody_but_the_platform_reads_what_is_announced(database, operator, by):
    """Also with the lock as far open as any right opens it."""
    with unit_of_work(by=operator) as conn:
        say(conn, operator, "a")
    with unit_of_work(by=by) as conn:
        for right in Right:
            if access.holds(by, right):
                access.predicate(conn, by=by, right=right)
        assert conn.execute("SELECT count(*) FROM event").fetchone() == (0,)
        say(conn, by, "b")  # an act of anybody may be announced
    with pytest.raises(InsufficientPrivilege, match="event_all"), unit_of_work(by=by) as conn:
        conn.execute("SELECT count(*) FROM event_all")
    assert patiently(operator, count=2) == ["a", "b"]
