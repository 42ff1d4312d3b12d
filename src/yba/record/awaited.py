"""Patients that results name before they are sent: a person is kept ready for each, and whom it means is settled when the Patient comes.

Such a Patient has a place in the record and version 0, which nothing that reads shows: its first version is what is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import access, audit, identity
from yba.access import Right
from yba.audit import Note, Tag
from yba.identity import NeedsSecond, NotDone, PersonFacts
from yba.kit import clock
from yba.kit.settings import FHIR_PLACEHOLDERS

from . import moving, store
from .lines import columns_of, is_uuid
from .model import Put
from .rest_docs import ID, as_bytes
from .rest_rights import FHIR, platform

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from psycopg import Connection

    from yba.kit.actor import Actor

_TYPE: Final = "Patient"
_OWN: Final = 8  # RFC 9562: ids of our own making; one that is not here was never given, or is taken back
_REASON: Final = "Patient {} was sent after what refers to it"


def source_of(id_: str) -> str:
    """Return the patient number of a source whose Patient came under an id that its sender chose."""
    return f"{_TYPE}/{id_}"


def expect(conn: Connection[Any], *, by: Actor, missing: Mapping[str, str]) -> dict[str, UUID]:
    """Keep people ready for Patients (id -> facility that names it) that were not sent yet and return them; audited.

    Those that cannot be expected are left out: where the setting or the actor does not allow it (a user writes of people in reach alone), an
    id of our own making, one that is somebody else's. Of two clients who name one at once the second meets the first one's. Raises Denied.
    """
    wanted = {id_: facility for id_, facility in missing.items() if facility and ID.fullmatch(id_) and not _is_own(id_)}
    if not wanted or not by.standing or not FHIR_PLACEHOLDERS():
        return {}
    store.rest.hold_ids(conn, [(_TYPE, id_) for id_ in wanted])
    people = store.rest.people_of(conn, wanted)
    with platform(conn, by) as (inner, who):
        free = _free(inner, who, sorted(wanted.keys() - people.keys()))
        if free:
            for facility in {wanted[id_] for id_ in free}:
                access.require(by, Right.IDENTITY_PERSON_RESOLVE, facility=facility)
            people |= _made(inner, who, {id_: wanted[id_] for id_ in free})
    notes = [Note(Tag.RESOURCE_PUT, _TYPE, id_, people[id_], wanted[id_], "", {"expected": True}, "0") for id_ in free]
    audit.note_many(conn, by=by, rows=notes)
    return people


def _is_own(id_: str) -> bool:
    return is_uuid(id_) and UUID(id_).version == _OWN


def _free(inner: Connection[Any], who: Actor, ids: list[str]) -> list[str]:
    """Leave out what stands somewhere out of the actor's reach, and ids of people and of sources without a document."""
    if not ids:
        return []
    taken = store.rest.people_of(inner, ids)
    known = identity.known_patients(inner, by=who, patients=[columns_of(id_)[0] for id_ in ids])
    strangers = {uuid for uuid, one in known.items() if not (one.is_person or one.local_id)}
    return [id_ for id_ in ids if id_ not in taken and columns_of(id_)[0] in strangers]


def _made(inner: Connection[Any], who: Actor, wanted: Mapping[str, str]) -> dict[str, UUID]:
    moment = clock.now()
    found = identity.expect_patients(inner, by=who, facts=[_named(id_, facility, moment) for id_, facility in wanted.items()])
    people = dict(zip(wanted, found, strict=True))
    puts = [
        Put(_TYPE, id_, people[id_], as_bytes({"resourceType": _TYPE, "id": id_}), [], None, None, facility, columns_of(id_)[0], (), FHIR)
        for id_, facility in wanted.items()
    ]
    store.awaited.insert(inner, puts, moment)
    return people


def _named(id_: str, facility: str, moment: datetime) -> PersonFacts:
    sequence = int(moment.timestamp() * 1_000_000)
    return PersonFacts(facility, source_of(id_), moment, sequence, patient=columns_of(id_)[0], resource_id=id_)


def settle(inner: Connection[Any], *, by: Actor, facts: PersonFacts, awaited: UUID) -> UUID:
    """Say whose an expected Patient is now that it came: the person it was kept for, or whoever identity finds without doubt.

    Then what was written of it goes there, by a merge: undone like any other. Nothing is merged that its guards would ask a human about: the
    doubt is then a clerk's, as always.
    """
    found = identity.meant_by(inner, by=by, facts=facts, awaited=awaited)
    if found is None:
        return awaited
    plan = identity.plan_merge(inner, by=by, keep=found, drop=awaited, reason=_REASON.format(facts.resource_id))
    try:
        return moving.carry_out(inner, by=by, plan=plan).taker
    except (NotDone, NeedsSecond):
        return awaited
