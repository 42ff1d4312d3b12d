"""The SQL of looking a source up by its Patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

_KNOWN: Final = """
SELECT n.id, s.facility, s.local_id, EXISTS (SELECT FROM person p WHERE p.id = n.id)
  FROM unnest(%s::uuid[]) AS n (id)
  LEFT JOIN LATERAL (SELECT facility, local_id FROM person_source q WHERE q.patient_id = n.id AND q.variant = 1 ORDER BY 1, 2 LIMIT 1) s ON true
"""


def known(conn: Connection[Any], patients: Sequence[UUID]) -> list[tuple[Any, ...]]:
    """Read (id, facility, patient number, whether it is a person's own id) of each."""
    return conn.execute(_KNOWN, (list(patients),), prepare=True).fetchall()
