"""How long the server takes to show one person's record of 1,000 resources: the request as a browser makes it, rolled back afterwards."""

from __future__ import annotations

import statistics
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from wsgiref.util import setup_testing_defaults

import orjson
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction

from yba import record
from yba.fhir import search
from yba.kit import Actor, Internal, clock
from yba.kit.db import unit_of_work
from yba.kit.memory import settle

from .sample_record import PERSON, Made, sample_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RESOURCES: Final = 1000
_WARM: Final = 3  # templates compiled, plans cached: a server's first page of the day is not what is measured
_TIMES: Final = 25
_HTTP_OK: Final = "200 OK"


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
    """Measure ``GET /record/<person id>`` for 1,000 resources: middleware, query as the app role, audit row, page and HTML.

    Keys: ``ms_per_1000`` (median), ``p95_ms``, ``resources``, ``bytes``. Nothing stays in the database.
    """
    by = Actor.operator("bench")
    server = WSGIHandler()
    taken = []
    size = 0
    with _one_connection(), unit_of_work(by=by) as conn:
        record.put_many(conn, by=by, puts=puts(sample_record(_RESOURCES, last=clock.today()), UUID(int=1)))
        for turn in range(_WARM + times):
            begun = time.perf_counter()
            size = _page(server)
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


def _page(server: WSGIHandler) -> int:
    """Ask for the page as granian does and return its size in bytes."""
    request: dict[str, Any] = {"HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "PATH_INFO": f"/record/{PERSON}"}
    setup_testing_defaults(request)
    said: list[str] = []
    answer = server(request, lambda status, _headers: said.append(status))
    size = sum(map(len, answer))
    answer.close()
    if said != [_HTTP_OK]:
        message = f"the page answered {said}"
        raise Internal(message)
    return size
