"""What the tests of the lake share: resources put and moved in the record, and both sides read as plain dictionaries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from yba import record, warehouse
from yba.fhir import views
from yba.kit import Actor
from yba.kit.db import reading, unit_of_work
from yba.record import Put
from yba.record.lines import whole

OPERATOR = Actor.operator()
SYSTEM = Actor.system("warehouse:lake:refresh")
FACILITY = "11001"
AN, BINH, CHI = UUID(int=0xA1), UUID(int=0xB2), UUID(int=0xC3)
TYPES = ("Condition", "Observation", "QuestionnaireResponse")


def put(number: int, *, rtype: str = "Condition", person: UUID = AN, text: str = "a", labels: tuple[str, ...] = (), id_: str = "") -> Put:
    """One resource; the same number is the same resource."""
    ident = id_ or str(UUID(int=number))
    doc = {"resourceType": rtype, "id": ident, "status": "final", "note": [{"text": text}]}
    return Put(rtype, ident, person, orjson.dumps(doc), [number], None, None, FACILITY, UUID(int=1), labels, "test")


def write(*puts: Put, by: Actor = OPERATOR) -> None:
    """Put resources in one transaction."""
    with unit_of_work(by=by) as conn:
        record.put_many(conn, by=by, puts=puts)


def bury(number: int, rtype: str = "Condition", by: Actor = OPERATOR) -> None:
    """Delete one."""
    with unit_of_work(by=by) as conn:
        record.tombstone_many(conn, by=by, refs=[(rtype, str(UUID(int=number)))], reason="test")


def in_record(types: Any = TYPES, *, restricted: bool = True) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What stands in the record."""
    with reading(by=SYSTEM) as conn:
        rows = conn.execute(
            "SELECT rtype, coalesce(given_id, id::text), version, person_id::text, facility_id, labels, doc::text FROM resource"
            " WHERE NOT deleted AND rtype = ANY (%s)",
            (list(types),),
        ).fetchall()
    return {
        (rtype, id_): (version, person, facility, labels, orjson.loads(whole(rtype, id_, doc)))
        for rtype, id_, version, person, facility, labels, doc in rows
        if restricted or labels is None
    }


VIEWS = tuple(
    views.read(
        {
            "name": f"{rtype.lower()}_note",
            "resource": rtype,
            "status": "active",
            "select": [{"column": [{"name": "id", "path": "getResourceKey()"}, {"name": "status", "path": "status"}]}]
            + ([{"forEach": "note", "column": [{"name": "text", "path": "text"}]}] if rtype != "QuestionnaireResponse" else []),
        }
    )
    for rtype in TYPES
)


def flat_in_record(state: dict[tuple[str, str], tuple[Any, ...]]) -> list[Any]:
    """The rows of the views by the specification's own algorithm, over documents."""
    found = []
    for view in VIEWS:
        docs = [{**row[4], "resourceType": ref[0], "id": ref[1]} for ref, row in state.items() if ref[0] == view.resource]
        found += [(view.name, *row.values()) for row in views.run(view, docs)]
    return sorted(found, key=repr)


def flat_in_lake(*, as_of: Any = None, restricted: bool = True) -> list[Any]:
    """The rows of the views that stand in the lake."""
    found: list[Any] = []
    with warehouse.reader(by=SYSTEM, restricted=restricted, as_of=as_of, types=TYPES, views=VIEWS) as engine:
        for view in VIEWS:
            rows = engine.execute(f'SELECT * EXCLUDE (row_seq, row_person, row_facility) FROM "{view.name}"').fetchall()  # noqa: S608  our own
            found += [(view.name, *row) for row in rows]
    return sorted(found, key=repr)


def in_lake(*, as_of: Any = None, restricted: bool = True, types: Any = TYPES) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What stands in the lake; a resource that is there twice fails."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    with warehouse.reader(by=SYSTEM, restricted=restricted, as_of=as_of, types=types, views=()) as engine:
        for rtype in types:
            columns = f"coalesce(given_id, id::VARCHAR), version, person_id::VARCHAR, facility_id, labels, {warehouse.whole(rtype)}"
            for id_, version, person, facility, labels, doc in engine.execute(f'SELECT {columns} FROM lake."{rtype}"').fetchall():  # noqa: S608  our own
                assert (rtype, id_) not in found, f"{rtype}/{id_} twice"
                found[rtype, id_] = (version, person, facility, labels, orjson.loads(doc))
    return found
