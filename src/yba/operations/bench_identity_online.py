"""Measure matching online: one description at a time among a million persons, and claims resolved in batches before and after."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba.identity import PersonFacts, matching, resolve_many
from yba.kit import Actor
from yba.kit.clock import VIETNAM
from yba.kit.db import copy_rows, owner_connection, reading, unit_of_work
from yba.kit.errors import Internal
from yba.synth import dirty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SEEN: Final = datetime(2026, 3, 1, 8, tzinfo=VIETNAM)
_FIRST: Final = 10_000  # people there when it begins; as many claims are resolved among them, and among all
_BATCH: Final = 200
_ASKED: Final = 2_000
_WARM: Final = 200
_KINDS: Final = {"year": "int4", "month": "int4", "day": "int4"}


@dataclass(frozen=True, slots=True)
class Online:
    """Milliseconds for one description, claims per second in batches with all persons there, and how much slower than with 10,000."""

    p50_ms: float
    p99_ms: float
    resolve_per_s: float
    last_over_first: float


def online(persons: int, *, seed: int, province: str, tell: Callable[[str], None]) -> Online:
    """Resolve 10,000 claims among 10,000 persons, load the others of ``persons``, ask one by one, resolve 10,000 claims more.

    The persons loaded are rows of match_row and match_block (by the owner, COPY); everything measured runs as the app role. A fifth of the claims
    are second records of people who are there. What is measured: features, one round trip, choice; for batches the whole of `resolve_many`.
    """
    by = Actor.system("bench")
    with reading(by=by) as conn:
        if conn.execute("SELECT EXISTS (SELECT FROM match_row)").fetchone() != (False,):
            raise Internal("The bench wants an empty data folder.", advice="Set YBA_VAR to a new folder.")
    register = dirty.residents(seed, persons, province)
    _load(islice(register, _FIRST))
    first = _resolve(by, list(_claims(seed + 1, _FIRST, province)), 0)
    tell(f"first {_FIRST} claims: {first:.0f}/s; loading {persons} persons")
    _load(register)
    tell("asking")
    took = _ask(by, [row for row, _ in islice(dirty.copies(seed, dirty.residents(seed, persons, province), province, 1.0), _ASKED + _WARM)])
    last = _resolve(by, list(_claims(seed + 2, _FIRST, province)), _FIRST)
    took.sort()
    return Online(round(took[len(took) // 2], 2), round(took[len(took) * 99 // 100], 2), round(last, 1), round(first / last, 3))


def _claims(seed: int, count: int, province: str) -> Iterator[tuple[str, dirty.RegisterRow]]:
    """Give claims: four of five of people nobody knows yet, then second records of a quarter of them from another facility."""
    rows = list(dirty.residents(seed, count * 4 // 5, province))
    yield from ((f"24{seed % 900 + 1:03d}", row) for row in rows)
    again = dirty.copies(seed, rows, province, 1.0)
    yield from ((f"24{seed % 900 + 2:03d}", row) for row, _ in islice(again, 0, None, 4))


def _resolve(by: Actor, claims: list[tuple[str, dirty.RegisterRow]], landed: int) -> float:
    """Resolve claims in batches, each in its own transaction, the garbage collector held back as ingest's workers do; returns claims per second."""
    facts = [
        PersonFacts(
            facility=facility,
            local_id=row.id,
            seen_at=_SEEN,
            sequence=landed + at,
            name=row.name,
            birth=row.birth,
            sex=row.sex,
            citizen_number=row.citizen,
            phone=row.phone,
            commune=row.commune,
        )
        for at, (facility, row) in enumerate(claims)
    ]
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        begun = time.perf_counter()
        for at in range(0, len(facts), _BATCH):
            with unit_of_work(by=by) as conn:
                resolve_many(conn, by=by, facts=facts[at : at + _BATCH])
        return len(facts) / (time.perf_counter() - begun)
    finally:
        gc.unfreeze()
        gc.enable()


def described(row: dirty.RegisterRow) -> matching.Features:
    """Return what a row of the register is compared by."""
    said = matching.Description(row.name, row.birth, row.sex, row.citizen, phone=row.phone, commune=row.commune)
    return matching.features(said)


def _load(rows: Iterator[dirty.RegisterRow]) -> None:
    """Put the descriptions of people into the tables as the owner, with the indexes of the blocks built afterwards."""
    model = matching.current()
    with owner_connection() as conn:
        start = conn.execute("SELECT coalesce(max(id), 0) + 1000000 FROM match_row").fetchone()
        number = int(start[0]) if start else 0
        conn.execute("DROP INDEX match_block_key")
        while chunk := list(islice(rows, 50_000)):
            found = [(number + at, UUID(int=(1 << 100) + row.person), described(row)) for at, row in enumerate(chunk)]
            number += len(chunk)
            columns = ("id", "person_id", "digest", *matching.Features._fields)
            kinds = ("int8", "uuid", "int8", *(_KINDS.get(name, "text") for name in matching.Features._fields))
            copy_rows(conn, "match_row", columns, ((id_, person, matching.digest(row), *row) for id_, person, row in found), types=kinds)
            keys = ((each.key, id_) for id_, _, row in found for each in model.keys(row))
            copy_rows(conn, "match_block", ("key", "row_id"), keys, types=("int8", "int8"))
        conn.execute("CREATE INDEX match_block_key ON match_block (key)")
        conn.execute("VACUUM (ANALYZE) match_row, match_block")


def _ask(by: Actor, rows: list[dirty.RegisterRow]) -> list[float]:
    """Ask one description after the other as a desk would; returns milliseconds each, without the first ones that warm the caches."""
    model = matching.current()
    took: list[Any] = []
    for row in rows:
        with reading(by=by) as conn:
            begun = time.perf_counter()
            matching.choose(model, matching.candidates(conn, model, [matching.Asked(described(row))])[0])
            took.append((time.perf_counter() - begun) * 1000)
    return took[_WARM:]
