"""Facilities, doctors and documents for the tests of writing and searching by resource."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from yba import record
from yba.kit import Actor, Grant
from yba.kit.db import unit_of_work
from yba.specs import systems

HERE, THERE = "01003", "79001"
OPERATOR = Actor.operator()
CLIENT, OTHER = Actor.facility_client(HERE), Actor.facility_client(THERE)


def doctor(*facilities: str, account: int = 7, **more: Any) -> Actor:
    """A doctor at facilities."""
    return Actor.user(UUID(int=account), [Grant("doctor", frozenset(facilities), **more)], purpose="treatment")


def patient(number: str, citizen: str = "", *, facility: str = HERE, name: str = "Nguyễn Văn An", **more: Any) -> dict[str, Any]:
    """A Patient under a facility's own number."""
    numbers = [{"system": systems.local_patient(facility), "value": number}]
    numbers += [{"system": systems.identifier("citizen"), "value": citizen}] if citizen else []
    return {
        "resourceType": "Patient", "identifier": numbers, "name": [{"use": "official", "text": name, "family": name.split(maxsplit=1)[0]}], "gender": "male",
        "birthDate": "1959-03-12", **more,
    }  # fmt: skip


def observation(subject: str, code: str = "718-7", **more: Any) -> dict[str, Any]:
    """A result."""
    coding = {"system": "http://loinc.org", "code": code}
    return {"resourceType": "Observation", "status": "final", "code": {"coding": [coding]}, "subject": {"reference": f"Patient/{subject}"}, **more}


def condition(subject: str, code: str = "I10", **more: Any) -> dict[str, Any]:
    """A diagnosis."""
    coding = {"system": systems.system("icd10"), "code": code}
    return {"resourceType": "Condition", "code": {"coding": [coding]}, "subject": {"reference": f"Patient/{subject}"}, **more}


def encounter(subject: str, start: str = "2026-11-20T08:00:00+07:00", end: str = "2026-11-21T08:00:00+07:00", **more: Any) -> dict[str, Any]:
    """A visit."""
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}
    return {
        "resourceType": "Encounter", "status": "finished", "class": kind, "subject": {"reference": f"Patient/{subject}"},
        "period": {"start": start, "end": end}, **more,
    }  # fmt: skip


def save(*docs: dict[str, Any], by: Actor = CLIENT, **more: Any) -> list[record.Saved]:
    """Write documents in one act; those with an id are PUT."""
    with unit_of_work(by=by) as conn:
        writes = [record.Write(doc["resourceType"], doc.get("id"), doc, **more) for doc in docs]
        return record.save(conn, by=by, writes=writes)
