"""Prepared statements through libpq's pipeline: several in one message, values beside the text, and what gives nothing back waits for the next."""

from __future__ import annotations

from select import POLLIN, POLLOUT, poll
from typing import TYPE_CHECKING, Any, Final

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import OperationalError
from psycopg.errors import DivisionByZero
from psycopg.pq import ConnStatus, ExecStatus, PipelineStatus, TransactionStatus

from .errors import Internal
from .prepared import LOST, Ask, Coming, Statement, error_of
from .units import acting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.pq.abc import PGconn, PGresult

    from .units import Conn

    Part = Ask | Statement | Coming | bytes  # bytes: a statement without values that is not prepared (BEGIN, COMMIT)

_GOOD: Final = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})


class Unproven(Exception):
    """Who was guessed at is not proven: nothing was read, nothing was written."""


def run(conn: Conn, *asks: Ask) -> list[tuple[Any, ...]]:
    """Run prepared statements within a unit of work, in one message with what waits, and return the rows of the last.

    Of three small ones a fifth of the price of three cursors of psycopg, half of it PostgreSQL's. Raises psycopg.Error;
    InvalidSqlStatementName where the connection has lost its statements (the unit is to be begun anew, as the API's edge does).
    """
    result = exchange(conn, [*taken(conn), *asks])
    return acting.preparing(conn).rows(result) if result.status == ExecStatus.TUPLES_OK else []


def behind(conn: Conn, ask: Ask) -> None:
    """Run a statement that gives nothing back: in one message with the unit's next statement, or with its COMMIT, where the unit is a late one.

    An error is then raised by that one. Elsewhere, and in a savepoint, whose rollback it would outlive, it is run at once.
    """
    if may_wait(conn):
        acting.waiting.append(ask)
    elif conn is connections[DEFAULT_DB_ALIAS].connection:
        run(conn, ask)
    else:
        conn.execute(ask.statement, ask.params, prepare=True)


def ahead(conn: Conn, *asks: Ask) -> list[Coming]:
    """Ask for rows that are wanted later (`arrived`): in one message with a late unit's next statement, else in one at once."""
    coming = [Coming(ask) for ask in asks]
    if may_wait(conn):
        acting.waiting += coming
    elif coming:
        exchange(conn, [*taken(conn), *coming])
    return coming


def arrived(conn: Conn, coming: Coming) -> list[tuple[Any, ...]]:
    """Return the rows of a statement asked `ahead`, sending what waits if it was not sent yet. Raises psycopg.Error; Internal: the unit is over."""
    if coming.result is None:
        flush(conn)
    if coming.result is None:
        raise Internal("what was asked ahead was given up.")
    return acting.preparing(conn).rows(coming.result)


def may_wait(conn: Conn) -> bool:
    """Whether statements of this unit may wait: a late one, in which nothing can be rolled back but all."""
    stack = acting.stack
    if not stack or stack[0].last is None or getattr(conn, "_num_transactions", 1) != 0:
        return False
    return len(stack) == 1 or all(unit.joined for unit in stack[1:])


def flush(conn: Conn) -> None:
    """Run what waits, before anything that does not come through here."""
    if acting.pending and (parts := taken(conn)):
        exchange(conn, parts)


def taken(conn: Conn) -> list[Ask | Statement | Coming]:
    """Take what waits, if it is this connection's: before all the proof of who acts, where it is only guessed at."""
    if not acting.pending or conn is not connections[DEFAULT_DB_ALIAS].connection:
        return []
    waiting, acting.waiting = acting.waiting, []
    proof = acting.stack[0].proof if acting.stack else None
    return waiting if proof is None else [*proof, *waiting]


def exchange(conn: Conn, parts: Sequence[Part]) -> PGresult:
    """Send statements in one message, which begins the transaction where none has begun, and return the result of the last.

    Outside of any unit (autocommit) the message itself is the transaction. Raises psycopg.Error, Unproven.
    """
    pgconn = conn.pgconn
    with conn.lock:
        prepared = acting.preparing(conn)
        begins = pgconn.transaction_status == TransactionStatus.IDLE and not conn.autocommit and parts[0].__class__ is not bytes
        calls = [(part, None) if isinstance(part, bytes) else prepared.bound(part) for part in parts]
        pgconn.enter_pipeline_mode()
        try:
            if begins:
                pgconn.send_query_params(b"BEGIN", None)
            for name, values in calls:
                if values is None:
                    pgconn.send_query_params(name, None)
                else:
                    pgconn.send_query_prepared(name, values)
            pgconn.pipeline_sync()
            results = _received(pgconn)
            pgconn.exit_pipeline_mode()
        except BaseException:  # interrupted, or the server went away: nobody knows what else will come
            if pgconn.pipeline_status != PipelineStatus.OFF:
                conn.close()
            raise
        wrong = _told(parts, results[1:] if begins else results)
        if wrong is None and results[0].status in _GOOD:
            return results[-1]
        error = error_of(wrong or results[0])
        if error.sqlstate in LOST:
            prepared.forget()
        raise error


def _told(parts: Sequence[Part], results: Sequence[PGresult]) -> PGresult | None:
    """Give statements asked ahead their results; return the first that is an error. Raises Unproven."""
    for part, result in zip(parts, results, strict=True):
        good = result.status in _GOOD
        if isinstance(part, Coming):
            if good:
                part.result = result
                if part.proves and acting.stack:
                    acting.stack[0].proof = None
            elif part.proves and isinstance(error_of(result), DivisionByZero):
                raise Unproven
        if not good:
            return result
    return None


def _received(pgconn: PGconn) -> list[PGresult]:
    """Wait for the results of all that was sent; others may run meanwhile."""
    waiting = poll()
    socket = pgconn.socket
    waiting.register(socket, POLLIN | POLLOUT)
    while pgconn.flush():
        if any(event & ~POLLOUT for _, event in waiting.poll()):
            pgconn.consume_input()
    waiting.modify(socket, POLLIN)
    found: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            waiting.poll()
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:  # the end of one statement's
            if pgconn.status == ConnStatus.BAD:
                message = "the connection is lost"
                raise OperationalError(message)
            continue
        if result.status == ExecStatus.PIPELINE_SYNC:
            return found
        found.append(result)
