"""Patients that were named before they were sent: people of whom nothing is known yet, and whom a description means once it comes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from yba import access
from yba.access import Right
from yba.kit.ids import new_id

from . import store
from .actions import _decided as decided
from .actions import resolve_many, retract
from .likeness import LIKELY
from .state import Review

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import PersonFacts


def expect_patients(conn: Connection[Any], *, by: Actor, facts: Sequence[PersonFacts]) -> list[UUID]:
    """Make a person for each Patient that is named and not sent yet, with a source that says nothing, as if it had been taken back.

    ``facts`` name the source (facility, local_id, patient, resource_id) and nothing else. What is sent under that patient number later lets
    the source speak. No golden document. Noted by the caller. Raises Denied.
    """
    people = [one.person_id for one in resolve_many(conn, by=by, facts=facts)]
    retract(conn, by=by, births=[one.patient for one in facts if one.patient is not None])
    return people


def meant_by(conn: Connection[Any], *, by: Actor, facts: PersonFacts, awaited: UUID) -> UUID | None:
    """Say who a description would be found to be if its source had not been waited for; None: nobody known without doubt.

    A doubt of the weights is opened between that person and the one ``awaited``: once its patient number is known, nobody asks the weights.
    Doubts about numbers are met by `resolve_many`. Raises Denied.
    """
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    _, state, [found], _ = decided(conn, [replace(facts, local_id=str(new_id()))])
    if store.load(conn, [awaited], set()).people[awaited].sources:  # a clerk said meanwhile who it is
        return None
    if not found.review and not state.people[found.person_id].fresh:
        return found.person_id if found.person_id != awaited else None
    likely = [one for one in state.reviews if one.kind == LIKELY]
    others = [(one, person) for one in likely for person in one.persons if person != found.person_id]
    store.open_reviews(conn, [Review(LIKELY, tuple(sorted({awaited, other})), facts.facility, facts.local_id, one.evidence) for one, other in others])
    return None
