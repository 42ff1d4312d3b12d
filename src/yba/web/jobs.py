"""What the pages leave to the processor: batches of questions to the population database, in the name of who laid them down."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from yba import access, accounts
from yba.access import Denied, Right
from yba.identity import registers
from yba.kit import clock, jobs, log
from yba.kit.db import unit_of_work
from yba.kit.errors import NotFound
from yba.kit.jobs import Job

from .pages.register_batches import JOB

if TYPE_CHECKING:
    from yba.kit.actor import Actor

_log = log.get(__name__)
_SLICE: Final = 5  # people of one job: other jobs of the queue (sealing the trail) come between
_PAUSE: Final = timedelta(minutes=1)  # at least, after the register was away


def verify_batch(*, by: Actor, batch: str, account: str) -> None:
    """Ask for the next people of a batch and put the rest into the queue again; ends where the account holds the right no more."""
    try:
        with unit_of_work(by=by) as conn:
            asker = accounts.actor_of(conn, by=by, account=UUID(account), purpose="")
        asker = access.purpose_for(asker, Right.IDENTITY_REGISTER_ASK)
        run = registers.run_batch(by=asker, batch=UUID(batch), patience=0.0, most=_SLICE)
    except (Denied, NotFound) as refused:
        _log.warning("identity.register.batch", state=type(refused).__name__)
        return
    if run.left:
        again = clock.now() + max(timedelta(seconds=run.seconds), _PAUSE) if run.stopped else None
        with unit_of_work(by=by) as conn:
            jobs.enqueue(conn, JOB, only_once=f"{JOB}:{batch}", at=again, batch=batch, account=account)
    _log.info("identity.register.batch", count=run.done, rows=run.left, state=run.stopped)


JOBS: Final = (Job(JOB, verify_batch),)
