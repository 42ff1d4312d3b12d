"""``yba intake watch``: take every file that is put into a folder."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click
from django.db import DatabaseError

from yba.gateway import Watcher
from yba.kit import Actor, Unavailable, log

from .common import say, start

_log = log.get(__name__)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--stable", default=5.0, show_default=True, help="Seconds a file must not change before it is taken.")
@click.option("--every", default=2.0, show_default=True, help="Seconds between two looks.")
@click.option("--facility", default="", help="Take files of this facility only; others are refused.")
@click.option("--once", is_flag=True, help="Take what is finished and stop.")
def watch(folder: Path, stable: float, every: float, facility: str, once: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Theo dõi một thư mục: mỗi tệp được nhận, xử lý, rồi chuyển vào done/ hoặc refused/ cùng biên nhận."""
    operator = start("claims-intake")
    watcher = Watcher(folder, Actor.facility_client(facility) if facility else operator, stable)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    say(f"{folder}: đang theo dõi, Ctrl+C để dừng")
    moved = watcher.sweep()
    if once:
        stop.wait(stable)
        say(f"{moved + watcher.sweep()} tệp")
        return
    while not stop.wait(every):
        try:
            watcher.sweep()
        except (DatabaseError, Unavailable, OSError):  # what was cut off is done again at the next sweep
            _log.error("watch.failed")
