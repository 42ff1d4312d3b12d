"""Drive a run: land what is named or take what is waiting, hand batches to workers, add up."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from yba import access, audit
from yba.access import Right
from yba.ingest import store
from yba.ingest.channel import Channel, Outcome, State
from yba.ingest.landing.arrival import Arrived, Task, arrive
from yba.ingest.landing.intake import Landed, Sending, land_all
from yba.ingest.landing.peek import MessageKind
from yba.ingest.landing.sources import Limits, Source, walk
from yba.ingest.landing.vault import Vault
from yba.kit.db import reading, unit_of_work

from .relations import check_in
from .run import Done, Totals, batches, stored_tasks
from .workers import Inline, Pool, collector_at_rest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from yba.ingest.channel import Landing
    from yba.ingest.stored import StoredMessage
    from yba.kit.actor import Actor

LAND_FILES: Final = 100  # files made durable by one commit
LAND_BYTES: Final = 8 << 20


def process(*, by: Actor, workers: int = 1, transactions: Sequence[str] | None = None, progress: Callable[[Totals], None] | None = None) -> Totals:
    """Process everything that landed and waits (or only these transactions), oldest first. Raises Denied."""
    access.require(by, Right.INGEST_MESSAGE_PROCESS)
    totals = Totals()
    vault = Vault.open()
    with _running(by) as runner:
        with unit_of_work(by=by) as conn:
            waiting = store.take_waiting(conn, runner, transactions)
        totals.messages = len(waiting)
        _run((task for message in waiting for task in _message_tasks(vault, message, totals, by=by)), by, workers, totals, progress)
    return totals


def ingest(
    paths: Sequence[str],
    *,
    by: Actor,
    workers: int = 1,
    sender: str = "",
    limits: Limits | None = None,
    progress: Callable[[Totals], None] | None = None,
) -> Totals:
    """Land files, folders, archives or standard input, and process them; what an earlier run left unfinished is finished on the way."""
    access.require(by, Right.INGEST_MESSAGE_LAND)
    access.require(by, Right.INGEST_MESSAGE_PROCESS)
    totals = Totals()
    with _running(by) as runner:
        run = _Ingest(by, sender or by.name, limits or Limits(), runner, Vault.open(), totals)
        _run(run.tasks(walk(list(paths), run.limits)), by, workers, totals, progress)
        run.count_repeats()
    return totals


@contextmanager
def _running(by: Actor) -> Iterator[int]:
    """Give a run its number, locked while it lives: what a killed run left is free for the next one."""
    runner = secrets.randbits(62)
    with reading(by=by) as conn:
        store.start_run(conn, runner)
    try:
        yield runner
    finally:
        with reading(by=by) as conn:
            store.end_run(conn, runner)


def _run(tasks: Iterable[tuple[Task, bool]], by: Actor, workers: int, totals: Totals, progress: Callable[[Totals], None] | None) -> None:
    def done(one: Done) -> None:
        totals.add(one)
        if progress is not None:
            progress(totals)

    with collector_at_rest():
        line = Inline(by, done) if workers <= 1 else Pool(workers, by, done)
        for group, finishes in batches(iter(tasks)):
            line.submit(group, finishes)
        line.close()


def _message_tasks(vault: Vault, message: StoredMessage, totals: Totals, *, by: Actor) -> Iterator[tuple[Task, bool]]:
    count = 0
    for task, last in stored_tasks(vault, message, by=by):
        count += 1
        yield task, last
    totals.claims_present += 0 if message.kind == MessageKind.ASSESSMENT else count
    if not count:  # a crash fell between the last outcome and the message's state
        with unit_of_work(by=by) as conn:
            store.finish_messages(conn, [message.seq])


@dataclass(slots=True)
class _Ingest:
    """One run over named files."""

    by: Actor
    sender: str
    limits: Limits
    runner: int
    vault: Vault
    totals: Totals
    mine: set[int] = field(default_factory=set)
    repeats: list[Landed] = field(default_factory=list)

    def tasks(self, sources: Iterator[Source]) -> Iterator[tuple[Task, bool]]:
        """Land everything in order and hand its claims on."""
        for group in self._landings(sources):
            for one in group:
                yield from self._hand_on(one)

    def _landings(self, sources: Iterator[Source]) -> Iterator[list[Landed]]:
        """Land files in groups, one commit a group; a file too large to be held closes its group, while its archive is still open."""
        group: list[Arrived] = []
        size = 0
        for source in sources:
            one = arrive(source, self.limits, self.sender)
            group.append(one)
            size += one.size
            if one.whole is None or len(group) >= LAND_FILES or size >= LAND_BYTES:
                yield self._land(group)
                group, size = [], 0
        if group:
            yield self._land(group)

    def _land(self, group: list[Arrived]) -> list[Landed]:
        channel = Channel.STDIN if group[0].source.name.startswith("-") else Channel.FILE
        with unit_of_work(by=self.by, durable=True) as conn:
            landed = land_all(conn, self.vault, group, Sending(self.sender, channel, self.limits, runner=self.runner, only=bound(self.by)))
            audit.note_many(conn, by=self.by, rows=[landing_note(one) for one in landed if not one.landing.again])
            check_in(conn, [row for one in landed for row in one.statuses], by=self.by)
        return landed

    def _hand_on(self, one: Landed) -> Iterator[tuple[Task, bool]]:
        """Count a file and hand on its claims; a file that was here before counts what became of its claims then."""
        landing, totals = one.landing, self.totals
        totals.files += 1
        totals.bytes_read += one.size
        totals.claims_present += landing.claims_present
        totals.messages += 1
        totals.findings += len(one.findings) * max(landing.claims_present if landing.refusal else 1, 1)
        if landing.state is State.REFUSED:
            totals.files_refused += 1
            totals.claims_rejected += landing.claims_present
            return
        totals.set_aside += landing.state is State.SET_ASIDE
        if landing.again and landing.sequence in self.mine:
            self.repeats.append(one)
            return
        self.mine.add(landing.sequence)
        if one.tasks is not None:
            last = len(one.tasks) - 1
            yield from ((task, number == last) for number, task in enumerate(one.tasks))
            return
        with unit_of_work(by=self.by) as conn:
            if landing.again:
                totals.add(_before(store.outcome_counts(conn, landing.sequence), landing))
            waiting = store.take_waiting(conn, self.runner, [landing.transaction])
        for message in waiting:
            yield from stored_tasks(self.vault, message, by=self.by)

    def count_repeats(self) -> None:
        """Files whose very bytes came twice in this run: their claims are known only now."""
        with reading(by=self.by) as conn:
            for one in self.repeats:
                self.totals.add(_before(store.outcome_counts(conn, one.landing.sequence), one.landing))


def bound(by: Actor) -> tuple[str, ...]:
    """The facilities an actor may file for; empty: all of them."""
    return tuple(sorted(by.facilities or ()))


def landing_note(one: Landed) -> audit.Note:
    """The audit row of a landing."""
    landing = one.landing
    tag = audit.Tag.INGEST_MESSAGE_REFUSE if landing.state is State.REFUSED else audit.Tag.INGEST_MESSAGE_LAND
    return audit.Note(
        tag, "Message", landing.transaction, facility=landing.facility or None, detail={"claims": landing.claims_present, "kind": landing.kind}
    )


def _before(counts: tuple[dict[int, int], int], landing: Landing) -> Done:
    """What a message that is here already adds now: its claims are unchanged, its rejected ones rejected as before."""
    outcomes, findings = counts
    rejected = outcomes.get(Outcome.REJECTED, 0)
    if landing.kind is MessageKind.ASSESSMENT:
        return Done({}, findings, assessments_rejected=rejected)
    return Done({Outcome.UNCHANGED: sum(outcomes.values()) - rejected, Outcome.REJECTED: rejected}, findings)
