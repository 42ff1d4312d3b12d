"""What the desks' pages cost: bytes of a first and a next page, first paint on a slow line and machine, the server's time, statements a page."""

from __future__ import annotations

import statistics
import time
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from unittest.mock import patch
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import psycopg
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from yba.kit import Actor, Internal, clock
from yba.kit.db import unit_of_work
from yba.kit.memory import settle

from .bench_desks import desk_pages
from .bench_record import doctor_cookie
from .chromium import FREE, SLOW, browsing
from .serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .bench_desks import Asked
    from .chromium import Browser, Line, Loaded, Tab

_RESOURCES: Final = 400
_WARM: Final = 3
_TIMES: Final = 9
_KB: Final = 1024
_OK: Final = "200"
_FROM: Final = "/desk"  # where forms are sent from
_DOCTOR: Final = "do-luong"
_TOKEN: Final = "A" * 32  # of forms: what stands in the cookie is what a form must say


class PageFigures(NamedTuple):
    """One page: kilobytes over the line with nothing kept and with style, script and font kept; paint on the slow line; server; statements."""

    first_kb: float
    next_kb: float
    fcp_ms_slow: int
    server_ms: float
    queries: int


def bench_web(times: int = _TIMES) -> dict[str, Any]:
    """Measure the pages of a station's desks for one of its doctors, in a data folder that is thrown away afterwards.

    Line and machine of ``fcp_ms_slow``: 1.6 Mbit/s, 300 ms round trip, CPU six times slower, nothing kept. Worst over pages stand on top.
    """
    by = Actor.operator("bench")
    with unit_of_work(by=by) as conn:
        cookie = doctor_cookie(conn, by)
        pages = desk_pages(conn, by=by, username=_DOCTOR, resources=_RESOURCES)
    made = {name: served(asked, cookie, times) for name, asked in pages.items()}
    with serving(None, "--no-process") as port, browsing() as browser:
        seen = {name: _loaded(browser, f"http://localhost:{port}", asked, cookie) for name, asked in pages.items()}
    figures = {name: PageFigures(*seen[name], *made[name])._asdict() for name in pages}
    worst = {key: max(one[key] for one in figures.values()) for key in PageFigures._fields}
    return {**worst, "pages": figures, "at": clock.now().isoformat(timespec="seconds")}


def served(asked: Asked, cookie: str, times: int) -> tuple[float, int]:
    """Return (median milliseconds, statements) of a page as the server makes it. Raises Internal when it does not answer 200."""
    server, taken = WSGIHandler(), []
    for turn in range(_WARM + times):
        begun = time.perf_counter()
        _ask(server, asked, cookie)
        taken.append((time.perf_counter() - begun) * 1000)
        if turn == _WARM - 1:
            settle()  # as the server does once it is loaded
    with counted() as sent:
        _ask(server, asked, cookie)
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


def _ask(server: WSGIHandler, asked: Asked, cookie: str) -> None:
    at, _, query = asked.path.partition("?")
    body = urlencode({**asked.form, "csrfmiddlewaretoken": _TOKEN}).encode() if asked.form else b""
    request: dict[str, Any] = {
        "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "PATH_INFO": at, "QUERY_STRING": query, "HTTP_ACCEPT_ENCODING": "gzip",
        "HTTP_COOKIE": f"{cookie}; {settings.CSRF_COOKIE_NAME}={_TOKEN}", "REQUEST_METHOD": "POST" if asked.form else "GET",
        "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body),
    }  # fmt: skip
    setup_testing_defaults(request)
    said: list[str] = []
    answer = server(request, lambda status, _headers: said.append(status))
    for _ in answer:
        pass
    answer.close()
    if said[0][:3] != _OK:
        raise Internal(f"{at} answered {said[0]}.")


def _loaded(browser: Browser, base: str, asked: Asked, cookie: str) -> tuple[float, float, int]:
    """Return (KB with nothing kept, KB with our files kept, first paint on the slow line in ms); a form is sent from the work list."""
    with browser.tab() as tab:
        tab.set_cookie(base, cookie)
        tab.set_line(FREE)
        first = _opened(tab, base, asked, kept=False)
        again = _opened(tab, base, asked, kept=True)
    with browser.tab() as tab:
        tab.set_cookie(base, cookie)
        slow = _opened(tab, base, asked, kept=False, line=SLOW)
    return round(first.bytes / _KB, 1), round(again.bytes / _KB, 1), round(slow.fcp_ms)


def _opened(tab: Tab, base: str, asked: Asked, *, kept: bool, line: Line = FREE) -> Loaded:
    if asked.form:
        tab.load(base + _FROM)
    tab.set_cache(kept=kept)
    tab.set_line(line)
    return tab.send_form(base + asked.path, asked.form) if asked.form else tab.load(base + asked.path)
