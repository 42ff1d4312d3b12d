"""DuckDB for the lake: bounded in memory, reaching nothing outside, its errors without what they quote."""

from __future__ import annotations

import importlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from yba.kit import keys, log
from yba.kit.errors import Internal
from yba.kit.keys import CannotOpen, Purpose

from .model import LakeDamaged, Zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import duckdb

    from .model import LakeFile

    Engine = duckdb.DuckDBPyConnection

_log = log.get(__name__)
MEMORY: Final = "1GB"
DIVIDED: Final = "DivisionByZero"  # DuckDB has no class of its own for it
_BY_ZERO: Final = "Invalid Input Error: Division by zero"
THREADS: Final = 2
# As a lake file has them; `transaction` is the number of the transaction that wrote the row, `apart` marks a row that went to the restricted zone.
COLUMNS: Final = {
    "seq": "INTEGER", "person_id": "UUID", "id": "UUID", "given_id": "VARCHAR", "version": "INTEGER", "transaction": "BIGINT",
    "updated": "TIMESTAMPTZ", "deleted": "BOOLEAN", "apart": "BOOLEAN", "facility_id": "VARCHAR", "source_id": "UUID", "labels": "VARCHAR[]",
    "mapped_by": "VARCHAR", "start_at": "TIMESTAMPTZ", "end_at": "TIMESTAMPTZ", "doc": "VARCHAR",
}  # fmt: skip
# Groups of this many rows are read or skipped as one, by one thread: 100,000 save 0.2 bytes a row and leave the second thread idle.
PARQUET: Final = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 30000, USE_TMP_FILE false"


class EngineFailed(Internal):
    """An engine refused a question; ``kind`` is the class of its error, whose words may quote a row and are not kept."""

    def __init__(self, message: str = "", *, advice: str = "", kind: str = "") -> None:
        """Take what happened and the class of the engine's error."""
        super().__init__(message, advice=advice)
        self.kind = kind


def connect(*, spill: Path | None = None) -> Engine:
    """Open DuckDB in memory; what does not fit goes to ``spill``, nowhere without it. No extension is fetched."""
    settings: dict[str, Any] = {
        "enable_external_file_cache": False,  # it knows files by path, and opened sealed files share theirs: /proc/self/fd/7
        "memory_limit": MEMORY, "threads": THREADS, "autoinstall_known_extensions": False, "autoload_known_extensions": False,
        "preserve_insertion_order": False, "temp_directory": str(spill) if spill else "",
    }  # fmt: skip
    found: Engine = importlib.import_module("duckdb").connect(config=settings)  # 65 MB that most processes never need
    found.execute("SET TimeZone = 'UTC'")
    return found


def engine_error() -> type[Exception]:
    """Return the class of DuckDB's errors."""
    found: type[Exception] = importlib.import_module("duckdb").Error
    return found


@contextmanager
def speaking_of(what: str) -> Iterator[None]:
    """Turn an error of DuckDB into ours: its words may quote a row, and a log line written while it is handled would hold them."""
    kind = ""
    try:
        yield
    except engine_error() as error:
        kind = DIVIDED if str(error).startswith(_BY_ZERO) else type(error).__name__
    if kind:
        _log.error("warehouse.engine.failed", kind=kind)
        raise EngineFailed(f"{what}: DuckDB refused ({kind}).", kind=kind) from None


def literal(text: str | Path) -> str:
    """Write a text as SQL does."""
    return "'" + str(text).replace("'", "''") + "'"


def files(paths: Iterable[str | Path]) -> str:
    """Write a list of files as the argument of read_parquet; there is at least one."""
    return "[" + ", ".join(map(literal, paths)) + "]"


def sealed_name(one: str) -> str:
    """Say what a sealed file is bound to: another one put in its place does not open."""
    return f"lake/{one}"


def seal(data: bytes, name: str) -> tuple[bytes, int]:
    """Seal a file's bytes with the newest key of the lake; returns them and the key's version."""
    sealed = keys.seal(data, purpose=Purpose.LAKE, about=sealed_name(name))
    return sealed, int.from_bytes(sealed[:2], "big")


@contextmanager
def readable(root: Path, wanted: Iterable[LakeFile]) -> Iterator[list[str]]:
    """Give paths that DuckDB can read: of sealed files their opened bytes in memory, on no disk. Raises LakeDamaged by name."""
    paths: list[str] = []
    opened: list[int] = []
    try:
        for one in wanted:
            if one.zone is Zone.OPEN:
                paths.append(str(root / one.path))
                continue
            try:
                data = keys.open_((root / one.path).read_bytes(), purpose=Purpose.LAKE, about=sealed_name(one.path))
            except (CannotOpen, OSError):
                raise LakeDamaged(
                    f"{one.path} cannot be opened: missing, changed or its key is retired.",
                    advice=f"Build it anew: yba warehouse refresh --anew {one.rtype}.",
                ) from None
            memory = os.memfd_create("lake")
            opened.append(memory)
            with os.fdopen(os.dup(memory), "wb") as file:
                file.write(data)
            paths.append(f"/proc/self/fd/{memory}")
        yield paths
    finally:
        for memory in opened:
            os.close(memory)
