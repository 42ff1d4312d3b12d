"""The ring of one data folder: reads its versions once, sees another process's change at the next use, makes, rotates, protects and retires keys."""

from __future__ import annotations

import os
import secrets
from functools import cache
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yba.kit import clock
from yba.kit.errors import Conflict, Invalid
from yba.kit.settings import VAR

from . import files, passphrase
from .model import KEY_BYTES, MOST_VERSIONS, CannotOpen, KeyVersion, Purpose
from .passphrase import Protection

if TYPE_CHECKING:
    from pathlib import Path

_PROTECTION: Final = "protection.json"
_Stamp = tuple[int, int] | None


class Ring:
    """The keys of one folder (VAR/keys). Safe to share between threads: what was read is replaced whole."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; nothing is read before it is needed."""
        self.folder, self.files = folder, folder / "ring"
        self._stamp: _Stamp = (-1, -1)
        self._keys: dict[tuple[Purpose, int], KeyVersion] = {}
        self._ciphers: dict[tuple[Purpose, int], AESGCM] = {}
        self._current: dict[Purpose, KeyVersion] = {}
        self._protected_by: tuple[bytes, Protection | None] = (b"", None)

    def current(self, purpose: Purpose) -> KeyVersion:
        """Return the newest version, which new things use; the first is made at its first use."""
        self._look()
        found = self._current.get(purpose)
        return found if found is not None else self._first(purpose)

    def key(self, purpose: Purpose, version: int) -> KeyVersion:
        """Return one version with its secret. Raises CannotOpen when it is retired or was never here."""
        found = self._known(purpose, version)
        if found is None or found.secret is None:
            raise CannotOpen(f"the key {purpose}-{version} is {'retired' if found else 'not of this installation'}")
        return found

    def cipher(self, purpose: Purpose, version: int) -> AESGCM:
        """Return the cipher of one version, kept for the next time. Raises CannotOpen."""
        found = self._ciphers.get((purpose, version)) if (purpose, version) in self._keys else None
        if found is None:
            found = self._ciphers[purpose, version] = AESGCM(self.key(purpose, version).secret or b"")
        return found

    def versions(self) -> list[KeyVersion]:
        """Return every version there is or was, by purpose and number."""
        self._look()
        return [self._keys[at] for at in sorted(self._keys)]

    @property
    def protected(self) -> bool:
        """Whether new files are wrapped by a passphrase."""
        return (self.files / _PROTECTION).exists()

    def rotate(self, purpose: Purpose) -> KeyVersion:
        """Make a new version for everything new; older ones keep opening. Other processes use it from their next use on."""
        with files.only_writer(self.files):
            protection = self._protection()
            self._take_over(protection)
            self._read()
            made = self._made(purpose, max((version for known, version in self._keys if known is purpose), default=0) + 1)
            files.write_once(self._path(made), files.written(made, protection))
        return self.current(purpose)

    def protect(self, phrase: bytes) -> int:
        """Wrap every file by a passphrase, or change the passphrase; returns how many files were wrapped. Again after a crash: goes on."""
        with files.only_writer(self.files):
            path = self.files / _PROTECTION
            old = self._protection(make=False)
            protection, content = (old, old.under(phrase)) if old else Protection.fresh(phrase)
            self._read(old)
            bare = [key for key in self._keys.values() if not key.retired and not key.wrapped]
            files.replace(path, content)
            for key in bare:
                files.replace(self._path(key), files.written(key, protection))
                self._drop_earlier(key)
            self._read(protection)
        return len(bare)

    def retire(self, purpose: Purpose, version: int) -> None:
        """Destroy an old version for good: what only it opens is lost. Its number and public half stay. Raises Conflict for the newest one.

        The caller has seen to it that nothing needs it any more.
        """
        with files.only_writer(self.files):
            protection = self._protection()
            self._take_over(protection)
            self._read(protection)
            if self._current.get(purpose) is None or version >= self._current[purpose].version:
                raise Conflict(f"{purpose}-{version} is the key in use.", advice="Rotate first.")
            key = self.key(purpose, version)
            gone = KeyVersion(purpose, version, key.made, None, wrapped=False, public=key.public)
            files.replace(self._path(key), files.written(gone, None))
            self._read(protection)

    def _known(self, purpose: Purpose, version: int) -> KeyVersion | None:
        found = self._keys.get((purpose, version))
        if found is None:
            self._read()  # not only when the folder's time tells: two changes within one tick of its clock look like one
            found = self._keys.get((purpose, version))
        return found

    def _look(self) -> None:
        """Read the files again when another process has changed them: one stat, 2 microseconds."""
        if self._stamp != self._stamp_now():
            self._read()

    def _stamp_now(self) -> _Stamp:
        try:
            found = os.stat(self.files)  # noqa: PTH116  # half the time of Path.stat, once for each claim
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino

    def _read(self, protection: Protection | None = None) -> None:
        stamp = self._stamp_now()  # before reading: a change while we read is seen next time
        protection = protection or self._protection(make=False)
        paths = sorted(self.files.glob("[a-z]*-[0-9]*.json")) if stamp else []
        found = [files.read(path, protection) for path in paths]
        keys = {(key.purpose, key.version): key for key in found}
        for purpose in files.EARLIER:
            old = files.earlier(self.folder, purpose) if (purpose, 1) not in keys else None
            if old is not None:
                keys[purpose, 1] = old
        for key in keys.values():
            _judge(key)
        self._keys, self._ciphers = keys, {}
        self._current = {key.purpose: key for _, key in sorted(keys.items()) if not key.retired}
        self._stamp = stamp

    def _first(self, purpose: Purpose) -> KeyVersion:
        with files.only_writer(self.files):
            protection = self._protection()
            self._read(protection)
            if purpose not in self._current:
                made = self._made(purpose, 1)
                files.write_once(self._path(made), files.written(made, protection))
                self._read(protection)
        return self._current[purpose]

    def _made(self, purpose: Purpose, version: int) -> KeyVersion:
        if version > MOST_VERSIONS:
            raise Conflict(f"{purpose} has had all the versions there are.")
        public = b""
        secret = secrets.token_urlsafe(48).encode() if purpose is Purpose.SESSIONS else os.urandom(KEY_BYTES)
        if purpose is Purpose.AUDIT:
            public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
        return KeyVersion(purpose, version, clock.now(), secret, wrapped=False, public=public)

    def _protection(self, *, make: bool = True) -> Protection | None:
        """Return what wraps the files; a passphrase told before there is any key protects the ring from its first file on."""
        path = self.files / _PROTECTION
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            content = b""
        if content and content != self._protected_by[0]:
            self._protected_by = (content, Protection.load(content, passphrase.told()))
        if content:
            return self._protected_by[1]
        phrase = passphrase.told() if make and not any(self.files.glob("*.json")) and not self._earlier_there() else None
        if phrase is None:
            return None
        made, content = Protection.fresh(phrase)
        files.write_once(path, content)
        return made

    def _earlier_there(self) -> bool:
        return any((self.folder / name).exists() for name in files.EARLIER.values())

    def _take_over(self, protection: Protection | None) -> None:
        """Bring keys of the time before the ring into it, byte for byte."""
        for purpose in files.EARLIER:
            old = files.earlier(self.folder, purpose)
            if old is not None:
                files.write_once(self._path(old), files.written(old, protection))
                self._drop_earlier(old)

    def _drop_earlier(self, key: KeyVersion) -> None:
        if key.version == 1 and key.purpose in files.EARLIER:
            files.drop(self.folder / files.EARLIER[key.purpose])

    def _path(self, key: KeyVersion) -> Path:
        return self.files / files.file_name(key.purpose, key.version)


def _judge(key: KeyVersion) -> None:
    if key.secret is not None and key.purpose is not Purpose.SESSIONS and len(key.secret) != KEY_BYTES:
        raise Invalid(f"The key {key.name} holds {len(key.secret)} bytes, not {KEY_BYTES}.", advice="Restore it from the backup of keys.")


@cache
def _ring(folder: Path) -> Ring:
    return Ring(folder)


def ring() -> Ring:
    """Return the ring of this process's data folder."""
    return _ring(VAR() / "keys")
