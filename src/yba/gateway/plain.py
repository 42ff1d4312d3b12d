"""The plain addresses: a file in, its transaction out, and the findings of a transaction, which known gateways lack."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse

from yba import ingest
from yba.access import Right, needs
from yba.kit import clock

from . import archive
from .answers import as_json, plain_fault, sentence
from .body import parse, read_body
from .door import ANY, MAX_FILE, actor_of, caller, message_of, take_in
from .edge import speaking
from .faults import Fault, GatewayFault
from .receipts import as_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

    from yba.accounts import SignedIn

_UNPACKED: Final = 10  # an archive may unpack to this many times the largest file


@speaking(plain_fault, "POST")
@needs(Right.INGEST_MESSAGE_LAND)
def claims(request: HttpRequest) -> HttpResponse:
    """``POST /intake/claims``: XML or zip as the body, or multipart files; bearer token or user name and password."""
    who = caller(request)
    given = _files(request)  # one file in memory at a time: archives unpack to many times what was posted
    first, second = next(given, None), next(given, None)
    if first is None:
        raise GatewayFault(Fault.EMPTY)
    if second is None:
        return as_json(_one(request, who, *first))
    results = [_each(request, who, *first), _each(request, who, *second)]
    del first, second
    results += _rest(request, who, given)
    failed = sum("error" in result for result in results)
    return as_json({"files": results, "taken_in": len(results) - failed, "refused": failed}, status=200 if failed < len(results) else 422)


@speaking(plain_fault, "GET")
@needs(Right.INGEST_RECEIPT_READ)
def transaction(request: HttpRequest, code: str) -> HttpResponse:
    """``GET /intake/transactions/<code>``: the receipt as JSON, or as a printable page where HTML is asked for."""
    who = caller(request)
    found = ingest.receipt(by=actor_of(request, who), transaction=code)
    asked = request.GET.get("format", "")
    if asked == "html" or (not asked and "text/html" in request.headers.get("Accept", "")):
        page = as_page(found)
        answer = HttpResponse(page, content_type="text/html; charset=utf-8")
        answer["Cache-Control"] = "no-store"
        style = page.partition("<style>")[2].partition("</style>")[0]  # ours, from the template: names in the receipt cannot hold a tag
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        answer["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return answer
    return as_json(ingest.receipt_json(found))


def _rest(request: HttpRequest, who: SignedIn, given: Iterator[tuple[str, bytes]]) -> Iterator[dict[str, object]]:
    """Take in the other files; an archive that turns out damaged or too large ends the call, and what was taken in before stays."""
    try:
        for name, data in given:
            yield _each(request, who, name, data)
    except GatewayFault as fault:
        yield _failed("", fault)


def _files(request: HttpRequest) -> Iterator[tuple[str, bytes]]:
    body = read_body(request, max_file=MAX_FILE())
    content_type = request.headers.get("Content-Type", "")
    given = parse(content_type, body).files if content_type.lower().startswith("multipart/form-data") else [("", body)]
    left = _UNPACKED * MAX_FILE()  # for all archives of a call together
    for name, data in given:
        if archive.is_zip(data):
            for member in _unpacked(data, left):
                left -= len(member[1])
                yield member
        elif data:
            yield name, data


def _unpacked(data: bytes, left: int) -> Iterator[tuple[str, bytes]]:
    try:
        yield from archive.files(io.BytesIO(data), max_file=MAX_FILE(), max_all=left)
    except archive.TooLarge as wrong:
        raise GatewayFault(Fault.TOO_BIG) from wrong
    except archive.BadArchive as wrong:
        raise GatewayFault(Fault.NOT_ZIP) from wrong


def _each(request: HttpRequest, who: SignedIn, name: str, data: bytes) -> dict[str, object]:
    """Take in one of several files; a fault is its own."""
    try:
        return _one(request, who, name, data)
    except GatewayFault as fault:
        return _failed(name, fault)


def _failed(name: str, fault: GatewayFault) -> dict[str, object]:
    return {
        "file": name,
        "error": fault.fault.name.lower().replace("_", "-"),
        "message": sentence(fault),
        "transaction": fault.transaction or None,
    }


def _one(request: HttpRequest, who: SignedIn, name: str, data: bytes) -> dict[str, object]:
    landing = take_in(request, who, data, channel=ingest.Channel.INTAKE, allowed=ANY, filename=name)
    return {
        "file": name,
        "transaction": landing.transaction,
        "received_at": landing.received_at.astimezone(clock.VIETNAM).isoformat(),
        "again": landing.again,
        "kind": landing.kind.value,
        "claims_present": landing.claims_present,
        "sha256": landing.sha256,
        "receipt": f"/intake/transactions/{landing.transaction}",
        "message": message_of(landing),
    }
