"""The jobs of audit: seals every half minute, a time stamp a day, month partitions made ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit import log
from yba.kit.db import unit_of_work
from yba.kit.jobs import Job

from . import store
from .anchor import anchor
from .sealing import EVERY, seal

if TYPE_CHECKING:
    from yba.kit.actor import Actor

_log = log.get(__name__)
AHEAD: Final = 6  # months: a worker may be away for half a year before rows go to the default partition


def seal_stores(*, by: Actor) -> None:
    """Seal what has been committed; twice equals once."""
    done = seal(by=by)
    if done.seals:
        _log.info("audit.sealed", count=done.seals, rows=done.rows, seconds=round(done.waited, 3))


def stamp_heads(*, by: Actor) -> None:
    """Have the newest heads stamped, once a day."""
    anchor(by=by)


def prepare_partitions(*, by: Actor) -> None:
    """Make the months ahead."""
    with unit_of_work(by=by) as conn:
        made = store.prepare_partitions(conn, AHEAD)
    _log.info("audit.partitions", count=made)


# A sealing that fails is not tried again: the next one comes in half a minute.
JOBS: Final = (
    Job("audit:store:seal", seal_stores, cron=f"* * * * * */{EVERY}", retries=0),
    Job("audit:store:anchor", stamp_heads, cron="40 * * * *", retries=0),
    Job("audit:store:prepare", prepare_partitions, cron="20 0 * * *"),
)
