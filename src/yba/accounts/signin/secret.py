"""Keys of second factors are kept encrypted with a key of the installation (VAR/keys/factor.key), so that the table alone opens nothing."""

from __future__ import annotations

import base64
import os

from cryptography.fernet import Fernet

from yba.kit.ids import write_secret_once
from yba.kit.settings import VAR


def factor_secret(text: str) -> str:
    """Encrypt a secret for keeping."""
    return _fernet().encrypt(text.encode()).decode()


def factor_plain(kept: str) -> str:
    """Decrypt a kept secret."""
    return _fernet().decrypt(kept.encode()).decode()


def _fernet() -> Fernet:
    path = VAR() / "keys" / "factor.key"
    return Fernet(path.read_bytes() if path.exists() else write_secret_once(path, base64.urlsafe_b64encode(os.urandom(32))))
