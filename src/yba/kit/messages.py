"""Several statements in one message to PostgreSQL: a whole unit of work, what goes with COMMIT, a guess with its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import ExecStatus, TransactionStatus

from .connecting import connect
from .errors import Internal
from .pipeline import exchange
from .prepared import LOST, error_of
from .reach import CLOSED
from .telling import asked, standing, told
from .units import acting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .actor import Actor
    from .prepared import Ask
    from .reach import Lock
    from .units import Conn, Unit


_KEPT_PLAN: Final = b"SELECT set_config('plan_cache_mode', 'force_generic_plan', true);"


class Unproven(Exception):
    """Who was guessed at is not proven: nothing was read, nothing was written."""


def one_read(*, by: Actor, ask: Ask, lock: Lock = CLOSED, proof: Ask | None = None) -> list[tuple[Any, ...]]:
    """Run one statement as a unit of work of its own, in one message: row security told, who asks proven, the statement run, all committed.

    The message is a transaction: where any of it fails nothing of it is written, and the connection is as before. ``lock`` is how far row
    security opens for people (a machine's is its own reach); ``proof`` a statement that raises `division_by_zero` where ``by`` was only
    guessed at and is somebody else. Raises Unproven, psycopg.Error, Unavailable; Internal within a unit.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    if wrapper.in_atomic_block:
        raise Internal("one message is a unit of work of its own.")
    connect(wrapper)
    conn: Conn = wrapper.connection
    reach = told(standing(by) if by.standing else lock, by.name)
    with conn.lock:
        prepared = acting.preparing(conn)
        for again in (True, False):
            said = prepared.call(ask) if not ask.kept else _KEPT_PLAN + prepared.call(ask)
            parts = (reach, said) if proof is None else (reach, prepared.call(proof), said)
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


def commit(conn: Conn, last: Sequence[Ask]) -> None:
    """Run the last statements of a unit and COMMIT in one message. Raises psycopg.Error."""
    exchange(conn, [*last, b"COMMIT"])


def begin_proven(conn: Conn, unit: Unit, proof: Ask) -> bool:
    """Begin the transaction, tell row security and prove who acts in one message; False where that fails: no transaction has begun then."""
    pgconn = conn.pgconn
    if pgconn.transaction_status != TransactionStatus.IDLE:
        raise Internal("who is guessed at is proven before anything else.")
    for again in (True, False):
        try:
            exchange(conn, [b"BEGIN", asked(unit.lock, unit.by.name), proof])
        except psycopg.Error as error:
            if not conn.closed:
                pgconn.exec_(b"ROLLBACK")
            if isinstance(error, psycopg.errors.DivisionByZero):
                return False
            if not again or error.sqlstate not in LOST:
                raise
        else:
            return True
    return False
