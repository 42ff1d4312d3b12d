"""Process what landed: batches are prepared side by side and written in turn, in the order in which they landed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from psycopg import Error, OperationalError
from psycopg.errors import DeadlockDetected

from yba.ingest import store
from yba.ingest.channel import Outcome
from yba.ingest.faults import finding
from yba.ingest.landing.arrival import Task, envelope_of
from yba.ingest.landing.peek import MessageKind
from yba.ingest.landing.scanner import Part
from yba.ingest.landing.sealing import BrokenSealError
from yba.kit.db import reading, unit_of_work

from .patients import forget_shared
from .prepare import Prepared, add_mapping, prepare
from .write import Batch, apply_claims

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from yba.ingest.landing.vault import Vault
    from yba.ingest.stored import StoredMessage
    from yba.kit.actor import Actor

BATCH_CLAIMS: Final = 100  # more saves nothing: round trips are below 5 % of a batch of this size
BATCH_BYTES: Final = 16 << 20
_FETCH: Final = 200
_AGAIN: Final = 3  # times a batch that had to give way begins again


@dataclass(slots=True)
class Totals:
    """What a run did; the keys of the command line's last JSON line."""

    files: int = 0
    files_refused: int = 0
    messages: int = 0
    set_aside: int = 0
    claims_present: int = 0
    claims_accepted: int = 0
    claims_unchanged: int = 0
    claims_replaced: int = 0
    claims_rejected: int = 0
    findings: int = 0
    persons_new: int = 0
    persons_touched: int = 0
    resources_written: int = 0
    seconds: float = 0.0
    bytes_read: int = field(default=0, repr=False)
    assessments_rejected: int = field(default=0, repr=False)
    persons: set[bytes] = field(default_factory=set, repr=False)
    started: float = field(default_factory=time.monotonic, repr=False)

    def add(self, done: Done) -> None:
        """Add what one batch did."""
        self.claims_accepted += done.counts.get(Outcome.ACCEPTED, 0)
        self.claims_unchanged += done.counts.get(Outcome.UNCHANGED, 0)
        self.claims_replaced += done.counts.get(Outcome.REPLACED, 0)
        self.claims_rejected += done.counts.get(Outcome.REJECTED, 0)
        self.assessments_rejected += done.assessments_rejected
        self.findings += done.findings
        self.persons_new += done.persons_new
        self.resources_written += done.resources
        self.persons |= done.persons
        self.persons_touched = len(self.persons)

    def as_json(self) -> dict[str, Any]:
        """The contract's keys, in its order."""
        self.seconds = round(self.elapsed, 3)
        return {one.name: getattr(self, one.name) for one in fields(self) if one.repr}

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.started

    @property
    def flawless(self) -> bool:
        """Whether nothing was rejected or refused."""
        return not (self.claims_rejected or self.files_refused or self.assessments_rejected)


@dataclass(frozen=True, slots=True)
class Done:
    """The counts of one written batch, small enough to cross a process border."""

    counts: dict[int, int]
    findings: int = 0
    persons_new: int = 0
    persons: frozenset[bytes] = frozenset()
    resources: int = 0
    assessments_rejected: int = 0

    @classmethod
    def of(cls, batch: Batch) -> Done:
        """Summarise a batch."""
        counts = {int(what): count for what, count in batch.counts.items() if count}
        persons = frozenset(one.bytes for one in batch.persons)
        return cls(counts, batch.finding_count, len(batch.persons_new), persons, batch.resources, batch.assessments_rejected)


def prepare_batch(vault: Vault, tasks: Sequence[Task], *, by: Actor) -> list[Prepared]:
    """Everything that needs no turn: reading, checking, and mapping against what stood in the database a moment ago."""
    prepared = [prepare(task) for task in tasks]
    wanted = [ready.claim_id for ready in prepared if ready.claim_id is not None]
    with reading(by=by) as conn:
        known = store.known_claims(conn, wanted, lock=False)
    for ready in prepared:
        if ready.claim_id is not None:
            before = known.get(ready.claim_id)
            if before is None or before.digest != ready.digest:
                add_mapping(ready, vault, before)
    return prepared


def write_batch(vault: Vault, prepared: Sequence[Prepared], finishes: Sequence[int], *, by: Actor) -> Done:
    """Write a batch in one transaction; if the database refuses it, claim by claim, so that only the culprit is rejected.

    Runs beside each other may ask for the same people in another order (claims that replace or take back name more of them than they begin
    with): whom the database chooses to give way begins again.
    """
    for left in range(_AGAIN, -1, -1):
        try:
            with unit_of_work(by=by) as conn:
                batch = apply_claims(conn, vault, prepared, by=by)
                store.finish_messages(conn, finishes)
        except DeadlockDetected:
            forget_shared()
            if not left:
                raise
            prepared = prepare_batch(vault, [ready.task for ready in prepared], by=by)
        except OperationalError:
            raise
        except Error:
            forget_shared()
            break
        else:
            return Done.of(batch)
    return _one_by_one(vault, [ready.task for ready in prepared], finishes, by=by)


def _one_by_one(vault: Vault, tasks: Sequence[Task], finishes: Sequence[int], *, by: Actor) -> Done:
    batch = Batch()
    with unit_of_work(by=by) as conn:
        for task in tasks:
            try:
                with conn.transaction():
                    one = apply_claims(conn, vault, [prepare(task)], by=by)
            except OperationalError:
                raise
            except Error as error:
                forget_shared()
                refused = prepare(task)
                refused.findings.append(finding("READ020", value=error.sqlstate or ""))
                one = apply_claims(conn, vault, [refused], by=by)
            batch.merge(one)
        store.finish_messages(conn, finishes)
    return Done.of(batch)


def batches(tasks: Iterator[tuple[Task, bool]]) -> Iterator[tuple[list[Task], list[int]]]:
    """Group claims in order; each group names the messages whose last claim it holds."""
    group: list[Task] = []
    finishes: list[int] = []
    size = 0
    for task, last in tasks:
        group.append(task)
        size += len(task.data)
        if last:
            finishes.append(task.message)
        if len(group) >= BATCH_CLAIMS or size >= BATCH_BYTES:
            yield group, finishes
            group, finishes, size = [], [], 0
    if group:
        yield group, finishes


def stored_tasks(vault: Vault, message: StoredMessage, *, by: Actor) -> Iterator[tuple[Task, bool]]:
    """The claims of a stored message that have no outcome yet, read back from their sealed ranges."""
    envelope = envelope_of(message.head, message.channel)
    after, held = -1, None
    while True:
        with reading(by=by) as conn:
            rows = store.waiting_segments(conn, message.seq, after, _FETCH)
        for ordinal, part, wrapped, body in rows:
            if held is not None:
                yield held, False
            key = vault.sealer.unwrap(wrapped)
            lone, beside = message.head.get("lone", False), message.kind == MessageKind.ASSESSMENT
            held = Task(message.seq, ordinal, Part(part), _opened(vault, key, body), envelope, lone, key, beside)
            after = ordinal
        if not rows:
            break
    if held is not None:
        yield held, True


def stored_task(conn: Connection[Any], vault: Vault, landing: int) -> Task | None:
    """One claim read back from its sealed range; None when its key was destroyed."""
    message = store.message_of(conn, landing)
    found = store.segment(conn, landing >> store.ORDINAL_BITS, store.ordinal_of(landing))
    if message is None or found is None:
        return None
    part, wrapped, body = found
    if wrapped is None:
        return None
    key = vault.sealer.unwrap(wrapped)
    data = _opened(vault, key, body)
    lone, beside = message.head.get("lone", False), message.kind == MessageKind.ASSESSMENT
    return Task(message.seq, store.ordinal_of(landing), Part(part), data, envelope_of(message.head, message.channel), lone, key, beside)


def _opened(vault: Vault, key: bytes, body: bytes) -> bytes:
    try:
        return vault.opened(key, body)
    except (BrokenSealError, ValueError):
        return b""  # becomes a rejected claim with a finding: one damaged range loses nothing else
