"""Telling row security who acts and how far the lock is open: one SELECT of the settings that change, sent straight to libpq."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from psycopg import sql
from psycopg.pq import ExecStatus, TransactionStatus

from .pipeline import flush, may_wait
from .prepared import Statement, error_of
from .reach import CLOSED, SETTINGS, UNMASKED, Lock
from .units import acting

if TYPE_CHECKING:
    from .actor import Actor
    from .units import Conn, Unit

    Values = tuple[str, ...]  # of SETTINGS, in their order

_SETTING: Final = sql.SQL("set_config({}, {}, true)")
_DONE: Final = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})
FRESH: Final = CLOSED.told("")  # what a transaction begins with: settings end with the one before; not said is as little as empty


def tell(conn: Conn, unit: Unit, *, begin: bytes = b"BEGIN") -> None:
    """Tell row security in one message, which begins the transaction too where none has begun; with the next statement where that may wait."""
    values = _values(unit.lock, unit.by.name)
    begun = acting.pending or conn.pgconn.transaction_status != TransactionStatus.IDLE
    if begun and may_wait(conn):
        _tell_later(values)
        return
    send(conn, told(unit.lock, unit.by.name, fresh=not begun), begin=begin)
    unsure()  # a savepoint that is given up takes it along
    if not acting.stack:
        unit.told = values


def _tell_later(values: Values) -> None:
    first, waiting = acting.stack[0], acting.waiting
    if waiting and isinstance(last := waiting[-1], Statement):  # nothing was done under what that one tells
        first.told = last.before
        waiting.pop()
    if first.told != values:
        waiting.append(telling(values, over=first.told))
        first.told = values


def unsure() -> None:
    """Note that what row security knows may be another thing than was told last: then everything is told the next time."""
    if acting.stack:
        acting.stack[0].told = None


def send(conn: Conn, text: bytes, *, begin: bytes = b"BEGIN") -> None:
    """Send statements that give nothing back in one message, which begins the transaction too where none has begun. Raises psycopg.Error."""
    flush(conn)
    begins = conn.pgconn.transaction_status == TransactionStatus.IDLE and not conn.autocommit
    with conn.lock:
        result = conn.pgconn.exec_(b"%b;%b" % (begin, text) if begins else text)
    if result.status not in _DONE:
        raise error_of(result)


@lru_cache(maxsize=1024)
def told(lock: Lock, actor: str, *, fresh: bool = False) -> bytes:
    """Return the statement that tells a lock, for this transaction alone; ``fresh``: nothing was told in it before."""
    changed = _changed(_values(lock, actor), FRESH if fresh else None)
    settings = (_SETTING.format(sql.Literal(name), sql.Literal(value)) for name, value in changed)
    return sql.SQL("SELECT {}").format(sql.SQL(", ").join(settings)).as_bytes(None)


@lru_cache(maxsize=4096)
def telling(values: Values, *, over: Values | None) -> Statement:
    """Return the same as a statement that is prepared once for all, of what is another thing than what was told before (None: not known)."""
    changed = _changed(values, over)
    text = ", ".join(f"set_config('{name}', ${number}, true)" for number, (name, _) in enumerate(changed, 1))
    return Statement(f"SELECT {text}".encode(), [value.encode() for _, value in changed], over)


def _changed(values: Values, over: Values | None) -> list[tuple[str, str]]:
    """Return the settings to tell with their values; who acts is always among them."""
    before: Values | tuple[None, ...] = (None,) * len(SETTINGS) if over is None else over
    pairs = zip(SETTINGS, values, before, strict=True)
    return [(name, value) for name, value, earlier in pairs if value != earlier or name == SETTINGS[0]]


@lru_cache(maxsize=1024)
def _values(lock: Lock, actor: str) -> Values:
    return lock.told(actor)


def beginning(lock: Lock, actor: str) -> tuple[Values, Statement]:
    """Return what a transaction is told first, as values and as a statement."""
    values = _values(lock, actor)
    return values, telling(values, over=FRESH)


@lru_cache(maxsize=256)
def standing(by: Actor) -> Lock:
    """Return the lock of a unit before any right is asked for: a machine's own reach, nobody else's."""
    if not by.standing:
        return CLOSED
    return Lock(scope=by.scope, facilities=by.facilities or frozenset(), openings=UNMASKED)
