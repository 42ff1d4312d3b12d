"""Reads a second over HTTP of two servers in turns, and what settings of PostgreSQL do to them."""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Final

from yba import accounts
from yba.kit import Actor, Internal
from yba.kit.db import unit_of_work
from yba.kit.postgres.layout import Home
from yba.kit.settings import VAR

from .bench_world import FACILITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CONNECTIONS: Final = 4
_ROUNDS: Final = 6
_SLICE: Final = 2.0  # seconds of one variant before the other has its turn: both share the machine's good and bad minutes
_WARM: Final = 300
_HTTP_OK: Final = 200
_TAKEN_UP: Final = 0.5  # seconds until every process of PostgreSQL has read its settings anew
_EDGE: Final = Actor.system("edge")


def token() -> str:
    """A session of the hospital's software."""
    with unit_of_work(by=Actor.operator("bench")) as conn:
        client = accounts.add_client(conn, by=Actor.operator("bench"), facility=FACILITY)
        made = accounts.open_session(conn, by=_EDGE, username=client.username, password=client.secret, address="127.0.0.1")
    if isinstance(made, accounts.Refused):
        raise Internal("the bench's own client was refused.")
    return made.access_token


@contextmanager
def served(variant: str) -> Iterator[int]:
    """Serve one variant as `yba serve` does (granian, one process, four threads); gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "yba", "bench", "access", "--serve", variant, "--port", str(port)]
    with subprocess.Popen(command) as process:
        try:
            yield port
        finally:
            process.terminate()


def race(
    guarded_port: int, plain_port: int, session: str, paths: Sequence[str], *, rounds: int = _ROUNDS, warm: int = _WARM
) -> list[tuple[float, float]]:
    """Let both have their turns; reads a second of each in every round."""
    for port in (guarded_port, plain_port):
        _wait(port)
        _rate(port, session, paths, most=warm)
    return [(_rate(guarded_port, session, paths), _rate(plain_port, session, paths)) for _ in range(rounds)]


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/fhir/metadata")
            connection.getresponse().read()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def _rate(port: int, session: str, paths: Sequence[str], *, most: int = 1 << 30) -> float:
    """Requests per second of four connections in a slice of time."""
    counts = [0] * _CONNECTIONS
    begun = time.monotonic()

    def ask(nth: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        pick = random.Random(nth)  # noqa: S311  which row is read
        while time.monotonic() - begun < _SLICE and counts[nth] < most:
            connection.request("GET", pick.choice(paths), headers={"Authorization": f"Bearer {session}", "Host": "localhost"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != _HTTP_OK:
                raise Internal(f"the bench's server answered {answer.status}.")
            counts[nth] += 1
        connection.close()

    threads = [Thread(target=ask, args=(nth,)) for nth in range(_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = sum(counts) / (time.monotonic() - begun)
    if not all(counts):
        raise Internal("the bench's server did not answer every connection.")
    return rate


def race_settings(guarded_port: int, plain_port: int, session: str, paths: Sequence[str], settings: Sequence[str]) -> dict[str, dict[str, float]]:
    """Race both under each of some settings in turns ("commit_delay=100,commit_siblings=2"; "" = as they are), medians by setting.

    For the embedded server of this data folder, whose local.conf is written and read anew; afterwards it is as before.
    """
    home = Home(VAR())
    conf, server = home.data / "local.conf", int((home.data / "postmaster.pid").read_text().split("\n", 1)[0])
    before = conf.read_text("utf-8") if conf.exists() else ""
    pairs: dict[str, list[tuple[float, float]]] = {each: [] for each in settings}
    race(guarded_port, plain_port, session, paths, rounds=0)
    try:
        for _ in range(_ROUNDS):
            for each in settings:
                _set(home, server, before + "".join(f"{one}\n" for one in each.split(",") if one))
                pairs[each] += race(guarded_port, plain_port, session, paths, rounds=1, warm=50)
    finally:
        _set(home, server, before)
    return {each: summed(found) for each, found in pairs.items()}


def summed(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return the medians of (guarded, plain) reads a second and of the share that guarding takes."""
    return {
        "read_overhead": round(statistics.median(1 - one / other for one, other in pairs), 3),
        "reads_per_s": round(statistics.median(one for one, _ in pairs), 1),
        "reads_per_s_plain": round(statistics.median(other for _, other in pairs), 1),
    }


def _set(home: Home, server: int, text: str) -> None:
    conf = home.data / "local.conf"
    conf.write_text(text, "utf-8")
    conf.chmod(0o644)  # the server may run as another user
    os.kill(server, signal.SIGHUP)
    time.sleep(_TAKEN_UP)
