"""Workers that prepare batches side by side and take turns to write them: the same result with any number of them."""

from __future__ import annotations

import gc
import multiprocessing
import os
import queue
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from yba.ingest.landing.vault import Vault
from yba.kit.errors import Internal
from yba.kit.memory import in_large_pages

from .run import Done, prepare_batch, write_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.context import ForkContext

    from yba.ingest.landing.arrival import Task
    from yba.kit.actor import Actor

_POLL: Final = 0.2  # seconds between looks at workers that may have been killed
_AHEAD: Final = 2  # batches waiting per worker: enough to never starve, few enough to stay small
_ABORTED: Final = -1
_COLLECT: Final = 20  # batches between two collections
_WARM: Final = 3  # batches after which a process remembers most codes it will meet
_ORPHAN: Final = 2.0  # seconds after which a waiting worker looks whether its parent still lives


class WorkerLost(Internal):
    """A worker died; what it had committed stays, the rest is processed by the next run."""


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Hold Python's cyclic garbage collector back during a run.

    A batch keeps a hundred claims alive, and none of their rows and resources refer to each other in circles: walking them again and again cost 13 %
    of a claim (docs/performance.md). What little is circular is collected every `_COLLECT` batches, and what is left then, mostly what the rooms
    remember of codes, is not walked again.
    """
    was_on, settled = gc.isenabled(), gc.get_freeze_count() > 0  # settled: a server (yba.kit.memory), which may not lose that by one small run
    if not settled:
        gc.freeze()  # without a walk first: a run of one claim would cost a fifth of a second of it, and what is garbage now goes after the run
    gc.disable()
    try:
        yield
    finally:
        if not settled:
            gc.unfreeze()
        if was_on:
            gc.enable()


def _tidy(batches: int) -> None:
    """Collect now and then, between batches: a fifth of a full walk, because what survived the last one is set apart, in large pages."""
    if batches % _COLLECT == 0:
        gc.collect()
        gc.freeze()
    if batches == _WARM or batches % _COLLECT == 0:
        in_large_pages()


class Inline:
    """One worker, in this process."""

    def __init__(self, by: Actor, done: Callable[[Done], None]) -> None:
        self.by, self.done, self.vault = by, done, Vault.open()
        self.batches = 0

    def submit(self, tasks: Sequence[Task], finishes: Sequence[int]) -> None:
        """Process a batch now."""
        self.done(write_batch(self.vault, prepare_batch(self.vault, tasks, by=self.by), finishes, by=self.by))
        self.batches += 1
        _tidy(self.batches)

    def close(self) -> None:
        """Nothing is left to wait for."""


@dataclass(slots=True)
class _Shared:
    """What parent and workers share."""

    batches: Any
    results: Any
    turn: Any
    changed: Any


class Pool:
    """Several workers; the parent only lands and hands out."""

    def __init__(self, workers: int, by: Actor, done: Callable[[Done], None]) -> None:
        # fork: the specs and catalogues are loaded once and shared; kit.db forgets inherited connections in the child
        context: ForkContext = multiprocessing.get_context("fork")
        changed = context.Condition()
        self.shared = _Shared(context.Queue(workers * _AHEAD), context.Queue(), context.Value("q", 0, lock=False), changed)
        self.done = done
        self.submitted = self.finished = 0
        self.processes = [context.Process(target=_work, args=(self.shared, by), daemon=True) for _ in range(workers)]
        for process in self.processes:
            process.start()

    def submit(self, tasks: Sequence[Task], finishes: Sequence[int]) -> None:
        """Hand out a batch; waits while all workers are busy and enough is queued."""
        while True:
            try:
                self.shared.batches.put((self.submitted, list(tasks), list(finishes)), timeout=_POLL)
            except queue.Full:
                self._collect(wait=False)
                continue
            break
        self.submitted += 1
        self._collect(wait=False)

    def close(self) -> None:
        """Wait until everything is written."""
        for _ in self.processes:
            self.shared.batches.put(None)
        while self.finished < self.submitted:
            self._collect(wait=True)
        for process in self.processes:
            process.join()

    def _collect(self, *, wait: bool) -> None:
        while True:
            try:
                result = self.shared.results.get(timeout=_POLL) if wait else self.shared.results.get_nowait()
            except queue.Empty:
                self._look_after()
                if wait and self.finished < self.submitted:
                    continue
                return
            if isinstance(result, str):
                self._stop()
                raise WorkerLost(f"A worker failed: {result}.", advice="Run the command again: it goes on where it stopped.")
            self.finished += 1
            self.done(result)
            wait = False

    def _look_after(self) -> None:
        if any(process.exitcode not in (None, 0) for process in self.processes):
            self._stop()
            message = "A worker was killed."
            raise WorkerLost(message, advice="Run the command again: it goes on where it stopped.")

    def _stop(self) -> None:
        for process in self.processes:
            process.terminate()
        self.shared.batches.cancel_join_thread()


def _work(shared: _Shared, by: Actor) -> None:
    vault, parent = Vault.open(), os.getppid()
    batches = 0
    try:
        while (item := _next_batch(shared, parent)) is not None:
            if not _process(shared, vault, item, parent, by=by):
                return
            del item  # nothing of a batch is alive when what is alive is set apart
            batches += 1
            _tidy(batches)
    except Exception as error:
        _next_turn(shared, _ABORTED)
        shared.results.put(f"{type(error).__name__}")
        raise


def _process(shared: _Shared, vault: Vault, item: tuple[int, list[Task], list[int]], parent: int, *, by: Actor) -> bool:
    """Prepare a batch at once and write it when its turn has come; False when it never will."""
    number, tasks, finishes = item
    prepared = prepare_batch(vault, tasks, by=by)
    if not _my_turn(shared, number, parent):
        return False
    done = write_batch(vault, prepared, finishes, by=by)
    _next_turn(shared, number + 1)
    shared.results.put(done)
    return True


def _next_batch(shared: _Shared, parent: int) -> tuple[int, list[Task], list[int]] | None:
    """Wait for a batch; None at the end, or when the parent was killed and nobody will ever send one."""
    while os.getppid() == parent:
        try:
            return shared.batches.get(timeout=_ORPHAN)  # type: ignore[no-any-return]
        except queue.Empty:
            continue
    return None


def _my_turn(shared: _Shared, number: int, parent: int) -> bool:
    with shared.changed:
        while shared.turn.value not in (number, _ABORTED):
            if not shared.changed.wait(_ORPHAN) and os.getppid() != parent:
                return False
        return bool(shared.turn.value == number)


def _next_turn(shared: _Shared, number: int) -> None:
    with shared.changed:
        shared.turn.value = number
        shared.changed.notify_all()
