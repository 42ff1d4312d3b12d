"""Fills our own server's record for the bench without its HTTP face: the same visits, by the record's own door, fifty in one act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from yba import record
from yba.kit import Actor, postgres
from yba.kit.db import owner_connection, unit_of_work
from yba.record import Write

from . import bench_fhir_data as data
from .bench_fhir_servers import CONNECTIONS, FACILITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .bench_fhir_data import Person

_AT_ONCE: Final = 50  # visits of one act: few enough to be held, enough for COPY
_TOLD_EVERY: Final = 100_000
Ids = dict[str, list[str]]


def load(number: int, someone: Callable[[int], Person], keep: Callable[[int, Person, Ids], None], *, tell: Callable[[str], None] = print) -> None:
    """Write so many visits of twenty resources as the hospitals' software would, turn by turn, and tell PostgreSQL's planner.

    Everything a transaction through the API writes is written: people, golden Patients, rows of the index, relations, links of visits, trail.
    """
    for begun in range(0, number, _AT_ONCE):
        nth = begun // _AT_ONCE % CONNECTIONS
        people = [someone(nth) for _ in range(min(_AT_ONCE, number - begun))]
        for person, ids in zip(people, _write(Actor.facility_client(FACILITIES[nth], "operation"), people), strict=True):
            keep(nth, person, ids)
        if begun * data.RESOURCES % _TOLD_EVERY < _AT_ONCE * data.RESOURCES and begun:
            tell(f"  {begun * data.RESOURCES} loaded")
    _settle()


def _settle() -> None:
    """Do what the server does by itself within a quarter of an hour of a load: else its gigabytes are written while answers wait for their flush."""
    with owner_connection() as conn:
        conn.execute("VACUUM (ANALYZE)")
    if endpoint := postgres.endpoint_or_none():
        postgres.checkpoint(endpoint)


def _write(by: Actor, people: Sequence[Person]) -> list[Ids]:
    visits = [_visit(by, person) for person in people]
    with unit_of_work(by=by) as conn:
        record.save(conn, by=by, writes=[write for visit in visits for write in visit])
    return [_ids(visit) for visit in visits]


def _visit(by: Actor, person: Person) -> list[Write]:
    """The writes of a visit's transaction, with the ids that its entries' names stand for."""
    entries: list[dict[str, Any]] = orjson.loads(data.visit(person))["entry"]
    named = record.identify(by=by, writes=[Write(one["resource"]["resourceType"], None, one["resource"]) for one in entries])
    text = orjson.dumps([write.doc for write in named])
    for entry, write in zip(entries, named, strict=True):
        text = text.replace(entry["fullUrl"].encode(), f"{write.rtype}/{write.id}".encode())
    return [write._replace(doc=doc) for write, doc in zip(named, orjson.loads(text), strict=True)]


def _ids(visit: Sequence[Write]) -> Ids:
    found: Ids = {}
    for write in visit:
        found.setdefault(write.rtype, []).append(str(write.id))
    return found
