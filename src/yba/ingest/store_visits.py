"""The SQL about the visits of people who died; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

_AFTER: Final = """
SELECT w.n, min(c.started_at) FROM unnest(%s::int[], %s::uuid[], %s::timestamptz[]) AS w (n, person, died)
  JOIN claim c ON c.person_id = w.person AND c.started_at > w.died
 WHERE NOT c.withdrawn AND c.id <> ALL(%s::uuid[]) GROUP BY w.n
"""


def visits_after(conn: Connection[Any], deaths: Sequence[tuple[int, UUID, datetime]], besides: Sequence[UUID]) -> dict[int, datetime]:
    """The first visit in force that began after a death: (number, person, last moment of the death) -> begin, by number.

    ``besides``: claims that are being written now, whose old version does not count.
    """
    numbers, people, moments = ([one[at] for one in deaths] for at in range(3))
    return dict(conn.execute(_AFTER, (numbers, people, moments, list(besides))).fetchall())
