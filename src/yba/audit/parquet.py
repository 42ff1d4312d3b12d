"""Rows in a Parquet file, all columns as text, and back again as the lines that were sealed; by DuckDB."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from .store_seals import LINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NULL: Final = "\\N"
_PLAIN: Final = frozenset({"id", "at", "transaction", "person_id", "port", "outcome"})  # never hold what COPY escapes
# As PostgreSQL's COPY writes text: the backslash first, then what would end a field or line.
_ESCAPES: Final = (
    ("chr(92)", "\\\\"),
    ("chr(8)", "\\b"),
    ("chr(12)", "\\f"),
    ("chr(10)", "\\n"),
    ("chr(13)", "\\r"),
    ("chr(9)", "\\t"),
    ("chr(11)", "\\v"),
)
_CHUNK: Final = 10_000


def write(rows_csv: Path, target: Path) -> int:
    """Turn the CSV of COPY (NULL as unquoted backslash-N, all else quoted) into Parquet with zstd; returns how many rows."""
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in LINE) + "}"
    with _engine() as db:
        rows = (
            f"read_csv('{_path(rows_csv)}', header=false, delim=',', quote='\"', escape='\"', nullstr='{NULL}', allow_quoted_nulls=false,"
            f" auto_detect=false, parallel=false, max_line_size=16777216, columns={columns})"
        )
        db.execute(f"COPY (SELECT * FROM {rows}) TO '{_path(target)}' (FORMAT parquet, COMPRESSION zstd)")  # noqa: S608  our own paths
        found = db.execute(f"SELECT count(*) FROM '{_path(target)}'").fetchone()  # noqa: S608  same
    return int(found[0]) if found else 0


@contextmanager
def lines(source: Path, first: int, last: int) -> Iterator[Iterator[bytes]]:
    """Give the lines of the rows numbered from ``first`` to ``last``, in the order of the file, byte for byte as COPY wrote them."""
    line = " || chr(9) || ".join(map(_field, LINE))
    with _engine() as db:
        found = db.execute(f"SELECT {line} || chr(10) FROM '{_path(source)}' WHERE id::BIGINT BETWEEN {first} AND {last}")  # noqa: S608  numbers
        yield (row[0].encode() for chunk in iter(lambda: found.fetchmany(_CHUNK), []) for row in chunk)


def _field(name: str) -> str:
    value = f'"{name}"'
    if name not in _PLAIN:
        for sign, written in _ESCAPES:
            value = f"replace({value}, {sign}, '{written}')"
    return f"coalesce({value}, '{NULL}')"


def _path(path: Path) -> str:
    return str(path).replace("'", "''")


def _engine() -> Any:  # noqa: ANN401  DuckDB's connection
    """Open DuckDB in memory; loaded here and not with the room: 65 MB that only an archive needs."""
    return importlib.import_module("duckdb").connect()
