"""The warehouse asked: tiles cold and warm, a join of lines and claims, and one question to lake, PostgreSQL and FHIR search in turns."""

from __future__ import annotations

import shutil
import statistics
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba import accounts, directory, warehouse
from yba.kit import Actor, Internal, clock
from yba.kit.db import owner_connection, unit_of_work
from yba.specs.boards import boards

from .bench_fhir_wire import Ask, Wire
from .serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

_TIMES: Final = 5
_BY: Final = Actor.operator("bench")
_GATE: Final = Actor.system("bench")
_OK: Final = 200
_VALUES: Final = (("", statistics.median), ("_max", max))
_BOARD: Final = "director"
# The commonest diagnoses of one facility, of every diagnosis in its records: what its software may ask of all three.
_TO_LAKE: Final = "SELECT code, count(*) FROM condition WHERE row_facility = ? AND code IS NOT NULL GROUP BY code ORDER BY 2 DESC, 1 LIMIT 10"
_TO_RECORD: Final = """
SELECT c.code, count(*) FROM resource_condition r
 CROSS JOIN LATERAL (SELECT e->>'code' AS code FROM json_array_elements(r.doc->'code'->'coding') AS e
                      WHERE e->>'system' = 'https://yba.vn/CodeSystem/icd10' LIMIT 1) c
 WHERE NOT r.deleted AND r.labels IS NULL AND r.facility_id = %s
   AND NOT coalesce(r.doc->'verificationStatus'->'coding'->0->>'code' = 'entered-in-error', false)
 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10
"""
_BUSIEST: Final = "SELECT row_facility FROM condition WHERE row_facility <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
_NEWEST: Final = "SELECT max(start_date) FROM encounter"


def tiles() -> dict[str, Any]:
    """Ask every tile of the director's desk for its newest number: counted first, then as it is kept.

    ``tile_cold_ms``, ``tile_warm_ms``: median over tiles; ``tile_cold_max_ms``, ``tile_warm_max_ms``: the slowest; ``tiles``: how many had a number.
    """
    with warehouse.reader(by=_BY, types=("Encounter",)) as engine:
        found: Any = engine.execute(_NEWEST).fetchone()
    today: date = (found[0] if found else None) or clock.today()
    cold: list[float] = []
    warm: list[float] = []
    shown = 0
    for tile in boards()[_BOARD].tiles:
        when, by = tile.periods(today)[-1], tile.whole
        for times, turns in ((cold, 1), (warm, _TIMES)):
            for _ in range(turns):
                begun = time.perf_counter()
                answer = warehouse.kept(tile.measure, by=_BY, period=warehouse.period(when), dimensions=by).answer
                times.append(time.perf_counter() - begun)
        shown += any(cell.value is not None for cell in answer.cells)
    told = {f"tile_{name}{end}_ms": value(times) for name, times in (("cold", cold), ("warm", warm)) for end, value in _VALUES}
    return {name: round(seconds * 1000, 1) for name, seconds in told.items()} | {"tiles": shown}


# Keys as the views have them (Claim/ and 32 characters), lines of a claim beside each other, as in the lake.
_CLAIMS: Final = """
SELECT 'Claim/' || md5(i::VARCHAR) AS id, 10000 + (i * 7919) % 400 AS facility, DATE '2026-01-01' + (i % 365)::INTEGER AS end_date,
  ((i * 31) % 900000)::DECIMAL(18, 2) AS total_amount FROM range({claims}) t (i)
"""
_LINES: Final = """
SELECT 'Claim/' || md5((i // {each})::VARCHAR) AS claim_id, (i % {each})::INTEGER AS sequence, ((i * 2654435761) % 18)::VARCHAR AS category_code,
  ((i * 40503) % 500000)::DECIMAL(18, 2) AS total_amount FROM range({lines}) t (i)
"""
_JOIN: Final = """
SELECT c.facility, l.category_code, count(*) AS n, sum(l.total_amount) AS amount FROM read_parquet('{lines}') l
  JOIN read_parquet('{claims}') c ON c.id = l.claim_id
 GROUP BY ALL
"""


def join(folder: Path, *, lines: int, claims: int) -> dict[str, Any]:
    """Join lines and claims laid down as Parquet, by facility and cost group; seconds, median, everything read from the files each time."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {"claims": folder / "claims.parquet", "lines": folder / "lines.parquet"}
    written = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"
    try:
        with warehouse.scratch(spill=folder) as engine:
            engine.execute(f"COPY ({_CLAIMS.format(claims=claims)}) TO '{names['claims']}' ({written})")
            engine.execute(f"COPY ({_LINES.format(lines=lines, each=max(1, lines // claims))}) TO '{names['lines']}' ({written})")
            times = []
            for _ in range(_TIMES - 2):
                begun = time.perf_counter()
                rows = engine.execute(_JOIN.format(**names)).fetchall()
                times.append(time.perf_counter() - begun)
        if sum(row[2] for row in rows) != lines:
            raise Internal("the join lost lines.")
        size = sum(path.stat().st_size for path in names.values())
        return {"join_s": round(statistics.median(times), 2), "join_lines": lines, "join_claims": claims, "join_mb": size >> 20}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def same_question() -> dict[str, Any]:
    """Ask for the ten commonest diagnoses of the busiest facility, in turns: of the lake, of PostgreSQL, and by FHIR search as its software.

    FHIR has no "commonest": its software is told the ten and asks how many of each (`_summary=count`), ten requests on one kept connection.
    ``lake_ms``, ``record_ms`` (PostgreSQL without rights and row security), ``fhir_ms``: median. Raises Internal where they differ.
    """
    with warehouse.reader(by=_BY, types=("Condition",)) as engine:
        found: Any = engine.execute(_BUSIEST).fetchone()
        facility = str(found[0])
        wanted = engine.execute(_TO_LAKE, [facility]).fetchall()
    taken: dict[str, list[float]] = {"lake_ms": [], "record_ms": [], "fhir_ms": []}
    with _software(facility) as wire:
        for _ in range(_TIMES):
            for name, answer in (("lake_ms", _lake), ("record_ms", _record), ("fhir_ms", lambda at, codes: _fhir(wire, codes))):  # noqa: ARG005  one shape
                seconds, rows = answer(facility, [code for code, _ in wanted])
                taken[name].append(seconds)
                if rows != wanted:
                    raise Internal(f"{name}: another answer than the lake's.")
    return {name: round(statistics.median(times) * 1000, 1) for name, times in taken.items()}


def _lake(facility: str, codes: Sequence[str]) -> tuple[float, list[tuple[str, int]]]:  # noqa: ARG001  one shape for the three
    with warehouse.reader(by=_BY, types=("Condition",)) as engine:
        begun = time.perf_counter()
        rows = engine.execute(_TO_LAKE, [facility]).fetchall()
        return time.perf_counter() - begun, rows


def _record(facility: str, codes: Sequence[str]) -> tuple[float, list[tuple[str, int]]]:  # noqa: ARG001  same
    with owner_connection() as conn:  # without rights and row security: as fast as it can be
        begun = time.perf_counter()
        rows = conn.execute(_TO_RECORD.encode(), (facility,)).fetchall()
        return time.perf_counter() - begun, [(str(code), int(count)) for code, count in rows]


def _fhir(wire: Wire, codes: Sequence[str]) -> tuple[float, list[tuple[str, int]]]:
    begun = time.perf_counter()
    found = []
    for code in codes:
        path = f"/Condition?code=https://yba.vn/CodeSystem/icd10%7C{code}&_summary=count"
        reply = wire.ask(Ask("GET", path))
        if reply.status != _OK:
            raise Internal(f"FHIR search answered {reply.status}.")
        found.append((code, int(orjson.loads(reply.body)["total"])))
    return time.perf_counter() - begun, found


@contextmanager
def _software(facility: str) -> Iterator[Wire]:
    """Serve this installation and sign in the software of one facility."""
    with unit_of_work(by=_BY) as conn:
        directory.ensure_many(conn, by=_BY, seen_at=clock.now(), facilities=[facility])
        secret = accounts.add_client(conn, by=_BY, facility=facility)
    with serving(None, "--no-process") as port:
        with unit_of_work(by=_GATE) as conn:
            made = accounts.open_session(conn, by=_GATE, username=secret.username, password=secret.secret, address="127.0.0.1")
        if isinstance(made, accounts.Refused):
            raise Internal("the bench's own client was refused.")
        yield Wire(f"http://127.0.0.1:{port}/fhir", made.access_token)
