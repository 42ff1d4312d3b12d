"""Working on a lake: as its only writer, beginning from what the bucket says where it is mirrored in one, published there first."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit.db import unit_of_work
from yba.kit.errors import Invalid
from yba.warehouse import store

from . import mirror
from .folder import Folder
from .model import LakeBusy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yba.kit.actor import Actor

    from .mirror import Bucket, Mirrored
    from .model import Manifest


@dataclass(frozen=True, slots=True)
class Work:
    """A lake that is held: its folder, and the bucket it is mirrored in."""

    lake: Folder
    far: Bucket | None

    def next_number(self) -> int:
        """Return one more than any manifest here or there has, also one that cannot be read."""
        here = max((int(path.stem) for path in self.lake.manifests.glob("[0-9]*.json")), default=0)
        return max(here, mirror.last_number(self.far) if self.far else 0) + 1

    def publish(self, manifest: Manifest) -> None:
        """Make a manifest the lake: in the bucket first, where only one writer can. Raises LakeBusy, MirrorUnreachable, MirrorDenied."""
        if self.far:
            mirror.publish(self.lake, self.far, manifest)
        self.lake.publish(manifest)


@contextmanager
def working(folder: Folder | None, *, anew: bool = False) -> Iterator[Work]:
    """Hold a lake (None: that of the settings) and bring it to where the bucket is; ``anew``: whatever that is, it is built anew.

    Raises LakeBusy, LakeForeign, LakeDamaged, MirrorUnreachable, MirrorDenied.
    """
    lake, far = folder or Folder(), None if folder else mirror.bucket()
    with lake.held():
        if far is None:
            yield Work(lake, None)
            return
        with store.alone() as free:
            if not free:
                raise LakeBusy("another machine works on this lake.", advice="Wait until it is done.")
            if not anew:
                mirror.settle(lake, far)
            yield Work(lake, far)


def mirrored(*, by: Actor, check: bool = False) -> Mirrored:
    """Bring what another machine wrote, send what is missing or wrong in the bucket; ``check``: read every object there. Noted in the trail.

    Raises Denied, Invalid (the lake is a folder alone), and what `working` raises.
    """
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    lake, far = Folder(), mirror.bucket()
    if far is None:
        raise Invalid("the lake is a folder alone.", advice="Set YBA_LAKE to s3://BUCKET/PREFIX.")
    with lake.held(), store.alone() as free:
        if not free:
            raise LakeBusy("another machine works on this lake.", advice="Wait until it is done.")
        brought = mirror.settle(lake, far)
        manifest = lake.newest()
        if manifest is None:
            return brought
        first = mirror.publish(lake, far, manifest) if not mirror.last_number(far) else mirror.mend(lake, far, deep=check)
    done = brought._replace(sent=first.sent, removed=first.removed)
    with unit_of_work(by=by) as conn:
        audit.note(conn, by=by, tag=Tag.LAKE_MIRROR, about_type="Lake", about_id=str(manifest.lake), detail=done._asdict())
    return done
