"""Units of work of one message, and what goes with COMMIT: told, proven, all or nothing, values as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.pq import TransactionStatus

from yba.kit import Actor, Internal, db, new_id
from yba.kit.actor import Grant
from yba.kit.db import Ask, Unproven, one_read
from yba.kit.prepared import literal
from yba.kit.reach import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import TestDatabase

CLIENT = Actor.facility_client('01"234')
WHO = Ask(
    b"SELECT current_setting('yba.actor'), coalesce(current_setting('yba.scope', true), ''),"
    b" coalesce(nullif(current_setting('yba.facilities', true), '')::text[], '{}')", {}
)  # fmt: skip
ADD = b"WITH kept AS (INSERT INTO pg_temp.thing VALUES (%(a)s::int) RETURNING a) SELECT a FROM kept"
PROOF = Ask(b"SELECT set_config('statement_timeout', '200', true), 1 / (CASE WHEN %(is)s::text = 'it' THEN 1 ELSE 0 END)", {"is": "it"})
WRONG = PROOF._replace(params={"is": "another"})


@pytest.fixture
def things(database: TestDatabase) -> Iterator[Any]:
    """A table of this connection alone, and what reads it."""
    with db.glance() as conn:
        conn.execute("CREATE TEMPORARY TABLE thing (a int PRIMARY KEY)")
    yield lambda: [row[0] for row in connections["default"].connection.execute("SELECT a FROM thing ORDER BY a")]
    with db.glance() as conn:
        conn.execute("DROP TABLE IF EXISTS pg_temp.thing")


def idle() -> bool:
    conn = connections["default"].connection
    told = conn.execute("SELECT nullif(current_setting('yba.scope', true), ''), current_setting('statement_timeout')").fetchone()
    return conn.info.transaction_status == TransactionStatus.IDLE and told == (None, "0")


def test_it_is_told_who_acts_and_leaves_nothing_of_it(database: TestDatabase) -> None:
    assert one_read(by=CLIENT, ask=WHO) == [(CLIENT.name, "bound", ['01"234'])]
    assert idle()
    doctor = Actor.user(new_id(), [Grant("doctor", facilities=frozenset({"01003"}))], purpose="treatment")
    assert one_read(by=doctor, ask=WHO) == [(doctor.name, "", [])]  # people's lock is closed unless a right opened it
    assert one_read(by=doctor, ask=WHO, lock=Lock("bound", frozenset({"01003"}))) == [(doctor.name, "bound", ["01003"])]
    assert one_read(by=CLIENT, ask=WHO, lock=Lock("all")) == [(CLIENT.name, "bound", ['01"234'])]  # a machine's is its own, whoever asks


def test_what_it_writes_is_there_when_it_returns_and_all_or_nothing(things: Any) -> None:
    assert one_read(by=CLIENT, ask=Ask(ADD, {"a": 1})) == [(1,)]
    assert things() == [1]
    with pytest.raises(psycopg.errors.UniqueViolation):
        one_read(by=CLIENT, ask=Ask(ADD, {"a": 1}))
    late = Ask(b"WITH kept AS (INSERT INTO pg_temp.thing VALUES (%(a)s::int) RETURNING a) SELECT (a / (a - 2))::text FROM kept", {"a": 2})
    with pytest.raises(psycopg.errors.DivisionByZero):  # after it has written
        one_read(by=CLIENT, ask=late)
    assert things() == [1]
    assert idle()


def test_who_is_not_proven_reads_and_writes_nothing(things: Any) -> None:
    assert one_read(by=CLIENT, ask=Ask(ADD, {"a": 1}), proof=PROOF) == [(1,)]
    with pytest.raises(Unproven):
        one_read(by=CLIENT, ask=Ask(ADD, {"a": 2}), proof=WRONG)
    with pytest.raises(Unproven):
        one_read(by=CLIENT, ask=WHO, proof=Ask(PROOF.statement, {"is": None}))
    assert things() == [1]
    assert idle()


def test_what_the_proof_sets_bounds_the_statement(database: TestDatabase) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        one_read(by=CLIENT, ask=Ask(b"SELECT pg_sleep(20)", {}), proof=PROOF)
    assert idle()


def test_it_is_no_part_of_another_unit(conn: psycopg.Connection[Any]) -> None:
    with pytest.raises(Internal):
        one_read(by=CLIENT, ask=WHO)


def test_statements_that_psycopg_let_go_are_prepared_again(things: Any) -> None:
    one_read(by=CLIENT, ask=Ask(ADD, {"a": 1}))
    connections["default"].connection.execute("DEALLOCATE ALL")
    assert one_read(by=CLIENT, ask=Ask(ADD, {"a": 2})) == [(2,)]
    assert things() == [1, 2]


def test_a_connection_that_went_away_is_replaced(database: TestDatabase) -> None:
    with pytest.raises(psycopg.OperationalError):
        one_read(by=CLIENT, ask=Ask(b"SELECT pg_terminate_backend(pg_backend_pid())", {}))
    assert one_read(by=CLIENT, ask=WHO)[0][0] == CLIENT.name


@pytest.mark.parametrize("conforming", ["on", "off"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"])), max_size=3),
    number=st.integers(-(2**31), 2**31 - 1),
)
def test_literals_say_what_they_were_given(database: TestDatabase, conforming: str, texts: list[str], number: int) -> None:
    values = [*texts, "a'b\\c''d\\'", "%(x)s $1 ;--", None, UUID(int=abs(number)), number]
    with db.glance() as conn:
        conn.execute(f"SET standard_conforming_strings = {conforming}; SET escape_string_warning = off")
        try:
            result = conn.pgconn.exec_(b"SELECT " + b", ".join(b"%b::text" % literal(value) for value in values))
        finally:
            conn.execute("RESET standard_conforming_strings; RESET escape_string_warning")
    told = [result.get_value(0, column) for column in range(result.nfields)]
    assert [None if one is None else one.decode() for one in told] == [None if value is None else str(value) for value in values]


def test_what_no_text_of_the_database_can_be_is_refused() -> None:
    with pytest.raises(psycopg.DataError):
        literal("a\0b")
    with pytest.raises(TypeError):
        literal(["a"])  # type: ignore[arg-type]


def test_a_late_statement_goes_with_commit(things: Any) -> None:
    add = Ask(b"INSERT INTO pg_temp.thing VALUES (%(a)s::int)", {"a": 1})
    with db.unit_of_work(by=CLIENT, late=True) as conn:
        assert db.with_commit(conn, add)
        assert things() == []
    assert things() == [1]
    assert idle()


def test_a_late_statement_is_given_up_with_its_unit(things: Any) -> None:
    def given_up() -> None:
        with db.unit_of_work(by=CLIENT, late=True) as conn:
            assert db.with_commit(conn, Ask(b"INSERT INTO pg_temp.thing VALUES (2)", {}))
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  ours
        given_up()
    assert things() == []


def test_a_late_statement_that_fails_takes_all_with_it(things: Any) -> None:
    add = Ask(b"INSERT INTO pg_temp.thing VALUES (%(a)s::int)", {"a": 1})

    def twice() -> None:
        with db.unit_of_work(by=CLIENT, late=True) as conn:
            conn.execute("INSERT INTO thing VALUES (7)")
            db.with_commit(conn, add)
            db.with_commit(conn, add)

    with pytest.raises(psycopg.errors.UniqueViolation):
        twice()
    assert things() == []
    assert idle()


def test_nothing_waits_where_it_could_be_rolled_back_alone(things: Any) -> None:
    add = Ask(b"INSERT INTO pg_temp.thing VALUES (%(a)s::int)", {"a": 1})
    with db.unit_of_work(by=CLIENT, late=True) as conn:
        with conn.transaction():
            assert not db.with_commit(conn, add)
        with db.unit_of_work(by=CLIENT) as inner:
            assert not db.with_commit(inner, add)
    with db.unit_of_work(by=CLIENT) as conn:
        assert not db.with_commit(conn, add)
    assert things() == []


def asked() -> int:
    """How many statements the connection has prepared."""
    row = connections["default"].connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert row is not None
    return int(row[0])


def test_a_unit_given_up_keeps_what_the_connection_has_prepared(things: Any) -> None:
    def refused() -> None:
        with db.unit_of_work(by=CLIENT) as conn:
            conn.execute("INSERT INTO thing VALUES (%s)", (1,), prepare=True)
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  ours
        refused()
    before = asked()
    assert before
    with pytest.raises(ValueError):  # noqa: PT011  ours
        refused()
    assert asked() == before
    assert things() == []
    assert idle()


def test_what_waits_for_the_commit_goes_with_a_unit_inside(things: Any) -> None:
    told: list[str] = []

    def inner(*, fails: bool) -> None:
        with db.unit_of_work(by=CLIENT) as conn:
            conn.execute("INSERT INTO thing VALUES (%s)", (int(fails),))
            db.after_commit(lambda: told.append("failed" if fails else "kept"))
            if fails:
                raise ValueError

    with db.unit_of_work(by=Actor.operator()):
        inner(fails=False)
        with pytest.raises(ValueError):  # noqa: PT011  ours
            inner(fails=True)
    assert (told, things()) == (["kept"], [0])


def test_a_unit_inside_that_failed_and_said_no_more_is_rolled_back(things: Any) -> None:
    with db.unit_of_work(by=Actor.operator()) as conn:
        with db.unit_of_work(by=CLIENT):
            conn.execute("INSERT INTO thing VALUES (1)")
            connections["default"].set_rollback(True)
        conn.execute("INSERT INTO thing VALUES (2)")
        assert conn.execute("SELECT current_setting('yba.actor')").fetchone() == (Actor.operator().name,)
    assert things() == [2]


def test_a_unit_inside_begins_the_transaction_where_nothing_has(things: Any) -> None:
    nobody = Actor.user(new_id(), [], purpose="treatment")  # is told nothing until a right opens it
    with db.unit_of_work(by=nobody), db.unit_of_work(by=CLIENT) as inner:
        assert inner.execute("SELECT current_setting('yba.scope')").fetchone() == ("bound",)
        inner.execute("INSERT INTO thing VALUES (1)")
    assert things() == [1]
