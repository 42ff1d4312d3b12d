"""Walk what the operator names (files, folders, zip archives, standard input) and hand out files one at a time.

Nothing is ever written to disk under a name from an archive, so a path that climbs out of it is only a label; sizes are counted while reading,
not believed.
"""

import io
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

CHUNK: Final = 1 << 20
_ZIP_DEPTH: Final = 2  # an archive inside an archive is seen; a third level is refused
_RATIO: Final = 400  # base64 of XML compresses at most some 60-fold
_RATIO_FROM: Final = 64 << 20  # small members may be as repetitive as they like
_SPOOL_MEMORY: Final = 32 << 20
_ENCRYPTED: Final = 1  # bit of a zip member's flags
# What every zip program writes. The others (bzip2, lzma) unpack a block of 64 KB to more than a gigabyte at once.
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, struct.error)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source may be at most, in bytes unpacked and in members."""

    file_bytes: int = 4 << 30
    members: int = 200_000


@dataclass(frozen=True, slots=True)
class Source:
    """One file: a label for receipts, and a way to read it again from its beginning."""

    name: str
    open: Callable[[], IO[bytes]]
    fault: str = ""  # a rule id (LAND…) when it cannot be read at all

    def chunks(self, limit: int) -> Iterator[bytes]:
        """Read in pieces; `UnreadableError` when it is damaged or once more than ``limit`` bytes have come."""
        if self.fault:
            raise UnreadableError(self.fault)
        seen = 0
        try:
            with self.open() as stream:
                while chunk := stream.read(CHUNK):
                    seen += len(chunk)
                    if seen > limit:
                        raise UnreadableError("LAND006")
                    yield chunk
        except _DAMAGED as error:
            raise UnreadableError(error.args[0] if isinstance(error, UnreadableError) else "LAND007") from error


class UnreadableError(ValueError):
    """A file cannot be read whole; its only argument is the rule id (LAND…) that says why."""


def walk(paths: list[str], limits: Limits) -> Iterator[Source]:
    """Yield every file below ``paths`` in a fixed order (sorted within a folder, archive order within a zip); ``-`` is standard input."""
    for path in paths:
        if path == "-":
            yield from _spooled(sys.stdin.buffer, limits)
        elif Path(path).is_dir():
            for found in sorted(Path(path).rglob("*")):
                if found.is_file():
                    yield from _file(found, limits)
                elif not found.exists():  # a link to nowhere was meant to be a file; pipes, sockets and devices never are
                    yield Source(str(found), io.BytesIO, fault="LAND010")
        elif Path(path).is_fifo():  # a shell's <(…)
            with Path(path).open("rb") as stream:
                yield from _spooled(stream, limits, path)
        elif Path(path).is_file():
            yield from _file(Path(path), limits)
        else:
            yield Source(path, io.BytesIO, fault="LAND010")


def _file(path: Path, limits: Limits) -> Iterator[Source]:
    try:
        with path.open("rb") as stream:
            is_zip = stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError:
        yield Source(str(path), io.BytesIO, fault="LAND010")
        return
    if not is_zip:
        yield Source(str(path), lambda: path.open("rb"))
        return
    yield from _archive(str(path), lambda: path.open("rb"), limits, depth=1)


def _spooled(stream: IO[bytes], limits: Limits, name: str = "-") -> Iterator[Source]:
    """Standard input can be read once only: keep it in memory, or in an unnamed file when it is large."""
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_MEMORY) as spool:
        while chunk := stream.read(CHUNK):
            spool.write(chunk)
            if spool.tell() > limits.file_bytes:
                yield Source(name, io.BytesIO, fault="LAND006")
                return
        spool.seek(0)
        if spool.read(4) == b"PK\x03\x04":
            yield from _archive(name, lambda: _again(spool), limits, depth=1)
        else:
            yield Source(name, lambda: _again(spool))


class _Shared(io.RawIOBase):
    """A view of an open stream that is not closed with the view."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _again(spool: IO[bytes]) -> IO[bytes]:
    spool.seek(0)
    return io.BufferedReader(_Shared(spool))  # type: ignore[type-var]  # a RawIOBase is what it takes


def _archive(label: str, reopen: Callable[[], IO[bytes]], limits: Limits, depth: int) -> Iterator[Source]:
    """Yield the members while the archive is open: its directory is read once, however many members it has."""
    with ExitStack() as opened:
        try:
            stream = opened.enter_context(reopen())
            archive = opened.enter_context(zipfile.ZipFile(stream))
        except _DAMAGED:
            yield Source(label, io.BytesIO, fault="LAND007")
            return
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) > limits.members:
            yield Source(label, io.BytesIO, fault="LAND006")
            return
        for info in members:
            yield from _member(label, archive, info, limits, depth)


def _member(label: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits, depth: int) -> Iterator[Source]:
    name = f"{label}!{info.filename}"
    bomb = info.file_size > _RATIO_FROM and info.file_size > _RATIO * max(info.compress_size, 1)
    if bomb or info.file_size > limits.file_bytes:
        yield Source(name, io.BytesIO, fault="LAND006")
    elif info.flag_bits & _ENCRYPTED:
        yield Source(name, io.BytesIO, fault="LAND008")
    elif info.compress_type not in _METHODS:
        yield Source(name, io.BytesIO, fault="LAND007")
    elif not info.filename.lower().endswith(".zip"):
        yield Source(name, lambda: archive.open(info))
    elif depth >= _ZIP_DEPTH:
        yield Source(name, io.BytesIO, fault="LAND006")
    else:
        yield from _inner_archive(name, archive, info, limits, depth)


def _inner_archive(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits, depth: int) -> Iterator[Source]:
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_MEMORY) as spool:
        try:
            with archive.open(info) as inner:
                while (chunk := inner.read(CHUNK)) and spool.tell() <= limits.file_bytes:
                    spool.write(chunk)
        except _DAMAGED:
            yield Source(name, io.BytesIO, fault="LAND007")
            return
        yield from _archive(name, lambda: _again(spool), limits, depth + 1)
