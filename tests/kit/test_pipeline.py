"""Statements in one message: in their order, each error told, and what waits is run before anything else and rolled back with everything."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.pq import TransactionStatus

from yba.kit import Actor, Internal, clock, db, new_id, telling
from yba.kit.db import Ask, ahead, arrived, behind, run, unit_of_work
from yba.kit.reach import SETTINGS, UNMASKED, Lock
from yba.kit.units import acting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import TestDatabase

BY = Actor.facility_client("01234")
OTHER = Actor.system("test")
READ = Ask(b"SELECT a FROM pg_temp.thing ORDER BY a", {})
WHO = Ask(b"SELECT current_setting('yba.actor'), current_setting('yba.scope')", {})


def add(number: int) -> Ask:
    return Ask(b"INSERT INTO pg_temp.thing VALUES (%(a)s::int)", {"a": number})


@pytest.fixture(autouse=True)
def things(database: TestDatabase) -> Iterator[None]:
    """A table of this connection alone."""
    with db.glance() as conn:
        conn.execute("CREATE TEMPORARY TABLE thing (a int PRIMARY KEY DEFERRABLE)")
    yield
    with db.glance() as conn:
        conn.execute("DROP TABLE IF EXISTS pg_temp.thing")


def stored() -> list[int]:
    with db.glance() as conn:
        return [row[0] for row in conn.execute("SELECT a FROM pg_temp.thing ORDER BY a")]


@contextmanager
def ends_in(error: type[Exception]) -> Iterator[None]:
    with pytest.raises(error):
        yield


@contextmanager
def messages(most: int) -> Iterator[None]:
    """Hold what is done inside to a number of messages."""
    pgconn = connections["default"].connection.pgconn
    with tempfile.TemporaryFile() as told:
        pgconn.trace(told.fileno())
        try:
            yield
        finally:
            pgconn.untrace()
        told.seek(0)
        assert told.read().count(b"ReadyForQuery") == most


def test_values_go_as_they_are_and_the_last_rows_come_back(database: TestDatabase) -> None:
    said = "it's \\ 'quoted' \"twice\" Đặng %s $1"
    with unit_of_work(by=BY) as conn:
        ask = Ask(b"SELECT %(a)s::text, %(b)s::int, %(c)s::text, '100%%'", {"a": said, "b": 7, "c": None})
        assert run(conn, add(1), ask) == [(said, 7, None, "100%")]
        assert run(conn, add(2)) == []
        with pytest.raises(psycopg.DataError):
            run(conn, Ask(ask.statement, {"a": "a\0b", "b": 1, "c": None}))
        assert run(conn, READ) == [(1,), (2,)]
        rows: list[Any] = run(conn, Ask(b"SELECT repeat(%(a)s::text, 1000000)", {"a": "ặ"}))
        assert len(rows[0][0]) == 1_000_000
        assert run(conn, Ask(b"SELECT length(%(a)s::text)", {"a": "ặ" * 1_000_000})) == [(1_000_000,)]
    assert stored() == [1, 2]


def test_an_error_is_that_of_its_statement_and_nothing_after_it_is_run(database: TestDatabase) -> None:
    def wrong() -> None:
        with unit_of_work(by=BY) as conn:
            run(conn, add(1), Ask(b"SELECT 1 / %(a)s::int", {"a": 0}), add(2))

    with pytest.raises(psycopg.errors.DivisionByZero):
        wrong()
    assert stored() == []
    with unit_of_work(by=BY) as conn:  # and the connection is as before
        assert run(conn, add(3), READ) == [(3,)]


def test_what_waits_goes_with_the_next_statement_or_with_commit(database: TestDatabase) -> None:
    def act(first: int) -> None:
        with unit_of_work(by=BY, late=True) as conn:
            behind(conn, add(first))
            assert len(run(conn, READ)) >= 1
            behind(conn, add(first + 1))
            db.with_commit(conn, add(first + 2))

    act(1)  # prepares
    with messages(3):  # BEGIN and who acts, the reading, COMMIT
        act(4)
    assert stored() == [1, 2, 3, 4, 5, 6]


def test_a_cursor_a_copy_and_a_unit_within_see_what_waits(database: TestDatabase) -> None:
    with unit_of_work(by=BY, late=True) as conn:
        behind(conn, add(1))
        assert conn.execute("SELECT count(*) FROM pg_temp.thing").fetchone() == (1,)
        behind(conn, add(2))
        with conn.cursor() as cursor, cursor.copy("COPY pg_temp.thing FROM STDIN") as copy:
            copy.write("3\n")
        behind(conn, add(4))
        with ends_in(KeyError), unit_of_work(by=OTHER) as inner:
            behind(inner, add(5))  # in a savepoint at once, and gone with it
            raise KeyError
        with conn.transaction():
            behind(conn, add(6))
            assert conn.pgconn.transaction_status == TransactionStatus.INTRANS
        behind(conn, add(7))
        with ends_in(KeyError), conn.transaction():
            behind(conn, add(8))
            raise KeyError
    assert stored() == [1, 2, 3, 4, 6, 7]


def test_a_savepoint_of_psycopg_is_never_the_transaction_of_a_unit(database: TestDatabase) -> None:
    nobody = Actor.user(new_id(), [], purpose="treatment")  # told nothing, so that nothing has begun
    with ends_in(KeyError), unit_of_work(by=nobody, late=True) as conn:
        with conn.transaction():
            conn.execute("INSERT INTO pg_temp.thing VALUES (1)")
        raise KeyError
    assert stored() == []


def test_what_waits_is_gone_with_the_unit(database: TestDatabase) -> None:
    with ends_in(KeyError), unit_of_work(by=BY, late=True) as conn:
        behind(conn, add(1))
        raise KeyError
    with unit_of_work(by=BY, late=True) as conn:
        behind(conn, add(2))
    assert stored() == [2]
    with ends_in(psycopg.errors.UniqueViolation), unit_of_work(by=BY, late=True) as conn:  # told by what goes with it
        behind(conn, add(3))
        behind(conn, add(2))
    assert stored() == [2]


def test_a_joined_unit_acts_as_its_own_and_is_told_back(database: TestDatabase) -> None:
    with unit_of_work(by=BY, late=True) as conn:
        with unit_of_work(by=OTHER, joined=True) as inner:
            assert run(inner, WHO) == [(OTHER.name, "all")]
            behind(inner, add(1))
        assert run(conn, WHO) == [(BY.name, "bound")]
    assert stored() == [1]


def test_who_goes_on_after_a_joined_unit_failed_is_stopped(database: TestDatabase) -> None:
    def inner() -> None:
        with unit_of_work(by=OTHER, joined=True) as conn:
            behind(conn, add(1))
            raise KeyError

    def going_on() -> None:
        with unit_of_work(by=BY, late=True) as conn:
            with pytest.raises(KeyError):
                inner()
            assert run(conn, WHO) == [(BY.name, "bound")]  # never with the other's reach
            behind(conn, add(2))

    with pytest.raises(Internal):
        going_on()
    assert stored() == []


def test_outside_of_a_late_unit_a_joined_one_is_a_savepoint(database: TestDatabase) -> None:
    with unit_of_work(by=BY) as conn:
        with ends_in(KeyError), unit_of_work(by=OTHER, joined=True) as inner:
            behind(inner, add(1))
            raise KeyError
        behind(conn, add(2))
    assert stored() == [2]


def test_a_server_that_goes_away_is_told_and_the_next_unit_has_another(database: TestDatabase) -> None:
    with ends_in(psycopg.OperationalError), unit_of_work(by=BY) as conn:
        run(conn, Ask(b"SELECT pg_terminate_backend(pg_backend_pid())", {}), WHO)
    with unit_of_work(by=BY) as conn:
        assert run(conn, WHO) == [(BY.name, "bound")]


def test_what_is_asked_ahead_comes_with_the_next_statement(database: TestDatabase) -> None:
    def act(first: int) -> None:
        with unit_of_work(by=BY, late=True) as conn:
            behind(conn, add(first))
            one, two = ahead(conn, READ, Ask(b"SELECT %(a)s::int", {"a": first}))
            behind(conn, add(first + 1))
            assert run(conn, Ask(b"SELECT count(*) FROM pg_temp.thing WHERE a >= %(a)s::int", {"a": first})) == [(2,)]
            assert arrived(conn, two) == [(first,)]
            assert arrived(conn, one)[-1] == (first,)  # as it was when its turn came
            (three,) = ahead(conn, READ)
            assert arrived(conn, three)[-1] == (first + 1,)

    act(1)  # prepares
    with messages(4):  # BEGIN and who acts; all before the count; the last reading; COMMIT
        act(4)
    with unit_of_work(by=BY) as conn:  # outside of a late unit at once, all in one message
        found = ahead(conn, add(9), READ)
        assert all(one.result is not None for one in found)
        assert arrived(conn, found[1])[-1] == (9,)


def test_what_was_asked_ahead_and_given_up_is_not_read(database: TestDatabase) -> None:
    with ends_in(Internal), unit_of_work(by=BY, late=True) as conn:
        with ends_in(KeyError), unit_of_work(by=OTHER, joined=True) as inner:
            (coming,) = ahead(inner, READ)
            raise KeyError
        arrived(conn, coming)


LOCKS = [
    Lock(),
    Lock("all"),
    Lock("bound", facilities=frozenset({"01003"})),
    Lock("bound", facilities=frozenset({"01003", '01"4'}), units=frozenset({"user:1"}), since=clock.now()),
    Lock("bound", persons=frozenset({UUID(int=7)}), types=frozenset({"Patient"}), openings=UNMASKED),
]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.sampled_from(["tell", "enter", "leave", "look", "savepoint", "undone", "unit"]), st.sampled_from(LOCKS)), max_size=12)
)
def test_row_security_knows_what_was_told_last_whatever_was_told_before(database: TestDatabase, steps: list[tuple[str, Lock]]) -> None:
    """Only what changes is told: after any steps the settings say what telling everything would have said."""
    with unit_of_work(by=BY, late=True) as conn, ExitStack() as within:
        for act, lock in steps:
            unit = acting.stack[-1]
            if act == "tell":
                unit.lock = lock
                telling.tell(conn, unit)
            elif act == "enter":
                within.enter_context(unit_of_work(by=OTHER, joined=True))
            elif act == "leave":
                within.close()
            elif act == "look":
                looked(conn)
            elif act == "unit":
                with unit_of_work(by=OTHER) as inner:
                    looked(inner)
            else:
                with ends_in(KeyError) if act == "undone" else nullcontext(), conn.transaction():
                    before, unit.lock = unit.lock, lock
                    telling.tell(conn, unit)
                    looked(conn)
                    if act == "undone":
                        unit.lock = before
                        raise KeyError
        looked(conn)


def looked(conn: Any) -> None:
    unit = acting.stack[-1]
    asked = ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in SETTINGS)
    found = run(conn, Ask(f"SELECT {asked}".encode(), {}))[0]
    assert [one.replace("{}", "") for one in found] == [one.replace("{}", "") for one in unit.lock.told(unit.by.name)]
