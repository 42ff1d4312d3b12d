"""Spark in the place of DuckDB: takes the same statements over the same files and gives the same rows."""

from __future__ import annotations

import importlib
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from yba.fhir import views as sql_on_fhir
from yba.kit import log
from yba.kit.errors import Internal, Invalid
from yba.warehouse.lake.engine import connect, files

from .dialect import Macro, Spoken, name_of, speak
from .session import failures, is_here, session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_T = TypeVar("_T")
Frame: TypeAlias = Any  # pyspark is not installed everywhere
_log = log.get(__name__)
_IN_MEMORY: Final = "/proc/self/fd/"  # an opened sealed file, as the lake gives it to DuckDB, which is this process
_NAMED: Final = "information_schema__tables"
# What DuckDB says of a column of a Parquet file, as Spark reads it.
_TYPES: Final = {
    "UUID": "binary", "VARCHAR": "string", "INTEGER": "int", "BIGINT": "bigint", "HUGEINT": "decimal(38,0)", "BOOLEAN": "boolean", "DOUBLE": "double",
    "FLOAT": "float", "DATE": "date", "TIMESTAMP WITH TIME ZONE": "timestamp", "TIMESTAMP": "timestamp_ntz",
}  # fmt: skip


class Rows:
    """What a statement gave: the part of a DuckDB cursor that questions use."""

    def __init__(self, frame: Frame = None) -> None:
        """Hold a query that is asked when its rows are."""
        self._frame = frame
        self._left: Iterator[Any] | None = None

    @property
    def description(self) -> list[tuple[str, Any]]:
        """Give names and types of the columns."""
        return [] if self._frame is None else [(one.name, one.dataType.simpleString()) for one in self._frame.schema.fields]

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Give the next rows; rows come from Spark part by part."""
        if self._left is None:
            self._left = iter(()) if self._frame is None else _quietly("the answer", self._frame.toLocalIterator)
        left = self._left
        return _quietly("the answer", lambda: [_plain(row) for _, row in zip(range(size), left, strict=False)])

    def fetchone(self) -> tuple[Any, ...] | None:
        """Give the next row."""
        return next(iter(self.fetchmany(1)), None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Give all rows that are left."""
        if self._left is None:
            return [] if self._frame is None else [_plain(row) for row in _quietly("the answer", self._frame.collect)]
        return self.fetchmany(2**62)


class Spark:
    """A session that is asked as a DuckDB connection is. Tables are temporary views; a table of sealed files holds its rows in memory."""

    def __init__(self, spark: Frame) -> None:
        """Begin with no tables."""
        self._spark = spark
        self._tables: dict[str, tuple[str, str]] = {}  # name in Spark -> schema, name
        self._sealed: set[str] = set()  # tables whose files are open for a moment only
        self._closed = False
        self._macros: dict[str, Macro] = {}
        self._made = 0

    @property
    def is_here(self) -> bool:
        """Whether it runs in one process on this machine: sealed files may be opened for it."""
        return is_here(self._spark.sparkContext.master)

    def execute(self, query: str, parameters: Mapping[str, object] | None = None, /) -> Rows:
        """Run what is written for DuckDB ($name: ``parameters``); of several statements the last answers. Raises Invalid, Internal without rows."""
        found = Rows()
        for one in speak(query, parameters or {}, self._named, self._macros):
            self._require_known(one)
            if _NAMED in one.reads:
                self._list()
            frame = _quietly(one.makes or "the question", partial(self._spark.sql, one.sql))
            if one.makes:
                self._keep(one, frame)
            else:
                found = Rows(frame)
        return found

    def lay_view(self, view: sql_on_fhir.View) -> None:
        """Make the table of a view by Spark itself, from the documents that stand: one the lake has no files of. Raises ViewError, Invalid."""
        documents = f"documents_{view.name}"
        self.execute(
            f"CREATE VIEW {documents} AS SELECT seq AS row_seq, person_id AS row_person, facility_id AS row_facility,"  # noqa: S608  our own
            f' coalesce(given_id, id) AS own, doc FROM lake."{view.resource}"'
        )
        source = sql_on_fhir.Source(documents, "doc", rtype="", id="own", keep=("row_seq", "row_person", "row_facility"))
        frame = _quietly(view.name, partial(self._spark.sql, sql_on_fhir.compile_view(view, sql_on_fhir.SPARK, source).sql))
        self._keep(Spoken("", name_of("", view.name), ("main", view.name)), frame)

    def close_doors(self) -> None:
        """From now on no files are opened: tables that stand are asked, and queries over them get names."""
        self._closed = True

    def _keep(self, one: Spoken, frame: Frame) -> None:
        sealed = bool(one.reads & self._sealed)
        if sealed and one.whole:
            frame = _quietly(one.makes, frame.localCheckpoint)
        elif sealed:
            self._sealed.add(one.makes)
        frame.createOrReplaceTempView(one.makes)
        self._tables[one.makes] = one.called

    def _require_known(self, one: Spoken) -> None:
        if unknown := sorted(one.reads - self._tables.keys() - {_NAMED} - one.files.keys()):
            raise Invalid(f"there is no table {', '.join(unknown)[:80]}.", advice="See yba warehouse tables.")
        if self._closed and one.files:
            raise Invalid("files are read by their tables alone.", advice="See yba warehouse tables.")

    def _list(self) -> None:
        """Lay down which tables there are."""
        rows = ", ".join(f"('{schema}', '{name}')" for schema, name in [("", ""), *self._tables.values()])
        frame = self._spark.sql(f"SELECT * FROM VALUES {rows} AS t (table_schema, table_name) WHERE table_name <> ''")  # noqa: S608  our own names
        frame.createOrReplaceTempView(_NAMED)

    def _named(self, paths: tuple[str, ...]) -> str:
        """Make a table of Parquet files; ids are written as texts."""
        self._made += 1
        name = f"parquet_{self._made}"
        if self._closed:
            return name
        sealed = any(path.startswith(_IN_MEMORY) for path in paths)
        if sealed and not self.is_here:
            raise Invalid("restricted files are opened on this machine alone.", advice="Set YBA_SPARK_MASTER to local[*] for this question.")
        with connect() as duck:  # Spark does not read the type of an id from a file: DuckDB says which columns are ids
            columns = duck.execute(f"DESCRIBE SELECT * FROM read_parquet({files(paths[:1])})").fetchall()  # noqa: S608  our own paths
        schema = ", ".join(f"`{column}` {_type(kind)}" for column, kind, *_ in columns)
        frame = self._spark.read.schema(schema).parquet(*(_path(path) for path in paths))
        chosen = [_as_text(column) if kind == "UUID" else f"`{column}`" for column, kind, *_ in columns]
        frame.selectExpr(*chosen).createOrReplaceTempView(name)
        if sealed:
            self._sealed.add(name)
        return name


def _type(kind: str) -> str:
    """Give Spark's name of a type of DuckDB. Raises Internal for one that no file of ours has."""
    if kind.endswith("[]"):
        return f"array<{_type(kind.removesuffix('[]'))}>"
    if kind.startswith("DECIMAL("):
        return kind.lower()
    if kind not in _TYPES:
        raise Internal(f"Spark is not told how to read a column of type {kind}")
    return _TYPES[kind]


def _as_text(column: str) -> str:
    """Write sixteen bytes as an id is written."""
    return f"regexp_replace(lower(hex(`{column}`)), '(.{{8}})(.{{4}})(.{{4}})(.{{4}})(.{{12}})', '$1-$2-$3-$4-$5') AS `{column}`"


def _path(path: str) -> str:
    """Give the address of a file to another process: what is open in this one, by its number."""
    return f"file:/proc/{os.getpid()}/fd/{path.removeprefix(_IN_MEMORY)}" if path.startswith(_IN_MEMORY) else f"file:{path}"


def _plain(row: Frame) -> tuple[Any, ...]:
    """Give a row as DuckDB does: moments with their zone."""
    return tuple(value.astimezone(UTC) if isinstance(value, datetime) else value for value in row)


def _quietly(what: str, ask: Callable[[], _T]) -> _T:
    """Ask Spark; its error becomes ours: one about the question says what, one about rows only its class, since its words quote them.

    Once the error is gone a log line is written: one written while it is handled would hold it.
    """
    kind, words = "", ""
    errors = importlib.import_module("pyspark.errors")
    try:
        return ask()
    except (errors.AnalysisException, errors.ParseException) as error:  # of the question alone: no row has been read
        kind, words = error.getCondition() or type(error).__name__, str(error).splitlines()[0][:300]
    except failures() as error:
        kind = getattr(error, "getCondition", lambda: None)() or type(error).__name__
    if words:
        raise Invalid(f"Spark does not understand {what}: {words}")
    _log.error("warehouse.spark.failed", kind=kind)
    raise Internal(f"{what}: Spark refused ({kind}).")


@contextmanager
def opened() -> Iterator[Spark]:
    """Start Spark for the time of a reading. Raises Unavailable with what is missing."""
    with session() as spark:
        yield Spark(spark)
