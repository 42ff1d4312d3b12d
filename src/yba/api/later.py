"""`Prefer: respond-async`: the request is kept sealed, worked by the job queue as who asked, with the rights of then, and collected within a day."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from yba.access import Right, needs
from yba.kit import Actor, clock, jobs, keys, new_id
from yba.kit.db import unit_of_work

from . import bodies, bundles, grounds, store
from .faults import Issue, Refusal, missing, outcome
from .http import Answer

if TYPE_CHECKING:
    from .call import Call, Route

JOB: Final = "api:request:run"
KEEPER: Final = Actor.system("fhir-later")
LIVES: Final = timedelta(hours=24)
MOST: Final = 10  # of one caller at a time
# Reads that may take long, and bundles. A single write is answered at once whatever is preferred, as the specification allows.
PUT_OFF: Final = frozenset({
    "batch", "search-system", "search-system-post", "search-type", "search-type-post", "search-compartment", "search-compartment-post",
    "history-type", "history-system", "everything", "lastn", "summary",
})  # fmt: skip
_KEPT: Final = ("content-type", "accept-language", "prefer", "x-reason", "x-provenance")  # headers that its work asks for
_ABOUT: Final = "api_later"
BYTES: Final = "latin-1"  # a letter for each byte: what is no UTF-8 is refused when it is worked, as it would have been at once


def defer(call: Call, route: Route) -> Answer:
    """Keep a request for later and say where its answer will be: 202 with Content-Location. Raises Refusal 429."""
    request, now, number = call.request, clock.now(), new_id()
    body = bodies.read(request) if request.method == "POST" else b""
    kept = {
        "method": request.method, "segments": request.segments, "query": request.query, "base": request.base, "body": body.decode(BYTES),
        "headers": {name: request.headers[name] for name in _KEPT if name in request.headers},
        "given": call.given,
    }  # fmt: skip
    facility = next(iter(call.by.facilities or ()), "") if call.by.standing else ""
    sealed = keys.seal(orjson.dumps(kept), about=f"{_ABOUT} request {number}")
    one = store.Waiting(number, call.by.name, call.by.account, facility, call.by.purpose, call.proven, route.name, now + LIVES, sealed, None)
    with unit_of_work(by=KEEPER) as conn:
        if store.count(conn, call.by.name, now=now) >= MOST:
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, Issue("throttled", f"Đang có {MOST} yêu cầu chờ.", f"{MOST} requests wait already."))
        store.put(conn, one, asked_at=now)
        jobs.enqueue(conn, JOB, number=str(number))
    words = Issue("informational", "Sẽ trả lời sau, tại Content-Location.", "It will be answered later, at Content-Location.", severity="information")
    return Answer(int(HTTPStatus.ACCEPTED), outcome([words], request.lang), headers={"Content-Location": f"{request.base}/_async/{number}"})


@needs(Right.RECORD_CLINICAL_READ)
def status(call: Call) -> Answer:
    """``GET /_async/id``: 202 while it is worked, then a Bundle with the answer, to who asked and still holds what it was made by."""
    one = _own(call)
    if one.answer is None:
        return Answer(int(HTTPStatus.ACCEPTED), headers={"X-Progress": "waiting", "Retry-After": "2"})
    told: dict[str, Any] = orjson.loads(keys.open_(one.answer, about=f"{_ABOUT} answer {one.id}"))
    if "grounds" not in told:
        raise missing()  # of a release that did not say what its answers rest on
    grounds.ask_again(call, told["grounds"])
    entry: dict[str, Any] = {"response": {"status": told["status"]}}
    if told["body"] is not None:
        entry = {"resource": orjson.Fragment(told["body"]), **entry}
    return Answer(body=bundles.bundle("batch-response", [entry]), headers={"Expires": one.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT")})


@needs(Right.RECORD_CLINICAL_READ)
def cancel(call: Call) -> Answer:
    """``DELETE /_async/id``: the request and its answer are forgotten."""
    one = _own(call)
    with unit_of_work(by=KEEPER) as conn:
        store.drop(conn, one.id)
    return Answer(int(HTTPStatus.ACCEPTED))


def _own(call: Call) -> store.Waiting:
    try:
        number = UUID(call.id)
    except ValueError:
        raise missing() from None
    with unit_of_work(by=KEEPER) as conn:
        one = store.get(conn, number, now=clock.now())
    if one is None or one.who != call.by.name or (one.proven and not call.proven):
        raise missing()  # also to a token of the same account whose session was not proven as the asker's was
    return one
