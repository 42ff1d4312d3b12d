"""The servers of the bench of the FHIR API: ours as `yba serve` starts it, the peer from PyPI in a world of its own, others by address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba import accounts, directory
from yba.kit import Actor, Internal, clock
from yba.kit.db import unit_of_work

from .bench_fhir_wire import Wire, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

CONNECTIONS: Final = 4
OWN: Final = "yba"
SEKMET: Final = "sekmet-fhir"
# 2026-11-22 the newest on PyPI: a tester of FHIR servers that is one itself (FastAPI on uvicorn, SQLite in WAL mode), Apache-2.0.
SEKMET_RELEASE: Final = "0.1.1"
FACILITIES: Final = ("01013", "01028", "01030", "01904")  # a hospital for each connection
_FRESH: Final = timedelta(minutes=5)  # a session must last for a row
_BY: Final = Actor.operator("bench")
_GATE: Final = Actor.system("bench")


@dataclass(frozen=True, slots=True)
class Server:
    """One server: its name, the address of its FHIR root, and how each connection gets its token ("" = none)."""

    name: str
    base: str
    token: Callable[[int], str]

    def wires(self) -> list[Wire]:
        """Connect."""
        return [Wire(self.base, self.token(nth)) for nth in range(CONNECTIONS)]


def named(name: str, base: str, token: str) -> Server:
    """A server by its address, started by somebody else."""
    return Server(name, base.rstrip("/"), lambda _: token)


@contextmanager
def own_server(*, workers: int) -> Iterator[Server]:
    """Serve this installation as `yba serve` does, with the software of four hospitals signed in: rights, row security and trail are on."""
    secrets = []
    with unit_of_work(by=_BY) as conn:
        directory.ensure_many(conn, by=_BY, seen_at=clock.now(), facilities=FACILITIES)
        secrets = [accounts.add_client(conn, by=_BY, facility=facility) for facility in FACILITIES]

    kept: dict[int, accounts.Session] = {}

    def token(nth: int) -> str:
        if nth in kept and kept[nth].expires_at - clock.now() > _FRESH:
            return kept[nth].access_token
        with unit_of_work(by=_GATE) as conn:
            made = accounts.open_session(conn, by=_GATE, username=secrets[nth].username, password=secrets[nth].secret, address="127.0.0.1")
        if isinstance(made, accounts.Refused):
            raise Internal("the bench's own client was refused.")
        kept[nth] = made
        return made.access_token

    port = _port()
    command = [sys.executable, "-m", "yba", "serve", "--no-process", "--port", str(port), "--workers", str(workers)]
    base = f"http://127.0.0.1:{port}/fhir"
    with _running(command, base):
        yield Server(OWN, base, token)


@contextmanager
def sekmet(home: Path, data: Path) -> Iterator[Server]:
    """Start PyPI's sekmet-fhir from a venv of its own below ``home`` (made when it is not there), its SQLite file below ``data``.

    It is given what makes it fast: no log of the traffic, no validation of what comes in, no simulator. Raises Internal.
    """
    there = _installed(home / f"{SEKMET}-{SEKMET_RELEASE}")
    data.mkdir(parents=True, exist_ok=True)
    port = _port()
    base = f"http://127.0.0.1:{port}/fhir"
    told = {
        "base_url": base, "host": "127.0.0.1", "port": port, "data_dir": str(data), "log_inbound": False,
        "validation": {"inbound": "off"}, "simulator": {"enabled": False},
    }  # fmt: skip
    settings = data / "settings.yaml"
    settings.write_bytes(orjson.dumps(told))  # JSON is YAML
    with (data / "log").open("wb") as log, _running([str(there / "bin" / "sekmet"), "serve", "--config", str(settings)], base, cwd=data, log=log):
        yield Server(SEKMET, base, lambda _: "")


def _installed(venv: Path) -> Path:
    if not (venv / "bin" / "sekmet").exists():
        base = getattr(sys, "_base_executable", sys.executable)
        try:
            subprocess.run([base, "-m", "venv", str(venv)], check=True, stdout=subprocess.DEVNULL)
            pip = [str(venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", f"{SEKMET}=={SEKMET_RELEASE}"]
            subprocess.run(pip, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Internal(f"{SEKMET} {SEKMET_RELEASE} could not be installed from PyPI.") from error
    return venv


@contextmanager
def _running(command: list[str], base: str, *, cwd: Path | None = None, log: Any = None) -> Iterator[None]:  # noqa: ANN401  # a file
    with subprocess.Popen(command, cwd=cwd, stdout=log or subprocess.DEVNULL, stderr=log, env={**os.environ}) as process:
        try:
            wait_for(base)
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def fhir_peers(given: Mapping[str, str], tokens: Mapping[str, str], *, home: Path, data: Path, start: bool) -> Iterator[list[Server]]:
    """Everybody we are measured against: those by address, and sekmet-fhir started here unless ``start`` is off or it cannot be had."""
    with ExitStack() as stack:
        found = [named(name, base, tokens.get(name, "")) for name, base in given.items()]
        if start:
            try:
                found.append(stack.enter_context(sekmet(home, data)))
            except Internal:
                if not found:
                    raise
        yield found
