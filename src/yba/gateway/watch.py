"""A watched folder: each finished file is landed and processed, then moved beside its receipt. A crash loses and doubles nothing.

The order is landing (durable, the same bytes give the same transaction), processing, receipt, move: whatever was cut off is simply
done again at the next sweep.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import orjson

from yba import ingest
from yba.kit import Actor, log

from . import archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_log = log.get(__name__)
DONE: Final = "done"
REFUSED: Final = "refused"
MAX_FILE: Final = 1 << 30  # larger ones go through `yba ingest`, which streams
_MAX_ALL: Final = 8 << 30
_PATIENCE: Final = 120.0  # seconds to wait for a file another process has begun
# What senders call a file while they still write it.
_UNFINISHED: Final = (".part", ".tmp", ".filepart", ".crdownload", ".partial")


@dataclass(slots=True)
class Watcher:
    """Watches one folder; ``stable`` is for how many seconds a file must not have changed before it is taken."""

    folder: Path
    by: Actor
    stable: float = 5.0
    _seen: dict[str, tuple[int, int, float]] = field(default_factory=dict)

    def sweep(self) -> int:
        """Take every finished file once, oldest first; returns how many were moved."""
        moved = 0
        for path in self._finished():
            try:
                self._take(path)
            except OSError:  # a file nobody may read must not hold up those behind it
                _log.error("watch.failed")
                continue
            self._seen.pop(path.name, None)
            moved += 1
        return moved

    def _finished(self) -> list[Path]:
        """Files whose size and time have not changed for long enough: as seen by us, not by a clock of another machine."""
        now = time.monotonic()
        found: list[tuple[int, Path]] = []
        names = set()
        for entry in os.scandir(self.folder):
            if entry.name.startswith(".") or entry.name.lower().endswith(_UNFINISHED) or not entry.is_file(follow_symlinks=False):
                continue
            names.add(entry.name)
            info = entry.stat(follow_symlinks=False)
            before = self._seen.get(entry.name)
            if before is None or before[:2] != (info.st_size, info.st_mtime_ns):
                self._seen[entry.name] = before = (info.st_size, info.st_mtime_ns, now)
            if now - before[2] >= self.stable:
                found.append((info.st_mtime_ns, self.folder / entry.name))
        for gone in self._seen.keys() - names:
            del self._seen[gone]
        return [path for _, path in sorted(found)]

    def _take(self, path: Path) -> None:
        landings, fault = self._land(path)
        codes = [landing.transaction for landing in landings if landing.refusal is None]
        if codes:
            ingest.process(by=Actor.system("watch", "claims-intake"), transactions=codes)
        receipts = [self._receipt(landing.transaction) for landing in landings]
        good = bool(receipts) and not fault and all(receipt.state != "refused" for receipt in receipts)
        target = self.folder / (DONE if good else REFUSED)
        target.mkdir(exist_ok=True, mode=0o750)
        if target.is_symlink():
            raise NotADirectoryError(target.name)
        name = _free(target, path.name)
        documents = [ingest.receipt_json(receipt) for receipt in receipts]
        texts = [ingest.receipt_text(receipt) for receipt in receipts]
        _write(target / f"{name}.receipt.json", orjson.dumps({"file": path.name, "fault": fault or None, "transactions": documents}))
        _write(target / f"{name}.receipt.txt", "\n".join(filter(None, (fault, *texts))).encode())
        path.rename(target / name)
        _log.info("watch.taken", state="done" if good else "refused", count=len(receipts))

    def _receipt(self, transaction: str) -> ingest.Receipt:
        """The receipt once processing is over; another process (`yba work`) may have been first to begin it."""
        until = time.monotonic() + _PATIENCE
        while True:
            receipt = ingest.receipt(by=self.by, transaction=transaction)
            if receipt.state not in {"received", "processing"} or time.monotonic() > until:
                return receipt
            time.sleep(0.2)

    def _land(self, path: Path) -> tuple[list[ingest.Landing], str]:
        landings: list[ingest.Landing] = []
        try:
            for name, data in _contents(path):
                landings.append(ingest.land(by=self.by, channel=ingest.Channel.WATCH, data=data, filename=name))
        except archive.TooLarge:
            return landings, "Tệp quá lớn cho thư mục theo dõi. Dùng lệnh: yba ingest TỆP."
        except archive.BadArchive:
            return landings, "Tệp nén bị hỏng hoặc có mật khẩu. Nén lại và đặt vào thư mục lần nữa."
        return landings, ""


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    # Whoever may put files here may also exchange one for a link between our look and our reading.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.ELOOP, "not a file")
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise archive.TooLarge
    if not archive.is_zip(data):
        yield path.name, data
        return
    for name, member in archive.files(io.BytesIO(data), max_file=MAX_FILE, max_all=_MAX_ALL):
        yield f"{path.name}!{name}", member


def _free(folder: Path, name: str) -> str:
    """A name nothing bears yet: the same file may come again, and its earlier receipt is kept."""
    free, number = name, 1
    while (folder / free).exists():
        number += 1
        free = f"{number}-{name}"
    return free


def _write(path: Path, data: bytes) -> None:
    """Write whole or not at all, through no link that somebody prepared; receipts quote people's data, so the world may not read them."""
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
