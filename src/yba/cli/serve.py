"""``yba serve``: pages and gateway over HTTP."""

from __future__ import annotations

import click
from granian import Granian
from granian.constants import Interfaces

from yba import app

from .common import say


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; keep loopback behind a reverse proxy with TLS.")
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve pages and gateway until interrupted."""
    app.setup(quiet=True)  # once, before the workers: they find database and tables ready
    say(f"http://{host}:{port}/")
    Granian("yba.app.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers, log_access=False).serve()
