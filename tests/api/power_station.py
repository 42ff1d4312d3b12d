"""A server of its own over a cluster of its own, on disk for sure (fsync on), and the ways in which power is cut there."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import psycopg

from yba.kit.postgres.layout import SUPER_ROLE, Home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FACILITY = "01013"
PATIENCE = 120.0  # seconds until everybody is answered again; two cores may be busy with other things
_SUPERVISOR = "yba.kit.postgres.supervisor"


class Station:
    """The folder, the server, and its PostgreSQL. Everything it kills it has started."""

    def __init__(self, var: Path) -> None:
        self.home = Home(var)
        own = {name: value for name, value in os.environ.items() if name not in {"YBA_DATABASE_URL", "YBA_DATABASE_OWNER_URL"}}
        self.env = {**own, "YBA_VAR": str(var), "YBA_POSTGRES_LINGER": "60"}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        made = subprocess.run([sys.executable, "-m", "yba", "clients", "add", FACILITY, "--json"], env=self.env, capture_output=True, check=True)
        self.account: dict[str, Any] = json.loads(made.stdout)
        self.server = self._serve()

    def _serve(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "yba", "serve", "--port", str(self.port), "--no-process"]
        with (self.home.var / "serve.log").open("ab") as log:
            return subprocess.Popen(command, env=self.env, stdout=log, stderr=log)

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection as superuser, whom no policy binds; waits until the database takes one."""
        until = time.monotonic() + PATIENCE
        while True:
            status = self.home.status()
            try:
                if status is not None and status.state == "ready":
                    return psycopg.connect(**self.home.endpoint(status).conninfo(SUPER_ROLE), autocommit=True)
            except psycopg.OperationalError:
                pass
            assert time.monotonic() < until, "the database does not come back"
            time.sleep(0.1)

    def postmaster(self) -> psutil.Process | None:
        """PostgreSQL's first process, if it runs."""
        try:
            number = int((self.home.data / "postmaster.pid").read_text().split("\n")[0])
            found = psutil.Process(number)
            return found if os.path.realpath(found.cwd()) == os.path.realpath(self.home.data) else None
        except (OSError, ValueError, psutil.Error):
            return None

    def cut(self, how: str, dice: random.Random) -> None:
        """Cut the power of one part (KINDS), at once and without a word."""
        KINDS[how](self, dice)

    def keep_running(self) -> None:
        """Start the server again where it has ended, as the service manager of a machine does."""
        if self.server.poll() is not None:
            self.server = self._serve()

    def close(self) -> None:
        """End what was started here, by number."""
        for one in self._server_tree():
            _kill(one)
        self.server.wait()
        status = self.home.status()
        if status is not None and psutil.pid_exists(status.supervisor):
            os.kill(status.supervisor, signal.SIGTERM)
            psutil.wait_procs([psutil.Process(status.supervisor)] if psutil.pid_exists(status.supervisor) else [], timeout=30)

    def _server_tree(self) -> list[psutil.Process]:
        """The server and its workers; a supervisor of the database they have called is no part of them."""
        try:
            found = [psutil.Process(self.server.pid)]
        except psutil.NoSuchProcess:
            return []
        for one in found:
            found += [child for child in _children(one) if _SUPERVISOR not in _words(child)]
        return found

    def _database(self, *, backends: bool) -> list[psutil.Process]:
        first = self.postmaster()
        return [] if first is None else [first, *(_children(first) if backends else [])]


def _children(one: psutil.Process) -> list[psutil.Process]:
    try:
        return one.children()
    except psutil.Error:
        return []


def _words(one: psutil.Process) -> str:
    try:
        return " ".join(one.cmdline())
    except psutil.Error:
        return ""


def _kill(one: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        one.kill()


def _all(listed: list[psutil.Process]) -> None:
    for one in listed:  # stopped first, so that none can do anything more while the others go
        with contextlib.suppress(psutil.NoSuchProcess):
            one.suspend()
    for one in listed:
        _kill(one)


def _backend(station: Station, dice: random.Random) -> None:
    """One backend that serves a request: PostgreSQL ends the others and recovers."""
    mine = [one for one in station._database(backends=True)[1:] if "yba_app" in _words(one)]
    if mine:
        _kill(dice.choice(mine))


def _postmaster(station: Station, _: random.Random) -> None:
    """The first process alone: its backends notice and end, the supervisor starts another."""
    _all(station._database(backends=False))


def _database(station: Station, _: random.Random) -> None:
    """All of PostgreSQL in one moment: what was not written yet is in nobody's memory any more."""
    _all(station._database(backends=True))


def _worker(station: Station, _: random.Random) -> None:
    """The process that answers requests; the server is to start another by itself."""
    _all(station._server_tree()[1:])


def _server(station: Station, _: random.Random) -> None:
    """The whole server; its transactions stay open in the database until that notices."""
    _all(station._server_tree())
    station.server.wait()


def _everything(station: Station, _: random.Random) -> None:
    """Server, supervisor and database in one moment, as when the machine goes dark."""
    status = station.home.status()
    supervisor = [psutil.Process(status.supervisor)] if status is not None and psutil.pid_exists(status.supervisor) else []
    _all([*station._server_tree(), *supervisor, *station._database(backends=True)])
    station.server.wait()


KINDS: dict[str, Callable[[Station, random.Random], None]] = {
    "backend": _backend,
    "database": _database,
    "everything": _everything,
    "worker": _worker,
    "postmaster": _postmaster,
    "server": _server,
}
