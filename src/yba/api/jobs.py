"""The jobs of the API: working what was put off, as who asked for it and with the rights of now; forgetting what has expired."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson
from psycopg.errors import QueryCanceled

from yba import accounts
from yba.access import purpose_for
from yba.kit import Actor, Forbidden, NotFound, Origin, YbaError, clock, keys, log
from yba.kit.db import act_as, unit_of_work
from yba.kit.jobs import Job

from . import documents, edge, grounds, negotiation, store
from .call import Call
from .faults import Refusal, broken, outcome, told
from .http import Request, language
from .later import BYTES, JOB, KEEPER
from .routes import table

if TYPE_CHECKING:
    from .http import Answer
    from .store import Waiting

_log = log.get(__name__)


def run(*, by: Actor, number: str) -> None:  # noqa: ARG001  # the queue's; acts as who asked
    """Work one request; twice is once: an answer that is there stays."""
    with unit_of_work(by=KEEPER) as conn:
        one = store.get(conn, UUID(number), now=clock.now())
    if one is None or one.answer is not None:
        return
    kept: dict[str, Any] = orjson.loads(keys.open_(one.request, about=f"api_later request {one.id}"))
    sealed = keys.seal(orjson.dumps(_answered(one, kept)), about=f"api_later answer {one.id}")
    with unit_of_work(by=KEEPER) as conn:
        store.answer(conn, one.id, sealed, now=clock.now())


def _answered(one: Waiting, kept: dict[str, Any]) -> dict[str, Any]:
    """Give the answer as it is kept: status and body as they are told, and what it rests on; a refusal rests on nothing."""
    lang = language(kept["headers"].get("accept-language", ""))
    try:
        answer, rests = _tried(one, kept)
    except Exception as error:  # noqa: BLE001  # whoever waits is told; the log says where it happened
        refused = _refusal(error, one)
        return {"status": _said(refused.status), "body": documents.dumps(outcome(refused.issues, lang)).decode(), "grounds": grounds.NONE}
    body = answer.body
    text = body if body is None or isinstance(body, str) else documents.dumps(body).decode()
    return {"status": _said(answer.status), "body": text, "grounds": rests}


def _tried(one: Waiting, kept: dict[str, Any]) -> tuple[Answer, dict[str, Any]]:
    """Begin anew where two at once got in each other's way, as a request does."""
    for attempt in range(edge.TRIES - 1):
        try:
            return _done(one, kept)
        except edge.AGAIN:
            edge.pause(attempt)
    return _done(one, kept)


def _refusal(error: Exception, one: Waiting) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, YbaError):
        return told(error)
    if isinstance(error, QueryCanceled):
        return edge.too_long()
    _log.error("fhir.broken", transaction=str(one.id))
    return broken()


def _said(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def _done(one: Waiting, kept: dict[str, Any]) -> tuple[Answer, dict[str, Any]]:
    """Do what was asked for, in one unit of work, with the rights its asker holds now; and say what it rests on."""
    pairs = [(name, value) for name, value in kept["query"]]
    body = kept["body"].encode(BYTES)
    headers = {**kept["headers"], "content-length": str(len(body))}
    request = Request(kept["method"], tuple(kept["segments"]), pairs, headers, kept["base"], lambda: body, Origin("", 0, "later"))
    route, given = table().find(request.method, request.segments)
    wish = negotiation.wish(request)._replace(later=False)
    actor = purpose_for(_asker(one), route.declaration.rights[0])
    try:
        with unit_of_work(by=edge.NOBODY) as conn:
            act_as(conn, actor)
            call = Call(conn, actor, request, wish, given, one.proven)
            edge.admit(call, route)
            answer = route.act(call)
            return answer, grounds.laid(call, route, answer)
    except Forbidden as refused:
        edge.note_refusal(actor, request, route, refused)
        raise


def _asker(one: Waiting) -> Actor:
    """Make the actor anew. Raises NotFound where the account or client is no longer in use."""
    with unit_of_work(by=KEEPER) as conn:
        if one.account is not None:
            return accounts.actor_of(conn, by=KEEPER, account=one.account, purpose=one.purpose)
        living = {client.facility for client in accounts.list_clients(conn, by=KEEPER) if client.disabled_at is None}
    if one.facility not in living:
        raise NotFound("Tài khoản phần mềm không còn dùng.", advice="The client is not in use any more.")
    return Actor.facility_client(one.facility, one.purpose)


def sweep(*, by: Actor) -> None:
    """Forget what has expired."""
    with unit_of_work(by=by) as conn:
        gone = store.sweep(conn, now=clock.now())
    _log.info("api.sweep", rows=gone)


JOBS: Final = (Job(JOB, run, retries=3), Job("api:request:sweep", sweep, cron="*/30 * * * *"))
