"""The database: the one place with a transaction. ``unit_of_work(by=)`` for acts, ``reading(by=)`` for reads; commit happens here or nowhere."""

from __future__ import annotations

import os
import select
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from threading import local
from typing import TYPE_CHECKING, Any, Final

import orjson
import psycopg
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, transaction
from psycopg import Connection, sql
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.types.json import set_json_dumps

from . import postgres
from .errors import Internal, Unavailable
from .postgres.layout import APP_ROLE, OWNER_ROLE
from .prepared import LOST, Ask, Prepared, error_of
from .reach import CLOSED, EVERY, SETTINGS, Lock, array
from .settings import DATABASE_OWNER_URL, DATABASE_URL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

    from .actor import Actor

__all__ = [
    "APP_ROLE",
    "OWNER",
    "OWNER_ROLE",
    "Ask",
    "Unproven",
    "act_as",
    "after_commit",
    "copy_rows",
    "glance",
    "lock_of",
    "one_read",
    "owner_connection",
    "reading",
    "run",
    "unit_of_work",
    "unmasked",
    "widen",
    "with_commit",
]

OWNER: Final = "owner"  # Django alias of the role that owns the tables; migrations only
_SETTING: Final = sql.SQL("set_config({}, {}, true)")
_UNDER_WAY: Final = frozenset({TransactionStatus.INTRANS, TransactionStatus.INERROR})
_DONE: Final = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})
_LABELS: Final = b"SELECT set_config('yba.labels', %s, true)"
_KEPT: Final = 400  # prepared statements of a connection: a right's shape times a resource type has a text of its own

Conn = Connection[tuple[Any, ...]]


@dataclass(slots=True)
class _Unit:
    """One unit of work: who acts, and how far its lock is open; ``sure``: no savepoint can have closed it again behind our back."""

    by: Actor
    lock: Lock
    sure: bool = True
    last: list[Ask] | None = None  # what goes with COMMIT; None: nothing waits for it


class Unproven(Exception):
    """Who was guessed at is not proven: nothing was read, nothing was written."""


class _Acting(local):
    """The units of this thread, outermost first; a unit inside a unit joins its transaction. And what its connection has prepared."""

    def __init__(self) -> None:
        self.stack: list[_Unit] = []
        self.prepared: Prepared | None = None
        self.numbers = count(1)


_acting = _Acting()


@contextmanager
def unit_of_work(*, by: Actor, durable: bool = False, late: bool = False) -> Iterator[Conn]:
    """Give a connection inside a transaction that commits at the end, or rolls back when an exception passes.

    Row security is told who acts in one round trip: a machine role's lock is open as far as it reaches, everybody else's is closed until
    `widen` (called by access.predicate), which a new transaction is without being told. A unit inside a unit is a savepoint of the outer one
    and acts as its own actor; ``durable=True`` refuses that, for acts that must be on disk when they return.
    ``late``: what is given to `with_commit` waits for the end and goes in one message with COMMIT.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    if wrapper.in_atomic_block and not durable:
        with _within(wrapper, by) as inner:
            yield inner
        return
    if not durable or not wrapper.in_atomic_block:
        _open(wrapper)
    with transaction.atomic(using=DEFAULT_DB_ALIAS, durable=durable):
        conn: Conn = wrapper.connection
        unit = _Unit(by, _standing(by), last=[] if late else None)
        if unit.lock.scope:
            _tell(conn, unit)
        _acting.stack.append(unit)
        try:
            yield conn
            if unit.last:
                _commit(conn, unit.last)  # and the transaction has nothing left to commit
        except BaseException:
            _give_up(conn)
            raise
        finally:
            _acting.stack.pop()


@contextmanager
def _within(wrapper: BaseDatabaseWrapper, by: Actor) -> Iterator[Conn]:
    """A unit inside a unit: Django's savepoint, but laid and told in one message and released in one."""
    conn: Conn = wrapper.connection
    outer = _acting.stack[-1] if _acting.stack else None
    unit = _Unit(by, _standing(by))
    name = f"yba_unit_{next(_acting.numbers)}"  # never the same twice: what waits for the commit is remembered by it
    _send(conn, b"SAVEPOINT %b;%b" % (name.encode(), _told(unit.lock, by.name)))
    wrapper.savepoint_ids.append(name)  # what waits for the commit goes with the savepoint
    _acting.stack.append(unit)
    try:
        yield conn
    except BaseException:
        _undo(wrapper, conn, name)
        raise
    finally:
        _acting.stack.pop()
    if wrapper.needs_rollback:  # a part of it failed and said no more
        _undo(wrapper, conn, name)
        return
    wrapper.savepoint_ids.pop()
    _send(conn, b"RELEASE SAVEPOINT %b%b" % (name.encode(), b";" + _told(outer.lock, outer.by.name) if outer else b""))


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


def one_read(*, by: Actor, ask: Ask, lock: Lock = CLOSED, proof: Ask | None = None) -> list[tuple[Any, ...]]:
    """Run one statement as a unit of work of its own, in one message: row security told, who asks proven, the statement run, all committed.

    The message is a transaction: where any of it fails nothing of it is written, and the connection is as before. ``lock`` is how far row
    security opens for people (a machine's is its own reach); ``proof`` a statement that raises `division_by_zero` where ``by`` was only
    guessed at and is somebody else. Raises Unproven, psycopg.Error, Unavailable; Internal within a unit.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    if wrapper.in_atomic_block:
        raise Internal("one message is a unit of work of its own.")
    _open(wrapper)
    conn: Conn = wrapper.connection
    told = _told(_standing(by) if by.standing else lock, by.name)
    with conn.lock:
        prepared = _prepared(conn)
        for again in (True, False):
            parts = (told, prepared.call(ask)) if proof is None else (told, prepared.call(proof), prepared.call(ask))
            result = conn.pgconn.exec_(b";".join(parts))
            if result.status == ExecStatus.TUPLES_OK:
                break
            error = error_of(result)
            if proof is not None and isinstance(error, psycopg.errors.DivisionByZero):
                raise Unproven
            if not again or error.sqlstate not in LOST:
                raise error
            prepared.forget()
        return prepared.rows(result)


def run(conn: Conn, ask: Ask) -> list[tuple[Any, ...]]:
    """Run a prepared statement within a unit of work and return its rows: a cursor of psycopg costs 100 µs more.

    Values are literals of the text. Raises psycopg.Error; InvalidSqlStatementName where the connection has lost its statements (the unit
    is to be begun anew, as the API's edge does).
    """
    with conn.lock:
        prepared = _prepared(conn)
        result = conn.pgconn.exec_(prepared.call(ask))
        if result.status != ExecStatus.TUPLES_OK:
            error = error_of(result)
            if error.sqlstate in LOST:
                prepared.forget()
            raise error
        return prepared.rows(result)


def with_commit(conn: Conn, ask: Ask) -> bool:
    """Let a statement that gives nothing back go in one message with COMMIT; False, and nothing done, where this unit does not wait for such.

    A unit inside a unit and a savepoint do not: what they roll back must not be written.
    """
    unit = _acting.stack[0] if _acting.stack else None
    if unit is None or unit.last is None or len(_acting.stack) > 1 or getattr(conn, "_num_transactions", 1) != 0:
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
        _open(wrapper)
    yield wrapper.connection


def widen(conn: Conn, lock: Lock, *, by: Actor) -> None:
    """Open the second lock of this unit as far as ``lock``, if ``by`` is who acts in it; one round trip, none when it is open so far already.

    Only `access` calls this. A machine's lock is open as far as it ever will be.
    """
    unit = _acting.stack[-1] if _acting.stack else None
    if unit is None or by.standing or unit.by != by:
        return
    wider = unit.lock.wider(lock)
    if unit.sure and wider == unit.lock:
        return
    unit.lock, unit.sure = wider, getattr(conn, "_num_transactions", 1) == 0  # in a savepoint of psycopg: gone when it rolls back
    _tell(conn, unit)


def act_as(conn: Conn, by: Actor, *, proof: Ask | None = None) -> bool:
    """Let the unit that began with nobody's closed lock go on as who was found out in it (a token's owner): one round trip, none for people.

    ``proof`` is for a machine only guessed at: the first statement of a unit, in that same message, which raises `division_by_zero` where the
    guess is wrong. Then the transaction is given up, the unit is nobody's again, and False is returned.
    """
    unit = _acting.stack[-1]
    if unit.lock.scope:
        raise Internal("a unit whose lock is open already goes on as who began it.")
    if proof is not None and not by.standing:
        raise Internal("only a machine is guessed at.")
    before = unit.by
    unit.by, unit.lock = by, _standing(by)
    if not unit.lock.scope:
        return True
    if proof is None:
        _tell(conn, unit)
    elif not _begin_proven(conn, unit, proof):
        unit.by, unit.lock = before, CLOSED
        return False
    return True


def lock_of(by: Actor) -> Lock:
    """Return how far the second lock of this unit is open for sure; closed when somebody else acts in it."""
    unit = _acting.stack[-1] if _acting.stack else None
    return unit.lock if unit is not None and unit.sure and unit.by == by else CLOSED


@contextmanager
def unmasked(conn: Conn, *, by: Actor) -> Iterator[None]:
    """Lift the restricted categories of row security for the statements inside, to ask whether anything is masked; only `access` calls this."""
    unit = _acting.stack[-1] if _acting.stack else None
    if unit is None or by.standing or unit.by != by or not unit.lock.scope:
        yield
        return
    if not unit.sure:
        _tell(conn, unit)
    conn.execute(_LABELS, (array({EVERY}),))
    yield  # after an error the transaction or savepoint rolls back, and the settings with it
    conn.execute(_LABELS, (array(unit.lock.labels),))


@contextmanager
def reading(*, by: Actor) -> Iterator[Conn]:
    """Give a connection for reads; a transaction too, because reading leaves its own audit rows."""
    with unit_of_work(by=by) as conn:
        yield conn


def after_commit(act: Any) -> None:  # noqa: ANN401  # any callable without arguments, as Django takes it
    """Call something once the transaction of this unit is on disk (never when it rolls back)."""
    transaction.on_commit(act, using=DEFAULT_DB_ALIAS)


def copy_rows(conn: Conn, table: str | sql.Composable, columns: Sequence[str], rows: Iterable[Sequence[object]], *, types: Sequence[str] = ()) -> int:
    """COPY rows into a table and return how many; ``types`` (PostgreSQL names, one per column) switches to the faster binary form.

    Binary form needs the exact type of every value, and takes json and jsonb as bytes; text form lets the server parse.
    """
    target = sql.Identifier(*table.split(".")) if isinstance(table, str) else table
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    form = sql.SQL(" (FORMAT BINARY)") if types else sql.SQL("")
    count = 0
    with conn.cursor() as cursor, cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN{}").format(target, names, form)) as copy:
        if types:
            set_json_dumps(_ready_json, cursor)
            copy.set_types(types)
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _ready_json(value: object) -> bytes:
    return value if isinstance(value, bytes) else orjson.dumps(value)


@contextmanager
def owner_connection() -> Iterator[Conn]:
    """Give the owner role's connection, in autocommit, to migrations, index builds and maintenance: never to a request."""
    wrapper = connections[OWNER]
    wrapper.ensure_connection()
    yield wrapper.connection


def _prepared(conn: Conn) -> Prepared:
    if _acting.prepared is None or _acting.prepared.conn is not conn:
        _acting.prepared = Prepared(conn)
    return _acting.prepared


def _commit(conn: Conn, last: Sequence[Ask]) -> None:
    """Run the last statements of a unit and COMMIT in one message."""
    with conn.lock:
        prepared = _prepared(conn)
        result = conn.pgconn.exec_(b";".join((*map(prepared.call, last), b"COMMIT")))
    if result.status == ExecStatus.COMMAND_OK:
        return
    error = error_of(result)
    if error.sqlstate in LOST:  # too late to do it again here
        prepared.forget()
    raise error


def _begin_proven(conn: Conn, unit: _Unit, proof: Ask) -> bool:
    """Begin the transaction, tell row security and prove who acts in one message; False where that fails: no transaction has begun then."""
    pgconn = conn.pgconn
    if pgconn.transaction_status != TransactionStatus.IDLE:
        raise Internal("who is guessed at is proven before anything else.")
    told = b"BEGIN;" + _told(unit.lock, unit.by.name)
    with conn.lock:
        prepared = _prepared(conn)
        for again in (True, False):
            result = pgconn.exec_(b"%b;%b" % (told, prepared.call(proof)))
            if result.status == ExecStatus.TUPLES_OK:
                return True
            error = error_of(result)
            pgconn.exec_(b"ROLLBACK")
            if isinstance(error, psycopg.errors.DivisionByZero):
                return False
            if not again or error.sqlstate not in LOST:
                raise error
            prepared.forget()
    return False


def _tell(conn: Conn, unit: _Unit) -> None:
    """Tell row security in one message, which begins the transaction too where none has begun; straight to libpq, a fifth of a cursor's price."""
    _send(conn, _told(unit.lock, unit.by.name))


def _send(conn: Conn, text: bytes) -> None:
    begins = conn.pgconn.transaction_status == TransactionStatus.IDLE and not conn.autocommit
    with conn.lock:
        result = conn.pgconn.exec_(b"BEGIN;" + text if begins else text)
    if result.status not in _DONE:
        raise error_of(result)


@lru_cache(maxsize=1024)
def _told(lock: Lock, actor: str) -> bytes:
    told = zip(SETTINGS, lock.told(actor), strict=True)
    settings = (_SETTING.format(sql.Literal(name), sql.Literal(value)) for name, value in told)
    return sql.SQL("SELECT {}").format(sql.SQL(", ").join(settings)).as_bytes(None)


@lru_cache(maxsize=256)
def _standing(by: Actor) -> Lock:
    """The lock of a unit before any right is asked for: a machine's own reach, nobody else's."""
    if not by.standing:
        return CLOSED
    return Lock(scope=by.scope, facilities=by.facilities or frozenset(), labels=frozenset({EVERY}))


def _open(wrapper: BaseDatabaseWrapper) -> None:
    """Open the connection when there is none or the last one broke; an embedded server that went down is brought back first."""
    if wrapper.connection is not None:
        if not _is_dead(wrapper.connection):
            return
        wrapper.close()
    try:
        wrapper.ensure_connection()
    except (OperationalError, InterfaceError) as error:
        if DATABASE_URL():
            message = "the database does not answer."
            raise Unavailable(message, advice="Look at the server named by YBA_DATABASE_URL.") from error
        postgres.ensure()
        wrapper.ensure_connection()
    wrapper.connection.prepared_max = _KEPT


def _is_dead(conn: Conn) -> bool:
    """Whether the server has gone away since the last unit: an idle connection is asked only when something has arrived on it."""
    if conn.closed:
        return True
    waiting = select.poll()
    waiting.register(conn.fileno(), select.POLLIN | select.POLLHUP)
    if not waiting.poll(0):
        return False
    try:
        conn.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


def _forget_connections() -> None:
    """Let go of inherited connections in a forked child without saying goodbye on the parent's socket (psycopg knows its own process)."""
    for wrapper in connections.all(initialized_only=True):
        wrapper.connection = None
    _acting.stack.clear()
    _acting.prepared = None


os.register_at_fork(after_in_child=_forget_connections)


def may_migrate() -> bool:
    """Whether this process has been given the owner role."""
    return not DATABASE_URL() or bool(DATABASE_OWNER_URL())
