"""The outermost transaction of a unit of work: Django's, without what Django and psycopg ask again of a connection that is known to be idle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.db.transaction import Atomic
from psycopg.pq import TransactionStatus

if TYPE_CHECKING:
    from types import TracebackType

    from django.db.backends.base.base import BaseDatabaseWrapper

_IDLE: Final = TransactionStatus.IDLE


class Outermost:
    """What `transaction.atomic` does on the default connection, quicker where nothing is under way before and nothing is left to commit.

    That is every late unit of work: it begins with its first statement, and COMMIT goes with the last one. Whatever else there is (a transaction
    within another, an error, a connection that went away) is Django's own to settle.
    """

    __slots__ = ("_atomic", "_wrapper")

    def __init__(self, wrapper: BaseDatabaseWrapper, *, durable: bool) -> None:
        """Take Django's wrapper of the connection; ``durable`` as `transaction.atomic` has it."""
        self._wrapper: Any = wrapper  # Django's stubs tell little of it
        self._atomic: Any = Atomic(DEFAULT_DB_ALIAS, savepoint=True, durable=durable)

    def __enter__(self) -> None:
        """Begin; nothing is sent. Raises RuntimeError for a durable one within another."""
        wrapper = self._wrapper
        conn = wrapper.connection
        if conn is None or wrapper.in_atomic_block or not wrapper.autocommit or conn.pgconn.transaction_status != _IDLE:
            self._atomic.__enter__()
            return
        wrapper.commit_on_exit, wrapper.needs_rollback = True, False
        conn._autocommit = wrapper.autocommit = False  # noqa: SLF001  # its setter takes a lock and runs a generator to look whether it is idle
        wrapper.in_atomic_block = True
        wrapper.atomic_blocks.append(self._atomic)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End; whatever waits for the commit runs now. Raises psycopg's and Django's errors of COMMIT."""
        wrapper = self._wrapper
        conn = wrapper.connection
        if kind is not None or not self._is_alone() or conn.pgconn.transaction_status != _IDLE:
            self._atomic.__exit__(kind, error, trace)
            return
        wrapper.atomic_blocks.pop()
        wrapper.in_atomic_block = False
        conn._autocommit = wrapper.autocommit = True  # noqa: SLF001  # as above
        if wrapper.run_on_commit:
            wrapper.run_and_clear_commit_hooks()

    def _is_alone(self) -> bool:
        """Whether this is the one transaction there is, and nothing in it asked for a rollback."""
        wrapper = self._wrapper
        alone = wrapper.commit_on_exit and not wrapper.savepoint_ids and wrapper.atomic_blocks == [self._atomic]
        return alone and wrapper.connection is not None and not (wrapper.needs_rollback or wrapper.closed_in_transaction)
