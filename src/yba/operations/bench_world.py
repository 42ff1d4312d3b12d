"""What `yba bench access` reads: 500 patients of one hospital, and the doctor who reads them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import orjson

from yba import access, directory, record
from yba.access import Relation, RelationKind, UnitKind
from yba.fhir import search
from yba.kit import Actor, Grant, clock, new_id
from yba.kit.actor import Origin
from yba.kit.db import owner_connection, unit_of_work

ICD: Final = "http://hl7.org/fhir/sid/icd-10"
COMMUNE: Final = "03127"
FACILITY: Final = "11001"
SYSTEM: Final = Actor.system("bench")
DOCTOR: Final = Actor.user(UUID(int=7), [Grant("doctor", frozenset({FACILITY}))], purpose="treatment", origin=Origin("10.0.0.1", 50_000, "bench"))
_PEOPLE: Final = 500
_EACH: Final = 40
_CHANGED: Final = 10


def fill() -> dict[UUID, list[str]]:
    """Make 500 people with 40 conditions each, ten of them in two versions, all patients of one hospital; returns the ids of each."""
    made: dict[UUID, list[str]] = {}
    with unit_of_work(by=SYSTEM) as conn:
        directory.ensure_many(conn, by=SYSTEM, seen_at=clock.now(), facilities=[FACILITY])
        for number in range(1, _PEOPLE + 1):
            person = UUID(int=number << 64)
            idents = made[person] = [str(new_id()) for _ in range(_EACH)]
            record.put_many(conn, by=SYSTEM, puts=[_put(person, ident, number + nth, fresh=True) for nth, ident in enumerate(idents)])
            record.put_many(conn, by=SYSTEM, puts=[_put(person, ident, number + nth + 7, fresh=False) for nth, ident in enumerate(idents[:_CHANGED])])
        now = clock.now()
        ties = [
            Relation(person, unit, code, kind, now - timedelta(days=1), None, "Claim", "", UUID(int=nth))
            for nth, person in enumerate(made, 1)
            for unit, code, kind in ((UnitKind.FACILITY, FACILITY, RelationKind.VISIT), (UnitKind.AREA, COMMUNE, RelationKind.RESIDENCE))
        ]
        access.relate_many(conn, by=SYSTEM, relations=ties)
    with owner_connection() as conn:
        conn.execute("ANALYZE")
    return made


def _put(person: UUID, ident: str, number: int, *, fresh: bool) -> record.Put:
    coding = {"system": ICD, "code": f"I{number % 90 + 10}"}
    doc = {"resourceType": "Condition", "id": ident, "code": {"coding": [coding]}, "subject": {"reference": f"Patient/{person}"}}
    index = search.index("Condition", doc)
    place = (index.start, index.end, FACILITY, person, (), "bench", fresh)
    return record.Put("Condition", ident, person, orjson.dumps(doc), index.tokens, *place)
