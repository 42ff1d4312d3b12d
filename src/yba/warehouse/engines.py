"""The engines that answer for the lake: DuckDB, and Spark for who has a cluster; both take the SQL of DuckDB."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from yba.kit import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class EngineKind(StrEnum):
    """Who computes."""

    DUCKDB = "duckdb"
    SPARK = "spark"


class Rows(Protocol):
    """What a statement gave, to be fetched."""

    @property
    def description(self) -> Any: ...  # noqa: ANN401, D102  name and type of each column, as the engine has them

    def fetchone(self) -> tuple[Any, ...] | None: ...  # noqa: D102

    def fetchmany(self, size: int = 1, /) -> list[Any]: ...  # noqa: D102

    def fetchall(self) -> list[Any]: ...  # noqa: D102


class Engine(Protocol):
    """Takes statements of DuckDB with parameters by name ($start): a DuckDB connection does, and `warehouse.lake.spark.Spark`."""

    def execute(self, query: str, parameters: Mapping[str, object] | None = None, /) -> Rows: ...  # noqa: D102


@contextmanager
def own_question() -> Iterator[None]:
    """Let DuckDB say what is wrong with a question to who wrote it. Raises Invalid with its words, which may quote a row: for a terminal alone."""
    try:
        yield
    except importlib.import_module("duckdb").Error as error:
        message = f"the question cannot be answered. {str(error).strip()}"
        raise Invalid(message) from None


def listed(columns: Sequence[str], rows: Sequence[Sequence[str | int | None]]) -> str:
    """Write a short list as a query that every engine reads; a column is a text unless its name is followed by a type."""
    names = [(*column.split(), "VARCHAR")[:2] for column in columns]
    if not rows:
        return "SELECT " + ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in names) + " LIMIT 0"
    chosen = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in names)
    lines = ", ".join("(" + ", ".join(map(_written, row)) + ")" for row in rows)
    return f"SELECT {chosen} FROM (VALUES {lines}) listed ({', '.join(name for name, _ in names)})"  # noqa: S608  the caller's own lists


def _written(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
