"""Fixtures of the attacks: two hospitals, their people, and residents of each, as the app role."""

from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from yba import access, record
from yba.access import Relation, RelationKind, UnitKind
from yba.fhir import search
from yba.kit import Actor, Grant, clock
from yba.kit.db import reading, unit_of_work

OURS, THEIRS = "11001", "11002"
AN, BINH = UUID(int=0xA << 64), UUID(int=0xB << 64)
SYSTEM = Actor.system("test")


def doctor(facility=OURS, account=7):
    return Actor.user(UUID(int=account), [Grant("doctor", frozenset({facility}))], purpose="treatment")


def citizen(person):
    return Actor.user(UUID(int=9), [Grant("citizen", persons=frozenset({person}))], purpose="own-record", persons=[person])


def made(rtype, ident, person, facility=OURS, labels=(), **doc):
    """One Put of a plain resource."""
    whole = {"resourceType": rtype, "id": str(ident), **doc}
    if rtype != "Patient":
        whole["subject"] = {"reference": f"Patient/{person}"}
    index = search.index(rtype, whole)
    return record.Put(rtype, str(ident), person, orjson.dumps(whole), index.tokens, index.start, index.end, facility, person, tuple(labels), "test")


def condition(number, person, code="I10", facility=OURS, labels=()):
    coding = {"system": "http://hl7.org/fhir/sid/icd-10", "code": code}
    return made(
        "Condition", UUID(int=(person.int >> 64 << 32) + number), person, facility, labels, code={"coding": [coding]}, recordedDate="2026-05-04"
    )


def patient(person, name, facility=OURS):
    return made("Patient", person, person, facility, name=[{"text": name}], birthDate="1959-03-12")


def put(*puts):
    with unit_of_work(by=SYSTEM) as conn:
        record.put_many(conn, by=SYSTEM, puts=puts)


def visits(person, facility, kind=RelationKind.VISIT, unit=UnitKind.FACILITY):
    now = clock.now()
    with unit_of_work(by=SYSTEM) as conn:
        access.relate_many(
            conn, by=SYSTEM, relations=[Relation(person, unit, facility, kind, now - timedelta(days=1), None, "Claim", "", UUID(int=person.int + 1))]
        )


@pytest.fixture
def hospitals(database):
    """An is a patient of ours, Bình of theirs."""
    put(
        patient(AN, "NGUYỄN VĂN AN"), condition(1, AN), condition(2, AN, "E11"),
        patient(BINH, "TRẦN THỊ BÌNH", THEIRS), condition(1, BINH, "J18", THEIRS), condition(2, BINH, "K29", THEIRS),
    )  # fmt: skip
    visits(AN, OURS)
    visits(BINH, THEIRS)
    return database


def asked(by, question):
    """Ask in a unit of work of its own, as a page does."""
    with reading(by=by) as conn:
        return question(conn)
