"""A station with its nurse, and people known elsewhere or not at all; only synthetic people."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.record.rest_world import patient
from yba import directory, record
from yba.kit import Actor, Grant, clock
from yba.kit.db import unit_of_work
from yba.specs import systems

STATION, HOSPITAL, COMMUNE = "11001", "11002", "03127"
OPERATOR = Actor.operator()


def nurse(facility: str = STATION, account: int = 21) -> Actor:
    """A station's nurse."""
    return Actor.user(UUID(int=account), [Grant("station-nurse", frozenset({facility}), areas=frozenset({COMMUNE}))], purpose="treatment")


def doctor(facility: str = STATION, account: int = 31) -> Actor:
    """A doctor."""
    return Actor.user(UUID(int=account), [Grant("doctor", frozenset({facility}))], purpose="treatment")


def new_person(number="H-1", citizen="001159000001", name="Trần Thị Hường", card=""):
    """Make somebody the hospital knows and the station does not."""
    with unit_of_work(by=OPERATOR) as inner:
        directory.ensure_many(inner, by=OPERATOR, seen_at=clock.now(), facilities=[STATION, HOSPITAL])
        doc = patient(number, citizen, facility=HOSPITAL, name=name, gender="female", telecom=[{"system": "phone", "value": "0912345678"}])
        if card:
            doc["identifier"].append({"system": systems.identifier("card"), "value": card})
        (saved,) = record.save(inner, by=OPERATOR, writes=[record.Write("Patient", None, doc, HOSPITAL)])
    return saved.person_id


@pytest.fixture
def by():
    """The nurse."""
    return nurse()


@pytest.fixture
def mine(conn, by):
    """The nurse's unit of work."""
    with unit_of_work(by=by) as inner:
        yield inner


@pytest.fixture
def person(conn):
    """Somebody the hospital knows and the station does not."""
    return new_person()
