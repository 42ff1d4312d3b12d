"""The job queue (procrastinate, in the same PostgreSQL): a job is enqueued in the transaction of the act and worked after its commit."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import procrastinate
import psycopg
from django.db import DatabaseError, connections
from procrastinate.contrib.django import app as proxy
from procrastinate.exceptions import AlreadyEnqueued

from . import log
from .actor import Actor
from .db import unit_of_work
from .errors import Internal
from .stalled import SILENT, bring_back

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from datetime import datetime

    from .db import Conn

_log = log.get(__name__)
LONGEST_WAIT = 3600  # seconds between two attempts
_LOOK = 60  # seconds between two looks for jobs whose worker died


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of job: its name ("room:thing:verb"), who handles it, when it comes by itself (cron, Vietnam's time) and how often it is tried again.

    The handler is called as ``handler(by=Actor.system(name), **arguments)`` and opens its own units of work. It may run twice (a worker can
    die after the commit), so twice must equal once. Arguments are ids and numbers, never data of people: the queue and its logs show them.
    """

    name: str
    handler: Callable[..., None]
    cron: str = ""
    retries: int = 5


def enqueue(
    conn: Conn, name: str, *, only_once: str = "", one_at_a_time: str = "", at: datetime | None = None, **arguments: str | float | None
) -> int:
    """Put a job into the queue within the transaction of ``conn``; returns its number, 0 when ``only_once`` says it waits there already.

    ``one_at_a_time`` names a lock: jobs with the same one run in order and never side by side. Not before ``at``, if given.
    """
    if connections["default"].connection is not conn:
        message = "jobs are enqueued on the connection of the unit of work"
        raise Internal(message)
    deferrer = proxy.configure_task(name, allow_unknown=True, queueing_lock=only_once or None, lock=one_at_a_time or None, schedule_at=at)
    try:
        with conn.transaction():
            return int(deferrer.defer(**arguments))
    except AlreadyEnqueued:
        return 0


def waiting(conn: Conn, name: str, **arguments: str) -> int:
    """Count the jobs of a kind, with these arguments among theirs, that wait or are being worked."""
    row = conn.execute(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status IN ('todo', 'doing') AND args @> %s::jsonb",
        (name, orjson.dumps(arguments).decode()),
    ).fetchone()
    return int(row[0]) if row else 0


_handlers: dict[str, Job] = {}


def join(jobs: Iterable[Job]) -> None:
    """Make the handlers known to this process, at the roof; joining a name again replaces its handler."""
    for job in jobs:
        known = job.name in _handlers
        _handlers[job.name] = job
        if known:
            continue
        retry = procrastinate.RetryStrategy(max_attempts=job.retries, wait=2, exponential_wait=3) if job.retries else False
        task = proxy.task(name=job.name, retry=retry, pass_context=False)(_edge(job.name))
        if job.cron:
            proxy.periodic(cron=job.cron)(task)


def work(*, forever: bool = True, at_once: int = 1) -> None:
    """Work jobs until interrupted, or (``forever=False``) until none is due."""
    asyncio.run(_work(forever=forever, at_once=at_once))


async def _work(*, forever: bool, at_once: int) -> None:
    connector: Any = proxy.connector  # Django's, whose worker has a pool and a connection that listens
    app = proxy.with_connector(connector.get_worker_connector())
    async with app.open_async(), _looking():
        await app.run_worker_async(
            wait=forever, concurrency=at_once, install_signal_handlers=forever, delete_jobs="successful", stalled_worker_timeout=SILENT
        )


@asynccontextmanager
async def _looking() -> AsyncIterator[None]:
    """Look for jobs of dead workers for as long as this one works."""
    task = asyncio.create_task(_look())
    try:
        yield
    finally:
        task.cancel()


async def _look() -> None:
    seen: frozenset[int] = frozenset()
    while True:
        await asyncio.sleep(_LOOK)
        seen = await asyncio.to_thread(look, seen)


def look(seen: frozenset[int]) -> frozenset[int]:
    """Bring back jobs whose worker died, that were found so before (``seen``); returns those found now; none without a database."""
    try:
        with unit_of_work(by=Actor.system("jobs:stalled:return")) as conn:
            return bring_back(conn, seen, retries=lambda name: _handlers[name].retries if name in _handlers else 0)
    except (DatabaseError, psycopg.Error):
        return frozenset()
    finally:
        connections.close_all()


def _edge(name: str) -> Callable[..., None]:
    """Wrap a handler: it acts as the system, its time is logged, its thread's connection is closed; what it raises goes to the queue's retry."""

    def run(timestamp: int = 0, **arguments: Any) -> None:  # noqa: ANN401, ARG001  # periodic jobs are told the time they were due
        begun = time.monotonic()
        job = _handlers[name]
        try:
            job.handler(by=Actor.system(job.name), **arguments)
        except Exception:
            _log.error("job.failed", job=job.name, seconds=round(time.monotonic() - begun, 3))
            raise
        finally:
            connections.close_all()
        _log.info("job.done", job=job.name, seconds=round(time.monotonic() - begun, 3))

    return run
