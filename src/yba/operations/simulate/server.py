"""A real HTTP server that behaves as its weather says; what it answers when it is well is its register's business."""

from __future__ import annotations

import gzip
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from .moods import Mood, Weather

if TYPE_CHECKING:
    from types import TracebackType

_LONGEST = 1 << 20
_HTML = b"<!doctype html><html><body><h1>502 Bad Gateway</h1><p>nginx</p></body></html>"


class Told(Exception):
    """An answer that is not 200."""

    def __init__(self, status: int, body: bytes = b"") -> None:
        """Take status and body."""
        super().__init__(status)
        self.status, self.body = status, body


class Answering(Protocol):
    """A register: what it answers, and its answers gone wrong."""

    media: str

    def answer(self, path: str, query: str, headers: dict[str, str], body: bytes) -> bytes:
        """Answer a request; raises Told for another status."""

    def twisted(self, mood: Mood, path: str, query: str, headers: dict[str, str], body: bytes) -> bytes:
        """Answer in a hostile way."""


class Simulated:
    """A simulated register on its own port: ``with Simulated(register) as one: one.address``. ``count`` requests came in, ``paths`` where."""

    def __init__(self, register: Answering, weather: Weather | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Bind, but serve nothing before ``start`` or ``with``."""
        self.register, self.weather = register, weather or Weather()
        self.count, self.paths, self.ending, self._lock = 0, [""][:0], Event(), Lock()
        handler = type("Handler", (_Handler,), {"simulated": self})
        self._server = ThreadingHTTPServer((host, port), handler)
        self._server.daemon_threads = True
        self.address = f"http://{host}:{self._server.server_port}"

    def came(self, path: str) -> int:
        """Count a request in."""
        with self._lock:
            self.count += 1
            self.paths.append(path)
            return self.count

    def serve(self) -> None:
        """Serve until `stop`."""
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """End, and let go of clients that wait."""
        self.ending.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class _Handler(BaseHTTPRequestHandler):
    simulated: ClassVar[Simulated]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one request as the weather is."""
        one = self.simulated
        body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), _LONGEST))
        path, _, query = self.path.partition("?")
        count = one.came(path)
        self.close_connection = True
        one.ending.wait(one.weather.seconds(count))
        mood = one.weather.mood(count)
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            self._as(mood, path, query, headers, body)
        except Told as told:
            self._send(told.status, told.body)
        except (BrokenPipeError, ConnectionResetError):
            return  # the client had enough

    def _as(self, mood: Mood, path: str, query: str, headers: dict[str, str], body: bytes) -> None:
        statuses = {Mood.BROKEN: 503, Mood.ERROR: 500, Mood.BUSY: 429, Mood.REFUSED: 401, Mood.GONE: 404}
        if mood in statuses:
            self._send(statuses[mood], b"", {"Retry-After": "0"} if mood in {Mood.BROKEN, Mood.BUSY} else {})
        elif mood is Mood.RESET:
            self.connection.close()
        elif mood is Mood.SILENT:
            self.simulated.ending.wait(600)
        elif mood is Mood.DRIP:
            self._drip()
        elif mood is Mood.REDIRECT:
            self._send(302, b"", {"Location": "http://169.254.169.254/latest/meta-data/"})
        elif mood is Mood.HTML:
            self._send(200, _HTML, media="text/html")
        elif mood is Mood.EMPTY:
            self._send(200, b"")
        else:
            self._answer(mood, path, query, headers, body)

    def _answer(self, mood: Mood, path: str, query: str, headers: dict[str, str], body: bytes) -> None:
        register = self.simulated.register
        if mood is Mood.WELL:
            self._send(200, register.answer(path, query, headers, body))
        elif mood is Mood.CUT:
            whole = register.answer(path, query, headers, body)
            self._send(200, whole[: len(whole) // 2], {"Content-Length": str(len(whole))})
        elif mood is Mood.COMPRESSED:
            self._send(200, gzip.compress(b" " * (8 << 20), 1), {"Content-Encoding": "gzip"})
        elif mood is Mood.HUGE:
            self._send(200, b"<" + b"a" * (8 << 20), {"Transfer-Encoding": "identity"}, length=False)
        else:
            self._send(200, register.twisted(mood, path, query, headers, body))

    def _drip(self) -> None:
        self.send_response_only(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not self.simulated.ending.wait(0.02):
            self.wfile.write(b" ")
            self.wfile.flush()

    def _send(self, status: int, body: bytes, more: dict[str, str] | None = None, *, media: str = "", length: bool = True) -> None:
        self.send_response_only(status)
        headers = {"Content-Type": media or self.simulated.register.media, "Connection": "close"}
        if length:
            headers["Content-Length"] = str(len(body))
        for name, value in {**headers, **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's word
        """Say nothing: an address may hold a password."""
