"""A real server for journeys: the command yba serve, in a process of its own, on a free port of this machine."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection


@contextlib.contextmanager
def serving(env, *options, patience=90.0):
    """Start the server, wait until it answers, give its port, and stop it and its processor by their own numbers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "yba", "serve", "--port", str(port), *options], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        until = time.monotonic() + patience
        while not _answers(port):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.2)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        process.stderr.close()


def _answers(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status in {200, 302}  # to sign in
    except OSError:
        return False
    finally:
        connection.close()
