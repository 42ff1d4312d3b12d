"""Units of work: who acts is told to row security, nested units join, failures roll back, COPY speaks both forms."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connections, transaction

from yba.kit import Actor, db, new_id
from yba.kit.actor import Grant
from yba.kit.postgres.layout import SUPER_ROLE
from yba.kit.reach import Lock, Opening

if TYPE_CHECKING:
    from tests.conftest import TestDatabase

CLIENT = Actor.facility_client('01"234')
SHOW = (
    "SELECT current_user, current_setting('yba.actor', true), current_setting('yba.scope', true),"
    " coalesce(nullif(current_setting('yba.facilities', true), '')::text[], '{}')"
)


def test_the_actor_is_told_as_the_app_role(conn: psycopg.Connection[Any]) -> None:
    assert conn.execute(SHOW).fetchone() == ("yba_app", Actor.operator().name, "all", [])


def test_a_unit_inside_a_unit_acts_as_its_own_actor_and_gives_back(conn: psycopg.Connection[Any]) -> None:
    with db.unit_of_work(by=CLIENT) as inner:
        assert inner is conn
        assert conn.execute(SHOW).fetchone() == ("yba_app", CLIENT.name, "bound", ['01"234'])
    assert conn.execute(SHOW).fetchone() == ("yba_app", Actor.operator().name, "all", [])


def test_a_failing_inner_unit_leaves_the_outer_actor_in_force(conn: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), db.unit_of_work(by=CLIENT):
        conn.execute("SELECT 1/0")
    assert conn.execute(SHOW).fetchone() == ("yba_app", Actor.operator().name, "all", [])


def test_nothing_of_the_actor_survives_the_transaction(database: TestDatabase) -> None:
    with db.unit_of_work(by=CLIENT):
        pass
    wrapper = connections["default"]
    assert wrapper.connection.execute("SELECT current_setting('yba.scope', true)").fetchone()[0] in {None, ""}


def test_an_exception_rolls_back_and_an_end_commits(database: TestDatabase) -> None:
    owner = database.as_owner()
    owner.execute("CREATE TABLE thing (a int PRIMARY KEY)")
    owner.commit()
    by = Actor.operator()
    with db.unit_of_work(by=by) as conn:
        conn.execute("INSERT INTO thing VALUES (1)")
    with pytest.raises(psycopg.errors.UniqueViolation), db.unit_of_work(by=by) as conn:
        conn.execute("INSERT INTO thing VALUES (2), (1)")
    assert owner.execute("SELECT array_agg(a) FROM thing").fetchone() == ([1],)
    owner.close()


def test_a_durable_unit_refuses_to_be_inside_another(conn: psycopg.Connection[Any]) -> None:
    with pytest.raises(RuntimeError), db.unit_of_work(by=CLIENT, durable=True):
        pass


@pytest.mark.parametrize("types", [(), ("int4", "text", "jsonb")])
def test_copy_keeps_values_as_they_are(conn: psycopg.Connection[Any], types: tuple[str, ...]) -> None:
    conn.execute("CREATE TEMPORARY TABLE t (a int, b text, j jsonb) ON COMMIT DROP")
    doc: Any = b'{"amount": 6300.000}' if types else '{"amount": 6300.000}'
    rows = [(1, "tab\tnewline\nbackslash\\N", doc), (2, None, None)]
    assert db.copy_rows(conn, "t", ("a", "b", "j"), rows, types=types) == 2
    stored = conn.execute("SELECT a, b, j::text FROM t ORDER BY a").fetchall()
    assert stored == [(1, "tab\tnewline\nbackslash\\N", '{"amount": 6300.000}'), (2, None, None)]


def test_the_app_role_owns_nothing_and_makes_no_tables(database: TestDatabase) -> None:
    with database.connect() as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("CREATE TABLE mine (a int)")
    with database.connect() as conn:
        assert conn.execute("SELECT count(*) FROM pg_tables WHERE tableowner = 'yba_app'").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM django_migrations")


def test_a_connection_the_server_closed_is_replaced_before_the_next_unit(database: TestDatabase) -> None:
    with db.unit_of_work(by=CLIENT) as conn:
        pid = conn.info.backend_pid
    with database.connect(SUPER_ROLE) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with db.unit_of_work(by=CLIENT) as conn:
        assert conn.info.backend_pid != pid


def test_a_connection_lost_within_a_unit_is_replaced_in_the_next(database: TestDatabase) -> None:
    with pytest.raises(psycopg.OperationalError), db.unit_of_work(by=CLIENT) as conn:
        conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with db.unit_of_work(by=CLIENT) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_glance_begins_nothing_leaves_nothing_and_has_no_reach(database: TestDatabase) -> None:
    with db.unit_of_work(by=Actor.operator()):
        pass
    with db.glance() as conn:
        assert conn.execute("SELECT nullif(current_setting('yba.scope', true), '')").fetchone() == (None,)
        assert conn.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        pid = conn.info.backend_pid
    with database.connect(SUPER_ROLE) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with db.glance() as conn:  # a page's first statement after the server was started anew
        assert conn.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("closed_again", [False, True])
def test_asking_what_is_masked_lifts_the_labels_alone_and_puts_them_back(conn: psycopg.Connection[Any], closed_again: bool) -> None:
    by = Actor.user(new_id(), [Grant("doctor", facilities=frozenset({"01003"}))], purpose="treatment")
    told = "SELECT current_setting('yba.actor'), current_setting('yba.scope'), current_setting('yba.facilities'), current_setting('yba.labels')"
    with db.unit_of_work(by=by) as unit:
        lock = Lock("bound", facilities=frozenset({"01003"}), openings=frozenset({Opening(frozenset({"hiv"}), facilities=frozenset({"01003"}))}))
        if closed_again:  # opened in a savepoint that rolls back: the settings go with it
            with unit.transaction(force_rollback=True):
                db.widen(unit, lock, by=by)
        else:
            db.widen(unit, lock, by=by)
        with db.unmasked(unit, by=by):
            assert unit.execute(told).fetchone() == (by.name, "bound", '{"01003"}', "*")
        assert unit.execute(told).fetchone() == (by.name, "bound", '{"01003"}', '[{"labels":["hiv"],"facilities":["01003"]}]')


def test_the_transaction_begins_with_what_is_told(database: TestDatabase) -> None:
    with db.unit_of_work(by=Actor.system("a'b\\c%s")) as conn:
        assert conn.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        assert conn.execute("SELECT current_setting('yba.actor'), current_setting('transaction_isolation')").fetchone() == (
            Actor.system("a'b\\c%s").name,
            "read committed",
        )
        conn.execute("CREATE TEMPORARY TABLE kept (a int)")
        connections["default"].set_rollback(True)
    with db.unit_of_work(by=CLIENT) as conn:
        assert conn.execute("SELECT to_regclass('kept')").fetchone() == (None,)  # it was one transaction, and it rolled back


def test_a_unit_in_a_failed_transaction_says_so(database: TestDatabase) -> None:
    def failed() -> None:
        with db.unit_of_work(by=CLIENT) as conn:
            try:
                conn.execute("SELECT 1/0")
            except psycopg.errors.DivisionByZero:
                db.tell(conn, db.acting.stack[-1])

    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        failed()
    assert connections["default"].connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def _state() -> tuple[Any, ...]:
    wrapper = connections["default"]
    conn = wrapper.connection
    return wrapper.autocommit, conn.autocommit, wrapper.in_atomic_block, wrapper.atomic_blocks, wrapper.savepoint_ids, conn.info.transaction_status


def test_after_a_unit_the_connection_is_as_before_however_it_ended(database: TestDatabase) -> None:
    with transaction.atomic():
        pass
    before, late = _state(), {"late": True}
    for options in ({}, late, {"durable": True}, {"steady": True}):
        for ask in ("", "SELECT 1", "SELECT 1/0"):
            with suppress(psycopg.errors.DivisionByZero), db.unit_of_work(by=CLIENT, **options) as conn:
                assert conn.autocommit is False
                if ask:
                    conn.execute(ask)
            assert _state() == before, (options, ask)


def test_what_waits_for_the_commit_runs_once_it_is_on_disk_and_never_else(database: TestDatabase) -> None:
    owner, told = database.as_owner(), []
    owner.execute("CREATE TABLE thing (a int PRIMARY KEY)")
    owner.execute("GRANT ALL ON thing TO yba_app")
    owner.commit()

    def seen() -> None:
        told.append(owner.execute("SELECT count(*) FROM thing").fetchone())
        owner.commit()

    for value, good in ((1, True), (2, False), (3, True)):
        with suppress(ZeroDivisionError), db.unit_of_work(by=CLIENT, late=True) as conn:
            db.after_commit(seen)
            db.behind(conn, db.Ask(b"INSERT INTO thing VALUES (%(a)s::int)", {"a": value}))
            _ = 1 // good
    with suppress(psycopg.errors.UniqueViolation), db.unit_of_work(by=CLIENT, late=True) as conn:
        db.after_commit(seen)
        db.behind(conn, db.Ask(b"INSERT INTO thing VALUES (%(a)s::int)", {"a": 1}))  # fails in the message of COMMIT
    with db.unit_of_work(by=CLIENT, late=True):
        pass
    assert told == [(1,), (2,)]
    owner.close()


def test_what_asked_for_a_rollback_is_not_kept(database: TestDatabase) -> None:
    with db.unit_of_work(by=CLIENT, late=True):
        connections["default"].set_rollback(True)
    before = _state()
    with db.unit_of_work(by=CLIENT) as conn:
        conn.execute("CREATE TEMPORARY TABLE kept ()")
        connections["default"].set_rollback(True)
    assert _state() == before
    with db.unit_of_work(by=CLIENT) as conn:
        assert conn.execute("SELECT to_regclass('kept')").fetchone() == (None,)
