"""The jobs of accounts: every night idle accounts, closed facilities, due reviews and outlived sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit import clock, log
from yba.kit.db import unit_of_work
from yba.kit.jobs import Job

from . import reviews, store_people, store_sessions, upkeep

if TYPE_CHECKING:
    from yba.kit.actor import Actor

_log = log.get(__name__)


def nightly(*, by: Actor) -> None:
    """Keep accounts true; twice in a night equals once."""
    with unit_of_work(by=by) as conn:
        ended = upkeep.end_at_closed_facilities(conn, by=by)
        store_people.close_outrun(conn, at=clock.now(), by=by.name)
    with unit_of_work(by=by) as conn:
        idle = upkeep.disable_idle(conn, by=by)
    with unit_of_work(by=by) as conn:
        opened = reviews.open_due_reviews(conn, by=by)
        store_sessions.sweep_sessions(conn, at=clock.now())
    _log.info("accounts.nightly", count=len(idle), rows=len(ended), state=str(opened))


JOBS: Final = (Job("accounts:account:nightly", nightly, cron="10 1 * * *"),)
