"""Connections of a thread: opened when there is none or the last one broke, the owner's for migrations, none inherited by a fork."""

from __future__ import annotations

import os
import select
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import psycopg
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from psycopg.pq import TransactionStatus

from . import postgres
from .errors import Unavailable
from .pipeline import flush
from .settings import DATABASE_OWNER_URL, DATABASE_URL
from .units import acting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper
    from psycopg import Cursor

    from .units import Conn

OWNER: Final = "owner"  # Django alias of the role that owns the tables; migrations only
_KEPT: Final = 400  # prepared statements of a connection: a right's shape times a resource type has a text of its own


def connect(wrapper: BaseDatabaseWrapper) -> None:
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
    wrapper.connection.cursor_factory = _flushing(wrapper.connection.cursor_factory)
    _flush_before_savepoints(wrapper.connection)


def _flush_before_savepoints(conn: Any) -> None:  # noqa: ANN401  Django's own
    """Run what waits before psycopg lays a savepoint, whose rollback would take it along; and never let it be the transaction of a unit itself."""
    theirs = conn.transaction

    @contextmanager
    def transaction(*args: Any, **kwargs: Any) -> Iterator[Any]:  # noqa: ANN401
        flush(conn)
        if acting.stack and conn is connections[DEFAULT_DB_ALIAS].connection and conn.pgconn.transaction_status == TransactionStatus.IDLE:
            conn.pgconn.exec_(b"BEGIN")
        with theirs(*args, **kwargs) as made:
            yield made

    conn.transaction = transaction


@cache
def _flushing(kind: type[Cursor[Any]]) -> type[Cursor[Any]]:
    """Return a class of cursors before whose statements all runs that waits (kit.pipeline)."""

    class Flushing(kind):  # type: ignore[valid-type,misc]  # Django's own
        def execute(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            if acting.pending:
                flush(self.connection)
            return super().execute(*args, **kwargs)

        def executemany(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            if acting.pending:
                flush(self.connection)
            return super().executemany(*args, **kwargs)

        def copy(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            if acting.pending:
                flush(self.connection)
            return super().copy(*args, **kwargs)

        def stream(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            if acting.pending:
                flush(self.connection)
            return super().stream(*args, **kwargs)

    return Flushing


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


@contextmanager
def owner_connection() -> Iterator[Conn]:
    """Give the owner role's connection, in autocommit, to migrations, index builds and maintenance: never to a request."""
    wrapper = connections[OWNER]
    wrapper.ensure_connection()
    yield wrapper.connection


def may_migrate() -> bool:
    """Whether this process has been given the owner role."""
    return not DATABASE_URL() or bool(DATABASE_OWNER_URL())


def _forget_connections() -> None:
    """Let go of inherited connections in a forked child without saying goodbye on the parent's socket (psycopg knows its own process)."""
    for wrapper in connections.all(initialized_only=True):
        wrapper.connection = None
    acting.stack.clear()
    acting.prepared = None
    acting.waiting.clear()


os.register_at_fork(after_in_child=_forget_connections)
