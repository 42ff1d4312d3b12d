"""How the lake stands: how far it is behind, what it holds, which of its files are damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba import access, record
from yba.access import Right
from yba.kit import clock
from yba.kit.db import reading

from . import mirror
from .folder import Folder
from .model import Role, Status, Zone

if TYPE_CHECKING:
    from yba.kit.actor import Actor

    from .model import Manifest


def status(*, by: Actor, deep: bool = False, folder: Folder | None = None) -> Status:
    """Say how the lake stands; ``deep`` reads every file and compares its digest. Raises Denied, LakeDamaged for the manifest itself."""
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    lake = folder or Folder()
    manifest = lake.newest()
    if manifest is None:
        return Status(0, None, 0.0, {}, 0, 0, (), (), {})
    with reading(by=by) as conn:
        oldest = record.waiting(conn, by=by, since=manifest.mark)
    rows: dict[str, int] = {}
    for one in manifest.files:
        if not one.view and one.role is not Role.PAST:
            rows[one.rtype] = rows.get(one.rtype, 0) + one.rows
    return Status(
        seq=manifest.seq,
        until=manifest.until,
        lag_seconds=max(0.0, round((clock.now() - oldest).total_seconds(), 1)) if oldest else 0.0,
        rows=dict(sorted(rows.items())),
        bytes=sum(one.bytes for one in manifest.stored()),
        files=len(manifest.stored()),
        faults=(*lake.faults(manifest, deep=deep), *_faults_there(lake, manifest, deep=deep and folder is None)),
        days=tuple(sorted(manifest.days)),
        tables=_tables(manifest),
    )


def _faults_there(lake: Folder, manifest: Manifest, *, deep: bool) -> list[str]:
    """Ask the bucket only where it is checked: how the lake stands is known here."""
    far = mirror.bucket() if deep else None
    return mirror.faults(lake, far, manifest, deep=True) if far else []


def _tables(manifest: Manifest) -> dict[str, int]:
    newest = {(one.table, one.part): one.rows for one in sorted(manifest.side, key=lambda one: one.seq)}
    found: dict[str, int] = {}
    for (table, _), rows in newest.items():
        found[table] = found.get(table, 0) + rows
    return dict(sorted(found.items()))


def view_bytes(folder: Folder | None = None) -> int:
    """Return how many bytes of the lake are files of views."""
    manifest = (folder or Folder()).newest()
    return sum(one.bytes for one in manifest.files if one.view) if manifest else 0


def key_versions(folder: Folder | None = None) -> dict[int, int]:
    """Count the sealed files of the lake by the version of the key that opens them: what `operations` asks before a key is retired."""
    manifest = (folder or Folder()).newest()
    found: dict[int, int] = {}
    for one in manifest.files if manifest else ():
        if one.zone is Zone.RESTRICTED:
            found[one.key] = found.get(one.key, 0) + 1
    return found
