"""The API as a WSGI application of its own: request in, answer out, errors as OperationOutcomes; no Django middleware on its way."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import format_datetime
from functools import cache, lru_cache
from hashlib import sha256
from http import HTTPStatus
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from django.http.request import split_domain_port, validate_host

from yba import accounts
from yba.kit import Origin, log, new_id, settings
from yba.specs.edge import class_of

from . import bodies, documents, edge, negotiation
from .faults import Issue, Refusal, broken, outcome
from .http import ROOT, Answer, Request, pairs, split
from .negotiation import JSON, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .call import Table
    from .pace import Pace

    Environ = dict[str, Any]
    Start = Callable[..., Callable[[bytes], object]]

REFUSED: Final = "yba.refused"  # the shield's word for what it would not let through
_ECHO: Final = re.compile(r"[A-Za-z0-9._\-]{1,64}")
_CHUNK: Final = 1 << 16
_PLAIN: Final = Wish(JSON, pretty=False, give="", lenient=False, later=False)
_log = log.get(__name__)


class Application:
    """Answers everything below /fhir."""

    def __init__(self, table: Table, pace: Pace) -> None:
        """Take the interactions and the shield's paces."""
        self.table, self.pace = table, pace

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a WSGI request."""
        lang, wish, number = "vi", _PLAIN, str(new_id())
        try:
            request = _request(environ, number)
            lang = request.lang
            wish = negotiation.wish(request)
            answer = self.answer(request)
            body = _written(answer, answer.wish or wish)
        except Refusal as refused:
            answer = refusal(refused, lang)
            body = _written(answer, wish)
        except Exception:  # noqa: BLE001  # the edge of a request: the caller is told calmly, the log where it happened
            _log.error("fhir.broken", transaction=number)
            answer = refusal(broken(), lang)
            body = _written(answer, _PLAIN)
        return _send(environ, start, answer, body, number)

    def answer(self, request: Request) -> Answer:
        """Do what is asked. Raises Refusal."""
        route, given = self.table.find(request.method, request.segments)
        if route.anonymous:
            path = "/".join((ROOT, *route.parts))
            edge.slow_down(request, self.pace, path=path)
        return edge.perform(request, route, given, self.pace)


def refusal(refused: Refusal, lang: str) -> Answer:
    """Write a refusal as an answer."""
    return Answer(refused.status, outcome(refused.issues, lang), headers=refused.headers)


def _request(environ: Environ, number: str) -> Request:
    """Read a WSGI environ. Raises Refusal."""
    headers = {key[5:].replace("_", "-").lower(): str(value) for key, value in environ.items() if key.startswith("HTTP_")}
    headers |= {"content-type": environ.get("CONTENT_TYPE") or "", "content-length": environ.get("CONTENT_LENGTH") or ""}
    _shielded(environ)
    path = str(environ.get("PATH_INFO", "")).encode("latin-1", "replace").decode("utf-8", "replace")
    return Request(
        method=str(environ["REQUEST_METHOD"]).upper(),
        segments=split(path.removeprefix(ROOT).strip("/")),
        query=pairs(str(environ.get("QUERY_STRING", ""))),
        headers=headers,
        base=_base(environ),
        read=cache(lambda: _body(environ)),  # once: an act that is begun anew reads it again
        origin=_origin(environ),
        id=number,
    )


def _shielded(environ: Environ) -> None:
    why = environ.get(REFUSED)
    if why == "tls":
        raise Refusal(HTTPStatus.FORBIDDEN, Issue("security", "Phải dùng https; hãy đổi mã đã gửi.", "Use https; what was sent went in the clear."))
    if why == "size":
        raise bodies.too_large(class_of(str(environ.get("PATH_INFO", ""))).largest_body)


def _base(environ: Environ) -> str:
    """The address of /fhir as the caller sees it; a host that is none of ours is refused: links would lead there."""
    host = str(environ.get("HTTP_HOST") or environ.get("SERVER_NAME", ""))
    if not _is_ours(host, tuple(settings.HOSTS())):
        raise Refusal(HTTPStatus.BAD_REQUEST, Issue("value", "Tên máy chủ (Host) không đúng.", "The Host header names no host of ours (YBA_HOSTS)."))
    return f"{environ.get('wsgi.url_scheme', 'http')}://{host}{ROOT}"


@lru_cache(maxsize=64)
def _is_ours(host: str, hosts: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, list(hosts))


def _origin(environ: Environ) -> Origin:
    address = accounts.address_of(SimpleNamespace(META=environ))
    port = str(environ.get("REMOTE_PORT", ""))
    agent = str(environ.get("HTTP_USER_AGENT", ""))
    return Origin(address, int(port) if port.isdigit() and not accounts.PROXIES() else 0, _device(agent))


@lru_cache(maxsize=64)
def _device(agent: str) -> str:
    return sha256(agent.encode()).hexdigest()[:16]


def _body(environ: Environ) -> bytes:
    """Read what is sent, one byte more than allowed at most."""
    limit, stream = class_of(str(environ.get("PATH_INFO", ""))).largest_body + 1, environ["wsgi.input"]
    told = str(environ.get("CONTENT_LENGTH") or "")
    if told.isdigit():
        limit = min(limit, int(told))
    found, size = [], 0
    while size < limit and (chunk := stream.read(min(_CHUNK, limit - size))):
        found.append(chunk)
        size += len(chunk)
    return b"".join(found)


def _send(environ: Environ, start: Start, answer: Answer, written: tuple[bytes | None, str], number: str) -> Iterable[bytes]:
    headers = {"X-Request-Id": number, "Vary": "Accept, Authorization", **answer.headers}
    body, kind = written
    if body is not None:
        headers.setdefault("Content-Type", kind)
        headers["Content-Length"] = str(len(body))
    if answer.etag is not None:
        headers["ETag"] = f'W/"{answer.etag}"'
    if answer.modified is not None:
        headers["Last-Modified"] = format_datetime(answer.modified.astimezone(UTC), usegmt=True)
    if _ECHO.fullmatch(theirs := str(environ.get("HTTP_X_REQUEST_ID", ""))):
        headers["X-Correlation-Id"] = theirs  # R4 (http.html, 3.1.0.1.8): ours is another one
    if answer.location:
        headers["Location"] = f"{_base(environ)}/{answer.location}" if "://" not in answer.location else answer.location
    start(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
    return [] if body is None or environ["REQUEST_METHOD"] == "HEAD" else [body]


def _written(answer: Answer, wish: Wish) -> tuple[bytes | None, str]:
    if answer.body is None or answer.status == HTTPStatus.NOT_MODIFIED:
        return None, ""
    if isinstance(answer.body, bytes):
        return answer.body, "application/octet-stream"  # its own type stands among the headers
    return documents.written(answer.body, wish)
