"""Seal what arrived: every claim range under a key of its own, so that one claim's bytes can be destroyed and no other's.

AES-256-GCM; the range's key is wrapped by the sealing key of the installation's ring (yba.kit.keys, never in the database). Destroying the
wrapped key is destroying the bytes, backups included.
"""

import os
from dataclasses import dataclass
from time import monotonic
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yba.kit import keys
from yba.kit.ids import KEY_BYTES
from yba.kit.keys import CannotOpen, Purpose

FIRST_FORM: Final = 60  # bytes of a key wrapped by version 1
_NONCE: Final = 12  # bytes, as AES-GCM wants them
_ABOUT: Final = "range key"
_ASK_EVERY: Final = 1.0  # seconds; a look at the ring costs 10 microseconds, and a version is retired an hour after its successor was made


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed body and the wrapped key that opens it."""

    body: bytes
    key: bytes


class BrokenSealError(ValueError):
    """A sealed range does not open: changed, under another installation's key, or its key destroyed."""


class Sealer:
    """Wraps and unwraps keys of ranges by the ring; one per process.

    What version 1 of the ring wraps has the form of the time before it (nonce and ciphertext, 60 bytes), later versions stand in front (62 bytes).
    """

    def __init__(self, ring: keys.Ring) -> None:
        self._ring = ring
        self._version, self._cipher, self._asked_at = 0, AESGCM(bytes(KEY_BYTES)), -_ASK_EVERY

    def new_key(self) -> tuple[bytes, bytes]:
        """Return a fresh key and its wrapped form."""
        key = os.urandom(32)
        return key, self.wrap(key)

    def wrap(self, key: bytes) -> bytes:
        """Return a key wrapped by the newest version."""
        if self.newest > 1:
            return keys.seal(key, purpose=Purpose.SEALING, about=_ABOUT, of=self._ring)
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, key, None)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return the key that was wrapped, by whichever version."""
        try:
            if len(wrapped) != FIRST_FORM:
                return keys.open_(wrapped, purpose=Purpose.SEALING, about=_ABOUT, of=self._ring)
            return self._ring.cipher(Purpose.SEALING, 1).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], None)
        except (InvalidTag, CannotOpen) as error:
            message = "the key of this range was destroyed or belongs to another installation"
            raise BrokenSealError(message) from error

    @property
    def newest(self) -> int:
        """The version of the ring that new keys are wrapped by: the newest of at most a second ago."""
        if monotonic() - self._asked_at >= _ASK_EVERY:
            self._asked_at = monotonic()
            self._version = self._ring.current(Purpose.SEALING).version
            self._cipher = self._ring.cipher(Purpose.SEALING, self._version)
        return self._version


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
