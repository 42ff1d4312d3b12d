"""The statements of the warehouse: which export of a lake came last."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.kit.db import glance

if TYPE_CHECKING:
    from collections.abc import Iterator
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


_LOCK: Final = 0x796261_6C616B65  # "yba lake": of all locks of the database, this one


@contextmanager
def alone() -> Iterator[bool]:
    """Be the only writer of a mirrored lake among all machines of this database; False: another one is. Gone when the connection is."""
    with glance() as conn:
        row = conn.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
    held = bool(row and row[0])
    try:
        yield held
    finally:
        if held:
            with glance() as conn:
                conn.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


_NOTE: Final = """
INSERT INTO lake_export (lake, seq, token, previous, at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (lake) DO UPDATE SET seq = excluded.seq, token = excluded.token, previous = excluded.previous, at = excluded.at
"""


def note_export(conn: Conn, lake: UUID, seq: int, token: UUID, previous: UUID | None, at: datetime) -> None:
    """Keep the export of a lake that this transaction has read for."""
    conn.execute(_NOTE, (lake, seq, token, previous, at))
