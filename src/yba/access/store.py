"""The SQL of access; private to this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

# A relation of one of the units, of one of the kinds, in force or ended no longer than `days` ago. The row's own person makes it an index
# probe a row; a person given as a parameter makes it one probe a statement.
RELATED: Final = sql.SQL(
    "EXISTS (SELECT FROM relation AS tie WHERE tie.person_id = {whom} AND tie.unit = ANY ({units}) AND tie.kind = ANY ({kinds})"
    " AND tie.void_at IS NULL AND tie.start_at <= {now} AND (tie.end_at IS NULL OR tie.end_at >= {now} - make_interval(days => {days})))"
)


def is_related(conn: Connection[Any], person: UUID, units: Sequence[str], since: datetime | None) -> bool:
    """Whether one of these units is related to a person, or was until ``since``."""
    row = conn.execute("SELECT is_related(%s, %s, %s)", (person, list(units), since)).fetchone()
    return bool(row and row[0])
