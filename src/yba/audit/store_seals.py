"""The SQL of seals: rows as lines, where a batch ends, who still writes, and the chain itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, LiteralString

from psycopg import sql

from .chain import Seal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from psycopg import Connection, Copy

# The canonical line of a row: these columns, in this order, as COPY writes them. A later column goes to the end of a new form.
LINE: Final = (
    "id", "at", "transaction", "who", "actor_kind", "purpose", "tag", "about_type", "about_id", "person_id", "facility", "reason", "detail",
    "address", "port", "device", "role", "under", "outcome", "version",
)  # fmt: skip
_LOCK: Final = 0x79_62_61_53  # "ybaS": one sealer at a time
_COPY: Final = "COPY (SELECT {columns} FROM {seen} WHERE id BETWEEN {first} AND {last} ORDER BY id) TO STDOUT"
# Who holds a writer's lock on a store may hold a number that is not committed. Prepared transactions are among them ("-1/<xid>").
_WRITERS: Final = """
SELECT DISTINCT virtualtransaction FROM pg_locks
 WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND relation = ANY (ARRAY['public.record_access'::regclass, 'public.security'::regclass]::oid[]) AND mode = 'RowExclusiveLock' AND granted
   AND pid IS DISTINCT FROM pg_backend_pid()
"""
_SEAL: Final = (
    "store, number, first_id, last_id, rows, first_at, last_at, content, sha256(digests), previous, sealed_at, clock_went_back, key, head, signature"
)
_INSERT: Final = """
INSERT INTO audit_seal (store, number, first_id, last_id, rows, first_at, last_at, content, digests, previous, sealed_at, clock_went_back, key, head,
                        signature)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def take_turn(conn: Connection[Any]) -> bool:
    """Be the only sealer until the transaction ends; False when another one is."""
    row = conn.execute("SELECT pg_try_advisory_xact_lock(%s)", (_LOCK,)).fetchone()
    return bool(row and row[0])


def as_lines(conn: Connection[Any]) -> None:
    """Set what the text of a row hangs on, for this transaction."""
    conn.execute("SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true), set_config('bytea_output', 'hex', true)")


def cut(conn: Connection[Any]) -> tuple[datetime, int]:
    """Return (moment, number): every number drawn later is higher. Without a number drawn since a restore, the highest row counts."""
    now = _one(conn, "SELECT clock_timestamp()")
    number = _one(conn, "SELECT pg_sequence_last_value('audit_number')")
    return now, int(number if number is not None else _one(conn, "SELECT coalesce(max(id), 0) FROM audit_event"))


def writers(conn: Connection[Any]) -> set[str]:
    """Return the transactions that may hold a number which is not committed yet."""
    return {row[0] for row in conn.execute(_WRITERS)}


def lines(conn: Connection[Any], store: str, first: int, last: int) -> AbstractContextManager[Copy]:
    """Stream the lines of the rows numbered from ``first`` to ``last``, one bytes-like object each."""
    return conn.cursor().copy(
        sql.SQL(_COPY).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, LINE)),
            seen=sql.Identifier(f"{store}_seen"),
            first=sql.Literal(first),
            last=sql.Literal(last),
        )
    )


def batch_end(conn: Connection[Any], store: str, first: int, last: int, rows: int) -> int:
    """Return the number at which a batch of at most ``rows`` rows ends, ``last`` when there are fewer."""
    return int(_of(conn, store, "SELECT coalesce((SELECT id FROM {} WHERE id BETWEEN %s AND %s ORDER BY id OFFSET %s LIMIT 1), %s)",
                   (first, last, rows - 1, last)))  # fmt: skip


def times(conn: Connection[Any], store: str, first: int, last: int) -> tuple[datetime | None, datetime | None]:
    """Return the earliest and the latest moment among rows."""
    query = sql.SQL("SELECT min(at), max(at) FROM {} WHERE id BETWEEN %s AND %s").format(sql.Identifier(f"{store}_seen"))
    row = conn.execute(query, (first, last)).fetchone()
    return (row[0], row[1]) if row else (None, None)


def last_seal(conn: Connection[Any], store: str) -> Seal | None:
    """Return the newest seal of a store."""
    return _seal(conn.execute(f"SELECT {_SEAL} FROM audit_seal WHERE store = %s ORDER BY number DESC LIMIT 1", (store,)).fetchone())  # noqa: S608  constant


def add(conn: Connection[Any], seal: Seal, row_digests: bytes) -> None:
    """Add a seal to the chain."""
    conn.execute(_INSERT, (*seal[:8], row_digests, *seal[9:]))


def seals(conn: Connection[Any], store: str, after: int) -> Iterator[Seal]:
    """Yield the seals of a store after a number, in order, a thousand at a time."""
    while True:
        found = conn.execute(f"SELECT {_SEAL} FROM audit_seal WHERE store = %s AND number > %s ORDER BY number LIMIT 1000", (store, after)).fetchall()  # noqa: S608  constant
        yield from map(Seal._make, found)
        if not found:
            return
        after = found[-1][1]


def seal_numbered(conn: Connection[Any], store: str, number: int) -> Seal | None:
    """Return one seal."""
    return _seal(conn.execute(f"SELECT {_SEAL} FROM audit_seal WHERE store = %s AND number = %s", (store, number)).fetchone())  # noqa: S608  constant


def digests_of(conn: Connection[Any], store: str, number: int) -> bytes:
    """Return the digests a seal keeps, 8 bytes a row."""
    row = conn.execute("SELECT digests FROM audit_seal WHERE store = %s AND number = %s", (store, number)).fetchone()
    return bytes(row[0]) if row else b""


def first_since(conn: Connection[Any], store: str, since: datetime) -> int:
    """Return the number before the first seal made at or after a moment."""
    return int(_one(conn, "SELECT coalesce(min(number) - 1, 0) FROM audit_seal WHERE store = %s AND sealed_at >= %s", (store, since)))


def unsealed(conn: Connection[Any], store: str, after: int) -> tuple[int, float]:
    """Return how many rows have numbers above ``after`` and the age of the oldest in seconds by the database's clock (0.0: none)."""
    query = sql.SQL("SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::float8 FROM {} WHERE id > %s")
    row = conn.execute(query.format(sql.Identifier(f"{store}_seen")), (after,)).fetchone()
    return (int(row[0]), float(row[1])) if row else (0, 0.0)


def rows_below(conn: Connection[Any], store: str, first: int) -> list[int]:
    """Return numbers of rows below the first number that was ever sealed: nobody draws such numbers."""
    query = sql.SQL("SELECT id FROM {} WHERE id < %s ORDER BY id LIMIT 100").format(sql.Identifier(f"{store}_seen"))
    return [row[0] for row in conn.execute(query, (first,))]


def _seal(row: tuple[Any, ...] | None) -> Seal | None:
    return Seal._make(row) if row else None


def _one(conn: Connection[Any], query: str, given: tuple[object, ...] = ()) -> Any:  # noqa: ANN401  any column
    row = conn.execute(query.encode(), given).fetchone()
    return row[0] if row else None


def _of(conn: Connection[Any], store: str, query: LiteralString, given: tuple[object, ...]) -> Any:  # noqa: ANN401  any column
    row = conn.execute(sql.SQL(query).format(sql.Identifier(f"{store}_seen")), given).fetchone()
    return row[0] if row else None
