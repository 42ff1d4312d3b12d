"""The SQL of following a person; private to this room."""

# ruff: noqa: S608  # our own names of tables

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg import Connection


_TABLES: Final = ("care_visit", "care_due")


def of(conn: Connection[Any], person: UUID) -> list[tuple[UUID, UUID]]:
    """Read (id, source Patient) of the visits and due items of a person."""
    both = (conn.execute(f"SELECT id, patient_id FROM {table} WHERE person_id = %s".encode(), (person,)).fetchall() for table in _TABLES)
    return [row for rows in both for row in rows]


def give(conn: Connection[Any], ids: Sequence[UUID], taker: UUID) -> None:
    """Let visits and due items be another person's."""
    for table in _TABLES:
        conn.execute(f"UPDATE {table} SET person_id = %s WHERE id = ANY (%s::uuid[])".encode(), (taker, list(ids)))


def standing(conn: Connection[Any], people: Sequence[UUID]) -> str:
    """Return a mark that changes with the visits and due items of people."""
    row = conn.execute(
        "SELECT md5(coalesce(string_agg(one, ',' ORDER BY one), '')) FROM ("
        " SELECT concat_ws('|', id, person_id, number, state) AS one FROM care_visit WHERE person_id = ANY (%(people)s::uuid[])"
        " UNION ALL SELECT concat_ws('|', id, person_id, state, kept_by) FROM care_due WHERE person_id = ANY (%(people)s::uuid[])) AS f",
        {"people": list(people)},
    ).fetchone()
    return str(row[0]) if row else ""
