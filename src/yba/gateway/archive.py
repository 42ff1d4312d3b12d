"""Files of a zip archive: one at a time in memory, bounded, never written under their names."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILES: Final = 20_000
_MAGIC: Final = b"PK\x03\x04"
_CHUNK: Final = 1 << 16
_ENCRYPTED: Final = 1
# What every zip program writes. The others (bzip2, lzma) unpack a block of 64 KB to more than a gigabyte at once.
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class BadArchive(ValueError):
    """A damaged or encrypted archive."""


class TooLarge(ValueError):
    """An archive that unpacks to more than is allowed."""


def is_zip(data: bytes) -> bool:
    """Whether the bytes begin as a zip archive does."""
    return data.startswith(_MAGIC)


def files(stream: IO[bytes], *, max_file: int, max_all: int) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of each file in the archive's order; sizes are counted while reading, not believed.

    Raises BadArchive or TooLarge; what was yielded before stands for itself.
    """
    left = max_all
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            if len(members) > MAX_FILES:
                raise TooLarge
            for info in members:
                if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
                    raise BadArchive
                held = _bounded(archive, info, min(max_file, left))
                left -= len(held)
                yield info.filename, held
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, OSError, ValueError, struct.error) as wrong:
        if isinstance(wrong, (BadArchive, TooLarge)):
            raise
        raise BadArchive from wrong


def _bounded(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    parts, size = [], 0
    with archive.open(info) as member:
        while chunk := member.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise TooLarge
            parts.append(chunk)
    return b"".join(parts)
