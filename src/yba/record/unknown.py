"""Unknown patients in the record: the documents of one who has just arrived, and the merge once it is known who it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from yba import access, audit, identity
from yba.access import Relation, RelationKind, UnitKind
from yba.audit import Note, Tag
from yba.fhir import search
from yba.kit import Actor, derived
from yba.kit.db import unit_of_work

from .actions import put_many
from .model import Put
from .moving import carry_out, weigh

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import UnknownPatient

# Documents and the relation are the platform's work; who may register was asked before.
_PLATFORM: Final = Actor.system("record:unknown:register")


def register_unknown(
    conn: Connection[Any],
    *,
    by: Actor,
    facility: str,
    sex: str = "unknown",
    age: tuple[int, int] | None = None,
    marks: str = "",
    found_at: str = "",
    commune: str = "",
    arrived_at: datetime | None = None,
) -> UnknownPatient:
    """Register a patient nobody can name: person, temporary code, clock, Patient documents and the facility's relation of care, in one transaction.

    What is given means the same as in `identity.register_unknown`. Raises Denied, Invalid; audited.
    """
    made = identity.register_unknown(
        conn, by=by, facility=facility, sex=sex, age=age, marks=marks, found_at=found_at, commune=commune, arrived_at=arrived_at
    )
    patient, resolution = made.patient, made.resolution
    source = str(identity.patient_id(facility, patient.code))
    docs = ((str(patient.person_id), resolution.golden, ""), (source, resolution.source, facility))
    puts = [_patient(id_, patient.person_id, doc, place) for id_, doc, place in docs if doc is not None]
    ground = derived("unknown", patient.code)
    care = Relation(
        patient.person_id, UnitKind.FACILITY, facility, RelationKind.VISIT, patient.arrived_at, None, "UnknownPatient", patient.code, ground
    )
    with unit_of_work(by=_PLATFORM) as inner:
        put_many(inner, by=_PLATFORM, puts=puts)
        access.relate_many(inner, by=_PLATFORM, relations=[care])
    rows = [Note(Tag.RESOURCE_PUT, "Patient", put.id, patient.person_id, facility or None) for put in puts]
    audit.note_many(conn, by=by, rows=rows)
    return patient


def identify_unknown(conn: Connection[Any], *, by: Actor, code: str, known: UUID, reason: str) -> UnknownPatient:
    """Record who an unknown patient was: everything goes to the known person, the code and the old id keep answering; in one transaction.

    The clock stops and the queue item closes. ``known`` the same person: only the identification is noted. It is a merge like any other: undone
    by `identity.plan_undo`, and its guards hold. Raises Denied, NotFound, Invalid, Conflict, identity.NotDone, identity.NeedsSecond; audited.
    """
    patient = identity.note_identified(conn, by=by, code=code, known=known, reason=reason)
    if patient.person_id != known:
        plan = identity.plan_merge(conn, by=by, keep=known, drop=patient.person_id, reason=reason)
        carry_out(conn, by=by, plan=weigh(conn, by=by, plan=plan))
    return patient


def _patient(id_: str, person: UUID, doc: dict[str, Any], facility: str) -> Put:
    index = search.index("Patient", doc)
    return Put(
        rtype="Patient", id=id_, person_id=person, doc=orjson.dumps(doc), tokens=index.tokens, start=index.start, end=index.end,
        facility_id=facility, source_id=None, labels=(), mapped_by="", fresh=False,
    )  # fmt: skip
