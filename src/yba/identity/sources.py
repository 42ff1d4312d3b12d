"""Which source a Patient resource is of, asked before it is written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from yba import access
from yba.access import Right

from . import store_sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor


class KnownPatient(NamedTuple):
    """What is known of the id of a Patient: the source it is of ("" twice: of none), and whether it is a person's own id."""

    facility: str
    local_id: str
    is_person: bool


def known_patients(conn: Connection[Any], *, by: Actor, patients: Sequence[UUID]) -> dict[UUID, KnownPatient]:
    """Say of ids of Patients what they are, one round trip; noted by the caller, in whose act it is a step. Raises Denied."""
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    return {id_: KnownPatient(facility or "", local_id or "", person) for id_, facility, local_id, person in store_sources.known(conn, patients)}
