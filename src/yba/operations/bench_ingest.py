"""Measure the main path: files on disk to searchable rows, as a province runs it (durable, app role, audit on)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson
import psutil

from yba.kit import Actor
from yba.kit.db import owner_connection, reading
from yba.kit.errors import Internal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from psycopg import Connection

_MEGA: Final = 1 << 20
_COPIED: Final = ("resource", "locator")
_STOPPING: Final = 60  # seconds the embedded server may take to write its last checkpoint
_SAMPLE: Final = 0.25  # seconds between two looks at the memory of our processes
_FEW: Final = 20  # batches below which a tenth says nothing


@dataclass(frozen=True, slots=True)
class IngestFigures:
    """What `yba bench ingest --json` prints; docs/performance.md says what each key means."""

    claims: int
    claims_per_s: float
    resources_per_s: float
    mb_per_s: float
    bytes_per_resource: float
    database_bytes_per_resource: float
    copy_ratio: float
    last_over_first: float
    last_over_first_cpu: float
    peak_mb: float
    seconds: float

    def as_json(self) -> dict[str, object]:
        """The figures as the keys of the JSON line."""
        return asdict(self)


def bench_ingest(files: Path, *, workers: int) -> IngestFigures:
    """Ingest a frozen set of files into the empty database of this data folder and measure.

    ``bytes_per_resource``: tables of the record (current, history, locator) with their indexes and TOAST per resource written;
    ``database_bytes_per_resource``: the growth of the whole database, originals, audit and findings included. ``copy_ratio``: our
    resources/s divided by those of a bare COPY of the same rows into the same tables and indexes, in the same run. ``peak_mb``: resident
    memory of all our processes, PostgreSQL apart. ``last_over_first``: seconds per claim in the last tenth over those in the first;
    ``last_over_first_cpu``: the same in seconds of processor time, PostgreSQL's included, which other work on the machine hardly moves.
    """
    with reading(by=Actor.operator("bench")) as conn:
        server = _server(_count(conn, "SELECT pg_backend_pid()"))
        if _count(conn, "SELECT count(*) FROM claim"):
            raise Internal("The bench wants an empty data folder.", advice="Set YBA_VAR to a new folder.")
        before = _count(conn, "SELECT pg_database_size(current_database())")
    run = _Run(files, workers, server)
    totals, peak, seconds = run.measure()
    with owner_connection() as conn:
        conn.execute("ANALYZE")
        grown = _count(conn, "SELECT pg_database_size(current_database())") - before
        record = sum(_count(conn, _SIZE_OF, (f"{name}%",)) for name in ("resource", "locator"))
        marks = conn.execute(
            "SELECT extract(epoch FROM at)::float8, sum(count(*)) OVER (ORDER BY at)::bigint FROM outcome GROUP BY at ORDER BY at"
        ).fetchall()
        copied = _copy_again(conn)
    written = totals["resources_written"]
    stored = max(written, 1)
    size = sum(path.stat().st_size for path in files.rglob("*") if path.is_file())
    return IngestFigures(
        claims=totals["claims_present"],
        claims_per_s=round(totals["claims_present"] / seconds, 1),
        resources_per_s=round(written / seconds, 1),
        mb_per_s=round(size / _MEGA / seconds, 2),
        bytes_per_resource=round(record / stored, 1),
        database_bytes_per_resource=round(grown / stored, 1),
        copy_ratio=round(written / seconds / copied, 3),
        last_over_first=round(_last_over_first(marks), 3),
        last_over_first_cpu=round(_last_over_first([(run.spent(at), done) for at, done in marks]), 3),
        peak_mb=round(peak / _MEGA, 1),
        seconds=round(seconds, 2),
    )


_SIZE_OF: Final = "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relkind = 'r' AND relname LIKE %s"


def _count(conn: Connection[Any], query: str, params: tuple[Any, ...] = ()) -> int:
    row = conn.execute(query.encode(), params).fetchone()
    return int(row[0]) if row else 0


def mixed(files: Path) -> list[str]:
    """Give the month folders (and loose files) of a frozen set in an order that is always the same and mixes facilities and years.

    Every tenth is like the whole: by path, large hospitals would come first and small health stations last, and ``last_over_first`` would
    compare these.
    """
    parts = [*(path for path in files.glob("*") if path.is_file()), *files.glob("*/*")]
    by_hash = sorted(parts, key=lambda path: sha256(str(path.relative_to(files)).encode()).digest())
    return [str(path) for path in by_hash]


class _Run:
    """The command `yba ingest` in a process of its own, watched from outside."""

    def __init__(self, files: Path, workers: int, server: int | None) -> None:
        self.server = server
        self.samples: list[tuple[float, float]] = []
        """Moments (seconds since 1970) and the processor seconds spent until then."""
        self.command = [sys.executable, "-m", "yba", "ingest", *mixed(files), "--workers", str(workers), "--json"]
        self.peak = 0
        self.stop = threading.Event()

    def measure(self) -> tuple[dict[str, Any], int, float]:
        """Run it; returns its totals, peak bytes and seconds."""
        with subprocess.Popen(self.command, stdout=subprocess.PIPE, env=os.environ) as process:
            watcher = threading.Thread(target=self._watch, args=(process.pid,))
            watcher.start()
            output, _ = process.communicate()
            self.stop.set()
            watcher.join()
        if process.returncode not in (0, 3):
            raise Internal(f"yba ingest ended with {process.returncode}.")
        totals = orjson.loads(output.splitlines()[-1])
        return totals, self.peak, float(totals["seconds"])

    def _watch(self, pid: int) -> None:
        while not self.stop.wait(_SAMPLE):
            self.peak = max(self.peak, _resident(pid))
            self.samples.append((time.time(), _processor(pid) + (_processor(self.server) if self.server else 0.0)))

    def spent(self, moment: float) -> float:
        """Processor seconds spent until a moment, between two samples in proportion."""
        after = bisect_left(self.samples, (moment, 0.0))
        if not 0 < after < len(self.samples):
            return self.samples[min(after, len(self.samples) - 1)][1] if self.samples else 0.0
        (began, before), (ended, spent) = self.samples[after - 1], self.samples[after]
        return before + (spent - before) * (moment - began) / (ended - began)


def _resident(pid: int) -> int:
    """Memory of a process and its children, pages they share counted once (proportional set size)."""
    try:
        parent = psutil.Process(pid)
        return sum(one.memory_full_info().pss for one in [parent, *parent.children(recursive=True)])
    except psutil.Error:
        return 0


def _processor(pid: int) -> float:
    """Processor seconds of a process, of its children that live and of those it has outlived."""
    try:
        parent = psutil.Process(pid)
        own = parent.cpu_times()
        living = [one.cpu_times() for one in parent.children(recursive=True)]
    except psutil.Error:
        return 0.0
    return float(sum(one.user + one.system for one in (own, *living)) + own.children_user + own.children_system)


def _server(backend: int) -> int | None:
    """The process of the PostgreSQL server a connection leads to; None when it runs elsewhere."""
    try:
        process = psutil.Process(backend)
        return process.ppid() if process.name().startswith("postgres") else None
    except psutil.Error:
        return None


def _last_over_first(marks: Sequence[tuple[Any, ...]]) -> float:
    """Seconds per piece of work in the last tenth over the first tenth, by the marks (seconds, pieces done) next to each border."""
    if len(marks) < _FEW:
        return 0.0
    begun, (ended, total) = marks[0][0], marks[-1]

    def when(share: float) -> float:
        return float(next(at for at, done in marks if done >= total * share))

    first, last = when(0.1) - begun, ended - when(0.9)
    return last / first if first > 0 else 0.0


def _copy_again(conn: Connection[Any]) -> float:
    """Rows per second of a bare COPY of the record's rows into empty twins of its tables, indexes included: the limit."""
    rows, seconds = 0, 0.0
    for parent in _COPIED:
        leaves = conn.execute("SELECT relid::regclass::text FROM pg_partition_tree(%s::regclass) WHERE isleaf", (parent,)).fetchall()
        for (table,) in leaves:
            count, took = _copy_table(conn, table)
            rows += count if parent == "resource" else 0
            seconds += took
    return rows / seconds if seconds else 0.0


def _copy_table(conn: Connection[Any], table: str) -> tuple[int, float]:
    conn.execute(f"CREATE TABLE bench_copy (LIKE {table} INCLUDING ALL)".encode())
    try:
        with conn.cursor() as read, read.copy(f"COPY {table} TO STDOUT (FORMAT BINARY)".encode()) as source:
            blocks = list(source)
        begun = time.monotonic()
        with conn.cursor() as write, write.copy(b"COPY bench_copy FROM STDIN (FORMAT BINARY)") as target:
            for block in blocks:
                target.write(block)
        took = time.monotonic() - begun
        return _count(conn, "SELECT count(*) FROM bench_copy"), took
    finally:
        conn.execute("DROP TABLE bench_copy")


def frozen_set(folder: Path, claims: int, seed: int) -> Path:
    """The frozen files of the bench, made once by `yba synth` and kept."""
    target = folder / f"claims-{claims}-seed{seed}"
    if not (target / "manifest.json").exists():
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "yba", "synth", "--seed", str(seed), "--claims", str(claims), "--out", str(target)], check=True)
    return target / "claims"


def in_new_folder(bench: Path, arguments: list[str]) -> int:
    """Run this command again with a new, empty data folder below ``bench``, and remove it when its server has stopped; returns its exit code."""
    run = bench / f"run-{os.getpid()}"
    env = {**os.environ, "YBA_VAR": str(run), "YBA_POSTGRES_LINGER": "0"}
    try:
        return subprocess.run([sys.executable, "-m", "yba", *arguments], env=env, check=False).returncode
    finally:
        until = time.monotonic() + _STOPPING
        while time.monotonic() < until and any(run.rglob("postmaster.pid")):
            time.sleep(_SAMPLE)
        shutil.rmtree(run, ignore_errors=True)
