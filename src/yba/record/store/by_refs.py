"""Statements that read resources named by type and id, many at once: each row passes the predicate, and the policies say it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.record.lines import columns_of, locator_key

from .read import _STORED, _stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from yba.kit.reach import Predicate
    from yba.record.model import StoredResource

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


def stored(conn: Conn, seen: Predicate, rtype: str, ids: Sequence[str]) -> list[StoredResource]:
    """Return the living resources of a type among these ids under the predicate, in no order."""
    statement = seen.into(_NAMED, what=_STORED, living=_LIVING)
    return [_stored(row) for row in conn.execute(statement, {**_given(rtype, ids), **seen.params})]


def _given(rtype: str, ids: Sequence[str]) -> dict[str, Any]:
    return {"rtype": rtype, "keys": [locator_key(rtype, one) for one in ids], "ids": [columns_of(one)[0] for one in ids]}
