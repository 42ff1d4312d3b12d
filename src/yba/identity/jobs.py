"""The job of identity: whenever a clock of an unknown patient has run out, the clerks of the facility find it on their desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit import log
from yba.kit.db import unit_of_work
from yba.kit.jobs import Job

from .unknown import remind_of_unknowns

if TYPE_CHECKING:
    from yba.kit.actor import Actor

_log = log.get(__name__)


def remind(*, by: Actor) -> None:
    """Look for clocks that have run out; twice equals once."""
    with unit_of_work(by=by) as conn:
        late = remind_of_unknowns(conn, by=by)
    _log.info("identity.unknown.remind", count=late)


JOBS: Final = (Job("identity:unknown:remind", remind, cron="*/5 * * * *"),)
