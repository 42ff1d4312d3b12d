"""Sealing: committed rows are chained and signed in batches, in order of their numbers, once nobody can hold a lower one."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.kit import log
from yba.kit.db import reading, unit_of_work

from . import heads, store_seals
from .chain import DIGEST, START, Seal, head_of, read_batch
from .keys import key_id, signing_key
from .tags import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from psycopg import Connection

    from yba.kit.actor import Actor

_log = log.get(__name__)
MAX_AGE: Final = 60  # seconds: the age a row may have before it is sealed, while the sealer's job runs every EVERY seconds
EVERY: Final = 30
BATCH: Final = 20_000  # rows a seal: 160 kB of digests, named to the row in a moment
_PATIENCE: Final = 20.0  # seconds at most to wait for acts that are being written
_PAUSE: Final = 0.02
_IDLE: Final = timedelta(minutes=10)  # a store in which nothing happens is sealed empty this often
_SLACK: Final = timedelta(seconds=1)  # a clock that is kept true by NTP moves less


class Sealed(NamedTuple):
    """What one run did: seals and rows of both stores; ``waited``: seconds for acts being written; ``put_off``: they took too long."""

    seals: int
    rows: int
    waited: float
    put_off: bool = False


def seal(*, by: Actor) -> Sealed:
    """Seal everything committed up to now in transactions of its own; twice, side by side or killed in between does no harm.

    Every batch is on disk before its head goes to VAR/audit/heads.log; heads that are missing there are added first thing by the next run.
    """
    follow(by=by)
    with unit_of_work(by=by, durable=True) as conn:
        if not store_seals.take_turn(conn):
            return Sealed(0, 0, 0.0)
        at, last = store_seals.cut(conn)
        waited, settled = _wait(conn)
        if not settled:
            _log.warning("audit.seal.put_off", seconds=round(waited, 1))
            return Sealed(0, 0, waited, put_off=True)
        store_seals.as_lines(conn)
        made = [one for store in Store for one in _seal_store(conn, store.value, at, last)]
    follow(by=by)
    return Sealed(len(made), sum(one.rows for one in made), waited)


def follow(*, by: Actor) -> int:
    """Add to heads.log the heads it does not have; a log that contradicts the database is left alone for `verify` to report."""
    known = heads.last()
    missing: list[Seal] = []
    with reading(by=by) as conn:
        for store in Store:
            head = known.get(store.value)
            if head is not None:
                same = store_seals.seal_numbered(conn, store.value, head.number)
                if same is None or same.head != head.head:
                    _log.error("audit.heads.contradict", table=store.value)
                    continue
            missing.extend(store_seals.seals(conn, store.value, head.number if head else 0))
    return heads.append(missing) if missing else 0


def unsealed_age(conn: Connection[Any], *, by: Actor) -> float:  # noqa: ARG001  every act says who; the connection's lock is theirs
    """Return the age in seconds of the oldest row that is not sealed yet, 0.0 when there is none."""
    ages = []
    for store in Store:
        last = store_seals.last_seal(conn, store.value)
        ages.append(store_seals.unsealed(conn, store.value, last.last_id if last else 0)[1])
    return max(ages)


def settled_number(conn: Connection[Any]) -> int | None:
    """Return a number below which every row is committed or never will be; None when acts take too long to end."""
    _, last = store_seals.cut(conn)
    return last if _wait(conn)[1] else None


def _wait(conn: Connection[Any]) -> tuple[float, bool]:
    """Wait until every act that was being written has ended; acts begun since have higher numbers."""
    begun = time.monotonic()
    pending = store_seals.writers(conn)
    while pending and time.monotonic() - begun < _PATIENCE:
        time.sleep(_PAUSE)
        pending &= store_seals.writers(conn)
    return time.monotonic() - begun, not pending


def _seal_store(conn: Connection[Any], store: str, at: datetime, last: int) -> Iterator[Seal]:
    key = signing_key()
    name = key_id(key.public_key())
    before = store_seals.last_seal(conn, store)
    last_cut = before.sealed_at if before else None
    first = before.last_id + 1 if before else 1
    while first <= last:
        end = store_seals.batch_end(conn, store, first, last, BATCH)
        made, row_digests = _draft(conn, store, (first, end), before, at)
        made = made._replace(key=name, clock_went_back=_went_back(made, last_cut))
        idle = before is not None and at - before.sealed_at < _IDLE
        if not made.rows and idle and not made.clock_went_back:
            return
        head = head_of(made)
        made = made._replace(head=head, signature=key.sign(head))
        store_seals.add(conn, made, row_digests)
        yield made
        before, first = made, end + 1


def _draft(conn: Connection[Any], store: str, span: tuple[int, int], before: Seal | None, at: datetime) -> tuple[Seal, bytes]:
    """Read the rows of a batch and return its seal, unsigned, with their digests."""
    with store_seals.lines(conn, store, *span) as copy:
        content, row_digests = read_batch(copy)
    drafted = Seal(
        store, before.number + 1 if before else 1, *span, len(row_digests) // DIGEST, *store_seals.times(conn, store, *span),
        content, hashlib.sha256(row_digests).digest(), before.head if before else START, at,
        clock_went_back=False, key="",
    )  # fmt: skip
    return drafted, row_digests


def _went_back(made: Seal, last_cut: datetime | None) -> bool:
    """Whether the clock stands before the last cut, or rows numbered after that cut say they are older."""
    if last_cut is None:
        return False
    return made.sealed_at < last_cut or (made.first_at is not None and made.first_at < last_cut - _SLACK)
