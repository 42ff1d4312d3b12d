"""The statement that keeps the place of a Patient that was not sent yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.record.lines import columns_of, locator_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from psycopg import Connection

    from yba.record.model import Put

    Conn = Connection[tuple[Any, ...]]

# A tombstone of version 0: merges and splits take it along like any row, no search finds it, no history keeps it.
_INSERT: Final = """
WITH located AS (INSERT INTO locator (key, person_id, facility_id) VALUES (%(key)s::uuid, %(person)s, %(facility)s))
INSERT INTO resource (updated, version, deleted, person_id, source_id, rtype, id, given_id, facility_id, mapped_by, tokens, doc)
VALUES (%(updated)s, 0, true, %(person)s, %(source)s, 'Patient', %(id)s, %(given)s, %(facility)s, %(mapped_by)s, '{}', '{}')
"""


def insert(conn: Conn, puts: Sequence[Put], updated: datetime) -> None:
    """Write version 0 of Patients of which nothing is known but the id."""
    for put in puts:
        id_, given = columns_of(put.id)
        place = {"key": locator_key(put.rtype, put.id), "person": put.person_id, "facility": put.facility_id, "source": put.source_id}
        conn.execute(_INSERT, {"updated": updated, "id": id_, "given": given, "mapped_by": put.mapped_by, **place})
