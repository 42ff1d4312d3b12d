"""The statements of the warehouse: which export of a lake came last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    Conn = Connection[tuple[Any, ...]]


class Known(NamedTuple):
    """What the database knows of a lake's last export."""

    seq: int
    token: UUID
    previous: UUID | None
    now: datetime


def last_export(conn: Conn, lake: UUID) -> Known | None:
    """Return the last export of a lake; None: this database knows of none."""
    row = conn.execute("SELECT seq, token, previous, now() FROM lake_export WHERE lake = %s", (lake,)).fetchone()
    return Known(*row) if row else None


_NOTE: Final = """
INSERT INTO lake_export (lake, seq, token, previous, at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (lake) DO UPDATE SET seq = excluded.seq, token = excluded.token, previous = excluded.previous, at = excluded.at
"""


def note_export(conn: Conn, lake: UUID, seq: int, token: UUID, previous: UUID | None, at: datetime) -> None:
    """Keep the export of a lake that this transaction has read for."""
    conn.execute(_NOTE, (lake, seq, token, previous, at))
