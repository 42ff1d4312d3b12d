"""The folder of the lake: manifests written last, one writer at a time, what no manifest names swept away."""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson
import xxhash

from yba.kit import clock
from yba.kit.durable import to_disk
from yba.kit.settings import VAR
from yba.record import Database, Mark
from yba.warehouse.settings import LAKE

from .model import LakeBusy, LakeFile, Manifest, ManifestDamaged, Role, SideFile, Zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SCHEMA: Final = 1  # of the columns of a lake file: another one gets another folder and is caught up from empty
KEPT: Final = 8  # manifests beside the newest: to look at when something is wrong
GRACE: Final = timedelta(hours=1)  # how long a replaced file stays for readers that began before
_PIECE: Final = 1 << 20
_PATH: Final = re.compile(r"(?:open|restricted|views|side)(?:/[A-Za-z0-9_-][A-Za-z0-9_@.-]*)+", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9_@.-]+", re.ASCII)


class Folder:
    """One lake on disk, of this schema."""

    def __init__(self, root: Path | None = None) -> None:
        """Take the folder of the settings, or another one; a lake in a bucket is worked on in the data folder."""
        base = root or (Path(LAKE()).expanduser().absolute() if LAKE() and not LAKE().startswith("s3:") else VAR() / "lake")
        self.root = base / str(SCHEMA)
        self.manifests = self.root / "manifest"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only writer; the kernel lets go when the process dies. Raises LakeBusy."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)  # what is below is nobody else's
        for name in (*Zone, self.manifests.name):
            (self.root / name).mkdir(exist_ok=True, mode=0o700)
        with (self.root / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LakeBusy("another export or compaction of this lake is under way.", advice="Wait until it is done.") from None
            yield

    def newest(self) -> Manifest | None:
        """Read the newest manifest; None where there is no lake yet. Raises ManifestDamaged naming it."""
        paths = self._in_order()
        if not paths:
            return None
        path = paths[-1]
        if found := read(path.read_bytes()):
            return found
        raise ManifestDamaged(path)

    def publish(self, manifest: Manifest) -> None:
        """Write a manifest: from its rename on the lake is what it says, also after the power fails."""
        path = self.manifests / f"{manifest.number:06}.json"
        draft = self.manifests / f".{path.name}.new"
        with draft.open("wb") as file:
            file.write(write(manifest))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        to_disk(self.manifests)
        for old in self._in_order()[: -KEPT - 1]:
            old.unlink()

    def _in_order(self) -> list[Path]:
        """Give the manifests by number: names have six digits until the millionth."""
        return sorted(self.manifests.glob("[0-9]*.json"), key=lambda path: int(path.stem))

    def sweep(self, manifest: Manifest | None) -> list[str]:
        """Remove what a killed writer left and what was replaced long enough ago; only by who holds the lake. Returns the names."""
        young = clock.now() - GRACE
        known = {one.path for one in manifest.stored()} | {path for path, at in manifest.leaving if at > young} if manifest else set()
        gone = []
        for path in self.root.rglob("*"):
            name = str(path.relative_to(self.root))
            if path.is_file() and path.name != "lock" and path.parent != self.manifests and name not in known:
                path.unlink()
                gone.append(name)
        for draft in self.manifests.glob(".*.new"):
            draft.unlink()
        return gone

    def still_leaving(self, manifest: Manifest) -> tuple[tuple[str, datetime], ...]:
        """Return what of the replaced files still stands."""
        return tuple((path, at) for path, at in manifest.leaving if (self.root / path).exists())

    def faults(self, manifest: Manifest, *, deep: bool = False) -> list[str]:
        """Say of each damaged file what is wrong, by name; ``deep`` reads them all."""
        found = []
        for one in manifest.stored():
            path = self.root / one.path
            if not path.exists():
                found.append(f"{one.path}: missing")
            elif path.stat().st_size != one.bytes:
                found.append(f"{one.path}: {path.stat().st_size} bytes, not {one.bytes}")
            elif deep and digest(path) != one.digest:
                found.append(f"{one.path}: changed since it was written")
        return found


def digest(path: Path) -> str:
    """Return XXH3-128 of a file: finds what a disk or a hand has changed, proves nothing against an enemy."""
    with path.open("rb") as file:
        return digest_of(iter(lambda: file.read(_PIECE), b""))


def digest_of(pieces: Iterable[bytes]) -> str:
    """Return the same of bytes that come piece by piece."""
    state = xxhash.xxh3_128()
    for piece in pieces:
        state.update(piece)
    return str(state.hexdigest())


def write(manifest: Manifest) -> bytes:
    """Write a manifest as it lies in its file; the same manifest is the same bytes."""
    told = _told(manifest)
    return orjson.dumps({**told, "digest": _digest_of(told)}, option=orjson.OPT_INDENT_2)


def read(data: bytes) -> Manifest | None:
    """Read a manifest as it lies in its file; None: half written or changed."""
    try:
        told = orjson.loads(data)
        return _read(told) if told.pop("digest") == _digest_of(told) else None
    except (ValueError, KeyError, TypeError):
        return None


def _digest_of(told: dict[str, Any]) -> str:
    return str(xxhash.xxh3_128(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest())


def _told(one: Manifest) -> dict[str, Any]:
    return {
        "number": one.number, "seq": one.seq, "schema": SCHEMA, "lake": str(one.lake), "token": str(one.token), "until": one.until.isoformat(),
        "database": {"system": one.database.system, "number": one.database.number}, "mark": _told_mark(one.mark), "looked": _told_mark(one.looked),
        "floor": one.floor, "days": {day.isoformat(): seq for day, seq in sorted(one.days.items())},
        "leaving": [[path, at.isoformat()] for path, at in one.leaving],
        "files": [
            {"path": f.path, "rtype": f.rtype, "zone": f.zone.value, "role": f.role.value, "seq": f.seq, "rows": f.rows, "bytes": f.bytes,
             "digest": f.digest, "key": f.key, "view": f.view, "of": f.of}
            for f in one.files
        ],
        "side": [asdict(f) for f in one.side],
    }  # fmt: skip


def _read(told: dict[str, Any]) -> Manifest:
    found = Manifest(
        number=told["number"], seq=told["seq"], lake=UUID(told["lake"]), token=UUID(told["token"]), until=_at(told["until"]),
        database=Database(told["database"]["system"], told["database"]["number"]), mark=_mark(told["mark"]), looked=_mark(told["looked"]),
        files=tuple(LakeFile(**{**one, "zone": Zone(one["zone"]), "role": Role(one["role"])}) for one in told["files"]),
        floor=told["floor"], days={date.fromisoformat(day): seq for day, seq in told["days"].items()},
        leaving=tuple((path, _at(at)) for path, at in told["leaving"]),
        side=tuple(SideFile(**one) for one in told.get("side", ())),
    )  # fmt: skip
    _require_plain(found)
    return found


def _require_plain(manifest: Manifest) -> None:
    """Refuse names that would lead out of the lake or into SQL: a manifest may come from a bucket that others write to. Raises ValueError."""
    paths = [one.path for one in manifest.stored()] + [one.of for one in manifest.files if one.of] + [path for path, _ in manifest.leaving]
    names = [one.rtype for one in manifest.files] + [one.table for one in manifest.side] + [one.part or "0" for one in manifest.side]
    names += [one.view for one in manifest.files if one.view] + [*manifest.floor]
    numbers = [manifest.number, manifest.seq, *(one.seq for one in manifest.stored()), *manifest.days.values(), *manifest.floor.values()]
    if not all(map(_PATH.fullmatch, paths)) or not all(map(_NAME.fullmatch, names)) or not all(type(one) is int for one in numbers):
        raise ValueError("names")


def _told_mark(mark: Mark) -> dict[str, Any]:
    return {"oldest": mark.oldest, "seen": [list(run) for run in mark.seen], "horizon": mark.horizon.isoformat()}


def _mark(told: dict[str, Any]) -> Mark:
    return Mark(told["oldest"], tuple((first, last) for first, last in told["seen"]), _at(told["horizon"]))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
