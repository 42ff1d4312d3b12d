"""What commands share: starting the platform as the operator, and printing for people or for programs."""

from __future__ import annotations

import click
import orjson

from yba import app
from yba.kit import Actor

EXIT_FAILED = 1
EXIT_REJECTED = 3


def start(purpose: str = "operation") -> Actor:
    """Make database and tables ready and return the operator at this command line."""
    app.setup(quiet=True)
    return Actor.operator(purpose)


def say(message: str) -> None:
    """Tell the person at the keyboard something, on standard error."""
    click.echo(message, err=True)


def print_json(value: object) -> None:
    """Print one JSON object on one line of standard output."""
    click.echo(orjson.dumps(value, default=str).decode())
