"""Lines as PostgreSQL copies them, turned into lake files: through a pipe, a few hundred megabytes at a time, sorted by person."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from fcntl import F_SETPIPE_SZ, fcntl
from typing import TYPE_CHECKING, Any, Final, Self

from yba.kit.durable import to_disk
from yba.record import CHANGED_COLUMNS

from .engine import COLUMNS, PARQUET, literal, seal, speaking_of
from .folder import digest
from .model import LakeFile, Role, Zone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from .engine import Engine

CHUNK: Final = 160 << 20  # bytes of lines in one file: two of them in work stay below 1 GB in DuckDB
LINE: Final = 8 << 20  # longer lines, documents with attachments, go apart through a reader with more room
_BUFFER: Final = 1 << 20
_WIDEST: Final = 256 << 20
_AT_ONCE: Final = 2
# As CSV tells them; labels are JSON there.
_TOLD: Final = {name: "VARCHAR" if name == "labels" else COLUMNS[name] for name in CHANGED_COLUMNS}
_SELECT: Final = ", ".join(
    {"seq": "{seq}::INTEGER AS seq", "labels": "labels::JSON::VARCHAR[] AS labels", "apart": "false AS apart"}.get(name, f'"{name}"')
    for name in COLUMNS
)


class Writer:
    """Writes the files of one export; every file is on disk, measured and summed before it is handed over."""

    def __init__(self, engine: Engine, root: Path, number: int, progress: Callable[[int], object] | None = None) -> None:
        """Take an engine, the lake's folder, the number of the manifest the files are for, and whom to tell of rows."""
        self._engine, self._root, self._number, self._progress = engine, root, number, progress
        self._parts: dict[tuple[str, Zone], int] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="lake")
        self._waiting: list[Future[LakeFile | None]] = []
        self.made: list[LakeFile] = []

    def __enter__(self) -> Self:
        """Go to work."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Wait for the threads; what they made of a failed export is swept by the next."""
        self._pool.shutdown(wait=True)

    def take(self, rtype: str, zone: Zone, role: Role, lines: Iterable[bytes], known: str = "") -> None:
        """Write the lines of one type into as many files as they need; without what the table ``known`` (id, transaction) has."""
        about = LakeFile("", rtype, zone, role, self._number, 0, 0, "")
        part, wide = _Part(self, about, LINE, known), _Part(self, about, _WIDEST, known)
        try:
            for line in lines:
                if len(line) < LINE:
                    part.add(line)
                else:
                    wide.add(line)
        finally:
            part.close()
            wide.close()

    def finish(self) -> list[LakeFile]:
        """Wait for everything and return the files made."""
        while self._waiting:
            self._settle()
        return self.made

    def next_path(self, rtype: str, zone: Zone) -> str:
        """Return the path of the next file of a type."""
        part = self._parts.get((rtype, zone), 0)
        self._parts[rtype, zone] = part + 1
        return f"{zone}/{rtype}/{self._number:06}-{part}.parquet"

    def begin(self, about: LakeFile, line: int, known: str) -> tuple[int, Future[LakeFile | None]]:
        """Open a pipe whose reader makes a file of what comes; no more than two at once."""
        while len(self._waiting) >= _AT_ONCE:
            self._settle()
        path = self.next_path(about.rtype, about.zone)
        (self._root / path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        reading, writing = os.pipe()
        fcntl(writing, F_SETPIPE_SZ, _BUFFER)
        future = self._pool.submit(self._make, reading, replace(about, path=path), line, known)
        self._waiting.append(future)
        return writing, future

    def _settle(self) -> None:
        made = self._waiting.pop(0).result()
        if made is not None:
            self.made.append(made)
            if self._progress:
                self._progress(made.rows)

    def _make(self, reading: int, about: LakeFile, line: int, known: str) -> LakeFile | None:
        try:
            told = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in _TOLD.items()) + "}"
            lines = (
                f"read_csv('/dev/fd/{reading}', header = false, auto_detect = false, delim = '\x1f', quote = '\x01', escape = '\x01', nullstr = '',"
                f" allow_quoted_nulls = false, max_line_size = {line}, buffer_size = {2 * line}, columns = {told})"
            )
            new = f' r ANTI JOIN "{known}" k ON k.id = r.id AND k."transaction" = r."transaction"' if known else ""
            rows = f"SELECT {_SELECT.format(seq=self._number)} FROM {lines}{new} ORDER BY person_id, id"  # noqa: S608  our own names and numbers
            with self._engine.cursor() as cursor, speaking_of(f"the export of {about.rtype}"):
                return save(cursor, rows, self._root, about)
        finally:
            os.close(reading)  # whoever still writes is told by a broken pipe


class _Part:
    """The pipe that is open for one type, filled by lines and closed when it has had its share."""

    def __init__(self, writer: Writer, about: LakeFile, line: int, known: str) -> None:
        self._writer, self._about = writer, (about, line, known)
        self._pipe = -1
        self._future: Future[Any] | None = None
        self._held: list[bytes] = []
        self._size = self._sent = 0

    def add(self, line: bytes) -> None:
        self._held.append(line)
        self._size += len(line)
        if self._size >= _BUFFER:
            self._send()
            if self._sent >= CHUNK:
                self.close()

    def _send(self) -> None:
        if self._pipe < 0:
            self._pipe, self._future = self._writer.begin(*self._about)
        data = memoryview(b"".join(self._held))
        self._held.clear()
        self._sent += self._size
        self._size = 0
        try:
            while data:
                data = data[os.write(self._pipe, data) :]
        except BrokenPipeError:
            assert self._future is not None  # noqa: S101  it was begun with the pipe
            self._future.result()  # says why
            raise

    def close(self) -> None:
        """Let the reader come to its end."""
        try:
            if self._held:
                self._send()
        finally:
            if self._pipe >= 0:
                os.close(self._pipe)
            self._pipe, self._sent = -1, 0


def save(cursor: Engine, rows: str, root: Path, about: LakeFile, *, even_empty: bool = False) -> LakeFile | None:
    """Write the rows of a query as the file at ``about.path``, sealed where its zone says so; None where there are none."""
    target = root / about.path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = 0
    if about.zone is Zone.OPEN:
        count = _copy(cursor, rows, str(target))
    else:
        memory = os.memfd_create("lake")
        try:
            count = _copy(cursor, rows, f"/proc/self/fd/{memory}")
            with os.fdopen(os.dup(memory), "rb") as file:
                file.seek(0)
                sealed, key = seal(file.read(), about.path)
        finally:
            os.close(memory)
        if count or even_empty:
            target.write_bytes(sealed)
    if not count and not even_empty:
        target.unlink(missing_ok=True)
        return None
    to_disk(target)
    return replace(about, rows=count, bytes=target.stat().st_size, digest=digest(target), key=key)


def _copy(cursor: Engine, rows: str, target: str) -> int:
    found = cursor.execute(f"COPY ({rows}) TO {literal(target)} ({PARQUET})").fetchone()
    return int(found[0]) if found else 0
