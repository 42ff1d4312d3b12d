"""Telling row security who acts and how far the lock is open: one SELECT of settings, sent straight to libpq."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from psycopg import sql
from psycopg.pq import ExecStatus, TransactionStatus

from .prepared import error_of
from .reach import CLOSED, EVERY, SETTINGS, Lock

if TYPE_CHECKING:
    from .actor import Actor
    from .units import Conn, Unit

_SETTING: Final = sql.SQL("set_config({}, {}, true)")
_DONE: Final = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


def tell(conn: Conn, unit: Unit, *, begin: bytes = b"BEGIN") -> None:
    """Tell row security in one message, which begins the transaction too where none has begun; straight to libpq, a fifth of a cursor's price."""
    send(conn, told(unit.lock, unit.by.name), begin=begin)


def send(conn: Conn, text: bytes, *, begin: bytes = b"BEGIN") -> None:
    """Send statements that give nothing back in one message, which begins the transaction too where none has begun. Raises psycopg.Error."""
    begins = conn.pgconn.transaction_status == TransactionStatus.IDLE and not conn.autocommit
    with conn.lock:
        result = conn.pgconn.exec_(b"%b;%b" % (begin, text) if begins else text)
    if result.status not in _DONE:
        raise error_of(result)


@lru_cache(maxsize=1024)
def told(lock: Lock, actor: str) -> bytes:
    """Return the statement that tells a lock, for this transaction alone."""
    values = zip(SETTINGS, lock.told(actor), strict=True)
    settings = (_SETTING.format(sql.Literal(name), sql.Literal(value)) for name, value in values)
    return sql.SQL("SELECT {}").format(sql.SQL(", ").join(settings)).as_bytes(None)


@lru_cache(maxsize=256)
def standing(by: Actor) -> Lock:
    """Return the lock of a unit before any right is asked for: a machine's own reach, nobody else's."""
    if not by.standing:
        return CLOSED
    return Lock(scope=by.scope, facilities=by.facilities or frozenset(), labels=frozenset({EVERY}))
