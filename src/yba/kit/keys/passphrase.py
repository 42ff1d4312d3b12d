"""Wrapping the ring's files by a passphrase that the operator keeps elsewhere: the files alone, or a copy of them, open nothing then."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from yba.kit.errors import Invalid
from yba.kit.settings import KEYS_PASSPHRASE_FILE

from .model import KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORTEST: Final = 20  # characters; it is typed once into a file, by nobody daily
_COST: Final = {"n": 1 << 15, "r": 8, "p": 1}  # RFC 7914; 0.1 s and 32 MB, once in a process
_CREDENTIAL: Final = "yba-keys"  # systemd: LoadCredential=yba-keys:/path, or LoadCredentialEncrypted
_NONCE: Final = 12


def told() -> bytes | None:
    """Return the passphrase from YBA_KEYS_PASSPHRASE_FILE or the systemd credential "yba-keys"; None when neither is set. Raises Invalid."""
    path = KEYS_PASSPHRASE_FILE()
    if path:
        return read(Path(path))
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    credential = Path(folder, _CREDENTIAL)
    return read(credential) if folder and credential.is_file() else None


def read(path: Path) -> bytes:
    """Read a passphrase from a file only its owner can read, without the line end. Raises Invalid saying what to mend."""
    try:
        mode, phrase = path.stat().st_mode, path.read_bytes().strip(b"\r\n")
    except OSError as error:
        raise Invalid(f"The file with the keys' passphrase cannot be read: {error.strerror}.", advice=f"Look at {path}.") from None
    if mode & 0o077:
        raise Invalid(f"{path} can be read by others.", advice=f"chmod 600 {path}")
    if len(phrase) < _SHORTEST:
        raise Invalid(f"The passphrase in {path} is shorter than {_SHORTEST} characters.", advice="openssl rand -base64 33 > FILE")
    return phrase


def wrap(secret: bytes, phrase: bytes, about: bytes) -> dict[str, Any]:
    """Wrap a secret by a passphrase: an object for a JSON file, with all that opening needs but the passphrase."""
    salt = os.urandom(16)
    return {"kdf": "scrypt", **_COST, "salt": text(salt), "sealed": text(seal_with(_derive(phrase, salt, _COST), secret, about))}


def unwrap(told_: Mapping[str, Any], phrase: bytes, about: bytes) -> bytes | None:
    """Return the secret, or None when the passphrase is another or the file was changed."""
    return open_with(_derive(phrase, raw(told_["salt"]), told_), raw(told_["sealed"]), about)


def seal_with(key: bytes, data: bytes, about: bytes) -> bytes:
    """Seal bytes by a key: nonce and AES-256-GCM."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, about)


def open_with(key: bytes, sealed: bytes, about: bytes) -> bytes | None:
    """Open what `seal_with` made, or None."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about)
    except (InvalidTag, ValueError):
        return None


class Protection:
    """The key that wraps the ring's files, itself wrapped by the passphrase (protection.json): changing the one leaves the other."""

    def __init__(self, key: bytes) -> None:
        """Take the opened key; see `load` and `fresh`."""
        self.key = key

    @classmethod
    def fresh(cls, phrase: bytes) -> tuple[Protection, bytes]:
        """Return a new protection and the content of its file."""
        made = cls(os.urandom(KEY_BYTES))
        return made, made.under(phrase)

    def under(self, phrase: bytes) -> bytes:
        """Return the content of the file under a passphrase."""
        return orjson.dumps(wrap(self.key, phrase, b"protection"), option=orjson.OPT_INDENT_2)

    @classmethod
    def load(cls, content: bytes, phrase: bytes | None) -> Protection:
        """Open the file. Raises Invalid when no passphrase is told or it is another one."""
        if phrase is None:
            raise Invalid(
                "The keys of this installation are protected by a passphrase.",
                advice="Set YBA_KEYS_PASSPHRASE_FILE to the file that holds it, or give it as the systemd credential yba-keys.",
            )
        key = unwrap(orjson.loads(content), phrase, b"protection")
        if key is None:
            raise Invalid("The passphrase does not open the keys of this installation.", advice="It is another one, or protection.json was changed.")
        return cls(key)


def _derive(phrase: bytes, salt: bytes, cost: Mapping[str, Any]) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=cost["n"], r=cost["r"], p=cost["p"]).derive(phrase)


def text(data: bytes) -> str:
    """Write bytes as base64."""
    return base64.b64encode(data).decode()


def raw(written: str) -> bytes:
    """Read base64."""
    return base64.b64decode(written, validate=True)
