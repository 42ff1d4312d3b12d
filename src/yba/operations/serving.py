"""The product's own server in a process of its own on a free port, for benches and journeys: started, awaited, ended by its number."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from yba.kit import Internal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PATIENCE: Final = 90.0  # seconds
_END: Final = 40.0
_UP: Final = frozenset({200, 302})  # 302: to sign in


@contextmanager
def serving(env: Mapping[str, str] | None = None, *options: str, patience: float = _PATIENCE) -> Iterator[int]:
    """Run `yba serve` with these options (``env``: default this process's), wait until it answers, give its port.

    Raises Internal with what it said when it ends or does not answer within ``patience`` seconds.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "yba", "serve", "--port", str(port), *options]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=env or os.environ, stdout=subprocess.DEVNULL, stderr=said)
        try:
            until = time.monotonic() + patience
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > until:
                    said.seek(0)
                    raise Internal(f"The server does not answer: {said.read()[-2000:].decode(errors='replace')}")
                time.sleep(0.2)
            yield port
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": "localhost"})
        return connection.getresponse().status in _UP
    except OSError:
        return False
    finally:
        connection.close()
