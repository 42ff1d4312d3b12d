"""The SQL of wrapped keys: which version of the ring wraps them, and wrapping them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, LiteralString

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

# landing.sealing: version 1 wraps without a number in front (60 bytes), later ones write theirs into the first two bytes.
_VERSION: Final[LiteralString] = "CASE WHEN octet_length(key) = 60 THEN 1 ELSE get_byte(key, 0) * 256 + get_byte(key, 1) END"


def versions(conn: Connection[Any]) -> dict[int, int]:
    """Count the keys that are there by version."""
    return dict(conn.execute(f"SELECT {_VERSION}, count(*) FROM segment WHERE key IS NOT NULL GROUP BY 1 ORDER BY 1").fetchall())  # noqa: S608  # constants


def older(conn: Connection[Any], *, newest: int, after: tuple[int, int], most: int) -> list[tuple[int, int, bytes]]:
    """Read and lock up to ``most`` keys behind a place that an older version wraps: (message, ordinal, wrapped key), in order."""
    return conn.execute(
        "SELECT message, ordinal, key FROM segment WHERE (message, ordinal) > (%(message)s, %(ordinal)s) AND key IS NOT NULL"  # noqa: S608  # constants
        f" AND {_VERSION} < %(newest)s ORDER BY message, ordinal LIMIT %(most)s FOR UPDATE",
        {"message": after[0], "ordinal": after[1], "newest": newest, "most": most},
    ).fetchall()


def replace(conn: Connection[Any], rows: Sequence[tuple[int, int, bytes]]) -> None:
    """Write keys wrapped anew; a key that is destroyed stays destroyed."""
    if rows:
        messages, ordinals, wrapped = zip(*rows, strict=True)
        conn.execute(
            "UPDATE segment s SET key = n.key FROM unnest(%s::bigint[], %s::int[], %s::bytea[]) AS n(message, ordinal, key)"
            " WHERE s.message = n.message AND s.ordinal = n.ordinal AND s.key IS NOT NULL",
            (list(messages), list(ordinals), list(wrapped)),
        )
