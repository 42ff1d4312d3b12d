"""A Spark session for the lake: on this machine or on a cluster, its leftovers sealed and swept, its log without rows."""

from __future__ import annotations

import atexit
import importlib
import logging
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from yba.kit.errors import Unavailable
from yba.warehouse.settings import SPARK_MASTER, SPARK_MEMORY

from .dialect import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

Session: TypeAlias = Any  # pyspark is not installed everywhere
_JAVA: Final = "Java 17 or later"
_HERE: Final = "local"  # how masters of one process on this machine begin: local, local[2], local[*]


def is_here(master: str) -> bool:
    """Whether Spark runs within one process on this machine (`local-cluster` does not)."""
    return master == _HERE or master.startswith(f"{_HERE}[")


def require() -> None:
    """Raise Unavailable, with what to install, where Spark cannot run."""
    if without := missing():
        raise Unavailable(f"Spark needs {without}, which is not installed.", advice="Install it: uv sync --inexact --extra spark.")
    if not (shutil.which("java") or (Path(os.environ.get("JAVA_HOME", "")) / "bin" / "java").is_file()):
        raise Unavailable(f"Spark needs {_JAVA}, and there is no java.", advice="On Debian: apt install openjdk-17-jre-headless.")


def failures() -> tuple[type[Exception], ...]:
    """Give what pyspark raises: its own words, what Java said, and that Java is gone."""
    return importlib.import_module("pyspark.errors").PySparkException, importlib.import_module("py4j.protocol").Py4JError, OSError


@contextmanager
def session() -> Iterator[Session]:
    """Start Spark at YBA_SPARK_MASTER and stop it afterwards. Raises Unavailable with what is missing.

    What Spark writes down on the way (shuffles, what does not fit into memory) lies in a folder of its own, closed to others, enciphered by a
    key of this session, and goes when the process ends.
    Java stays until this process ends: commands end soon, and nothing else asks Spark.
    """
    require()
    scratch = _scratch()
    builder = importlib.import_module("pyspark.sql").SparkSession.builder
    logging.getLogger("SQLQueryContextLogger").disabled = True  # pyspark's own, which writes errors to the terminal with the rows they quote
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of each connection that ends
    with _unheard(scratch / "java.log"):
        found = _started(builder, scratch)
    try:
        yield found
    finally:
        found.stop()


@cache
def _scratch() -> Path:
    """Make the folder (0700) of this process, which goes when it ends: Java remembers the first one for as long as it runs."""
    found = Path(tempfile.mkdtemp(prefix="yba-spark-"))
    atexit.register(shutil.rmtree, found, ignore_errors=True)
    return found


def _started(builder: Session, scratch: Path) -> Session:
    master = SPARK_MASTER()
    for name, value in _settings(master, scratch).items():
        builder = builder.config(name, value)
    words = ""
    try:
        return builder.master(master).appName("yba-warehouse").getOrCreate()
    except failures() as error:
        words = type(error).__name__
    raise Unavailable(f"Spark does not start at {master} ({words}).", advice=f"It needs {_JAVA} and a master that answers: YBA_SPARK_MASTER.")


@contextmanager
def _unheard(log: Path) -> Iterator[None]:
    """Let Java, which is started within, write to a file what it would say on the terminal for as long as it runs."""
    sys.stderr.flush()
    before = os.dup(2)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def _settings(master: str, scratch: Path) -> dict[str, str]:
    """Give what the platform asks of Spark; what a cluster's own administrator sets (spark-defaults.conf) stands beside it."""
    told = {
        "spark.driver.memory": SPARK_MEMORY(),
        "spark.io.encryption.enabled": "true",
        "spark.local.dir": str(scratch),
        "spark.log.level": "OFF",  # its errors quote rows
        "spark.sql.ansi.enabled": "true",  # as DuckDB: what does not fit is an error, no null
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.variable.substitute": "false",  # ${env:…} in a text is that text, as DuckDB reads it
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }  # fmt: skip
    if is_here(master):
        told |= {
            "spark.authenticate": "true",  # others on this machine do not speak with it; the secret is the session's own
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
        }
    return told
