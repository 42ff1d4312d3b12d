"""What commands share: starting the platform as the operator, and printing for people or for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import orjson

from yba import app
from yba.kit import Actor, Grant
from yba.specs import access as specs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EXIT_FAILED = 1
EXIT_REJECTED = 3


def start(purpose: str = "operation") -> Actor:
    """Make database and tables ready and return the operator at this command line, bound to a role where ``--role`` says so."""
    app.setup(quiet=True)
    return actor(purpose)


def actor(purpose: str = "operation") -> Actor:
    """Who is at this command line; a bound role works for its own purpose."""
    context = click.get_current_context(silent=True)
    bound = context.find_root().obj if context is not None else None
    return bound if isinstance(bound, Actor) else Actor.operator(purpose)


def bound(role: str, facilities: Iterable[str], areas: Iterable[str]) -> Actor:
    """The operator bound to the rights of a role, at these facilities (MA_CSKCB) and communes: never more than the operator's own."""
    known = specs.roles().get(role)
    if known is None:
        message = f"no role {role[:40]!r}"
        raise click.BadParameter(message, param_hint="--role")
    return Actor.operator().acting_as(Grant(role, frozenset(facilities), frozenset(areas)), purpose=known.purpose)


def say(message: str) -> None:
    """Tell the person at the keyboard something, on standard error."""
    click.echo(message, err=True)


def print_json(value: object) -> None:
    """Print one JSON object on one line of standard output."""
    click.echo(orjson.dumps(value, default=str).decode())


def hand_over(told: dict[str, object], lines: Sequence[tuple[str, object]], words: str, *, as_json: bool) -> None:
    """Print a secret that is shown this once: as one JSON object, or as lines with a word of what to do with it on standard error."""
    if as_json:
        print_json(told)
        return
    wide = max(len(name) for name, _ in lines) + 2
    click.echo("\n".join(f"{name + ':':<{wide}}{value}" for name, value in lines))
    say(words)
