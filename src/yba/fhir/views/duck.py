"""Views run by DuckDB in memory: the same rows as the oracle's, from one SQL text."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from .compiling import Compiled, compile_view
from .model import View, ViewError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from .cells import Output

_BATCH: Final = 2_000
_TABLE: Final = "CREATE TABLE resource (rtype VARCHAR, doc VARCHAR)"


def connect() -> duckdb.DuckDBPyConnection:
    """Open a database in memory."""
    found: duckdb.DuckDBPyConnection = importlib.import_module("duckdb").connect(config={"threads": 1})  # 65 MB that most processes never need
    return found


def _refused() -> type[Exception]:
    found: type[Exception] = importlib.import_module("duckdb").Error
    return found


def load(engine: duckdb.DuckDBPyConnection, resources: Iterable[dict[str, Any]]) -> None:
    """Put documents into the table `resource` (rtype, doc), which is made."""
    engine.execute(_TABLE)
    batch: list[tuple[str, str]] = []
    for doc in resources:
        batch.append((str(doc.get("resourceType", "")), orjson.dumps(doc, default=_number).decode()))
        if len(batch) == _BATCH:
            _insert(engine, batch)
            batch = []
    if batch:
        _insert(engine, batch)


def _insert(engine: duckdb.DuckDBPyConnection, batch: list[tuple[str, str]]) -> None:
    engine.execute("INSERT INTO resource SELECT unnest($1), unnest($2)", [[one[0] for one in batch], [one[1] for one in batch]])


def _number(value: Any) -> orjson.Fragment:  # noqa: ANN401  what orjson does not know
    return orjson.Fragment(str(value))  # a Decimal as it is written: 12.50 is more precise than 12.5


def rows(view: View, resources: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a view. Raises ViewError."""
    compiled = compile_view(view)
    with connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        load(engine, resources)
        return run(engine, view, compiled)


def run(engine: duckdb.DuckDBPyConnection, view: View, compiled: Compiled) -> list[dict[str, Any]]:
    """Run a compiled view over the tables of a connection. Raises ViewError."""
    try:
        found = engine.execute(compiled.sql).fetchall()
    except _refused() as error:
        raise _said(view, error) from error
    return [{out.name: _plain(value, out) for out, value in zip(compiled.columns, row, strict=True)} for row in found]


def _said(view: View, error: Exception) -> ViewError:
    """Return what a statement raised on purpose as the oracle says it; of all else only the kind: the words may quote a person's values."""
    _, found, rest = str(error).partition(f"view {view.name or '?'}, ")
    at, _, what = rest.partition(": ")
    return ViewError(view.name, at, what) if found else ViewError(view.name, "", f"DuckDB refused the statement ({type(error).__name__})")


def _plain(value: Any, out: Output) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, list):
        return [_plain(one, out) for one in value]
    if out.sql_type == "JSON" and value is not None:
        return orjson.loads(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value
