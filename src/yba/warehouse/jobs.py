"""The jobs of the warehouse: an export every few minutes, every row looked at and the lake compacted at night."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from yba.kit import clock, log
from yba.kit.errors import Unavailable
from yba.kit.jobs import Job
from yba.specs.alerts import Every

from . import alerts, digests, forecasts, reports
from .kept import JOB, keep_asked, keep_boards, sweep
from .lake import Folder, LakeBusy, compact, refresh
from .settings import LAKE_MINUTES

if TYPE_CHECKING:
    from yba.kit.actor import Actor

_log = log.get(__name__)
_EARLY: Final = timedelta(minutes=1)  # a job comes a little sooner or later than the one before


def export(*, by: Actor) -> None:
    """Export where it is time; twice equals once."""
    if not LAKE_MINUTES():
        return
    before = Folder().newest()
    if before is not None and clock.now() - before.until < timedelta(minutes=LAKE_MINUTES()) - _EARLY:
        return
    try:
        done = refresh(by=by)
    except LakeBusy:
        _log.info("warehouse.lake.busy")
        return
    if done.rows:
        _log.info("warehouse.lake.refreshed", count=sum(done.rows.values()), seconds=done.seconds)


def tend(*, by: Actor) -> None:
    """Look at every row once a night, whatever its `updated` says, and compact what has changed much; twice equals once."""
    if not LAKE_MINUTES():
        return
    refresh(by=by, everywhere=True)
    done = compact(by=by)
    sweep(by=by)
    _log.info("warehouse.lake.tended", count=len(done.types))


def keep(*, by: Actor) -> None:
    """Count what the boards show from the newest export; twice equals once."""
    if not LAKE_MINUTES():
        return
    if done := keep_boards(by=by):
        _log.info("warehouse.result.kept", count=done)


def count_asked(*, by: Actor, asks: str, who: str = "") -> None:  # noqa: ARG001  # who asked: counted while it waits
    """Count what a page did not wait for; twice equals once."""
    if done := keep_asked(by=by, asks=asks):
        _log.info("warehouse.result.kept", count=done)


def recount(*, by: Actor) -> None:
    """Hold locked reports against the newest export; twice equals once."""
    if not LAKE_MINUTES():
        return
    if (done := reports.watch(by=by)).looked:
        _log.info("warehouse.report.watched", count=done.looked, rows=done.changed, queue=done.left)


def watch(*, by: Actor) -> None:
    """Judge the alert rules of every hour; twice equals once."""
    _judge(by, (Every.HOUR,))


def watch_daily(*, by: Actor) -> None:
    """Judge every alert rule, once the night's work on the lake is done; twice equals once."""
    _judge(by, tuple(Every))


def foresee(*, by: Actor) -> None:
    """Forecast the weeks to come, once a week; twice equals once. Where the extra is not installed it is said in the log."""
    if not LAKE_MINUTES() or Folder().newest() is None:
        return
    try:
        done = forecasts.make(by=by)
    except Unavailable:
        _log.warning("warehouse.forecast.unavailable")
        return
    _log.info("warehouse.forecast.made", count=sum(one.shown for one in done))


def tell(*, by: Actor) -> None:
    """Make the digests of the periods that have ended, where there is none yet; twice equals once."""
    if not LAKE_MINUTES() or Folder().newest() is None:
        return
    for name, when in digests.due(by=by):
        made = digests.make(by=by, name=name, period=when)
        _log.info("warehouse.digest.made", kind=name, bytes=made.size)


def _judge(by: Actor, every: tuple[Every, ...]) -> None:
    if not LAKE_MINUTES():
        return
    done = alerts.judge(by=by, every=every)
    if changed := sum(one.raised + one.closed for one in done):
        _log.info("warehouse.alert.judged", count=changed)


# An export that fails is not tried again: the next one comes in five minutes and takes what this one left.
JOBS: Final = (
    Job("warehouse:lake:refresh", export, cron="*/5 * * * *", retries=0),
    Job("warehouse:result:keep", keep, cron="1-59/5 * * * *", retries=0),
    Job(JOB, count_asked, retries=1),
    Job("warehouse:report:watch", recount, cron="3-59/5 * * * *", retries=0),
    Job("warehouse:alert:judge", watch, cron="43 * * * *", retries=0),
    Job("warehouse:alert:judge-all", watch_daily, cron="13 3 * * *", retries=1),
    Job("warehouse:forecast:make", foresee, cron="37 2 * * 2", retries=1),  # Tuesdays: the week before the last is told by then
    Job("warehouse:digest:make", tell, cron="23 6 * * *", retries=2),
    Job("warehouse:lake:tend", tend, cron="17 1 * * *", retries=2),
)
