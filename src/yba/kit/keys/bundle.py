"""Carrying the keys out and in: one file sealed by a passphrase of its own, holding all that lies in VAR/keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.kit.errors import Conflict, Invalid
from yba.kit.ids import write_secret_once

from . import files, passphrase

if TYPE_CHECKING:
    from pathlib import Path

    from .ring import Ring

_FORMAT: Final = "yba-keys-1"


def export_bundle(ring: Ring, target: Path, phrase: bytes) -> int:
    """Write every key and secret file of the folder into one sealed file (0600, must not exist); returns how many. Raises Conflict."""
    held: dict[str, str] = {}
    for path in sorted(ring.folder.rglob("*")):
        place = str(path.relative_to(ring.folder))
        if path.is_file() and not path.name.startswith(".") and path.parent != ring.files:
            held[place] = passphrase.text(path.read_bytes())
    for key in ring.versions():  # unwrapped: the bundle has a passphrase of its own, and must not need the other
        held[f"ring/{files.file_name(key.purpose, key.version)}"] = passphrase.text(files.written(key, None))
        if key.version == 1 and key.purpose in files.EARLIER:
            held.pop(files.EARLIER[key.purpose], None)
    content = orjson.dumps({"format": _FORMAT, **passphrase.wrap(orjson.dumps(held), phrase, _FORMAT.encode())})
    if target.exists() or write_secret_once(target, content) != content:
        raise Conflict(f"{target} exists already.", advice="Give another name.")
    return len(held)


def restore_bundle(folder: Path, source: Path, phrase: bytes) -> int:
    """Write the files of a bundle into an empty keys folder; returns how many. Raises Conflict when there are keys, Invalid when it does not open."""
    if folder.exists() and any(path.is_file() and not path.name.startswith(".") for path in folder.rglob("*")):
        raise Conflict(f"{folder} holds keys already.", advice="Restore into an empty data folder (YBA_VAR).")
    held = _opened(source, phrase)
    for place, content in held.items():
        target = (folder / place).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise Invalid("The bundle names a file outside the keys folder.")
        write_secret_once(target, passphrase.raw(content))
    return len(held)


def _opened(source: Path, phrase: bytes) -> dict[str, str]:
    try:
        found: dict[str, Any] = orjson.loads(source.read_bytes())
        plain = passphrase.unwrap(found, phrase, _FORMAT.encode()) if found.get("format") == _FORMAT else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        plain = None
    if plain is None:
        raise Invalid("The bundle does not open.", advice="It is damaged, or the passphrase is another one.")
    opened: dict[str, str] = orjson.loads(plain)
    return opened
