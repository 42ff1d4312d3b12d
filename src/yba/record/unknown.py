"""Unknown patients in the record: the documents of one who has just arrived, and the merge once it is known who it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from yba import access, audit, identity
from yba.access import Relation, RelationKind, UnitKind
from yba.audit import Note, Tag
from yba.fhir import search
from yba.kit import Actor, Conflict, clock, derived
from yba.kit.db import unit_of_work

from .actions import put_many
from .model import Put
from .moving import carry_out, weigh
from .rows import rows_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import CitizenCard, Resolution, UnknownPatient

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
    patient = made.patient
    puts = _documents(patient, made.resolution)
    ground = derived("unknown", patient.code)
    care = Relation(
        patient.person_id, UnitKind.FACILITY, facility, RelationKind.VISIT, patient.arrived_at, None, "UnknownPatient", patient.code, ground
    )
    with unit_of_work(by=_PLATFORM) as inner:
        put_many(inner, by=_PLATFORM, puts=puts)
        access.relate_many(inner, by=_PLATFORM, relations=[care])
    _noted(conn, by, puts, patient)
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


def identify_by_papers(conn: Connection[Any], *, by: Actor, code: str, papers: CitizenCard, reason: str) -> UnknownPatient | None:
    """Record that an unknown patient showed papers and is nobody the province knows: what they say goes into the own record, the clock stops.

    None where a number of the papers is somebody else's: nothing is written, and an item asks the province's officer whether the two are one
    (whose merge, too, makes the patient known). A 12-digit number becomes the health identifier. Raises Denied, NotFound, Invalid, Conflict; audited.
    """
    patient = identity.unknown(conn, by=by, code=code)
    if identity.others_by_card(conn, by=by, card=papers, person_id=patient.person_id, facility=patient.facility):
        return None
    found = identity.note_identified(conn, by=by, code=code, known=patient.person_id, number=papers.number, reason=reason)
    facts = identity.PersonFacts(
        facility=patient.facility, local_id=patient.code, seen_at=clock.now(), sequence=1, name=papers.name, birth=papers.birth, sex=papers.sex,
        citizen_number=papers.number, old_citizen_number=papers.old, address=papers.address,
    )  # fmt: skip
    with unit_of_work(by=_PLATFORM) as inner:
        resolution = identity.resolve_many(inner, by=_PLATFORM, facts=[facts])[0]
        if resolution.person_id != patient.person_id:
            raise Conflict("Giấy tờ khác hẳn người đã tiếp nhận (giới tính, tuổi): kiểm tra lại giấy tờ.")
        puts = _documents(patient, resolution)
        put_many(inner, by=_PLATFORM, puts=puts)
    _noted(conn, by, puts, patient)
    if papers.number:
        identity.record_health_id(conn, by=by, person_id=patient.person_id, number=papers.number, source="paper")
    return found


def _documents(patient: UnknownPatient, resolution: Resolution) -> list[Put]:
    source = str(identity.patient_id(patient.facility, patient.code))
    docs = ((str(patient.person_id), resolution.golden, ""), (source, resolution.source, patient.facility))
    return [_patient(id_, patient.person_id, doc, place) for id_, doc, place in docs if doc is not None]


def _noted(conn: Connection[Any], by: Actor, puts: list[Put], patient: UnknownPatient) -> None:
    audit.note_many(conn, by=by, rows=[Note(Tag.RESOURCE_PUT, "Patient", put.id, patient.person_id, patient.facility) for put in puts])


def _patient(id_: str, person: UUID, doc: dict[str, Any], facility: str) -> Put:
    index = search.index("Patient", doc)
    return Put(
        rtype="Patient", id=id_, person_id=person, doc=orjson.dumps(doc), tokens=index.tokens, start=index.start, end=index.end,
        facility_id=facility, source_id=None, labels=(), mapped_by="", fresh=False, rows=rows_of("Patient", index),
    )  # fmt: skip
