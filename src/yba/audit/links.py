"""One seal against the one before it: number, range, head and signature; the same for the database and for an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chain import START, head_of
from .keys import is_signed
from .verdict import Trouble, TroubleKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from .chain import Seal


def link(seal: Seal, before: Seal | None, after: int, keys: Mapping[str, Ed25519PublicKey]) -> Iterator[Trouble]:
    """Check one seal; ``after`` is the number before the first one looked at, whose predecessor may be unknown (None)."""
    last = before.number if before else after
    if seal.number != last + 1:
        yield Trouble(TroubleKind.SEAL_MISSING, seal.store, seal.number, note=f"{last} → {seal.number}")
    elif before is not None and (seal.previous != before.head or seal.first_id != before.last_id + 1):
        yield Trouble(TroubleKind.SEAL_CHANGED, seal.store, seal.number, note="không nối với dấu trước / does not follow the one before it")
    elif before is None and not after and seal.previous != START:
        yield Trouble(TroubleKind.SEAL_CHANGED, seal.store, seal.number, note="không phải dấu đầu tiên / is not the first one")
    if head_of(seal) != seal.head:
        yield Trouble(TroubleKind.SEAL_CHANGED, seal.store, seal.number)
    if seal.key not in keys:
        yield Trouble(TroubleKind.KEY_UNKNOWN, seal.store, seal.number, note=seal.key[:16])
    elif not is_signed(keys[seal.key], seal.signature, seal.head):
        yield Trouble(TroubleKind.SIGNATURE_WRONG, seal.store, seal.number)
    if seal.clock_went_back:
        yield Trouble(TroubleKind.CLOCK_WENT_BACK, seal.store, seal.number, note=f"{seal.sealed_at:%Y-%m-%d %H:%M:%S%z}")
