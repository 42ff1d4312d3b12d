"""What was received can be taken back, and everything can be mapped again: withdraw and replay."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from yba import access, audit, record
from yba.access import Right
from yba.fhir import search
from yba.kit import exact
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import Conflict, Invalid, NotFound

from . import store
from .landing.vault import Vault
from .mapping import CURRENT
from .pipeline import relations
from .pipeline.patients import take_back
from .pipeline.prepare import prepare
from .pipeline.run import stored_task
from .pipeline.write import apply_claims

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.record import Put, StoredResource

    from .landing.arrival import Task
    from .stored import StoredClaim

_STATUS: Final = frozenset(
    """Appointment Claim ClinicalImpression Composition Coverage DeviceUseStatement DiagnosticReport DocumentReference Encounter EpisodeOfCare
    Immunization MedicationDispense MedicationRequest MedicationStatement Observation Procedure ServiceRequest""".split()
)
_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_REPLAY_BATCH: Final = 100


@dataclass(slots=True)
class Withdrawn:
    """What a withdrawal did: claims whose earlier version is in force again, and claims that are entered in error now."""

    restored: int = 0
    in_error: int = 0


def withdraw(*, by: Actor, transaction: str, reason: str) -> Withdrawn:
    """Take a message back: earlier versions of its claims come into force again, the others become ``entered-in-error``.

    Nothing is deleted. NotFound without such a message, Conflict when it is withdrawn already; Denied: a message may hold claims of several
    facilities, so it is the operator's right.
    """
    access.require(by, Right.INGEST_MESSAGE_WITHDRAW)
    vault, done = Vault.open(), Withdrawn()
    with unit_of_work(by=by) as conn:
        seen = access.predicate(conn, by=by, right=Right.INGEST_MESSAGE_WITHDRAW, columns=store.MESSAGE)
        row = store.find_message(conn, transaction.strip().upper(), seen)
        if row is None:
            message = f"Không có giao dịch {transaction[:40]!r}."
            raise NotFound(message)
        if row.state == "withdrawn":
            message = "Giao dịch này đã được thu hồi."
            raise Conflict(message)
        store.set_message_state(conn, row.seq, "withdrawn")
        relations.take_back(conn, by=by, sources=[relations.checked_in(*visit) for visit in store.check_ins_of(conn, row.seq)], reason=reason)
        for claim in store.claims_in_force(conn, row.seq):
            task = _earlier(conn, vault, claim)
            if task is None:
                _enter_in_error(conn, claim, by=by, reason=reason)
                done.in_error += 1
            else:
                _write_again(conn, vault, [task], {}, by=by)
                done.restored += 1
        detail = {"restored": done.restored, "in_error": done.in_error}
        audit.note(
            conn,
            by=by,
            tag=audit.Tag.INGEST_MESSAGE_WITHDRAW,
            about_type="Message",
            about_id=row.code,
            facility=row.facility or None,
            reason=reason,
            detail=detail,
        )
    return done


def _earlier(conn: Connection[Any], vault: Vault, claim: StoredClaim) -> Task | None:
    """The newest other version of a claim that was taken from a message still standing."""
    for landing in store.other_landings(conn, claim.id, claim.landing):
        task = stored_task(conn, vault, landing)
        if task is not None:
            return task
    return None


def _write_again(conn: Connection[Any], vault: Vault, tasks: list[Task], digests: dict[UUID, bytes], *, by: Actor) -> None:
    """Write claims whose content was here before. Identity hears it at the landing at which it came first, so nothing gets newer by it.

    ``digests``: of the versions in force, which may have been read by an earlier release; else what is read now tells.
    """
    prepared = [prepare(task, again=True) for task in tasks]
    contents = {one.claim_id: digests.get(one.claim_id, one.digest) for one in prepared if one.claim_id is not None}
    first = store.first_landings(conn, contents)
    for one in prepared:
        one.first = first.get(one.claim_id, 0) if one.claim_id is not None else 0
    apply_claims(conn, vault, prepared, by=by, again=True)


def _enter_in_error(conn: Connection[Any], claim: StoredClaim, *, by: Actor, reason: str) -> None:
    store.known_claims(conn, [claim.id], lock=True)
    stored = record.of_source(conn, by=by, source_id=claim.id)
    marked = [put for one in stored if (put := _in_error(one)) is not None]
    record.put_many(conn, by=by, puts=marked)
    kept = {(put.rtype, put.id) for put in marked}
    record.tombstone_many(conn, by=by, refs=[(one.rtype, one.id) for one in stored if (one.rtype, one.id) not in kept], reason=reason)
    born = [UUID(one.id) for one in stored if one.rtype == "Patient"]
    golden = take_back(conn, by=by, births=born, deaths=[(claim.id, claim.patient_id)], reason=reason)
    record.put_many(conn, by=by, puts=golden)
    relations.take_back(conn, by=by, sources=[claim.id], reason=reason)
    store.mark_withdrawn(conn, [claim.id])
    audit.note(
        conn,
        by=by,
        tag=audit.Tag.INGEST_CLAIM_WITHDRAW,
        about_type="Claim",
        about_id=str(claim.id),
        person_id=claim.person_id,
        facility=claim.facility,
        reason=reason,
    )


def _in_error(one: StoredResource) -> Put | None:
    """The resource with the status FHIR has for it; None for types without one."""
    doc = exact.fragments(one.json)
    if one.rtype in _STATUS:
        doc["status"] = "entered-in-error"
    elif one.rtype == "Condition":
        doc["verificationStatus"] = {"coding": [{"system": _VERIFICATION, "code": "entered-in-error"}]}
        doc.pop("clinicalStatus", None)  # con-5: none when entered in error
    else:
        return None
    index = search.index(one.rtype, doc)
    return record.Put(
        rtype=one.rtype, id=one.id, person_id=one.person_id, doc=orjson.dumps(doc), tokens=index.tokens, start=index.start, end=index.end,
        facility_id=one.facility_id, source_id=one.source_id, labels=one.labels, mapped_by=one.mapped_by,
        rows=record.rows_of(one.rtype, index),
    )  # fmt: skip


def replay(
    *, by: Actor, since: date | None = None, release: str = CURRENT, every: bool = False, progress: Callable[[int, int], None] | None = None
) -> int:
    """Map claims again from their originals; returns how many. Resources that come out equal make no version.

    ``since``: claims whose visit ended on or after that day; ``every`` also those already mapped by this release. Invalid for a release
    this version of yba does not map by: it would say one release and write another; Denied. ``progress`` is told how many are done, of how many.
    """
    access.require(by, Right.INGEST_CLAIM_REPLAY)
    if release != CURRENT:
        raise Invalid(f"Bản ánh xạ {release[:40]!r} không có trong phiên bản này.", advice=f"Dùng bản {CURRENT}.")
    vault, count = Vault.open(), 0
    with reading(by=by) as conn:
        total = store.count_to_replay(conn, since, release, every=every) if progress is not None else 0
    for page in _pages(by, since, release, every=every):
        with unit_of_work(by=by) as conn:
            tasks = [task for _, landing, _ in page if (task := stored_task(conn, vault, landing)) is not None]
            _write_again(conn, vault, tasks, {id_: bytes(digest) for id_, _, digest in page}, by=by)
        count += len(tasks)
        if progress is not None:
            progress(count, total)
    return count


def _pages(by: Actor, since: date | None, release: str, *, every: bool) -> Iterator[list[tuple[UUID, int, bytes]]]:
    after: UUID | None = None
    while True:
        with reading(by=by) as conn:
            rows = store.claims_to_replay(conn, since, release, after, _REPLAY_BATCH, every=every)
        if not rows:
            return
        after = rows[-1][0]
        yield sorted(rows, key=itemgetter(1))  # in order of landing
