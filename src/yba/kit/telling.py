"""Telling row security who acts and how far the lock is open: one SELECT of settings, sent straight to libpq."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from psycopg import sql
from psycopg.pq import ExecStatus, TransactionStatus

from .pipeline import behind, flush, may_wait
from .prepared import Ask, error_of
from .reach import CLOSED, SETTINGS, UNMASKED, Lock
from .units import acting

if TYPE_CHECKING:
    from .actor import Actor
    from .units import Conn, Unit

_SETTING: Final = sql.SQL("set_config({}, {}, true)")
_VALUES: Final = tuple(f"v{number}" for number in range(len(SETTINGS)))
_ASKED: Final = ("SELECT " + ", ".join(f"set_config('{name}', %({value})s, true)" for name, value in zip(SETTINGS, _VALUES, strict=True))).encode()
_DONE: Final = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


def tell(conn: Conn, unit: Unit, *, begin: bytes = b"BEGIN") -> None:
    """Tell row security in one message, which begins the transaction too where none has begun; with the next statement where that may wait."""
    if conn.pgconn.transaction_status != TransactionStatus.IDLE and may_wait(conn):
        if acting.waiting and acting.waiting[-1].statement is _ASKED:
            acting.waiting.pop()  # nothing was done under that one
        behind(conn, asked(unit.lock, unit.by.name))
    else:
        send(conn, told(unit.lock, unit.by.name), begin=begin)


def send(conn: Conn, text: bytes, *, begin: bytes = b"BEGIN") -> None:
    """Send statements that give nothing back in one message, which begins the transaction too where none has begun. Raises psycopg.Error."""
    flush(conn)
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


@lru_cache(maxsize=1024)
def asked(lock: Lock, actor: str) -> Ask:
    """Return the same as a statement that is prepared once for all."""
    return Ask(_ASKED, dict(zip(_VALUES, lock.told(actor), strict=True)))


@lru_cache(maxsize=256)
def standing(by: Actor) -> Lock:
    """Return the lock of a unit before any right is asked for: a machine's own reach, nobody else's."""
    if not by.standing:
        return CLOSED
    return Lock(scope=by.scope, facilities=by.facilities or frozenset(), openings=UNMASKED)
