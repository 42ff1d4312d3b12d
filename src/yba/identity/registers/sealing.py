"""Sealing a reply for its row and no other, and opening it; pure but for the key ring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import zstandard

from yba.kit import keys
from yba.kit.keys import Purpose

if TYPE_CHECKING:
    from uuid import UUID


def seal_reply(raw: bytes, query: UUID) -> bytes:
    """Compress and seal a reply."""
    return keys.seal(zstandard.ZstdCompressor(level=3).compress(raw), purpose=Purpose.SEALING, about=_about(query))


def open_sealed(sealed: bytes, query: UUID) -> bytes:
    """Open a reply as it came. Raises CannotOpen."""
    return zstandard.ZstdDecompressor().decompress(keys.open_(sealed, purpose=Purpose.SEALING, about=_about(query)))


def _about(query: UUID) -> str:
    return f"register-reply {query}"
