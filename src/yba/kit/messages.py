"""Several statements in one message to PostgreSQL: a whole unit of work, what goes with COMMIT, a guess with its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import TransactionStatus

from .connecting import connect
from .errors import Internal
from .pipeline import Unproven, exchange, taken
from .prepared import LOST, Coming, Statement
from .reach import CLOSED
from .telling import beginning, standing, unsure
from .units import acting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .actor import Actor
    from .prepared import Ask
    from .reach import Lock
    from .units import Conn, Unit


_KEPT_PLAN: Final = Statement(b"SELECT set_config('plan_cache_mode', 'force_generic_plan', true)", [])


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
    _, reach = beginning(standing(by) if by.standing else lock, by.name)
    parts = [reach, *(() if proof is None else (Coming(proof, proves=True),)), *((_KEPT_PLAN,) if ask.kept else ()), ask]
    try:
        try:
            result = exchange(conn, parts)
        except psycopg.Error as error:
            if error.sqlstate not in LOST:
                raise
            result = exchange(conn, parts)
    except psycopg.errors.DivisionByZero:
        if proof is None:
            raise
        raise Unproven from None  # by the statement itself, which so says that one message will not do
    return acting.preparing(conn).rows(result)


def commit(conn: Conn, last: Sequence[Ask]) -> None:
    """Run what waits, the last statements of a unit and COMMIT in one message. Raises psycopg.Error, Unproven."""
    exchange(conn, [*taken(conn), *last, b"COMMIT"])


def prove(conn: Conn) -> None:
    """Find out whether who acts is who was guessed at, where that is still open; what waits behind it is given up. Raises Unproven."""
    proof = acting.stack[0].proof if acting.stack else None
    if proof is not None:
        acting.waiting.clear()
        unsure()
        exchange(conn, taken(conn))


def begin_proven(conn: Conn, unit: Unit, proof: Ask) -> bool:
    """Begin the transaction, tell row security and prove who acts in one message; False where that fails: no transaction has begun then."""
    pgconn = conn.pgconn
    if pgconn.transaction_status != TransactionStatus.IDLE:
        raise Internal("who is guessed at is proven before anything else.")
    unit.told, reach = beginning(unit.lock, unit.by.name)
    for again in (True, False):
        try:
            exchange(conn, [b"BEGIN", reach, Coming(proof, proves=True)])
        except (psycopg.Error, Unproven) as error:
            if not conn.closed:
                pgconn.exec_(b"ROLLBACK")
            if isinstance(error, Unproven):
                return False
            if not again or error.sqlstate not in LOST:
                raise
        else:
            return True
    return False
