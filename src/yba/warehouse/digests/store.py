"""The statements of digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from .model import Digest

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.reach import Predicate

    Conn = Connection[Any]

_COLUMNS: Final = "id, digest, period, number, made_at, made_by, until, octet_length(pdf), encode(sha256, 'hex')"
# The number is the next one; of two makers at once the second finds its number taken and gives nothing.
_ADD: Final = f"""
INSERT INTO warehouse_digest (id, digest, period, number, made_at, made_by, until, content, pdf, sha256)
SELECT %(id)s, %(digest)s, %(period)s, coalesce(max(number), 0) + 1, %(made_at)s, %(made_by)s, %(until)s, %(content)s, %(pdf)s, sha256(%(pdf)s)
  FROM warehouse_digest WHERE digest = %(digest)s AND period = %(period)s
ON CONFLICT DO NOTHING RETURNING {_COLUMNS}"""  # noqa: S608  our own columns
_FIND: Final = sql.SQL(
    f"""SELECT {_COLUMNS} FROM warehouse_digest WHERE {{seen}} AND (%(digest)s = '' OR digest = %(digest)s)
    AND (%(period)s = '' OR period = %(period)s) ORDER BY made_at DESC, number DESC LIMIT %(limit)s"""  # noqa: S608  our own columns
)
_WHOLE: Final = sql.SQL(f"SELECT {_COLUMNS}, content, pdf FROM warehouse_digest WHERE {{seen}} AND id = %(id)s")  # noqa: S608  our own columns


def add(conn: Conn, given: dict[str, Any]) -> Digest | None:
    """Keep a digest (columns by name) under the next number of its period; None: somebody else was quicker."""
    row = conn.execute(_ADD, given).fetchone()
    return Digest(*row) if row else None


def find(conn: Conn, seen: Predicate, *, digest: str = "", period: str = "", limit: int = 100) -> list[Digest]:
    """Find digests, the newest first."""
    rows = conn.execute(_FIND.format(seen=seen.sql), {**seen.params, "digest": digest, "period": period, "limit": limit}).fetchall()
    return [Digest(*row) for row in rows]


def whole(conn: Conn, seen: Predicate, id_: UUID) -> tuple[Digest, str, bytes] | None:
    """Read one with its content and its paper."""
    row = conn.execute(_WHOLE.format(seen=seen.sql), {**seen.params, "id": id_}).fetchone()
    return (Digest(*row[:-2]), row[-2], bytes(row[-1])) if row else None
