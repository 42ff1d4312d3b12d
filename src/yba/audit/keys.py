"""The audit key: the installation's Ed25519 key that signs seals; its public halves are kept beside it, those of former keys too."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from yba.kit import keys as ring
from yba.kit.errors import Invalid
from yba.kit.ids import write_secret_once
from yba.kit.settings import VAR

if TYPE_CHECKING:
    from pathlib import Path

_PUBLIC: Final = "audit-*.pub"


def signing_key() -> Ed25519PrivateKey:
    """Return the newest audit key of the ring (`yba keys rotate audit` makes the next); the one place the private half comes from.

    Its public half is written beside the ring, as keys/audit-<id>.pub, for whoever verifies elsewhere.
    """
    key = Ed25519PrivateKey.from_private_bytes(ring.ring().current(ring.Purpose.AUDIT).secret or b"")
    public = VAR() / "keys" / f"audit-{key_id(key.public_key())}.pub"
    if not public.exists():
        write_secret_once(public, public_pem(key.public_key()))
    return key


def public_keys(folder: Path | None = None) -> dict[str, Ed25519PublicKey]:
    """Return the public keys that are trusted, by their id: those kept in VAR/keys, or in a folder an auditor names."""
    found = {}
    for path in sorted((folder or VAR() / "keys").glob(_PUBLIC)):
        key = serialization.load_pem_public_key(path.read_bytes())
        if not isinstance(key, Ed25519PublicKey):
            raise Invalid(f"{path} is not an Ed25519 public key in PEM.")
        found[key_id(key)] = key
    return found


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Write a public key as PEM."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_id(key: Ed25519PublicKey) -> str:
    """Name a key: the first 16 hex digits of the SHA-256 of its 32 bytes."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def is_signed(key: Ed25519PublicKey | None, signature: bytes, text: bytes) -> bool:
    """Whether a known key signed this."""
    if key is None:
        return False
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True
