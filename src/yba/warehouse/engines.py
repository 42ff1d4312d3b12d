"""The engines that answer for the lake: DuckDB, and Spark for who has a cluster; both take the SQL of DuckDB."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


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
