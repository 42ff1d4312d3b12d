"""The jobs of accounts: every minute roles whose planned end has passed; every night idle accounts, closed facilities, due reviews, old sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit import clock, log
from yba.kit.db import unit_of_work
from yba.kit.jobs import Job

from . import reviews, store_people, store_sessions, upkeep
from .screens import end_screens_at_closed_facilities

if TYPE_CHECKING:
    from yba.kit.actor import Actor

_log = log.get(__name__)


def nightly(*, by: Actor) -> None:
    """Keep accounts true; twice in a night equals once."""
    with unit_of_work(by=by) as conn:
        ended = upkeep.end_at_closed_facilities(conn, by=by)
        end_screens_at_closed_facilities(conn, by=by)
    close_outrun(by=by)
    with unit_of_work(by=by) as conn:
        idle = upkeep.disable_idle(conn, by=by)
    with unit_of_work(by=by) as conn:
        opened = reviews.open_due_reviews(conn, by=by)
        store_sessions.sweep_sessions(conn, at=clock.now())
    _log.info("accounts.nightly", count=len(idle), rows=len(ended), state=str(opened))


def close_outrun(*, by: Actor) -> None:
    """Mark the roles whose planned end has passed: from then on no clock set back opens them again; twice equals once."""
    with unit_of_work(by=by) as conn:
        ended = store_people.close_outrun(conn, at=clock.now(), by=by.name)
    if ended:
        _log.info("accounts.outrun", count=ended)


JOBS: Final = (
    Job("accounts:account:nightly", nightly, cron="10 1 * * *"),
    Job("accounts:account:outrun", close_outrun, cron="* * * * *", retries=0),  # one that fails is not tried again: the next comes in a minute
)
