"""The supervisor: a small process that runs the server while anybody holds a lease and stops it when the last one is gone.

Leases are shared locks on a file, held by every client; the kernel lets go of them however a client ends, so a killed one
never leaves the server running. When the supervisor itself is killed, the kernel stops the server in its place (Linux).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import psycopg

from yba.kit.errors import YbaError
from yba.kit.settings import POSTGRES_LINGER

from . import config, install, place
from .layout import SUPER_ROLE, Endpoint, Home, Status

PULSE: Final = 0.5  # seconds between looks at leases and server
MOST_RESTARTS: Final = 4
RESTART_WINDOW: Final = 120.0
LARGEST_LOG: Final = 16 << 20
_PR_SET_PDEATHSIG: Final = 1


class Supervisor:
    """Runs one server for one data folder."""

    def __init__(self, home: Home) -> None:
        """Find user, programs and socket folder; make the cluster if there is none."""
        self.home = home
        self.user = place.run_as()
        place.make_folder(home, self.user)
        self.bin = place.programs(self.user)
        install.make_cluster(home, self.bin, self.user)
        self.socket = place.socket_folder(home, self.user)
        self.data = home.data.resolve()
        self.restarts: list[float] = []
        self.stopping = False
        self.server: subprocess.Popen[bytes]

    def run(self, lease: int) -> None:
        """Start the server, watch it, and return when it was stopped because nobody needs it."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        compression = install.compression(self.bin)
        config.write(self.data, self.socket, self.user, compression)
        self._end_orphan()
        self.start()
        endpoint = Endpoint(str(self.socket), self.home.passwords())
        while not self._answers(endpoint):
            self._restart_if_down()
            time.sleep(0.1)
        install.make_roles(endpoint, endpoint.passwords)
        self.home.say(Status(os.getpid(), "ready", str(self.socket)))
        self._watch(lease)
        self.stop()

    def start(self) -> None:
        """Start the server's first process as our child."""
        if self.home.log.exists() and self.home.log.stat().st_size > LARGEST_LOG:
            self.home.log.replace(self.home.log.with_suffix(".log.1"))
        self._remove_stale_pid()
        options: dict[str, Any] = self.user.options()
        with self.home.log.open("ab") as log:
            self.server = subprocess.Popen(
                [self.bin / "postgres", "-D", self.data],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                preexec_fn=_die_with_parent,  # noqa: PLW1509  # this process has no threads
                **options,
            )  # fmt: skip

    def _answers(self, endpoint: Endpoint) -> bool:
        """Whether the server takes connections; recovery after a crash may take minutes, and that is waited for."""
        try:
            psycopg.connect(**endpoint.conninfo(SUPER_ROLE, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                message = f"the passwords in {self.home.secrets} are not those of the database in {self.home.folder}."
                raise YbaError(message, advice="Bring both back from the same backup.") from None
            return False
        return True

    def _restart_if_down(self) -> None:
        if self.server.poll() is None or self.stopping:
            return
        self.restarts = [t for t in self.restarts if t > time.monotonic() - RESTART_WINDOW] + [time.monotonic()]
        if len(self.restarts) > MOST_RESTARTS:
            message = f"PostgreSQL ended {MOST_RESTARTS} times within two minutes."
            raise YbaError(message)
        time.sleep(len(self.restarts))  # processes of a killed server need a moment to let go of its memory
        self.start()

    def _watch(self, lease: int) -> None:
        """Return when asked to stop, or when nobody has held a lease for the time of lingering."""
        unused_since: float | None = None
        while not self.stopping:
            self._restart_if_down()
            try:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                unused_since = None
            else:
                unused_since = unused_since or time.monotonic()
                if time.monotonic() - unused_since >= POSTGRES_LINGER():
                    return  # keep the exclusive lock: a new client waits until we are gone and starts a fresh supervisor
                fcntl.flock(lease, fcntl.LOCK_UN)
            time.sleep(PULSE)

    def stop(self) -> None:
        """Stop the server: running transactions are rolled back, everything committed is on disk."""
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)
            self.server.wait()

    def _asked_to_stop(self, *_: object) -> None:
        self.stopping = True

    def _end_orphan(self) -> None:
        """Stop a server of this very folder that outlived its supervisor."""
        pid = self._recorded_pid()
        if pid and _is_server_of(pid, self.data):
            os.kill(pid, signal.SIGINT)
            while _is_server_of(pid, self.data):
                time.sleep(0.1)

    def _recorded_pid(self) -> int:
        try:
            return int((self.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return 0

    def _remove_stale_pid(self) -> None:
        """Remove postmaster.pid when its number now belongs to something else (usual in containers, where numbers start over)."""
        pid = self._recorded_pid()
        if pid and Path("/proc/self").exists() and not _is_server_of(pid, self.data):
            (self.data / "postmaster.pid").unlink()


def _die_with_parent() -> None:
    """Ask the kernel (Linux) for a fast shutdown of the server when the supervisor dies; runs in the child before exec."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _is_server_of(pid: int, data: Path) -> bool:
    """Whether the process is a PostgreSQL whose working folder is this cluster (it changes there when it starts)."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return False


def _take_post(lock: int) -> bool:
    """Take the post of supervisor; tried for a second, because a client that only asks whether it is free holds the lock for a moment."""
    for _ in range(40):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.025)
        else:
            return True
    return False


def main(var: str) -> int:
    """Be the supervisor of a data folder, unless there is one already."""
    home = Home(Path(var))
    home.prepare()
    mine = os.open(home.supervisor_lock, os.O_RDWR | os.O_CREAT, 0o600)
    if not _take_post(mine):
        return 0
    lease = os.open(home.lease, os.O_RDWR | os.O_CREAT, 0o600)
    home.say(Status(os.getpid(), "starting", ""))
    supervisor: Supervisor | None = None
    try:
        supervisor = Supervisor(home)
        supervisor.run(lease)
        home.status_file.unlink(missing_ok=True)
    except (YbaError, OSError, subprocess.SubprocessError, psycopg.Error) as error:
        home.say(Status(os.getpid(), "failed", "", str(error)))
        if supervisor and hasattr(supervisor, "server"):
            supervisor.stop()
        return 1
    finally:
        os.close(mine)  # before the lease: who gets the lease next must find the post of supervisor free
        os.close(lease)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
