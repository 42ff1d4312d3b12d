"""A lean HTTP client for benches: a few kept connections, one thread, no library, so that little of the machine goes to asking."""

from __future__ import annotations

import random
import selectors
import socket
import time
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from yba.kit import Internal, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_CHUNK: Final = 1 << 18
_PATIENCE: Final = 120.0  # seconds without any answer before a server is given up
_END: Final = b"\r\n\r\n"
_LAST: Final = b"0\r\n\r\n"
_EMPTY: Final = frozenset({204, 304})


class Ask(NamedTuple):
    """What is to be asked; ``path`` below the base."""

    method: str
    path: str
    body: bytes = b""


class Reply(NamedTuple):
    """What came back: status, head as it stood, body."""

    status: int
    head: bytes
    body: bytes


class Timing(NamedTuple):
    """What a drive took: seconds of each answer, of the whole, and of our own processor time."""

    answers: list[float]
    seconds: float
    own: float


class Wire:
    """One kept connection to a server's base address (http only: the bench runs on one box)."""

    def __init__(self, base: str, token: str = "") -> None:
        """Connect. Raises Invalid for an address that is not plain http."""
        parts = urlsplit(base)
        if parts.scheme != "http" or not parts.hostname:
            raise Invalid("Địa chỉ máy so sánh phải là http://…", advice="A peer's address is plain http on this box.")
        self.host, self.port, self.root = parts.hostname, parts.port or 80, parts.path.rstrip("/")
        kept = f"Host: {parts.netloc}\r\nAccept: application/fhir+json\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")
        self.kept = kept.encode()
        self.socket = self._connect()
        self.got = bytearray()

    def _connect(self) -> socket.socket:
        made = socket.create_connection((self.host, self.port), timeout=_PATIENCE)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def send(self, ask: Ask) -> None:
        """Send a request whole."""
        head = f"{ask.method} {self.root}/{ask.path} HTTP/1.1\r\n".encode() + self.kept
        if ask.body or ask.method != "GET":
            head += b"Content-Type: application/fhir+json\r\nContent-Length: %d\r\n" % len(ask.body)
        self.got.clear()
        self.socket.sendall(head + b"\r\n" + ask.body)

    def take(self) -> Reply | None:
        """Take what has come and return the answer when it is whole. Raises Internal where the server hangs up."""
        found = self.socket.recv(_CHUNK)
        if not found:
            raise Internal("the server under measurement hung up.")
        self.got += found
        return answer(bytes(self.got))

    def ask(self, one: Ask) -> Reply:
        """Ask and wait."""
        self.send(one)
        while (reply := self.take()) is None:
            pass
        return reply

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


def answer(data: bytes) -> Reply | None:
    """Read an HTTP answer; None while it is not whole."""
    end = data.find(_END)
    if end < 0:
        return None
    head, body = data[:end], data[end + 4 :]
    status, small = int(head[9:12]), head.lower()
    if status in _EMPTY:
        return Reply(status, head, b"")
    place = small.find(b"\r\ncontent-length:")
    if place >= 0:
        size = int(small[place + 17 :].split(b"\r\n", 1)[0])
        return Reply(status, head, body) if len(body) >= size else None
    return Reply(status, head, _unchunked(body)) if body.endswith(_LAST) else None


def _unchunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    place = 0
    while True:
        line = body.index(b"\r\n", place)
        size = int(body[place:line].split(b";")[0], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[line + 2 : line + 2 + size])
        place = line + size + 4


def drive(
    wires: Sequence[Wire], make: Callable[[int], Ask | None], heard: Callable[[int, Reply], None], *, seconds: float = 1e9, most: int = 1 << 60
) -> Timing:
    """Keep one request under way on each connection until the time or the number is over; ``make`` gives a connection's next one, None: no more."""
    answers: list[float] = []
    sent = [0.0] * len(wires)
    left = most
    with selectors.DefaultSelector() as waiting:
        cpu, begun = time.process_time(), time.perf_counter()

        def next_one(nth: int) -> None:
            nonlocal left
            ask = make(nth) if left > 0 and time.perf_counter() - begun < seconds else None
            if ask is None:
                waiting.unregister(wires[nth].socket)
                return
            left -= 1
            sent[nth] = time.perf_counter()
            wires[nth].send(ask)

        for nth, wire in enumerate(wires):
            waiting.register(wire.socket, selectors.EVENT_READ, nth)
            next_one(nth)
        while waiting.get_map():
            ready = waiting.select(_PATIENCE)
            if not ready:
                raise Internal("the server under measurement does not answer.")
            for key, _ in ready:
                nth = int(key.data)
                reply = wires[nth].take()
                if reply is not None:
                    answers.append(time.perf_counter() - sent[nth])
                    heard(nth, reply)
                    next_one(nth)
        return Timing(answers, time.perf_counter() - begun, time.process_time() - cpu)


def wait_for(base: str, *, seconds: float = 60.0) -> None:
    """Wait until a server takes connections. Raises Internal when it does not."""
    until = time.monotonic() + seconds
    while True:
        try:
            Wire(base).close()
        except OSError:
            if time.monotonic() > until:
                raise Internal("a server of the bench did not start.") from None
            time.sleep(random.uniform(0.1, 0.3))  # noqa: S311  # no secret
        else:
            return
