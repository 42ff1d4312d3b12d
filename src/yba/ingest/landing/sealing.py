"""Seal what arrived: every claim range under a key of its own, so that one claim's bytes can be destroyed and no other's.

AES-256-GCM; the range's key is wrapped by the installation's sealing key (part of the hand-over, never in the database). Destroying the wrapped
key is destroying the bytes, backups included.
"""

import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE: Final = b"\x00" * 12  # safe: a key seals each purpose exactly once, and the purpose is the first byte of the nonce
_WRAP_NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed body and the wrapped key that opens it."""

    body: bytes
    key: bytes


class BrokenSealError(ValueError):
    """A sealed range does not open: changed, under another installation's key, or its key destroyed."""


class Sealer:
    """Seals and opens with the installation's key; one per process."""

    def __init__(self, master: bytes) -> None:
        self._master = AESGCM(master)

    def new_key(self) -> tuple[bytes, bytes]:
        """Return a fresh key and its wrapped form."""
        key = os.urandom(32)
        nonce = os.urandom(_WRAP_NONCE)
        return key, nonce + self._master.encrypt(nonce, key, None)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return the key that was wrapped."""
        try:
            return self._master.decrypt(wrapped[:_WRAP_NONCE], wrapped[_WRAP_NONCE:], None)
        except (InvalidTag, ValueError) as error:
            message = "the key of this range was destroyed or belongs to another installation"
            raise BrokenSealError(message) from error


def seal(key: bytes, data: bytes, purpose: bytes) -> bytes:
    """Seal ``data`` once per (key, purpose); a purpose must never be used twice with one key."""
    nonce = purpose[:1] + _NONCE[1:]
    return AESGCM(key).encrypt(nonce, data, purpose)


def open_sealed(key: bytes, body: bytes, purpose: bytes) -> bytes:
    """Open what `seal` made; `BrokenSealError` when a byte was changed."""
    nonce = purpose[:1] + _NONCE[1:]
    try:
        return AESGCM(key).decrypt(nonce, body, purpose)
    except InvalidTag as error:
        message = "a sealed range was changed"
        raise BrokenSealError(message) from error
