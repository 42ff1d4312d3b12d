"""What keys are for, and what is known of one version of a key."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from yba.kit.errors import Internal

if TYPE_CHECKING:
    from datetime import datetime

KEY_BYTES: Final = 32
MOST_VERSIONS: Final = 0xFFFF  # a version stands in two bytes before everything sealed


class Purpose(StrEnum):
    """What a key is for; no key serves two."""

    AUDIT = "audit"  # Ed25519: signs the seals of the trail
    LAKE = "lake"  # AES-256: seals the files of restricted categories in the warehouse
    SEALING = "sealing"  # AES-256: wraps the keys of ranges of originals
    SECRETS = "secrets"  # AES-256: seals small secrets at rest (seeds of second factors, secrets of other systems)
    SESSIONS = "sessions"  # text: signs sessions and forms (Django's SECRET_KEY)


class CannotOpen(Internal, ValueError):
    """Something sealed does not open: changed, of another installation, or its key is retired."""


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One version of the key of one purpose. ``secret`` is None once it is retired; ``public`` is an AUDIT key's other half, kept for good."""

    purpose: Purpose
    version: int
    made: datetime
    secret: bytes | None
    wrapped: bool  # by the passphrase, on disk
    public: bytes = b""

    @property
    def name(self) -> str:
        """Return how the version is written: "audit-3"."""
        return f"{self.purpose}-{self.version}"

    @property
    def retired(self) -> bool:
        """Whether the secret is gone for good."""
        return self.secret is None

    def __repr__(self) -> str:
        """Return the name only: a key must not reach a log by accident."""
        return f"KeyVersion({self.name})"
