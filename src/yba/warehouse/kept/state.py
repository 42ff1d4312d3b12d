"""What is known of a question: a count, why there is none, or why it is an old one; and for how long each stands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.kit import clock
from yba.specs.measures import measures

from .shelf import inputs

if TYPE_CHECKING:
    from yba.warehouse.lake.model import Manifest

    from .faults import Fault
    from .shelf import Ask, Shelf, Standing

YOUNG: Final = timedelta(minutes=10)  # the job counts after each export: what is older was not on a board
OLD: Final = timedelta(hours=26)  # of periods long past, which late data change little: the night's count will do
_PAST: Final = timedelta(days=45)


class Found(NamedTuple):
    """A count, and why there is none, or none newer."""

    standing: Standing | None
    fault: Fault | None = None


def looked(shelf: Shelf, ask: Ask, manifest: Manifest, *, young: timedelta = YOUNG, wait: bool = True) -> Found | None:
    """Look at the shelf: what stands, or failed a short while ago; None: it is to be counted. Without ``wait`` what is too old stands too.

    ``manifest`` may be an older one, of who began before the newest export: a count of that one stands. Raises ManifestDamaged.
    """
    kept = shelf.find(ask)
    if kept is not None and kept.seq > manifest.seq:
        if shelf.knows(kept.seq):
            return Found(kept)
        kept = None  # of a lake that was taken away, or brought back from a backup
    if kept is not None and wait and fresh(kept, manifest, young=young):
        return Found(kept)
    fault = shelf.fault(ask)
    if fault is not None and fault.lasts(inputs(manifest, measures()[ask.name])):
        return Found(kept, fault)
    return Found(kept) if kept is not None and not wait else None


def fresh(one: Standing, manifest: Manifest, *, young: timedelta = YOUNG) -> bool:
    """Whether a count still stands: the files it was made of do, or it is young enough for what it is about."""
    if one.inputs == inputs(manifest, one.counted.measure):
        return True
    now = clock.now()
    past = one.counted.period.end < (now - _PAST).date()
    return timedelta(0) <= now - one.made_at < (OLD if past else young)
