"""One request and one answer of the API in no server's form: a batch's entries are requests and answers too."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote

from yba.kit import new_id

from .faults import Issue, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yba.kit import Origin

    from .negotiation import Wish

Pairs = list[tuple[str, str]]
LONGEST_QUERY: Final = 1 << 16  # characters; longer searches go by POST _search
MOST_PAIRS: Final = 1000
ROOT: Final = "/fhir"
_JSON: Final = "application/fhir+json"  # within a bundle everything is a resource
_QUALITY: Final = re.compile(r"[01](?:\.[0-9]{0,3})?\Z")
_OF_ENTRIES: Final = ("authorization", "accept-language", "prefer", "x-purpose")  # headers that hold for the entries of a bundle too


@dataclass(slots=True)
class Request:
    """What is asked: ``segments`` of the address below /fhir, ``query`` as pairs, ``headers`` by name in small letters, ``read`` gives the body.

    ``base`` is the address of /fhir as the caller sees it; ``doc`` is the body already read (an entry of a bundle).
    """

    method: str
    segments: tuple[str, ...]
    query: Pairs
    headers: Mapping[str, str]
    base: str
    read: Callable[[], bytes]
    origin: Origin
    id: str = field(default_factory=lambda: str(new_id()))
    doc: dict[str, Any] | None = None

    def header(self, name: str) -> str:
        """Return a header's value without outer blanks, "" where it is absent."""
        return self.headers.get(name, "").strip()

    @property
    def has_body(self) -> bool:
        """Whether something was sent: of a length that is told, or in pieces (HTTP/1.1 chunks, which tell none)."""
        return self.doc is not None or self.header("content-length") not in {"", "0"} or "chunked" in self.header("transfer-encoding").lower()

    @property
    def lang(self) -> str:
        """The language somebody wants to be told in, "en" or "vi": Vietnamese unless English is wanted more."""
        return language(self.header("accept-language"))

    @property
    def token(self) -> str:
        """The bearer token, "" without one."""
        scheme, _, credentials = self.header("authorization").partition(" ")
        return credentials.strip() if scheme.lower() == "bearer" else ""

    def entry(self, method: str, url: str, *, doc: dict[str, Any] | None, headers: Mapping[str, str]) -> Request:
        """Return the request that an entry of a bundle stands for. Raises Refusal for an address that is none of ours."""
        path, _, query = url.removeprefix(f"{self.base}/").partition("?")
        if "://" in path:
            raise Refusal(
                HTTPStatus.BAD_REQUEST, Issue("value", "request.url phải là địa chỉ trên máy chủ này.", "request.url must be of this server.")
            )
        kept = {name: self.headers[name] for name in _OF_ENTRIES if name in self.headers}
        segments, asked = split(path.strip("/")), pairs(query) if query else []
        return Request(method, segments, asked, {"accept": _JSON, **kept, **headers}, self.base, bytes, self.origin, self.id, doc)


@dataclass(slots=True)
class Answer:
    """What is answered: a document, one as JSON text that is given on as it is, or the content of a Binary.

    ``etag`` is a version, ``location`` relative to the base.
    """

    status: int = 200
    body: dict[str, Any] | str | bytes | None = None
    etag: int | None = None
    modified: Any = None  # datetime
    location: str = ""
    outcome: dict[str, Any] | None = None  # what else is to be told: of a write, for `return=OperationOutcome` and response.outcome
    headers: dict[str, str] = field(default_factory=dict)
    wish: Wish | None = None  # how to answer, where the body said it (a form's _format)


@lru_cache(maxsize=64)
def language(header: str) -> str:
    """Weigh an Accept-Language header (RFC 9110, 12.5.4): of two wanted alike the first one named."""
    found, best = "vi", 0.0
    for part in header.lower().split(","):
        tag, _, rest = part.partition(";")
        named = tag.strip().partition("-")[0]
        weight = quality(rest.strip().removeprefix("q=")) if rest.strip().startswith("q=") else 1.0
        if named in {"vi", "en"} and weight > best:
            found, best = named, weight
    return found


def quality(text: str) -> float:
    """Read a weight of RFC 9110 (``0.8``); one that cannot be read wants nothing."""
    return float(text) if _QUALITY.match(text) else 0.0


def split(path: str) -> tuple[str, ...]:
    """Split an address into its decoded parts. Raises Refusal where it is no UTF-8 or holds a control character."""
    try:
        parts = tuple(unquote(part, errors="strict") for part in path.split("/")) if path else ()
    except UnicodeDecodeError:
        raise Refusal(HTTPStatus.BAD_REQUEST, Issue("value", "Địa chỉ không phải UTF-8.", "The address is not UTF-8.")) from None
    _no_nul("".join(parts))
    return parts


def pairs(query: str) -> Pairs:
    """Read a query or a form as pairs. Raises Refusal where it is too long, no UTF-8, or holds U+0000."""
    if len(query) > LONGEST_QUERY:
        raise Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, Issue("too-long", "Câu tìm quá dài; hãy gửi bằng POST _search.", "The query is too long."))
    return form(query)


def form(text: str) -> Pairs:
    """Read a form of any length as pairs. Raises Refusal."""
    try:
        found = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PAIRS)
    except UnicodeDecodeError:
        raise Refusal(HTTPStatus.BAD_REQUEST, Issue("value", "Tham số không phải UTF-8.", "The parameters are not UTF-8.")) from None
    except ValueError:
        raise Refusal(HTTPStatus.BAD_REQUEST, Issue("too-costly", f"Quá {MOST_PAIRS} tham số.", f"More than {MOST_PAIRS} parameters.")) from None
    _no_nul(text if "\0" in text or "%00" in text else "")
    return found


def _no_nul(text: str) -> None:
    if "\0" in text or "%00" in text:
        raise Refusal(HTTPStatus.BAD_REQUEST, Issue("value", "Ký tự U+0000 không dùng được.", "The character U+0000 cannot be used."))
