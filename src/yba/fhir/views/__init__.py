"""ViewDefinitions of SQL on FHIR 2.0: read, checked, run in Python, compiled to SQL for DuckDB and Spark."""

from .cells import Output
from .compiling import Compiled, Source, compile_view
from .dialect import DUCKDB, SPARK
from .model import Column, View, ViewError, columns_of, read
from .running import ENGINES, check, run
from .suite import report

__all__ = [
    "DUCKDB",
    "ENGINES",
    "SPARK",
    "Column",
    "Compiled",
    "Output",
    "Source",
    "View",
    "ViewError",
    "check",
    "columns_of",
    "compile_view",
    "read",
    "report",
    "run",
]
