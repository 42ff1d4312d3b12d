"""The SQL of how a facility knows a person; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

# "~" begins keys identity makes itself; a Patient that came under an id of its sender's is known by that (and may be no uuid: left out here).
_SOURCE: Final = """
SELECT local_id, patient_id FROM person_source
 WHERE person_id = %s AND facility = %s AND variant = 1 AND NOT withdrawn AND local_id NOT LIKE '~%%'
   AND coalesce(sent ->> 'resource_id', patient_id::text) = patient_id::text
 ORDER BY seen_at DESC, local_id LIMIT 1
"""


def source(conn: Connection[Any], person: UUID, facility: str) -> tuple[str, UUID] | None:
    """Read (patient number, Patient) of the newest source."""
    return conn.execute(_SOURCE, (person, facility)).fetchone()


def add(conn: Connection[Any], person: UUID, facility: str, local_id: str, patient: UUID) -> None:
    """Write a source that says nothing, as if it had been taken back; one that is there stays."""
    conn.execute(
        "INSERT INTO person_source (facility, local_id, variant, person_id, patient_id, sent, kept, seen_at, sequence, withdrawn)"
        " VALUES (%s, %s, 1, %s, %s, '{}', '{}', clock_timestamp(), 0, true) ON CONFLICT (facility, local_id, variant) DO NOTHING",
        (facility, local_id, person, patient),
    )
