"""Verifying an archive where it lies, without a database: manifest, chain of seals, every row."""

from __future__ import annotations

import base64
import hashlib
import time
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.kit.errors import NotFound

from . import parquet, rows
from .archived import Archived
from .chain import Seal, content_of
from .keys import is_signed, public_keys
from .links import link
from .verdict import Checked, Trouble, TroubleKind, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MANIFEST: Final = "manifest.json"
ROWS: Final = "rows.parquet"
SEALS: Final = "seals.jsonl"
_BYTES: Final = frozenset({"content", "digests_sha", "previous", "head", "signature", "sha256"})
_TIMES: Final = frozenset({"first_at", "last_at", "sealed_at", "archived_at"})


def verify_archive(folder: Path, *, keys: Path | None = None, progress: Callable[[int], object] | None = None) -> Verdict:
    """Hold the rows of an archive (or of every archive in a folder) against its seals, and these against the keys that are trusted.

    ``keys``: folder with audit-*.pub from elsewhere; without it those of VAR/keys. The key that lies in the archive itself proves nothing.
    Raises NotFound where no archive lies.
    """
    begun = time.monotonic()
    found = sorted(path.parent for path in (folder / MANIFEST, *folder.glob(f"*/{MANIFEST}")) if path.exists())
    if not found:
        raise NotFound(f"{folder} holds no archive of the audit trail.")
    trusted = public_keys(keys)
    checked, troubles = [], []
    for each in found:
        check = _Check(each, trusted)
        checked.append(check.run(progress))
        troubles += check.troubles
    return Verdict(tuple(checked), tuple(troubles), time.monotonic() - begun)


class _Check:
    """The check of one archive."""

    def __init__(self, folder: Path, keys: Mapping[str, Ed25519PublicKey]) -> None:
        self.folder, self.keys = folder, keys
        self.manifest = Archived(**_typed(orjson.loads((folder / MANIFEST).read_bytes())))
        self.troubles: list[Trouble] = []
        self.rows = self.seals = 0

    def run(self, progress: Callable[[int], object] | None) -> Checked:
        """Check manifest and file, then every seal with its rows."""
        told = self.manifest
        if not is_signed(self.keys.get(told.key), told.signature, told.text()):
            kind = TroubleKind.SIGNATURE_WRONG if told.key in self.keys else TroubleKind.KEY_UNKNOWN
            self._say(kind, note=f"{self.folder.name}/{MANIFEST}")
        with (self.folder / ROWS).open("rb") as file:
            if hashlib.file_digest(file, "sha256").digest() != told.sha256:
                self._say(TroubleKind.ARCHIVE_WRONG, note=f"{self.folder.name}/{ROWS}")
        before: Seal | None = None
        with parquet.lines(self.folder / ROWS, -(2**62), 2**62) as lines:
            for seal, kept in self._seals():
                self.troubles += link(seal, before, told.first_number - 1, self.keys)
                if hashlib.sha256(kept).digest() != seal.digests_sha:
                    self._say(TroubleKind.SEAL_CHANGED, seal.number)
                if content_of(islice(lines, seal.rows)) != seal.content:
                    self._name(seal, kept)
                before = seal
                self.seals += 1
                self.rows += seal.rows
                if progress:
                    progress(seal.rows)
            more = sum(1 for _ in lines)
        if before is None or before.number != told.last_number:
            self._say(TroubleKind.SEAL_MISSING, told.last_number)
        if more or self.rows != told.rows:
            self._say(TroubleKind.ARCHIVE_WRONG, note=f"{self.rows + more} ≠ {told.rows} dòng / rows")
        return Checked(told.store, self.seals, self.rows, 0, 0, 0.0)

    def _say(self, kind: TroubleKind, seal: int | None = None, note: str = "") -> None:
        self.troubles.append(Trouble(kind, self.manifest.store, seal, note=note))

    def _seals(self) -> Iterator[tuple[Seal, bytes]]:
        with (self.folder / SEALS).open("rb") as file:
            for line in file:
                told = _typed(orjson.loads(line))
                kept = base64.b64decode(told.pop("digests"))
                yield Seal(**told), kept

    def _name(self, seal: Seal, kept: bytes) -> None:
        with parquet.lines(self.folder / ROWS, seal.first_id, seal.last_id) as lines:
            found = list(lines)
        if content_of(found) != seal.content:
            self.troubles += rows.differences(seal, kept, found)


def _typed(told: dict[str, Any]) -> dict[str, Any]:
    """Bring what JSON holds back to bytes and moments."""
    typed: dict[str, Any] = {name: bytes.fromhex(value) if name in _BYTES else value for name, value in told.items()}
    return {name: datetime.fromisoformat(value) if name in _TIMES and value else value for name, value in typed.items()}
