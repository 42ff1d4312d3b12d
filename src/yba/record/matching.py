"""For $match: what a described human says as facts, and the golden Patients of those who may be meant, as far as they may be found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from yba import access
from yba.access import Right
from yba.kit import clock

from . import store
from .patient_facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg import Connection

    from yba.identity import PersonFacts
    from yba.kit.actor import Actor

    from .model import StoredResource

_NOBODY: Final = UUID(int=0)
_ASKED: Final = "~match"  # no source has such a number: a described human is nobody's patient


def facts_to_match(patient: dict[str, Any]) -> PersonFacts:
    """Return what a FHIR Patient says of a human, to be compared and nothing else."""
    return facts_of({**patient, "id": "match"}, facility="", local=_ASKED, patient=_NOBODY, claim=_NOBODY, moment=clock.now())


def golden_patients(conn: Connection[Any], *, by: Actor, person_ids: Iterable[UUID]) -> dict[UUID, StoredResource]:
    """Return the golden Patients of people the actor may find. The caller writes the audit row. Raises Denied."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_PERSON_FIND)
    found = ((person, store.get(conn, seen, "Patient", str(person))) for person in person_ids)
    return {person: one for person, one in found if one is not None and not one.deleted}
