"""Where the embedded server keeps its things, and how a client reaches it."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.kit.ids import write_secret_once

if TYPE_CHECKING:
    from pathlib import Path

PORT: Final = 5432  # only a part of the socket's name: the server never listens on the network
DATABASE: Final = "yba"
OWNER_ROLE: Final = "yba_owner"
APP_ROLE: Final = "yba_app"
SUPER_ROLE: Final = "postgres"
# sockaddr_un holds 107 characters and a NUL; the socket is called .s.PGSQL.5432 (14 with the slash), its lock file 5 more.
LONGEST_SOCKET_FOLDER: Final = 107 - 14 - 5


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How to reach the server: socket folder and the three roles' passwords."""

    socket: str
    passwords: dict[str, str]

    def conninfo(self, role: str, database: str = DATABASE) -> dict[str, Any]:
        """Return the connection parameters of libpq for one of the three roles."""
        return {"host": self.socket, "port": str(PORT), "dbname": database, "user": role, "password": self.passwords[role]}


@dataclass(frozen=True, slots=True)
class Status:
    """What the supervisor says about itself in status.json: its process, its state and the socket folder."""

    supervisor: int
    state: str  # starting, ready, failed
    socket: str
    error: str = ""


class Home:
    """The server's folder under the data folder, and the names in it."""

    def __init__(self, var: Path) -> None:
        """Take the data folder (YBA_VAR)."""
        self.var = var
        self.folder = var / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        # Locks, status and secrets are the starter's; only `folder` is given to the user the server runs under.
        self.control = var / "postgres-control"
        self.lease = self.control / "lease"
        self.start_lock = self.control / "start.lock"
        self.supervisor_lock = self.control / "supervisor.lock"
        self.supervisor_log = self.control / "supervisor.log"
        self.status_file = self.control / "status.json"
        self.secrets = var / "keys" / "postgres.json"

    def prepare(self) -> None:
        """Make the folders a client needs before it can ask for the server."""
        self.control.mkdir(parents=True, exist_ok=True, mode=0o700)

    def passwords(self) -> dict[str, str]:
        """Return the roles' passwords, made on first use and kept 0600."""
        if not self.secrets.exists():
            fresh = {role: secrets.token_urlsafe(24) for role in (SUPER_ROLE, OWNER_ROLE, APP_ROLE)}
            return dict(orjson.loads(write_secret_once(self.secrets, orjson.dumps(fresh))))
        return dict(orjson.loads(self.secrets.read_bytes()))

    def status(self) -> Status | None:
        """Return what the supervisor last said, None when there is none."""
        try:
            return Status(**orjson.loads(self.status_file.read_bytes()))
        except FileNotFoundError:
            return None

    def say(self, status: Status) -> None:
        """Replace the status in one step, so that a reader never sees half of it."""
        draft = self.status_file.with_suffix(f".{os.getpid()}")
        draft.write_bytes(orjson.dumps(asdict(status)))
        draft.replace(self.status_file)

    def endpoint(self, status: Status) -> Endpoint:
        """Return how to reach a server that is ready."""
        return Endpoint(status.socket, self.passwords())

    def short_name(self) -> str:
        """Return a name for this installation that fits where paths must be short."""
        return "yba-" + hashlib.sha256(os.fsencode(self.var.resolve())).hexdigest()[:12]
