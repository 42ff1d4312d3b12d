"""Seal what arrived: every claim range under a key of its own, so that one claim's bytes can be destroyed and no other's.

AES-256-GCM; the range's key is wrapped by the installation's sealing key (part of the hand-over, never in the database). Destroying the wrapped
key is destroying the bytes, backups included.
"""

import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yba.kit.ids import KEY_BYTES, write_secret_once
from yba.kit.settings import VAR

_NONCE: Final = 12  # bytes, as AES-GCM wants them


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed body and the wrapped key that opens it."""

    body: bytes
    key: bytes


class BrokenSealError(ValueError):
    """A sealed range does not open: changed, under another installation's key, or its key destroyed."""


def sealing_key() -> bytes:
    """The installation's sealing key, keys/sealing.key, made at first use (0600); without it no original can ever be read again."""
    path = VAR() / "keys" / "sealing.key"
    key = path.read_bytes() if path.exists() else write_secret_once(path, os.urandom(KEY_BYTES))
    if len(key) != KEY_BYTES:
        message = f"{path} holds {len(key)} bytes, not {KEY_BYTES}: restore it from the backup"
        raise BrokenSealError(message)
    return key


class Sealer:
    """Seals and opens with the installation's key; one per process."""

    def __init__(self, master: bytes) -> None:
        self._master = AESGCM(master)

    def new_key(self) -> tuple[bytes, bytes]:
        """Return a fresh key and its wrapped form."""
        key = os.urandom(32)
        nonce = os.urandom(_NONCE)
        return key, nonce + self._master.encrypt(nonce, key, None)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return the key that was wrapped."""
        try:
            return self._master.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], None)
        except (InvalidTag, ValueError) as error:
            message = "the key of this range was destroyed or belongs to another installation"
            raise BrokenSealError(message) from error


def seal(key: bytes, data: bytes, purpose: bytes) -> bytes:
    """Seal ``data`` for one purpose; a random nonce stands in front, so a key may seal again (a re-mapping writes a new residue)."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, purpose)


def open_sealed(key: bytes, body: bytes, purpose: bytes) -> bytes:
    """Open what `seal` made; `BrokenSealError` when a byte was changed."""
    try:
        return AESGCM(key).decrypt(body[:_NONCE], body[_NONCE:], purpose)
    except InvalidTag as error:
        message = "a sealed range was changed"
        raise BrokenSealError(message) from error
