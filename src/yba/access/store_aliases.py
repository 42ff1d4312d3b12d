"""The SQL of aliases; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from psycopg import Connection

_PUT: Final = """
INSERT INTO person_alias (was, now) SELECT * FROM unnest(%s::uuid[], %s::uuid[])
ON CONFLICT (was) DO UPDATE SET now = excluded.now, at = excluded.at WHERE person_alias.now <> excluded.now
"""
_ALL: Final = """
WITH meant AS (SELECT now AS id FROM person_alias WHERE was = ANY (%(ids)s::uuid[]) UNION SELECT unnest(%(ids)s::uuid[]))
SELECT id FROM meant UNION SELECT a.was FROM person_alias a JOIN meant ON a.now = meant.id
"""


def put(conn: Connection[Any], aliases: Mapping[UUID, UUID]) -> None:
    """Write whom ids mean."""
    conn.execute(_PUT, (list(aliases), list(aliases.values())))


def remove(conn: Connection[Any], ids: list[UUID]) -> None:
    """Let ids mean themselves again."""
    conn.execute("DELETE FROM person_alias WHERE was = ANY (%s::uuid[])", (ids,))


def now(conn: Connection[Any], person: UUID) -> UUID:
    """Read whom an id means."""
    row = conn.execute("SELECT now FROM person_alias WHERE was = %s", (person,)).fetchone()
    return row[0] if row else person


def all_of(conn: Connection[Any], ids: Iterable[UUID]) -> frozenset[UUID]:
    """Read all ids of some people."""
    return frozenset(row[0] for row in conn.execute(_ALL, {"ids": list(ids)}))
