"""``yba serve``: pages and gateway over HTTP, with a process beside them that works through what arrives."""

from __future__ import annotations

import subprocess
import sys
import threading

import click
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from yba import accounts, app
from yba.kit import Actor
from yba.kit.db import reading

from .common import say

_GRACE = 20.0  # seconds the processor has to finish its batch
_WAITING = 32  # requests waiting for each thread; more are not accepted from the queue of the system
_HEADERS_WITHIN = 10_000  # ms: who sends headers slower than that is not a browser
_LARGEST_HEADERS = 128 << 10  # bytes of the buffer headers are read into
_PAUSE = 3.0  # seconds before a processor that ended is started again


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; keep loopback behind a reverse proxy with TLS.")
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes.")
@click.option("--threads", default=4, show_default=True, help="Requests at once in each process.")
@click.option("--process/--no-process", default=True, show_default=True, help="Also process what arrives (else run `yba work`).")
def serve(host: str, port: int, workers: int, threads: int, process: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Mở trang hồ sơ và cổng tiếp nhận; chạy đến khi dừng bằng Ctrl+C."""
    app.setup(quiet=True)  # once, before the workers: they find database and tables ready
    with reading(by=Actor.system("serve")) as conn:
        accounts.refuse_forgotten_demo(conn, by=Actor.system("serve"))
    say(f"http://{host}:{port}/")
    keeper = _Keeper([sys.executable, "-m", "yba", "work"])
    if process:
        keeper.start()
    try:
        Granian(
            "yba.app.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            backpressure=threads * _WAITING,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_WITHIN, max_buffer_size=_LARGEST_HEADERS),
            workers_kill_timeout=int(_GRACE),
            respawn_failed_workers=True,  # one that was killed (memory) takes nobody along; one that ends twice within seconds ends the server
            log_access=False,
        ).serve()
    finally:
        keeper.end()


class _Keeper(threading.Thread):
    """Keeps the processor alive: one that ends by itself is started again after a pause."""

    def __init__(self, command: list[str]) -> None:
        super().__init__(daemon=True)
        self.command, self.over = command, threading.Event()
        self.child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start the command again whenever it ends."""
        while not self.over.is_set():
            self.child = subprocess.Popen(self.command)
            self.child.wait()
            self.over.wait(_PAUSE)

    def end(self) -> None:
        """Ask the command to stop and wait for its last batch."""
        self.over.set()
        if self.child is None or self.child.poll() is not None:
            return
        self.child.terminate()
        try:
            self.child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.child.kill()
