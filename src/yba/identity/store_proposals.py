"""The SQL of proposals; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
from psycopg import sql

from .acts import ActKind, Proposal

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

    from .acts import Plan

_COLUMNS: Final = (
    "f.id, f.at, f.kind, f.giver, f.taker, f.request::text, f.guards, f.reason, f.who, f.state, f.decided_at, f.decided_by, f.words, f.act"
)
_LISTED: Final = f"""
SELECT {_COLUMNS} FROM (SELECT p.*, p.taker AS person_id FROM person_proposal p) f
 WHERE (%(state)s::text IS NULL OR f.state = %(state)s) AND {{seen}} ORDER BY f.at, f.id LIMIT %(limit)s
"""  # noqa: S608  our own list
_SAME: Final = f"""
SELECT {_COLUMNS} FROM person_proposal f WHERE f.state = 'open' AND f.kind = %s AND f.giver = %s AND (f.taker = %s OR f.kind = 'split')
   AND f.request = %s::jsonb
"""  # noqa: S608  as above


def add(conn: Connection[Any], id_: UUID, plan: Plan, who: str) -> Proposal:
    """Write a proposal, or return the open one that says the same."""
    request = orjson.dumps({"sources": [list(ref.key) for ref in plan.moving], "reverts": plan.reverts}).decode()
    row = conn.execute(_SAME, (plan.kind.value, plan.giver, plan.taker, request)).fetchone()
    if row is None:
        row = conn.execute(
            f"INSERT INTO person_proposal AS f (id, kind, giver, taker, request, guards, reason, who)"  # noqa: S608  as above
            f" VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s, %s) RETURNING {_COLUMNS}",
            (id_, plan.kind.value, plan.giver, plan.taker, request, [guard.code for guard in plan.guards], plan.reason, who),
        ).fetchone()
    assert row is not None  # noqa: S101  RETURNING gives the row
    return _proposal(row)


def listed(conn: Connection[Any], seen: Predicate, state: str | None, limit: int) -> list[Proposal]:
    """Read proposals, oldest first."""
    query = sql.SQL(_LISTED).format(seen=seen.sql)
    return [_proposal(row) for row in conn.execute(query, {"state": state, "limit": limit, **seen.params})]


def hold(conn: Connection[Any], proposal: UUID) -> Proposal | None:
    """Read and hold one proposal."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM person_proposal f WHERE f.id = %s FOR UPDATE", (proposal,)).fetchone()  # noqa: S608  our own list
    return _proposal(row) if row else None


def close(conn: Connection[Any], proposal: UUID, state: str, who: str, words: str, act: int | None) -> None:
    """Close a proposal."""
    conn.execute(
        "UPDATE person_proposal SET state = %s, decided_at = clock_timestamp(), decided_by = %s, words = %s, act = %s WHERE id = %s",
        (state, who, words, act, proposal),
    )


def _proposal(row: tuple[Any, ...]) -> Proposal:
    id_, at, kind, giver, taker, request, guards, *rest = row
    return Proposal(id_, at, ActKind(kind), giver, taker, orjson.loads(request), tuple(guards), *rest)
