"""Spark beside DuckDB: the same files and the same questions, on this machine or on a cluster (extra `spark`)."""

from .engine import Spark, opened
from .session import is_here, require, session

__all__ = ["Spark", "is_here", "opened", "require", "session"]
