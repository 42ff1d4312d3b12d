"""The client's side: hold a lease, start a supervisor if there is none, wait until the server answers."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

import psycopg

from yba.kit import log
from yba.kit.errors import Unavailable
from yba.kit.settings import VAR

from .layout import APP_ROLE, Endpoint, Home

if TYPE_CHECKING:
    from pathlib import Path

_log = log.get(__name__)
SAY_EVERY: Final = 15.0  # seconds between "still waiting" lines; recovery has no time limit
MOST_APPOINTMENTS: Final = 5
_leases: dict[Path, int] = {}
_endpoints: dict[Path, Endpoint] = {}


def endpoint_or_none() -> Endpoint | None:
    """Return how to reach the embedded server if this process has asked for it, without starting anything."""
    return _endpoints.get(VAR())


def ensure(var: Path | None = None) -> Endpoint:
    """Hold a lease until this process ends and return how to reach the server, starting it when it is down.

    Waits as long as the server takes to recover from a crash; raises Unavailable with the reason when it cannot start.
    """
    home = Home(var or VAR())
    home.prepare()
    if home.var not in _leases:
        handle = os.open(home.lease, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_SH)  # waits while a supervisor is on its way out
        _leases[home.var] = handle
    started = said = time.monotonic()
    appointments = 0
    while True:
        if _post_is_free(home):
            _give_up_if_hopeless(home, appointments)
            _appoint(home)
            appointments += 1
        endpoint = _answering(home)
        if endpoint:
            _endpoints[home.var] = endpoint
            return endpoint
        if time.monotonic() - said > SAY_EVERY:
            said = time.monotonic()
            _log.warning("postgres.waiting", seconds=round(said - started))
        time.sleep(0.05)


def release(var: Path) -> None:
    """Give the lease back before the process ends."""
    handle = _leases.pop(var, None)
    _endpoints.pop(var, None)
    if handle is not None:
        os.close(handle)


def _answering(home: Home) -> Endpoint | None:
    """Return the endpoint if the server says it is ready and answers."""
    status = home.status()
    if status is None or status.state != "ready":
        return None
    endpoint = home.endpoint(status)
    try:
        psycopg.connect(**endpoint.conninfo(APP_ROLE), connect_timeout=5).close()
    except psycopg.OperationalError:
        return None
    return endpoint


def _give_up_if_hopeless(home: Home, appointments: int) -> None:
    """Raise when a supervisor of ours has said that it cannot, or several ended without a word."""
    status = home.status()
    failed = status is not None and status.state == "failed"
    if appointments and (failed or appointments >= MOST_APPOINTMENTS):
        message = f"the embedded PostgreSQL did not start: {status.error if status and failed else 'its supervisor ended'}"
        raise Unavailable(message, advice=f"See {home.supervisor_log} and {home.log}.")


def _post_is_free(home: Home) -> bool:
    """Whether no supervisor lives (its lock can be had)."""
    handle = os.open(home.supervisor_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def _appoint(home: Home) -> None:
    """Start a supervisor in a session of its own, and wait until it has taken its post; one starter at a time."""
    handle = os.open(home.start_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not _post_is_free(home):
            return
        home.status_file.unlink(missing_ok=True)
        with home.supervisor_log.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "yba.kit.postgres.supervisor", str(home.var)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
            )  # fmt: skip
        while home.status() is None and child.poll() is None:
            time.sleep(0.02)
        child.returncode = child.returncode or 0  # it outlives us: nobody waits for it, and Popen need not warn that it still runs
        if home.status() is None:
            message = "the supervisor of the embedded PostgreSQL ended at once."
            raise Unavailable(message, advice=f"See {home.supervisor_log}.")
    finally:
        os.close(handle)
