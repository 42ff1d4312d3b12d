"""How fast the audit trail is written and verified, and how old a row gets before the queue's worker has sealed it."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from threading import Event, Thread
from typing import Final

from django.db import connections

from yba import audit
from yba.audit import Note, Tag
from yba.kit import Actor, Internal, new_id
from yba.kit.db import reading, unit_of_work

_ROWS: Final = 400_000
_BATCH: Final = 1_000  # rows of one transaction, as ingest writes them
_TIMES: Final = 3
_SECONDS: Final = 75.0  # two full rounds of the sealer's job
_PAUSE: Final = 0.05
_BY: Final = Actor.operator("bench")


def bench_audit(*, rows: int = _ROWS, seconds: float = _SECONDS) -> dict[str, float]:
    """Measure in an empty database: ``note_us`` (a row by COPY), ``seal_per_s``, ``verify_per_s`` (median), ``seal_age_s``.

    ``seal_age_s`` is the greatest age an unsealed row reached while `yba work` ran beside a steady writer. Raises Internal when the trail
    does not verify.
    """
    begun = time.perf_counter()
    for _ in range(rows // _BATCH):
        _write(_BATCH)
    written = time.perf_counter()
    sealed = audit.seal(by=_BY).rows
    took = time.perf_counter() - written
    speeds = [_verify() for _ in range(_TIMES)]
    return {
        "note_us": round((written - begun) / rows * 1e6, 2),
        "seal_per_s": round(sealed / took),
        "verify_per_s": round(statistics.median(speeds)),
        "seal_age_s": round(_oldest(seconds), 1),
    }


def _verify() -> float:
    verdict = audit.verify(by=_BY)
    if not verdict.is_whole:
        raise Internal(f"the trail of the bench does not verify: {verdict.troubles[0]}")
    return verdict.rows / verdict.seconds


def _write(count: int) -> None:
    rows = [Note(Tag.INGEST_CLAIM_ACCEPT, "Claim", str(each), each, "01234", "", {"decision": "3176"}) for each in (new_id() for _ in range(count))]
    with unit_of_work(by=_BY) as conn:
        audit.note_many(conn, by=_BY, rows=rows)


def _oldest(seconds: float) -> float:
    """Return the greatest unsealed age seen while a writer writes and a worker works."""
    audit.seal(by=_BY)
    worker = subprocess.Popen([sys.executable, "-m", "yba", "work"], stderr=subprocess.DEVNULL)
    over = Event()
    writer = Thread(target=_write_on, args=(over,))
    ages = []
    try:
        _up(worker)
        writer.start()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with reading(by=_BY) as conn:
                ages.append(audit.unsealed_age(conn, by=_BY))
            time.sleep(_PAUSE * 4)
    finally:
        over.set()
        writer.join()
        worker.terminate()
        worker.wait()
    return max(ages)


def _up(worker: subprocess.Popen[bytes]) -> None:
    """Wait until the worker has sealed once: the age of rows is told for a platform that runs."""
    _write(1)
    for _ in range(600):
        with reading(by=_BY) as conn:
            if audit.unsealed_age(conn, by=_BY) == 0:
                return
        if worker.poll() is not None:
            break
        time.sleep(_PAUSE * 4)
    raise Internal("the worker has not sealed within two minutes")


def _write_on(over: Event) -> None:
    while not over.wait(_PAUSE):
        _write(10)
    connections.close_all()
