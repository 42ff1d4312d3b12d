"""DuckDB, loaded only where tables are matched or a pair is explained: 65 MB that most processes never need."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def connect(database: str = ":memory:", *, memory: str = "") -> duckdb.DuckDBPyConnection:
    """Open DuckDB in memory or on a file, within ``memory`` ("3GB"; "" its own limit)."""
    found: duckdb.DuckDBPyConnection = importlib.import_module("duckdb").connect(database, config={"memory_limit": memory} if memory else {})
    return found


def engine_error() -> type[Exception]:
    """Return the class of DuckDB's errors, for an ``except`` around its statements."""
    found: type[Exception] = importlib.import_module("duckdb").Error
    return found
