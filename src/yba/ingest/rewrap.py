"""Wrapping the keys of ranges anew after a rotation: batch by batch, from where it stopped; what is destroyed stays destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba import access
from yba.access import Right
from yba.kit.db import reading, unit_of_work

from . import store_keys
from .landing.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from yba.kit.actor import Actor

    from .landing.sealing import Sealer

BATCH: Final = 2_000  # keys in one transaction: about 0.1 s, so nobody waits for it


def key_versions(*, by: Actor) -> dict[int, int]:
    """Count the keys of ranges that are there, by the version of the ring that wraps them. Reads the whole table, not the bodies."""
    access.require(by, Right.OPERATIONS_KEY_MANAGE)
    with reading(by=by) as conn:
        return store_keys.versions(conn)


def rewrap(*, by: Actor, batch: int = BATCH, progress: Callable[[int], object] | None = None) -> int:
    """Wrap every key of a range that an older version wraps by the newest one; returns how many. Safe to stop and to run twice at once.

    Raises BrokenSealError at a key that no version of the ring opens: it is left as it is.
    """
    access.require(by, Right.OPERATIONS_KEY_MANAGE)
    sealer, done, after = Vault.open().sealer, 0, (-1, -1)
    while True:
        with unit_of_work(by=by) as conn:
            rows = store_keys.older(conn, newest=sealer.newest, after=after, most=batch)
            store_keys.replace(conn, [(message, ordinal, _anew(sealer, key)) for message, ordinal, key in rows])
        if not rows:
            return done
        after, done = (rows[-1][0], rows[-1][1]), done + len(rows)
        if progress:
            progress(len(rows))


def _anew(sealer: Sealer, wrapped: bytes) -> bytes:
    return sealer.wrap(sealer.unwrap(wrapped))
