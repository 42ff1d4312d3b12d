"""Statements that read resources named by type and id, many at once: each row passes the predicate, and the policies say it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.record.lines import columns_of, locator_key, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

    Conn = Connection[tuple[Any, ...]]

# The person is part of every key: each id is one step into the locator and one into the partition of its type.
_LIVING: Final = "NOT deleted"
_NAMED: Final = """
SELECT {what} FROM unnest(%(keys)s::uuid[], %(ids)s::uuid[]) AS named (named_key, named_id)
 CROSS JOIN LATERAL (SELECT l.person_id AS home FROM locator l WHERE l.key = named_key OFFSET 0) AS at
 CROSS JOIN LATERAL (
     SELECT * FROM resource WHERE rtype = %(rtype)s AND person_id = at.home AND id = named_id AND version > 0 AND {living} AND {seen}) AS found
"""


def standing(conn: Conn, seen: Predicate, rtype: str, ids: Sequence[str], *, gone: bool) -> set[str]:
    """Return which of these ids of a type are living (``gone``: or deleted) resources under the predicate."""
    statement = seen.into(_NAMED, what="coalesce(given_id, id::text)", living="true" if gone else _LIVING)
    return {row[0] for row in conn.execute(statement, {**_given(rtype, ids), **seen.params})}


def documents(conn: Conn, seen: Predicate, rtype: str, ids: Sequence[str]) -> Iterator[tuple[str, UUID, str]]:
    """Give id, person and document of the living resources of a type among these ids under the predicate, in no order.

    Nothing else of the row is asked for: a list reads thousands, and three moments of each cost as much as the rest.
    """
    statement = seen.into(_NAMED, what="coalesce(given_id, id::text), person_id, doc::text", living=_LIVING)
    for id_, person, doc in conn.execute(statement, {**_given(rtype, ids), **seen.params}):
        yield id_, person, whole(rtype, id_, doc)


def _given(rtype: str, ids: Sequence[str]) -> dict[str, Any]:
    return {"rtype": rtype, "keys": [locator_key(rtype, one) for one in ids], "ids": [columns_of(one)[0] for one in ids]}
