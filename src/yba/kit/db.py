"""The database: the one place with a transaction. ``unit_of_work(by=)`` for acts, ``reading(by=)`` for reads; commit happens here or nowhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from psycopg.pq import ExecStatus, TransactionStatus

from .connecting import OWNER, connect, may_migrate, owner_connection
from .copying import copy_rows
from .errors import Internal
from .messages import begin_proven, commit, one_read, prove
from .pipeline import Unproven, ahead, arrived, behind, flush, may_wait, run
from .postgres.layout import APP_ROLE, OWNER_ROLE
from .prepared import Ask, Coming
from .reach import CLOSED, EVERY, Lock, told_openings
from .telling import beginning, send, standing, tell, told, unsure
from .units import Conn, Unit, acting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from django.db.backends.base.base import BaseDatabaseWrapper

    from .actor import Actor

__all__ = [
    "APP_ROLE",
    "OWNER",
    "OWNER_ROLE",
    "Ask",
    "Coming",
    "Conn",
    "Unproven",
    "act_as",
    "after_commit",
    "ahead",
    "arrived",
    "behind",
    "copy_rows",
    "glance",
    "joined_unit",
    "lock_of",
    "may_migrate",
    "one_read",
    "owner_connection",
    "prove",
    "reading",
    "run",
    "unit_of_work",
    "unmasked",
    "widen",
    "with_commit",
]

_UNDER_WAY: Final = frozenset({TransactionStatus.INTRANS, TransactionStatus.INERROR})
_LABELS: Final = b"SELECT set_config('yba.labels', %s, true)"


@contextmanager
def unit_of_work(*, by: Actor, durable: bool = False, late: bool = False, steady: bool = False, joined: bool = False) -> Iterator[Conn]:
    """Give a connection inside a transaction that commits at the end, or rolls back when an exception passes.

    Row security is told who acts in one round trip: a machine role's lock is open as far as it reaches, everybody else's is closed until
    `widen` (called by access.predicate), which a new transaction is without being told. A unit inside a unit is a savepoint of the outer one
    and acts as its own actor; ``durable=True`` refuses that, for acts that must be on disk when they return.
    ``late``: what is given to `with_commit` waits for the end and goes in one message with COMMIT, and what is given to `behind` for the
    next statement. ``joined``: a unit inside a late one needs no savepoint, because nobody goes on where it failed. ``steady``: a unit of its
    own in which every statement sees the database of one moment (REPEATABLE READ); what it writes over somebody else's later change fails.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    durable = durable or steady
    if wrapper.in_atomic_block and not durable:
        with _inside(wrapper, by, joined=joined) as inner:
            yield inner
        return
    if not durable or not wrapper.in_atomic_block:
        connect(wrapper)
    with transaction.atomic(using=DEFAULT_DB_ALIAS, durable=durable):
        conn: Conn = wrapper.connection
        unit = Unit(by, standing(by), last=[] if late else None)
        if unit.lock.scope or steady:
            tell(conn, unit, begin=b"BEGIN ISOLATION LEVEL REPEATABLE READ" if steady else b"BEGIN")
        acting.stack.append(unit)
        try:
            yield conn
            _end(conn, unit)
        except BaseException:
            acting.waiting.clear()
            _give_up(conn)
            raise
        finally:
            acting.stack.pop()


def joined_unit(by: Actor) -> AbstractContextManager[Conn]:
    """Return a unit of work inside the one under way, joined to it where that is a late one (`unit_of_work`); one of its own without any."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    return _inside(wrapper, by, joined=True) if wrapper.in_atomic_block else unit_of_work(by=by)


def _inside(wrapper: BaseDatabaseWrapper, by: Actor, *, joined: bool) -> AbstractContextManager[Conn]:
    return _joined(wrapper.connection, by) if joined and may_wait(wrapper.connection) else _within(wrapper, by)


def _end(conn: Conn, unit: Unit) -> None:
    """Run what waits, with COMMIT: then the transaction has nothing left to commit."""
    if unit.failed:
        raise Internal("a joined unit failed, and somebody went on.")
    if unit.last or acting.pending:
        commit(conn, unit.last or ())


@contextmanager
def _joined(conn: Conn, by: Actor) -> Iterator[Conn]:
    """A unit inside a late one that is given up as a whole with it: who acts is told with its first statement, and told back with the next one."""
    outer, unit = acting.stack[-1], Unit(by, standing(by), joined=True)
    tell(conn, unit)
    acting.stack.append(unit)
    try:
        yield conn
    except BaseException:
        acting.stack[0].failed = True
        acting.waiting.clear()
        unsure()
        if conn.pgconn.transaction_status == TransactionStatus.INTRANS:
            send(conn, told(outer.lock, outer.by.name))
        raise
    finally:
        acting.stack.pop()
    tell(conn, outer)


@contextmanager
def _within(wrapper: BaseDatabaseWrapper, by: Actor) -> Iterator[Conn]:
    """A unit inside a unit: Django's savepoint, but laid and told in one message and released in one."""
    conn: Conn = wrapper.connection
    outer = acting.stack[-1] if acting.stack else None
    unit = Unit(by, standing(by))
    name = f"yba_unit_{next(acting.numbers)}"  # never the same twice: what waits for the commit is remembered by it
    flush(conn)
    unsure()
    send(conn, b"SAVEPOINT %b;%b" % (name.encode(), told(unit.lock, by.name)))
    wrapper.savepoint_ids.append(name)  # what waits for the commit goes with the savepoint
    acting.stack.append(unit)
    try:
        yield conn
    except BaseException:
        _undo(wrapper, conn, name)
        raise
    finally:
        acting.stack.pop()
    if wrapper.needs_rollback:  # a part of it failed and said no more
        _undo(wrapper, conn, name)
        return
    wrapper.savepoint_ids.pop()
    send(conn, b"RELEASE SAVEPOINT %b%b" % (name.encode(), b";" + told(outer.lock, outer.by.name) if outer else b""))


def _undo(wrapper: BaseDatabaseWrapper, conn: Conn, name: str) -> None:
    """Roll back to a savepoint: the settings of row security are those of before it again."""
    wrapper.needs_rollback = False
    wrapper.savepoint_ids.pop()
    wrapper.run_on_commit = [one for one in wrapper.run_on_commit if name not in one[0]]
    if conn.pgconn.transaction_status in _UNDER_WAY:
        result = conn.pgconn.exec_(b"ROLLBACK TO SAVEPOINT %b;RELEASE SAVEPOINT %b" % (name.encode(), name.encode()))
        wrapper.needs_rollback = result.status != ExecStatus.COMMAND_OK


def _give_up(conn: Conn) -> None:
    """Roll back straight away: of a ROLLBACK of its own psycopg would take it that every prepared statement has to go."""
    if conn.pgconn.transaction_status in _UNDER_WAY and not getattr(conn, "_num_transactions", 1):
        conn.pgconn.exec_(b"ROLLBACK")


def with_commit(conn: Conn, ask: Ask) -> bool:
    """Let a statement that gives nothing back go in one message with COMMIT; False, and nothing done, where this unit does not wait for such.

    A unit inside a unit and a savepoint do not: what they roll back must not be written.
    """
    unit = acting.stack[0] if acting.stack else None
    if unit is None or unit.last is None or len(acting.stack) > 1 or getattr(conn, "_num_transactions", 1) != 0:
        return False
    unit.last.append(ask)
    return True


@contextmanager
def glance() -> Iterator[Conn]:
    """Give the connection for one statement by itself, before anybody is known: a single message outside of a unit, where row security shows nothing.

    For the look-ups of signing in, which stand at the head of every page; inside a unit it sees what that unit sees.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    if not wrapper.in_atomic_block:
        connect(wrapper)
    yield wrapper.connection


def widen(conn: Conn, lock: Lock, *, by: Actor) -> None:
    """Open the second lock of this unit as far as ``lock``, if ``by`` is who acts in it; one round trip, none when it is open so far already.

    Only `access` calls this. A machine's lock is open as far as it ever will be.
    """
    unit = acting.stack[-1] if acting.stack else None
    if unit is None or by.standing or unit.by != by:
        return
    wider = unit.lock.wider(lock)
    if unit.sure and wider == unit.lock:
        return
    unit.lock, unit.sure = wider, getattr(conn, "_num_transactions", 1) == 0  # in a savepoint of psycopg: gone when it rolls back
    tell(conn, unit)


def act_as(conn: Conn, by: Actor, *, proof: Ask | None = None) -> bool:
    """Let the unit that began with nobody's closed lock go on as who was found out in it (a token's owner): one round trip, none for people.

    ``proof`` is for a machine only guessed at: the first statement of a unit, in that same message, which raises `division_by_zero` where the
    guess is wrong. Then the transaction is given up, the unit is nobody's again, and False is returned. In a late unit it waits for the first
    statement, which raises Unproven instead: whoever tells anything before that calls `prove` first.
    """
    unit = acting.stack[-1]
    if unit.lock.scope:
        raise Internal("a unit whose lock is open already goes on as who began it.")
    if proof is not None and not by.standing:
        raise Internal("only a machine is guessed at.")
    before = unit.by
    unit.by, unit.lock = by, standing(by)
    if not unit.lock.scope:
        return True
    if proof is None:
        tell(conn, unit)
    elif unit.last is not None and len(acting.stack) == 1 and not acting.pending and conn.pgconn.transaction_status == TransactionStatus.IDLE:
        unit.told, reach = beginning(unit.lock, by.name)
        unit.proof = reach, Coming(proof, proves=True)
    elif not begin_proven(conn, unit, proof):
        unit.by, unit.lock = before, CLOSED
        return False
    return True


def lock_of(by: Actor) -> Lock:
    """Return how far the second lock of this unit is open for sure; closed when somebody else acts in it."""
    unit = acting.stack[-1] if acting.stack else None
    return unit.lock if unit is not None and unit.sure and unit.by == by else CLOSED


@contextmanager
def unmasked(conn: Conn, *, by: Actor) -> Iterator[None]:
    """Lift the restricted categories of row security for the statements inside, to ask whether anything is masked; only `access` calls this."""
    unit = acting.stack[-1] if acting.stack else None
    if unit is None or by.standing or unit.by != by or not unit.lock.scope:
        yield
        return
    if not unit.sure:
        tell(conn, unit)
    unsure()
    conn.execute(_LABELS, (EVERY,))
    yield  # after an error the transaction or savepoint rolls back, and the settings with it
    conn.execute(_LABELS, (told_openings(unit.lock.openings),))


@contextmanager
def reading(*, by: Actor) -> Iterator[Conn]:
    """Give a connection for reads; a transaction too, because reading leaves its own audit rows."""
    with unit_of_work(by=by) as conn:
        yield conn


def after_commit(act: Any) -> None:  # noqa: ANN401  # any callable without arguments, as Django takes it
    """Call something once the transaction of this unit is on disk (never when it rolls back)."""
    transaction.on_commit(act, using=DEFAULT_DB_ALIAS)
