"""Spark beside DuckDB: the same files and the same questions, on this machine or on a cluster (extra `spark`)."""

from .engine import Spark, opened
from .session import require

__all__ = ["Spark", "opened", "require"]
