"""Files that are whole or not there, and what was written brought to the disk: bytes, and names in a folder, which a rename alone does not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .ids import new_id

if TYPE_CHECKING:
    from pathlib import Path


def put(path: Path, data: bytes) -> None:
    """Write a file (0600, new folders 0700) in one piece: readers see the old one or the new one; it is on the disk when the system comes to it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{new_id()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)  # of a disk that was full


def to_disk(path: Path) -> None:
    """Wait until a file's bytes, or the names in a folder, are on the disk (fsync)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
