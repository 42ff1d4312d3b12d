"""Keeping folder and bucket the same: what the bucket's newest manifest names is the lake, the folder a copy that is worked on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.kit import clock
from yba.kit.durable import to_disk
from yba.kit.errors import NotFound
from yba.warehouse.lake.folder import GRACE, KEPT, SCHEMA, digest, digest_of, read, write
from yba.warehouse.lake.model import LakeBusy, LakeDamaged, LakeForeign

from .bucket import MirrorUnreachable, Taken

if TYPE_CHECKING:
    from pathlib import Path

    from yba.warehouse.lake.folder import Folder
    from yba.warehouse.lake.model import LakeFile, Manifest, SideFile

    from .bucket import Bucket

    Stored = LakeFile | SideFile

_MANIFESTS: Final = f"{SCHEMA}/manifest/"
_PROBE: Final = f"{SCHEMA}/probe"
_OURS: Final = ("open/", "restricted/", "views/", "side/")


class Mirrored(NamedTuple):
    """What went over: files brought here, files sent there, objects removed there."""

    brought: int = 0
    sent: int = 0
    removed: int = 0


def settle(lake: Folder, far: Bucket) -> Mirrored:
    """Make the folder what the bucket's newest manifest says, before anything is written; only by who holds the lake.

    A bucket without a manifest leaves the folder as it is. What was written here and never told there (killed between) is no part of the lake and
    goes. Raises LakeForeign for a lake of another origin, LakeDamaged naming an object that is not what was written, MirrorUnreachable, MirrorDenied.
    """
    there = newest(far)
    here = lake.newest()
    if there is None or there == here:
        return Mirrored()
    if here is not None and here.lake != there.lake:
        raise LakeForeign(
            f"{far.name} holds another lake than this machine.",
            advice="Take another prefix, or remove the folder of the lake on this machine (lake in the data folder): it is brought from the bucket.",
        )
    brought = _bring(lake, far, there, here)
    for path in lake.manifests.glob("[0-9]*.json"):  # of exports the bucket never heard of
        if int(path.stem) > there.number:
            path.unlink()
    lake.publish(there)
    return Mirrored(brought=brought)


def newest(far: Bucket) -> Manifest | None:
    """Read the bucket's newest manifest. Raises LakeDamaged."""
    names = [one.path for one in far.list(_MANIFESTS) if one.path.endswith(".json")]
    if not names:
        return None
    found = read(far.get(names[-1]))
    if found is None:
        raise LakeDamaged(f"{far.name}/{names[-1]} cannot be read: changed.", advice="Build the lake anew: yba warehouse refresh --anew all.")
    return found


def last_number(far: Bucket) -> int:
    """Return the number of the bucket's newest manifest, readable or not; 0: there is none."""
    return max((int(one.path.removesuffix(".json").rpartition("/")[2]) for one in far.list(_MANIFESTS) if one.path.endswith(".json")), default=0)


def publish(lake: Folder, far: Bucket, manifest: Manifest) -> Mirrored:
    """Send what the bucket has not, then the manifest, which nobody else may have written meanwhile; then it is the lake.

    Raises LakeBusy (somebody else was first; nothing of ours is part of the lake), MirrorUnreachable, MirrorDenied.
    """
    if not last_number(far):
        _require_conditions(far)
    known = _stands(_readable(far))
    sizes = {one.path: one.bytes for one in far.list(f"{SCHEMA}/")}
    sent = 0
    for one in manifest.stored():
        name = f"{SCHEMA}/{one.path}"
        if sizes.get(name) != one.bytes or known.get(one.path) != one.digest:  # an object no manifest names may be of an export that died
            far.put(name, lake.root / one.path)
            sent += 1
    data = write(manifest)
    name = f"{_MANIFESTS}{manifest.number:06}.json"
    try:
        far.put_once(name, data)
    except Taken:
        if far.get(name) != data:  # else our own, whose answer was lost
            raise LakeBusy("another machine has exported meanwhile.", advice="Run it again: what it wrote is brought here first.") from None
    return Mirrored(sent=sent, removed=_tidy(far, manifest))


def faults(lake: Folder, far: Bucket, manifest: Manifest, *, deep: bool = False) -> list[str]:
    """Say of each object of the newest manifest what is wrong, by name; ``deep`` reads them all."""
    sizes = {one.path: one.bytes for one in far.list(f"{SCHEMA}/")}
    found = [] if newest(far) == manifest else [f"{far.name}: its newest manifest is not the one of {lake.root}"]
    for one in manifest.stored():
        size = sizes.get(f"{SCHEMA}/{one.path}")
        if size is None:
            found.append(f"{far.name}/{SCHEMA}/{one.path}: missing")
        elif size != one.bytes:
            found.append(f"{far.name}/{SCHEMA}/{one.path}: {size} bytes, not {one.bytes}")
        elif deep and _digest_there(far, one) != one.digest:
            found.append(f"{far.name}/{SCHEMA}/{one.path}: changed since it was written")
    return found


def mend(lake: Folder, far: Bucket, *, deep: bool = False) -> Mirrored:
    """Send again what is missing or wrong there and right here; returns how many. Only by who holds the lake."""
    manifest = lake.newest()
    if manifest is None:
        return Mirrored()
    sizes = {one.path: one.bytes for one in far.list(f"{SCHEMA}/")}
    sent = 0
    for one in manifest.stored():
        wrong = sizes.get(f"{SCHEMA}/{one.path}") != one.bytes or (deep and _digest_there(far, one) != one.digest)
        if wrong and _stands_here(lake, one):
            far.put(f"{SCHEMA}/{one.path}", lake.root / one.path)
            sent += 1
    return Mirrored(sent=sent)


def _bring(lake: Folder, far: Bucket, there: Manifest, here: Manifest | None) -> int:
    known = _stands(here)
    count = 0
    for one in there.stored():
        path = lake.root / one.path
        if known.get(one.path) == one.digest and path.exists() and path.stat().st_size == one.bytes:
            continue
        if not _stands_here(lake, one):
            _fetch(far, one, path)
            count += 1
    for folder in {(lake.root / one.path).parent for one in there.stored()}:
        to_disk(folder)
    return count


def _fetch(far: Bucket, one: Stored, path: Path) -> None:
    """Bring one object, whole and as it was written; a half one keeps another name and is swept."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in far.pieces(f"{SCHEMA}/{one.path}"):
                file.write(piece)
    except NotFound:
        draft.unlink()
        raise _damaged(far, one, "missing") from None
    if digest(draft) != one.digest:
        draft.unlink()
        raise _damaged(far, one, "changed since it was written")
    to_disk(draft)
    draft.rename(path)


def _damaged(far: Bucket, one: Stored, what: str) -> LakeDamaged:
    return LakeDamaged(
        f"{far.name}/{SCHEMA}/{one.path}: {what}.",
        advice="Where another machine has the lake: yba warehouse mirror --check there. Else build it anew: yba warehouse refresh --anew all.",
    )


def _require_conditions(far: Bucket) -> None:
    """See that the server knows conditional writes: without them two writers would not notice each other."""
    far.delete(_PROBE)
    far.put_once(_PROBE, b"1")
    try:
        far.put_once(_PROBE, b"2")
    except Taken:
        far.delete(_PROBE)
        return
    raise MirrorUnreachable(f"{far.name}: the server writes over what is there (no If-None-Match).", advice="Take one that knows conditional writes.")


def _tidy(far: Bucket, manifest: Manifest) -> int:
    """Remove objects nothing names any more, an hour after they were written; old manifests but for a few."""
    young = clock.now() - GRACE
    known = {f"{SCHEMA}/{one.path}" for one in manifest.stored()} | {f"{SCHEMA}/{path}" for path, at in manifest.leaving if at > young}
    every = far.list(f"{SCHEMA}/")
    ours = tuple(f"{SCHEMA}/{head}" for head in _OURS)
    gone = [one.path for one in every if one.path.startswith(ours) and one.path not in known and one.at < young]
    gone += [one.path for one in every if one.path.startswith(_MANIFESTS)][: -KEPT - 1]
    for path in gone:
        far.delete(path)
    return len(gone)


def _readable(far: Bucket) -> Manifest | None:
    """What is there and cannot be read says nothing of its objects: they are sent again."""
    try:
        return newest(far)
    except LakeDamaged:
        return None


def _stands(manifest: Manifest | None) -> dict[str, str]:
    return {one.path: one.digest for one in manifest.stored()} if manifest else {}


def _stands_here(lake: Folder, one: Stored) -> bool:
    path = lake.root / one.path
    return path.exists() and path.stat().st_size == one.bytes and digest(path) == one.digest


def _digest_there(far: Bucket, one: Stored) -> str:
    return digest_of(far.pieces(f"{SCHEMA}/{one.path}"))
