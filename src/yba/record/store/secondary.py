"""Statements about resources of two people: which further records they stand in, and what stands in a record from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.record.lines import locator_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from yba.record.model import Put

    Conn = Connection[tuple[Any, ...]]

_SHARE: Final = """
WITH wanted AS (
    SELECT * FROM unnest(%(persons)s::uuid[], %(keys)s::uuid[], %(sources)s::uuid[], %(rtypes)s::text[], %(ids)s::text[])
        AS w (person_id, key, source_id, rtype, id)
), gone AS (
    DELETE FROM secondary s WHERE s.key = ANY(%(told)s::uuid[])
        AND NOT EXISTS (SELECT FROM wanted w WHERE w.key = s.key AND w.person_id = s.person_id)
)
INSERT INTO secondary (person_id, key, source_id, rtype, id) SELECT * FROM wanted
ON CONFLICT (person_id, key) DO UPDATE SET source_id = excluded.source_id
"""


def share(conn: Conn, puts: Sequence[Put]) -> None:
    """Make the further people of resources those that their last puts name, in one statement."""
    last = {(put.rtype, put.id): put for put in puts}
    rows = [(person, locator_key(*ref), put.source_id, *ref) for ref, put in last.items() for person in dict.fromkeys(put.also or ())]
    persons, keys, sources, rtypes, ids = ([row[at] for row in rows] for at in range(5))
    told = [locator_key(*ref) for ref in last]
    conn.execute(_SHARE, {"persons": persons, "keys": keys, "sources": sources, "rtypes": rtypes, "ids": ids, "told": told})
