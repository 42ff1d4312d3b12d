"""The warehouse measured: a record of any size is filled through the bulk door, exported, changed by a day, exported again, and asked."""

from __future__ import annotations

import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

import orjson
from psycopg import sql

from yba import record, warehouse
from yba.fhir import search
from yba.ingest import Channel, land, process
from yba.kit import Actor, Internal
from yba.kit.db import owner_connection, reading, unit_of_work
from yba.kit.settings import VAR
from yba.record import Put

from .bench_warehouse_asked import join, same_question, tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BATCH: Final = 20_000  # resources a transaction, as a large file brings them
_PATTERN: Final = 200_000  # resources written through the bulk door; more are copies of these, made by the server
_DAY: Final = 100  # one in so many resources is new in a day, one in ten times as many is deleted
_LABELLED: Final = ("hiv",)
_RARE: Final = 50  # one in so many resources bears a restricted category, if it is an Observation
_OPERATOR: Final = Actor.operator("bench")


class _Template(NamedTuple):
    """One person's resources as real claims made them, with the places of the ids in them."""

    resources: tuple[tuple[str, str, bytes, list[int], Any, Any, str, tuple[str, ...]], ...]
    ids: tuple[str, ...]


def bench_warehouse(
    claims: Path, *, resources: int, tell: Callable[[str], object], seed: int = 1, lines: int = 50_000_000, line_claims: int = 5_000_000
) -> dict[str, Any]:
    """Measure build, a day's refresh, the director's tiles, a join of so many lines and claims, and one question asked in three ways.

    The claims are ingested and what they made is written again and again under new ids, dates and values of everybody as they are; so text
    repeats more than in life: `bytes_per_resource` is a lower bound, and above `_PATTERN` resources, where ids repeat too, says little.
    Keys: ``build_per_s`` (everything of the export, views too, in a
    process of its own), ``refresh_s`` (a day: 1 % new, 0.1 % deleted), ``bytes_per_resource`` (lake files) and ``view_bytes_per_resource``,
    ``peak_mb`` (resident memory of the exporting process), and those of `tiles`, `join` and `same_question`.
    """
    templates = _templates(claims)
    begun = time.perf_counter()
    total = _fill(templates, min(resources, _PATTERN), random.Random(seed), tell)  # noqa: S311  the same data every time
    total += _multiply(resources - total, tell) if resources > total else 0
    filled = time.perf_counter() - begun
    with owner_connection() as conn:
        conn.execute("VACUUM (ANALYZE) resource")
    build = _export()
    if build.rows < total:
        raise Internal(f"{build.rows} of {total} resources were exported.")
    lake = warehouse.status(by=_OPERATOR)
    views = warehouse.view_bytes()
    tell("a day's change")
    _fill(templates, max(1, total // _DAY), random.Random(seed + 1), tell)  # noqa: S311  same
    _delete(total // (_DAY * 10))
    refresh = _export()
    again = _export()
    figures = {
        "build_per_s": round(build.rows / build.seconds),
        "refresh_s": refresh.seconds,
        "bytes_per_resource": round((lake.bytes - views) / build.rows, 1),
        "peak_mb": build.peak_mb,
        "view_bytes_per_resource": round(views / build.rows, 1),
        "resources": build.rows,
        "refresh_rows": refresh.rows,
        "refresh_peak_mb": refresh.peak_mb,
        "idle_refresh_s": again.seconds,
        "build_cpu_s": build.cpu_s,
        "fill_per_s": round(total / filled),
    }
    tell("tiles")
    figures |= tiles()
    tell("the same question to lake, PostgreSQL and FHIR search")
    figures |= same_question()
    tell(f"{lines} lines join {line_claims} claims")
    return figures | join(VAR() / "bench" / "join", lines=lines, claims=line_claims)


# The server writes what was filled once more under other ids: the first eight digits of every id, in references too, are the copy's number.
_UUID: Final = "([0-9a-f]{{8}})(-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}})"  # braces doubled: it is formatted
_COLUMNS: Final = "SELECT attname FROM pg_attribute WHERE attrelid = 'resource'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
_NEW: Final = {
    **dict.fromkeys(("id", "person_id", "source_id"), "overlay({column}::text PLACING {copy} FROM 1 FOR 8)::uuid"),
    "doc": f"regexp_replace(doc::text, '{_UUID}', {{copy}} || '\\2', 'g')::json", "mapped_by": "'bench-copy'", "updated": "now()",
}  # fmt: skip


def _multiply(wanted: int, tell: Callable[[str], object]) -> int:
    """Copy what was filled within the server, on two connections, until there are at least so many more; returns how many."""
    with owner_connection() as conn:
        names = [str(row[0]) for row in conn.execute(_COLUMNS)]
        found = conn.execute("SELECT count(*) FROM resource WHERE mapped_by = 'bench'").fetchone()
    base = int(found[0]) if found else 0

    def copy(number: int) -> int:
        digits = sql.Literal(f"{number:08x}")
        chosen = [sql.SQL(_NEW.get(name, "{column}")).format(column=sql.Identifier(name), copy=digits) for name in names]
        into, rows = sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join(chosen)
        statement = sql.SQL("INSERT INTO resource ({}) SELECT {} FROM resource WHERE mapped_by = 'bench'").format(into, rows)
        with owner_connection() as conn:
            written = conn.execute(statement).rowcount
        tell(f"copy {number}: {written} resources")
        return written

    with _without_tokens(), ThreadPoolExecutor(2) as pool:
        return sum(pool.map(copy, range(1, -(-wanted // base) + 1)))


@contextmanager
def _without_tokens() -> Iterator[None]:
    """Take the index of tokens away and build it anew afterwards: built at once it costs a fraction of row by row."""
    with owner_connection() as conn:
        found = conn.execute("SELECT pg_get_indexdef('resource_tokens'::regclass)").fetchone()
        conn.execute("DROP INDEX resource_tokens")
    try:
        yield
    finally:
        with owner_connection() as conn:
            conn.execute(str(found[0] if found else "").replace(" ON ONLY ", " ON ", 1).encode())


class _Export(NamedTuple):
    rows: int
    seconds: float
    peak_mb: int
    cpu_s: float


def _export() -> _Export:
    """Export in a process of its own, as the job does, and look at what it took."""
    read, write = os.pipe()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "yba", "warehouse", "refresh", "--json"],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)],
    )
    os.close(write)
    with os.fdopen(read, "rb") as file:
        said = file.read()
    _, status, used = os.wait4(child, 0)
    if status:
        raise Internal(f"the export ended with {os.waitstatus_to_exitcode(status)}.")
    told = orjson.loads(said)
    return _Export(sum(told["rows"].values()), told["seconds"], used.ru_maxrss // 1024, round(used.ru_utime + used.ru_stime, 1))


def _templates(claims: Path) -> list[_Template]:
    """Ingest real claims and read what they made, person by person."""
    for path in sorted(claims.rglob("*.xml")):
        land(by=_OPERATOR, channel=Channel.FILE, data=path.read_bytes())
    process(by=_OPERATOR)
    with owner_connection() as conn:
        people = [row[0] for row in conn.execute("SELECT id FROM person WHERE merged_into IS NULL ORDER BY id")]
    with reading(by=_OPERATOR) as conn:
        return [_template(record.of_person(conn, by=_OPERATOR, person_id=person), person) for person in people]


def _template(stored: list[record.StoredResource], person: UUID) -> _Template:
    rows = []
    ids = {str(person)}
    for one in stored:
        doc = orjson.dumps(
            {"resourceType": one.rtype, "id": one.id, **{k: v for k, v in orjson.loads(one.json).items() if k not in {"resourceType", "id"}}}
        )
        index = search.index(one.rtype, orjson.loads(doc))
        ids.add(one.id)
        if one.source_id is not None:
            ids.add(str(one.source_id))
        rows.append((one.rtype, one.id, doc, index.tokens, one.start, one.end, one.facility_id, one.labels))
    return _Template(tuple(rows), tuple(sorted(ids)))


def _copies(templates: list[_Template], wanted: int, dice: random.Random) -> Iterator[Put]:
    """Write templates again under new ids until there are so many resources."""
    made = 0
    while made < wanted:
        one = templates[dice.randrange(len(templates))]
        new = {old: str(UUID(int=dice.getrandbits(128), version=4)) for old in one.ids}
        pairs = [(old.encode(), fresh.encode()) for old, fresh in new.items()]
        person = UUID(int=dice.getrandbits(128), version=4)
        source = UUID(int=dice.getrandbits(128), version=4)
        for rtype, id_, doc, tokens, start, end, facility, labels in one.resources:
            text = doc
            for old, fresh in pairs:
                if old in text:
                    text = text.replace(old, fresh)
            apart = _LABELLED if rtype == "Observation" and not made % _RARE else labels
            yield Put(rtype, new[id_], person, text, tokens, start, end, facility, source, apart, "bench", fresh=True)
            made += 1


def _fill(templates: list[_Template], wanted: int, dice: random.Random, tell: Callable[[str], object]) -> int:
    batch: list[Put] = []
    done = 0
    for put in _copies(templates, wanted, dice):
        batch.append(put)
        if len(batch) >= _BATCH:
            done += _write(batch)
            if done % (_BATCH * 10) == 0:
                tell(f"{done} of {wanted} resources")
            batch = []
    return done + _write(batch)


def _write(batch: list[Put]) -> int:
    with unit_of_work(by=_OPERATOR) as conn:
        record.put_many(conn, by=_OPERATOR, puts=batch)
    return len(batch)


def _delete(count: int) -> None:
    """Delete so many resources, as withdrawals do."""
    with owner_connection() as conn:
        found = conn.execute("SELECT id::text FROM resource_observation WHERE NOT deleted ORDER BY id LIMIT %s", (count,)).fetchall()
    with unit_of_work(by=_OPERATOR) as conn:
        record.tombstone_many(conn, by=_OPERATOR, refs=[("Observation", row[0]) for row in found], reason="bench")
