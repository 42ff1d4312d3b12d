"""Using the ring: seal and open small secrets, sign and verify, and the secrets that sign sessions."""

from __future__ import annotations

import base64
import binascii
import os
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from .model import KEY_BYTES, CannotOpen, Purpose
from .ring import Ring, ring

_NONCE: Final = 12
_HEAD: Final = 2  # bytes: the version
_MARK: Final = "yba1:"


def seal(data: bytes, *, purpose: Purpose = Purpose.SECRETS, about: str = "", of: Ring | None = None) -> bytes:
    """Seal bytes with the newest key: version (2 bytes), nonce, AES-256-GCM. ``about`` says what they are and must be said again to open them."""
    keys = of or ring()
    version = keys.current(purpose).version
    head, nonce = version.to_bytes(_HEAD, "big"), os.urandom(_NONCE)
    return head + nonce + keys.cipher(purpose, version).encrypt(nonce, data, _bound(purpose, head, about))


def open_(sealed: bytes, *, purpose: Purpose = Purpose.SECRETS, about: str = "", of: Ring | None = None) -> bytes:
    """Open what `seal` made with any version that is not retired. Raises CannotOpen."""
    keys, head, nonce = of or ring(), sealed[:_HEAD], sealed[_HEAD : _HEAD + _NONCE]
    if len(sealed) < _HEAD + _NONCE:
        raise CannotOpen("too short to be sealed")
    try:
        return keys.cipher(purpose, version_of(sealed)).decrypt(nonce, sealed[_HEAD + _NONCE :], _bound(purpose, head, about))
    except InvalidTag:
        raise CannotOpen("changed, or sealed for something else or by another installation") from None


def version_of(sealed: bytes) -> int:
    """Return the version of the key that sealed."""
    return int.from_bytes(sealed[:_HEAD], "big")


def seal_text(text: str, *, about: str) -> str:
    """Seal a short text for a text column or a file: "yba1:" and base64."""
    return _MARK + base64.urlsafe_b64encode(seal(text.encode(), about=about)).decode()


def open_text(sealed: str, *, about: str) -> str:
    """Open what `seal_text` made. Raises CannotOpen."""
    return open_(text_bytes(sealed), about=about).decode()


def is_sealed_text(text: str) -> bool:
    """Whether a text is one that `seal_text` made."""
    return text.startswith(_MARK)


def text_bytes(sealed: str) -> bytes:
    """Return the sealed bytes behind a sealed text. Raises CannotOpen."""
    try:
        return base64.b64decode(sealed.removeprefix(_MARK).encode(), altchars=b"-_", validate=True) if is_sealed_text(sealed) else b""
    except (binascii.Error, UnicodeEncodeError):
        raise CannotOpen("not a sealed text") from None


def text_version(sealed: str) -> int:
    """Return the version of the key that sealed a text. Raises CannotOpen."""
    return version_of(text_bytes(sealed))


class Signer(NamedTuple):
    """An Ed25519 key in use: its name goes beside the signature, its public half may be given to anybody."""

    name: str
    public: bytes
    key: Ed25519PrivateKey

    def sign(self, data: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self.key.sign(data)


def signer(purpose: Purpose = Purpose.AUDIT) -> Signer:
    """Return the newest signing key."""
    found = ring().current(purpose)
    return Signer(found.name, found.public, Ed25519PrivateKey.from_private_bytes(found.secret or b""))


def verify(name: str, data: bytes, signature: bytes, purpose: Purpose = Purpose.AUDIT) -> bool:
    """Whether a signature is of this installation's key of that name; retired keys still verify."""
    found = next((key for key in ring().versions() if key.purpose is purpose and key.name == name), None)
    if found is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(found.public).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def derived(purpose: Purpose, *, about: str) -> bytes:
    """Return 32 secret bytes of the newest key of a purpose for one use alone (HKDF, RFC 5869), which say nothing of the key or of another use's."""
    return HKDFExpand(hashes.SHA256(), KEY_BYTES, about.encode()).derive(ring().current(purpose).secret or b"")


def session_secrets() -> tuple[str, tuple[str, ...]]:
    """Return the secret that signs sessions and forms, and the older ones that still verify, newest first."""
    newest = ring().current(Purpose.SESSIONS)
    older = [key for key in ring().versions() if key.purpose is Purpose.SESSIONS and key.secret and key.version != newest.version]
    return (newest.secret or b"").decode(), tuple((key.secret or b"").decode() for key in reversed(older))


def _bound(purpose: Purpose, head: bytes, about: str) -> bytes:
    return b"\0".join((purpose.encode(), head, about.encode()))
