"""Measure the search box of a desk among all persons of the bench: numbers, phones, names with and without tones, beginnings of names."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import identity
from yba.kit import Actor, Grant
from yba.kit.db import owner_connection, unit_of_work
from yba.kit.text import fold
from yba.synth import dirty

if TYPE_CHECKING:
    from collections.abc import Callable

_ASKED: Final = 100  # of each kind
_WARM: Final = 5
_STATION: Final = "24001"
# Who the bench loaded by description is made somebody whom facilities know, with the number; set by set, as the owner.
_FILL: Final = (
    "INSERT INTO person (id) SELECT DISTINCT person_id FROM match_row ON CONFLICT DO NOTHING",
    """INSERT INTO person_source (facility, local_id, variant, person_id, patient_id, sent, kept, seen_at, sequence)
       SELECT '24' || lpad((id %% 300)::text, 3, '0'), 'B-' || id, 1, person_id, person_id,
              jsonb_build_object('name', name, 'birth', year::text, 'sex', sex), '{}', now(), id FROM match_row WHERE id >= %(first)s
       ON CONFLICT DO NOTHING""",
    """INSERT INTO identifier_owner (type, value, person_id, sequence, claimed)
       SELECT 'SDDCN', citizen, person_id, id, false FROM match_row WHERE citizen <> '' AND id >= %(first)s ON CONFLICT DO NOTHING""",
)
_LOADED: Final = 1_000_000  # rows the bench loaded by description have numbers from here on


@dataclass(frozen=True, slots=True)
class Seek:
    """Milliseconds of one search as a nurse of a station asks it, the trail's row and COMMIT included; ``by_kind``: [median, 99th, worst]."""

    p50_ms: float
    p99_ms: float
    by_kind: dict[str, list[float]]


def seek(*, seed: int, province: str, tell: Callable[[str], None]) -> Seek:
    """Ask the search box a hundred times for each kind of thing, among everybody the bench has loaded."""
    tell("people for the search box")
    with owner_connection() as conn:
        for text in _FILL:
            conn.execute(text, {"first": _LOADED})
        conn.execute("VACUUM (ANALYZE) person, person_source, identifier_owner")
    rows = list(islice(dirty.residents(seed, _ASKED + _WARM, province), _ASKED + _WARM))
    commune = next((row.commune for row in rows if row.commune), "")
    nurse = Actor.user(UUID(int=7), [Grant("station-nurse", frozenset({_STATION}), areas=frozenset({commune}))], purpose="treatment")
    tell("searching")
    took = {kind: _asked(nurse, [_text(kind, row) for row in rows]) for kind in ("number", "phone", "name", "toned", "given", "beginnings")}
    every = sorted(value for values in took.values() for value in values)
    return Seek(
        _at(every, 50), _at(every, 99), {kind: [_at(sorted(values), 50), _at(sorted(values), 99), max(values)] for kind, values in took.items()}
    )


def _text(kind: str, row: dirty.RegisterRow) -> str:
    """Return what somebody types who looks for this person."""
    words = row.name.split()
    return {
        "number": row.citizen,
        "phone": row.phone,
        "name": fold(row.name),
        "toned": row.name,
        "given": fold(words[-1]),
        "beginnings": " ".join(fold(word)[:2] for word in words),
    }[kind]


def _asked(by: Actor, texts: list[str]) -> list[float]:
    took: list[Any] = []
    for text in filter(None, texts):
        begun = time.perf_counter()
        with unit_of_work(by=by) as conn:
            identity.seek(conn, by=by, text=text)
        took.append(round((time.perf_counter() - begun) * 1000, 2))
    return took[_WARM:] or [0.0]


def _at(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
