"""The units of work of a thread: who acts in each, how far its lock is open, and what the thread's connection has prepared."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from threading import local
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from .prepared import Ask, Coming, Prepared, Statement

if TYPE_CHECKING:
    from .actor import Actor
    from .reach import Lock

Conn = Connection[tuple[Any, ...]]


@dataclass(slots=True)
class Unit:
    """One unit of work: who acts, and how far its lock is open; ``sure``: no savepoint can have closed it again behind our back."""

    by: Actor
    lock: Lock
    sure: bool = True
    last: list[Ask] | None = None  # what goes with COMMIT; None: nothing waits for it
    joined: bool = False  # no savepoint of its own: it is given up as a whole with the units around it
    failed: bool = False  # a joined unit in it was given up: nothing is committed
    told: tuple[str, ...] | None = None  # what row security knows once what waits has run; None: not known for sure (of the outermost unit)
    proof: tuple[Statement, Coming] | None = None  # who acts is only guessed at until these have run, before anything else (kit.db.act_as)


class Acting(local):
    """The units of this thread, outermost first; a unit inside a unit joins its transaction. And what its connection has prepared."""

    def __init__(self) -> None:
        self.stack: list[Unit] = []
        self.prepared: Prepared | None = None
        self.numbers = count(1)
        self.waiting: list[Ask | Statement | Coming] = []  # what goes before the next statement, in one message (kit.pipeline)

    @property
    def pending(self) -> bool:
        """Whether something has to run before the next statement."""
        return bool(self.waiting) or bool(self.stack and self.stack[0].proof is not None)

    def preparing(self, conn: Conn) -> Prepared:
        """Return what a connection has prepared; a new connection has nothing."""
        if self.prepared is None or self.prepared.conn is not conn:
            self.prepared = Prepared(conn)
        return self.prepared


acting = Acting()
