"""The SQL of claims that follow their person; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection

_STANDING: Final = """
SELECT count(*)::text || '/' || coalesce(sum(hashtextextended(concat_ws('|', id, version, person_id, withdrawn), 0)), 0)::text
  FROM claim WHERE person_id = ANY (%s::uuid[])
"""


def claims_of(conn: Connection[Any], person: UUID) -> list[tuple[UUID, str, UUID, str | None]]:
    """Read the claims of a person, withdrawn ones too: (id, facility, source Patient, source where the number does not say it)."""
    rows = conn.execute("SELECT id, facility, patient_id, source FROM claim WHERE person_id = %s ORDER BY id", (person,))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def check_ins_at(conn: Connection[Any], places: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Read the visits (facility, link) that were announced of patient numbers at facilities."""
    rows = conn.execute(
        "SELECT DISTINCT c.facility, c.link FROM check_in c JOIN unnest(%s::text[], %s::text[]) AS n (facility, local)"
        " ON c.facility = n.facility AND c.local_patient = n.local",
        ([place[0] for place in places], [place[1] for place in places]),
    )
    return [(row[0], row[1]) for row in rows]


def give_claims(conn: Connection[Any], claims: Sequence[UUID], person: UUID) -> None:
    """Let claims be another person's."""
    conn.execute("UPDATE claim SET person_id = %s WHERE id = ANY (%s::uuid[])", (person, list(claims)))


def standing(conn: Connection[Any], people: Sequence[UUID]) -> str:
    """Mark the claims of people."""
    row = conn.execute(_STANDING, (list(people),)).fetchone()
    return str(row[0]) if row else ""
