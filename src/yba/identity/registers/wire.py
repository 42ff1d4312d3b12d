"""One HTTP exchange with a configured host and no other: TLS verified, no redirects, no proxies, bounded in time and bytes."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache
from threading import Timer
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .model import Outcome, RegisterError, away, bad_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yba.specs.identity.registers import Limits

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_CHUNK: Final = 65_536
_OK, _TOO_MANY, _TIMED_OUT = 200, 429, 408
_REFUSED: Final = frozenset({401, 403, 407})
_REDIRECTS: Final = range(300, 400)
_BROKEN: Final = range(500, 600)
_LATE: Final = "Quá thời gian chờ trả lời."


@lru_cache(maxsize=8)
def _context(roots: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=roots or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A configured address, taken apart once; nothing an answer says changes where the next question goes."""

    host: str
    port: int
    base: str
    roots: str | None
    """File of certificate authorities, "" for the system's; None for plain HTTP to this machine."""

    @classmethod
    def of(cls, address: str, roots: str) -> Endpoint:
        """Take a checked address apart."""
        parts = urlsplit(address)
        tls = parts.scheme == "https"
        return cls(parts.hostname or "", parts.port or (443 if tls else 80), parts.path.rstrip("/"), roots if tls else None)

    def connect(self, seconds: float) -> http.client.HTTPConnection:
        """Open nothing yet: the connection object, with the time a connect may take."""
        if self.roots is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=seconds)
        return http.client.HTTPSConnection(self.host, self.port, timeout=seconds, context=_context(self.roots))


def post(where: Endpoint, path: str, body: bytes, headers: Mapping[str, str], limits: Limits) -> bytes:
    """Send one request and return the body of a 200 answer.

    Raises RegisterError: away (no connection, time over, 408, 429, 5xx), refused (401, 403), bad answer (redirect, compressed, too large, cut
    short), failed (any other status). Words of the answer are not repeated: they may quote a person.
    """
    connection = where.connect(limits.connect_seconds)
    late: list[bool] = []
    try:
        found = _exchange(connection, where.base + path, body, headers, limits, late)
    except ssl.SSLCertVerificationError as error:
        message = "Chứng thư TLS của hệ thống ngoài không được tin cậy."
        raise RegisterError(message, outcome=Outcome.AWAY, advice=f"({error.verify_message})") from None
    except (http.client.RemoteDisconnected, OSError, ValueError) as error:
        # ValueError: a socket that was cut while it was read
        raise away(_LATE if late else f"Không kết nối được ({type(error).__name__}).") from None
    except http.client.HTTPException as error:
        cut = isinstance(error, http.client.IncompleteRead)
        raise (away(_LATE) if late else bad_answer("Trả lời bị cắt ngang." if cut else "Trả lời không phải HTTP.")) from None
    except RegisterError:
        if late:  # the end was ours
            raise away(_LATE) from None
        raise
    finally:
        connection.close()
    if late:
        raise away(_LATE)
    return found


def _exchange(connection: http.client.HTTPConnection, path: str, body: bytes, headers: Mapping[str, str], limits: Limits, late: list[bool]) -> bytes:
    connection.connect()
    held: socket.socket = connection.sock  # kept: the connection lets go of it as soon as the answer says "close"
    held.settimeout(limits.answer_seconds)
    watch = Timer(limits.answer_seconds, _cut, (held, late))
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", path, body, {"Accept-Encoding": "identity", "User-Agent": "yba", **headers})
        with connection.getresponse() as answer:
            return _body(answer, limits)
    finally:
        watch.cancel()
        held.close()


def _cut(held: socket.socket, late: list[bool]) -> None:
    """End an exchange whose time is over, however slowly bytes still drip in."""
    late.append(True)
    try:
        held.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # over already


def _body(answer: http.client.HTTPResponse, limits: Limits) -> bytes:
    status = answer.status
    if status in _REFUSED:
        raise RegisterError(f"Hệ thống ngoài từ chối tài khoản kết nối (HTTP {status}).", outcome=Outcome.REFUSED)
    if status in {_TOO_MANY, _TIMED_OUT} or status in _BROKEN:
        wait = _seconds(answer.getheader("Retry-After", ""))
        if wait > limits.longest_retry_after:
            raise RegisterError(f"Hệ thống ngoài đang bận (HTTP {status}).", outcome=Outcome.AWAY, wait=wait)
        raise away(f"Hệ thống ngoài đang bận (HTTP {status}).", wait=wait, breaks=status != _TOO_MANY)
    if status in _REDIRECTS:
        raise bad_answer("Hệ thống ngoài chuyển hướng tới địa chỉ khác: không đi theo.")
    if status != _OK:
        raise RegisterError(f"Hệ thống ngoài trả lời HTTP {status}.", outcome=Outcome.FAILED)
    if answer.getheader("Content-Encoding", "identity") != "identity":
        raise bad_answer("Trả lời bị nén dù không yêu cầu.")
    return _bounded(answer, limits.largest_answer)


def _bounded(answer: http.client.HTTPResponse, most: int) -> bytes:
    told = answer.length
    if told is not None and told > most:
        raise bad_answer("Trả lời quá lớn.")
    found = bytearray()
    while chunk := answer.read1(_CHUNK):
        found += chunk
        if len(found) > most:
            raise bad_answer("Trả lời quá lớn.")
    if told is not None and len(found) < told:
        raise bad_answer("Trả lời bị cắt ngang.")
    return bytes(found)


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0.0  # noqa: PLR2004  a date, or nonsense: our own pause
