"""Jobs whose worker died: put back into the queue, or given up, so that what waits for their lock does not wait for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from .db import Conn

_log = log.get(__name__)
# Seconds without a sign of life after which a worker is dead; one comes every ten. A machine stands still for a while and goes on: long before
# jobs are worked elsewhere, because one that is brought back too early runs twice at once.
SILENT: Final = 300.0
_FOUND: Final = """
    SELECT job.id, job.task_name, job.attempts,
     EXISTS (SELECT 1 FROM procrastinate_jobs other WHERE other.status = 'todo' AND other.queueing_lock = job.queueing_lock)
    FROM procrastinate_jobs job
    WHERE job.status = 'doing' AND NOT EXISTS (SELECT 1 FROM procrastinate_workers worker
     WHERE worker.id = job.worker_id AND worker.last_heartbeat > now() - %s * interval '1 second')
    ORDER BY job.id FOR UPDATE OF job SKIP LOCKED"""
_AGAIN: Final = "SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)"
_NO_MORE: Final = "SELECT procrastinate_finish_job_v1(%s, 'failed', false)"


def bring_back(conn: Conn, seen: frozenset[int], *, retries: Callable[[str], int]) -> frozenset[int]:
    """Put back the jobs nobody works that a look before this one (``seen``) found so, too; returns the numbers of those found for the first time.

    Two looks, because whoever wakes from a standstill looks before its own sign of life. Given up are those tried as often as ``retries`` (of their
    name) says, for a job may be what killed its workers, and those that wait in the queue a second time anyway.
    """
    first = set()
    for id_, name, attempts, waits in conn.execute(_FOUND, (SILENT,)).fetchall():
        if id_ not in seen:
            first.add(id_)
            continue
        over = waits or attempts >= retries(name)
        conn.execute(_NO_MORE if over else _AGAIN, (id_,))
        _log.warning("job.stalled", job=name, attempt=attempts, outcome="given up" if over else "again")
    return frozenset(first)
