"""What the desks' pages cost: bytes of a first and a next page, first paint on a slow line and machine, the server's time, statements a page."""

from __future__ import annotations

import http.client
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from unittest.mock import patch
from uuid import UUID
from wsgiref.util import setup_testing_defaults

import psycopg
from django.core.handlers.wsgi import WSGIHandler

from yba import record
from yba.kit import Actor, Internal, clock
from yba.kit.db import unit_of_work
from yba.kit.memory import settle

from .bench_record import doctor_cookie, puts
from .chromium import FREE, SLOW, Browser, browsing
from .sample_record import PERSON, sample_record

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESOURCES: Final = 400
_WARM: Final = 3
_TIMES: Final = 9
_PATIENCE: Final = 90.0
_KB: Final = 1024
_OK: Final = "200"
PAGES: Final = {
    "home": "/",
    "desk": "/desk",
    "register": "/register",
    "record": f"/record/{PERSON}",
    "summary": f"/record/{PERSON}/summary",
    "follow": f"/follow/{PERSON}/hypertension",
}


class PageFigures(NamedTuple):
    """One page: kilobytes over the line with nothing kept and with style, script and font kept; paint on the slow line; server; statements."""

    first_kb: float
    next_kb: float
    fcp_ms_slow: int
    server_ms: float
    queries: int


def bench_web(times: int = _TIMES) -> dict[str, Any]:
    """Measure every page of `PAGES` for a doctor of a station, in a data folder that is thrown away afterwards.

    Line and machine of ``fcp_ms_slow``: 1.6 Mbit/s, 300 ms round trip, CPU six times slower, nothing kept. Worst over pages stand on top.
    """
    by = Actor.operator("bench")
    with unit_of_work(by=by) as conn:
        record.put_many(conn, by=by, puts=puts(sample_record(_RESOURCES, last=clock.today()), UUID(int=1)))
        cookie = doctor_cookie(conn, by)
    made = {name: served(path, cookie, times) for name, path in PAGES.items()}
    with _serving() as port, browsing() as browser:
        seen = {name: _loaded(browser, f"http://localhost:{port}", path, cookie) for name, path in PAGES.items()}
    figures = {name: PageFigures(*seen[name], *made[name])._asdict() for name in PAGES}
    worst = {key: max(one[key] for one in figures.values()) for key in PageFigures._fields}
    return {**worst, "pages": figures, "at": clock.now().isoformat(timespec="seconds")}


def served(path: str, cookie: str, times: int) -> tuple[float, int]:
    """Return (median milliseconds, statements) of a page as the server makes it. Raises Internal when it does not answer 200."""
    server, taken = WSGIHandler(), []
    for turn in range(_WARM + times):
        begun = time.perf_counter()
        _ask(server, path, cookie)
        taken.append((time.perf_counter() - begun) * 1000)
        if turn == _WARM - 1:
            settle()  # as the server does once it is loaded
    with counted() as sent:
        _ask(server, path, cookie)
    return round(statistics.median(taken[_WARM:]), 1), len(sent)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect every statement this process sends to the database, Django's and ours."""
    sent: list[str] = []
    real = psycopg.Cursor.execute

    def execute(self: psycopg.Cursor[Any], query: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401  # psycopg's own
        sent.append(str(query))
        return real(self, query, *given, **named)

    with patch.object(psycopg.Cursor, "execute", execute):
        yield sent


def _ask(server: WSGIHandler, path: str, cookie: str) -> None:
    at, _, query = path.partition("?")
    request: dict[str, Any] = {"HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "PATH_INFO": at, "QUERY_STRING": query, "HTTP_COOKIE": cookie}
    request["HTTP_ACCEPT_ENCODING"] = "gzip"
    setup_testing_defaults(request)
    said: list[str] = []
    answer = server(request, lambda status, _headers: said.append(status))
    for _ in answer:
        pass
    answer.close()
    if said[0][:3] != _OK:
        raise Internal(f"{at} answered {said[0]}.")


def _loaded(browser: Browser, base: str, path: str, cookie: str) -> tuple[float, float, int]:
    """Return (KB with nothing kept, KB with our files kept, first paint on the slow line in ms)."""
    with browser.tab() as tab:
        tab.set_cookie(base, cookie)
        tab.set_line(FREE)
        first = tab.load(base + path)
        again = tab.load(base + path)
    with browser.tab() as tab:
        tab.set_cookie(base, cookie)
        tab.set_line(SLOW)
        slow = tab.load(base + path)
    return round(first.bytes / _KB, 1), round(again.bytes / _KB, 1), round(slow.fcp_ms)


@contextmanager
def _serving() -> Iterator[int]:
    """Run `yba serve` on this data folder and give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "yba", "serve", "--port", str(port), "--no-process"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(process, port)
            yield port
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/asset/icon.svg", headers={"Host": "localhost"})
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    raise Internal("the bench's server does not answer.")
