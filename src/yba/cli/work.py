"""``yba work``: work the queue, and process what the gateway and other doors have landed, until stopped."""

from __future__ import annotations

import threading

import click
from django.db import DatabaseError

from yba import app, ingest
from yba.kit import Actor, Unavailable, log

from .common import start

_log = log.get(__name__)
_SYSTEM = Actor.system("work", "claims-intake")
_PATIENCE = 30.0  # seconds at most between two tries while the database does not answer


@click.command()
@click.option("--once", is_flag=True, help="Work what is due and stop.")
@click.option("--at-once", default=1, show_default=True, help="Jobs of the queue side by side.")
@click.option("--every", default=1.0, show_default=True, help="Seconds between two looks for landed messages.")
def work(once: bool, at_once: int, every: float) -> None:  # noqa: FBT001  # click hands options over by name
    """Xử lý nền: hồ sơ đã tiếp nhận và hàng đợi công việc; dừng bằng Ctrl+C."""
    start()
    if once:
        ingest.process(by=_SYSTEM)
        app.work(forever=False, at_once=at_once)
        return
    over = threading.Event()
    processor = threading.Thread(target=_process, args=(over, every), name="processor")
    processor.start()
    try:
        app.work(forever=True, at_once=at_once)
    finally:
        over.set()
        processor.join()


def _process(over: threading.Event, every: float) -> None:
    """Process what has landed, again and again; a database that is away is waited for, and nothing landed is lost meanwhile."""
    wait = every
    while not over.wait(wait):
        try:
            totals = ingest.process(by=_SYSTEM)
        except (DatabaseError, Unavailable):
            _log.error("work.database")  # the logger adds the exception without its message
            wait = min(wait * 2, _PATIENCE)
        except Exception:  # noqa: BLE001  # the edge of a job: one bad batch must not end the processor
            _log.error("work.failed")
            wait = _PATIENCE
        else:
            wait = every
            if totals.messages:
                _log.info("work.processed", count=totals.messages, seconds=round(totals.elapsed, 3))
