"""How long the server takes to show one person's record of 1,000 resources: the request as a browser makes it, rolled back afterwards."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django.test import Client

from yba import record
from yba.fhir import search
from yba.kit import Actor, Internal, clock
from yba.kit.db import unit_of_work

from .sample_record import PERSON, Made, sample_record

if TYPE_CHECKING:
    from collections.abc import Iterable

_RESOURCES: Final = 1000
_WARM: Final = 3  # templates compiled, plans cached: a server's first page of the day is not what is measured
_TIMES: Final = 25
_HTTP_OK: Final = 200


def puts(made: Iterable[Made], source: UUID) -> list[record.Put]:
    """Make the puts of a made-up record."""
    out = []
    for each in made:
        index = search.index(each.rtype, each.doc)
        doc, tokens = orjson.dumps(each.doc), list(index.tokens)
        place = (index.start, index.end, each.facility_id, source, each.labels, "bench")
        out.append(record.Put(each.rtype, each.id, UUID(PERSON), doc, tokens, *place, fresh=True))
    return out


def bench_record(times: int = _TIMES) -> dict[str, Any]:
    """Measure ``GET /record/<person id>`` for 1,000 resources: middleware, query as the app role, audit row, page and HTML.

    Keys: ``ms_per_1000`` (median), ``p95_ms``, ``resources``, ``bytes``. Nothing stays in the database.
    """
    by = Actor.operator("bench")
    client = Client(HTTP_HOST="localhost")
    taken = []
    size = 0
    with unit_of_work(by=by) as conn:
        record.put_many(conn, by=by, puts=puts(sample_record(_RESOURCES, last=clock.today()), UUID(int=1)))
        for turn in range(_WARM + times):
            begun = time.perf_counter()
            answer = client.get(f"/record/{PERSON}")
            seconds = time.perf_counter() - begun
            if answer.status_code != _HTTP_OK:
                message = f"the page answered {answer.status_code}"
                raise Internal(message)
            size = len(answer.content)
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
