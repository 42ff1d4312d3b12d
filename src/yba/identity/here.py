"""How a facility knows a person: its own patient number, made where there is none for somebody who was chosen at its desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba import access
from yba.access import Right

from . import store_here
from .patients import patient_id

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor


def patient_at(conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str) -> UUID | None:
    """Return the id of the source Patient under which a facility knows a person, the newest of several; None where it does not. Raises Denied."""
    access.require(by, Right.IDENTITY_PERSON_RESOLVE, facility=facility)
    found = store_here.source(conn, person_id, facility)
    return found[1] if found else None


def number_at(conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str) -> str:
    """Return the patient number (MA_BN) under which a facility knows a person, "" where it does not. Raises Denied."""
    access.require(by, Right.IDENTITY_PERSON_RESOLVE, facility=facility)
    found = store_here.source(conn, person_id, facility)
    return found[0] if found else ""


def take_in(conn: Connection[Any], *, by: Actor, person_id: UUID, facility: str, local_id: str) -> UUID:
    """Give a person who was chosen at a desk a patient number there, under a source that says nothing yet; returns its Patient's id.

    What is sent under that number later lets the source speak, as this person: nobody is recognised by likeness who was pointed at. Numbers of
    somebody else still open a doubt. Noted by the caller. Raises Denied.
    """
    access.require(by, Right.IDENTITY_PERSON_RESOLVE, facility=facility)
    patient = patient_id(facility, local_id)
    store_here.add(conn, person_id, facility, local_id, patient)
    return patient
