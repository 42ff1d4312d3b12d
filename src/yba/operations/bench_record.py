"""How long the server takes to show a doctor one person's record of 1,000 resources: the request as a browser makes it, rolled back afterwards."""

from __future__ import annotations

import statistics
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from wsgiref.util import setup_testing_defaults

import orjson
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils.module_loading import import_string

from yba import access, accounts, directory, record
from yba.fhir import search
from yba.kit import Actor, Internal, clock, new_id
from yba.kit.db import unit_of_work
from yba.kit.memory import settle

from .sample_record import PERSON, Made, sample_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from psycopg import Connection

_RESOURCES: Final = 1000
_WARM: Final = 3  # templates compiled, plans cached: a server's first page of the day is not what is measured
_TIMES: Final = 25
_HTTP_OK: Final = "200 OK"
_FACILITY: Final = "11001"


def puts(made: Iterable[Made], source: UUID) -> list[record.Put]:
    """Make the puts of a made-up record."""
    out = []
    for each in made:
        index = search.index(each.rtype, each.doc)
        doc, tokens = orjson.dumps(each.doc), list(index.tokens)
        place = (index.start, index.end, each.facility_id, source, each.labels, "bench")
        out.append(record.Put(each.rtype, each.id, UUID(PERSON), doc, tokens, *place))
    return out


def bench_record(times: int = _TIMES) -> dict[str, Any]:
    """Measure ``GET /record/<person id>`` for 1,000 resources by a doctor with a visit: session, guard, rights under both locks, page, HTML, trail.

    Keys: ``ms_per_1000`` (median), ``p95_ms``, ``resources``, ``bytes``. Nothing stays in the database.
    """
    by = Actor.operator("bench")
    server = WSGIHandler()
    taken = []
    size = 0
    with _one_connection(), unit_of_work(by=by) as conn:
        record.put_many(conn, by=by, puts=puts(sample_record(_RESOURCES, last=clock.today()), UUID(int=1)))
        cookie = doctor_cookie(conn, by)
        for turn in range(_WARM + times):
            begun = time.perf_counter()
            size = _page(server, cookie)
            seconds = time.perf_counter() - begun
            if turn == _WARM - 1:
                settle()  # as the server does once it is loaded (yba.app.wsgi)
            if turn >= _WARM:
                taken.append(seconds * 1000)
        transaction.set_rollback(True)
    return {
        "ms_per_1000": round(statistics.median(taken), 2),
        "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 2),
        "resources": _RESOURCES,
        "bytes": size,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


@contextmanager
def _one_connection() -> Iterator[None]:
    """Keep Django from closing the connection between requests: the made-up record lives in its unfinished transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def doctor_cookie(conn: Connection[Any], by: Actor) -> str:
    """Sign a made-up doctor in who treats the person now, inside the facility's network; returns the session cookie."""
    directory.ensure_many(conn, by=by, seen_at=clock.now(), facilities=[_FACILITY])
    accounts.set_networks(conn, by=by, facility=_FACILITY, networks=["127.0.0.0/8"])
    post = accounts.Post("doctor", facility=_FACILITY)
    account = accounts.join(conn, by=by, username="do-luong", display_name="Đo lường", post=post, reason="bench").account
    visit = access.Relation(
        UUID(PERSON), access.UnitKind.FACILITY, _FACILITY, access.RelationKind.VISIT, clock.now(), None, "Encounter", "bench", new_id()
    )
    access.relate_many(conn, by=by, relations=[visit])
    user = get_user_model().objects.get(pk=account)
    session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")()
    now = clock.now().timestamp()
    session.update({SESSION_KEY: str(account), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0], "started": now, "seen": now})
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _page(server: WSGIHandler, cookie: str) -> int:
    """Ask for the page as granian does and return its size in bytes."""
    request: dict[str, Any] = {"HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "PATH_INFO": f"/record/{PERSON}", "HTTP_COOKIE": cookie}
    setup_testing_defaults(request)
    said: list[str] = []
    answer = server(request, lambda status, _headers: said.append(status))
    size = sum(map(len, answer))
    answer.close()
    if said != [_HTTP_OK]:
        message = f"the page answered {said}"
        raise Internal(message)
    return size
