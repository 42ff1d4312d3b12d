"""VAR/audit/heads.log: the heads of the chain outside the database, so that a chain cut off at its end is seen."""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from yba.kit.settings import VAR

from .chain import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .chain import Seal

_LINE: Final = re.compile(rb"(record_access|security) (\d+) ([0-9a-f]{64}) (\S+)\n\Z")
_TAIL: Final = 1 << 16


class Head(NamedTuple):
    """One line of the log: the head of a seal, with the line's own number; ``store`` is "" for a line that cannot be read."""

    store: str
    number: int
    head: bytes
    at: int


def path() -> Path:
    """Return where the log lies."""
    return VAR() / "audit" / "heads.log"


def read() -> Iterator[Head]:
    """Yield every line; an unfinished last one (a crash while writing) is left out."""
    try:
        file = path().open("rb")
    except FileNotFoundError:
        return
    with file:
        for at, line in enumerate(file, 1):
            if line.endswith(b"\n"):
                yield _head(line, at)


def last() -> dict[str, Head]:
    """Return the last line of each store; reads the end of the file, all of it only where that does not tell."""
    try:
        with path().open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            found = _last(file.read().splitlines(keepends=True)[1 if size > _TAIL else 0 :])
    except FileNotFoundError:
        return {}
    if len(found) < 2 and size > _TAIL:  # noqa: PLR2004  stores
        found = {head.store: head for head in read() if head.store}
    return found


def append(seals: Iterable[Seal]) -> int:
    """Add heads, each only after the one before it is there, and bring them to disk; returns how many. Two processes take turns."""
    count = 0
    with _open() as file:
        known = {store: head.number for store, head in last().items()}
        for seal in seals:
            if seal.number > known.get(seal.store, 0):
                file.write(f"{seal.store} {seal.number} {seal.head.hex()} {moment(seal.sealed_at)}\n".encode())
                known[seal.store] = seal.number
                count += 1
        file.flush()
        os.fsync(file.fileno())
    return count


@contextmanager
def _open() -> Iterator[IO[bytes]]:
    """Open the log for adding, alone, without an unfinished line at its end."""
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path(), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
        file.truncate(size - len(tail) + tail.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        yield file


def _last(lines: Iterable[bytes]) -> dict[str, Head]:
    found = {}
    for line in lines:
        head = _head(line, 0)
        if head.store:
            found[head.store] = head
    return found


def _head(line: bytes, at: int) -> Head:
    match = _LINE.match(line)
    return Head(match[1].decode(), int(match[2]), bytes.fromhex(match[3].decode()), at) if match else Head("", 0, b"", at)
