"""The files of the ring: one JSON file for each version of a key, written once, replaced whole or not at all, readable by their owner only."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

import orjson

from yba.kit import clock
from yba.kit.durable import to_disk
from yba.kit.errors import Invalid
from yba.kit.ids import write_secret_once

from .model import KeyVersion, Purpose
from .passphrase import Protection, open_with, raw, seal_with, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Keys of the time before the ring: version 1, read where they lie until the ring is next written.
EARLIER: Final = {Purpose.SEALING: "sealing.key", Purpose.SESSIONS: "django.key"}


def file_name(purpose: Purpose, version: int) -> str:
    """Return the name of a version's file."""
    return f"{purpose}-{version:04d}.json"


def written(key: KeyVersion, protection: Protection | None) -> bytes:
    """Return the content of a version's file, its secret wrapped where there is a protection."""
    secret = key.secret
    if secret is not None and protection is not None:
        secret = seal_with(protection.key, secret, key.name.encode())
    found = {
        "purpose": key.purpose.value,
        "version": key.version,
        "made": key.made.isoformat(),
        "state": "retired" if secret is None else "in use",
        "wrapped": secret is not None and protection is not None,
        "key": None if secret is None else text(secret),
        "public": text(key.public),
    }
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


def read(path: Path, protection: Protection | None) -> KeyVersion:
    """Read one version's file. Raises Invalid when it is damaged or does not open."""
    try:
        found = orjson.loads(path.read_bytes())
        purpose, version = Purpose(found["purpose"]), int(found["version"])
        made, public = datetime.fromisoformat(found["made"]), raw(found["public"])
        secret = None if found["key"] is None else raw(found["key"])
        wrapped = bool(found["wrapped"])
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(f"{path} is damaged.", advice="Restore it from the backup of keys.") from error
    key = KeyVersion(purpose, version, made, secret, wrapped, public)
    if path.name != file_name(purpose, version):
        raise Invalid(f"{path} holds {key.name}, which its name does not say.", advice="Restore it from the backup of keys.")
    if not wrapped or secret is None:
        return key
    opened = open_with(protection.key, secret, key.name.encode()) if protection else None
    if opened is None:
        raise Invalid(f"{path} is wrapped by a passphrase that is not there.", advice="Restore keys/ring/protection.json from the backup of keys.")
    return KeyVersion(purpose, version, made, opened, wrapped, public)


def earlier(folder: Path, purpose: Purpose) -> KeyVersion | None:
    """Return the key of the time before the ring, if there is one."""
    path = folder / EARLIER[purpose] if purpose in EARLIER else None
    if path is None or not path.exists():
        return None
    return KeyVersion(purpose, 1, clock.from_timestamp(path.stat().st_mtime), path.read_bytes(), wrapped=False)


def write_once(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet; who comes second keeps what is there."""
    write_secret_once(path, content)
    to_disk(path.parent)


def replace(path: Path, content: bytes) -> None:
    """Replace a file whole; a crash leaves the old or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        write_secret_once(draft, content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    to_disk(path.parent)


def drop(path: Path) -> None:
    """Remove a file for good."""
    path.unlink(missing_ok=True)
    to_disk(path.parent)


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the ring's lock: one process changes keys at a time."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
