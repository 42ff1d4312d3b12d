"""Statements that read earlier versions: of one resource, a type or the whole record; each under the predicate of its right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from yba.kit.prepared import Ask
from yba.record.lines import columns_of, literals, locator_key

from .read import _STORED as STORED
from .read import _stored as as_stored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection

    from yba.kit.reach import Predicate
    from yba.record.model import StoredResource

    from .read import Run

    Conn = Connection[tuple[Any, ...]]

_VERSION: Final = """
SELECT {stored} FROM (
    SELECT h.rtype, h.id, h.given_id, l.person_id, h.version, h.updated, h.start_at, h.end_at, h.facility_id, h.source_id, h.labels,
           h.mapped_by, h.deleted, h.doc
      FROM resource_history h JOIN locator l ON l.key = %(key)s::uuid
     WHERE h.rtype = %(rtype)s AND h.id = %(id)s AND h.version = %(version)s) AS kept
 WHERE {seen}
"""


def version(conn: Conn, seen: Predicate, rtype: str, id_: str, number: int) -> StoredResource | None:
    """Return an earlier version, as of the person the resource belongs to now."""
    given = {"rtype": rtype, "id": columns_of(id_)[0], "key": locator_key(rtype, id_), "version": number, **seen.params}
    row = conn.execute(sql.SQL(_VERSION).format(stored=sql.SQL(STORED), seen=seen.sql), given).fetchone()
    return None if row is None else as_stored(row)


_EARLIER: Final = """
SELECT {what} FROM (
    SELECT h.rtype, h.id, h.given_id, l.person_id, h.version, h.updated, h.start_at, h.end_at, h.facility_id, h.source_id, h.labels,
           h.mapped_by, h.deleted, h.doc
      FROM resource_history h JOIN locator l ON l.key = %(key)s::uuid
     WHERE h.rtype = %(rtype)s AND h.id = %(id)s AND {which}) AS kept
 WHERE {seen} ORDER BY version DESC
"""


def versions(run: Run, seen: Predicate, rtype: str, id_: str, *, before: int) -> list[tuple[int, datetime]]:
    """Return number and moment of the versions before one, newest first: no document of them is read."""
    statement = seen.into(_EARLIER, what="version, updated", which="h.version < %(before)s::int")
    return [(row[0], row[1]) for row in run(Ask(statement, literals({**_of(rtype, id_), "before": before, **seen.params})))]


def these(run: Run, seen: Predicate, rtype: str, id_: str, numbers: Sequence[int]) -> list[StoredResource]:
    """Return earlier versions by their numbers, newest first."""
    if not numbers:
        return []
    statement = seen.into(_EARLIER, what=STORED, which="h.version = ANY (%(numbers)s::int[])")
    return [as_stored(row) for row in run(Ask(statement, literals({**_of(rtype, id_), "numbers": list(numbers), **seen.params})))]


def _of(rtype: str, id_: str) -> dict[str, Any]:
    return {"rtype": rtype, "id": columns_of(id_)[0], "key": locator_key(rtype, id_)}


# What is restricted now is not shown by a version from before it was: an earlier version needs its current row to be seen as well.
_CHANGES: Final = """
SELECT {stored} FROM (SELECT * FROM (
    SELECT rtype, id, given_id, person_id, version, updated, start_at, end_at, facility_id, source_id, labels, mapped_by, deleted, doc
      FROM resource_seen WHERE version > 0 AND {within} AND {seen}
    UNION ALL
    SELECT * FROM (
        SELECT h.rtype, h.id, h.given_id, l.person_id, h.version, h.updated, h.start_at, h.end_at, h.facility_id, h.source_id, h.labels,
               h.mapped_by, h.deleted, h.doc
          FROM (SELECT * FROM resource_history WHERE {within}) AS h
          JOIN locator l ON l.key = locator_key(h.rtype, coalesce(h.given_id, h.id::text))
    ) AS kept
     WHERE {seen} AND EXISTS (SELECT FROM (
        SELECT n.* FROM resource_seen n WHERE n.rtype = kept.rtype AND n.person_id = kept.person_id AND n.id = kept.id) AS now WHERE {now})
) AS changes
 WHERE {place}
 ORDER BY updated DESC, rtype DESC, id DESC, version DESC LIMIT %(limit)s) AS page
 ORDER BY updated DESC, rtype DESC, id DESC, version DESC
"""  # documents are written as text for the page alone, not for all that is sorted
_TYPE: Final = "rtype = %(rtype)s"
_SINCE: Final = "updated >= %(since)s"
_UNTIL: Final = "updated <= %(until)s"
_PLACE: Final = "(updated, rtype, id, version) < (%(at)s::timestamptz, %(at_rtype)s, %(at_id)s::uuid, %(at_version)s::int)"
# Not superseded before: what was current at some time from then on.
_CURRENT_FROM: Final = (
    "NOT EXISTS (SELECT FROM resource_seen n WHERE n.rtype = changes.rtype AND n.person_id = changes.person_id AND n.id = changes.id"
    " AND n.version = changes.version + 1 AND n.updated <= %(from)s)"
    " AND NOT EXISTS (SELECT FROM resource_history n WHERE n.rtype = changes.rtype AND n.id = changes.id"
    " AND n.version = changes.version + 1 AND n.updated <= %(from)s)"
)


def changes(
    run: Run, seen: Predicate, now: Predicate, *, rtype: str | None, since: datetime | None, at: tuple[datetime, datetime] | None,
    place: Mapping[str, Any] | None, limit: int,
) -> list[StoredResource]:  # fmt: skip
    """Return versions of a type (None: of all), newest first, not newer than a place; ``now`` is the predicate over the alias "now"."""
    given: dict[str, Any] = {"rtype": rtype, "since": since, "limit": limit, **seen.params, **now.params}
    within = [_TYPE] if rtype else []
    within += [_SINCE] if since else []
    places: list[str] = []
    if at is not None:
        given |= {"from": at[0], "until": at[1]}
        within.append(_UNTIL)
        places.append(_CURRENT_FROM)
    if place is not None:
        given |= place
        within.append("updated <= %(at)s")
        places.append(_PLACE)
    statement = seen.into(_CHANGES, stored=STORED, within=_all(within), now=now.text, place=_all(places))
    return [as_stored(row) for row in run(Ask(statement, literals(given)))]


def _all(parts: Sequence[str]) -> str:
    return " AND ".join(parts) if parts else "true"
