"""Keys of second factors are sealed by the installation's key ring, so that the table alone opens nothing."""

from __future__ import annotations

from typing import Final

from cryptography.fernet import Fernet

from yba.kit import keys
from yba.kit.settings import VAR

ABOUT: Final = "second factor"


def factor_secret(text: str) -> str:
    """Seal a secret for keeping."""
    return keys.seal_text(text, about=ABOUT)


def factor_plain(kept: str) -> str:
    """Open a kept secret; those of the time before the ring are under VAR/keys/factor.key."""
    if keys.is_sealed_text(kept):
        return keys.open_text(kept, about=ABOUT)
    return Fernet((VAR() / "keys" / "factor.key").read_bytes()).decrypt(kept.encode()).decode()
