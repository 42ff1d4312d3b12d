"""``yba work``: process what the gateway and other doors have landed, until stopped."""

from __future__ import annotations

import signal
import threading

import click
from django.db import DatabaseError

from yba import ingest
from yba.kit import Actor, Unavailable, log

from .common import say, start

_log = log.get(__name__)
_PATIENCE = 30.0  # seconds at most between two tries while the database does not answer


@click.command()
@click.option("--every", default=1.0, show_default=True, help="Seconds between two looks for new messages.")
@click.option("--workers", default=1, show_default=True, help="Processes that read and map in parallel.")
@click.option("--once", is_flag=True, help="Process what waits and stop.")
def work(every: float, workers: int, once: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Xử lý hồ sơ đã tiếp nhận: chạy nền cho cổng, dừng bằng Ctrl+C."""
    start("claims-intake")
    by = Actor.system("work", "claims-intake")
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    wait = every
    while True:
        try:
            totals = ingest.process(by=by, workers=workers)
        except (DatabaseError, Unavailable):
            _log.error("work.database")  # the logger adds the exception without its message
            wait = min(wait * 2, _PATIENCE)
        else:
            wait = every
            if totals.messages:
                _log.info("work.processed", count=totals.messages, seconds=round(totals.elapsed, 3))
        if once or stop.wait(wait):
            break
    say("work: dừng")
