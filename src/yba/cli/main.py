"""The group ``yba``: an explicit list of commands, each imported only when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Final

import click
import django.core.exceptions
import psycopg
from django.db import DatabaseError, InterfaceError

from yba import __version__
from yba.kit import log
from yba.kit.errors import YbaError
from yba.specs.claims import SpecError

from . import rights
from .common import bound

# cli/<name>.py holds a click command or group called <name> (with _ for -). In the order of a day's work.
COMMANDS: Final = (
    "serve", "work", "demo", "ingest", "intake", "claims", "record", "identity", "accounts", "audit", "clients", "directory", "terminology",
    "synth", "simulate", "warehouse", "measures", "books", "reports", "views", "keys", "law", "settings", "migrate", "bench", "ig",
)  # fmt: skip


class _Commands(click.Group):
    """Knows the list; imports a command's file when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # same
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"yba.cli.{_python(cmd_name)}")
        command = getattr(module, _python(cmd_name))
        return rights.guard(command, cmd_name) if isinstance(command, click.Command) else None


def _python(name: str) -> str:
    return name.replace("-", "_")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="yba")
@click.option("--role", default="", metavar="ROLE", help="Tự giới hạn vào quyền của một vai trò (docs/access.md), ví dụ doctor.")
@click.option("--facility", "facilities", multiple=True, metavar="CODE", help="Cơ sở (MA_CSKCB) của vai trò; có thể lặp lại.")
@click.option("--area", "areas", multiple=True, metavar="CODE", help="Xã (mã 2025) của vai trò; có thể lặp lại.")
@click.pass_context
def yba(context: click.Context, role: str, facilities: tuple[str, ...], areas: tuple[str, ...]) -> None:
    """Y bạ: mỗi người dân một hồ sơ sức khỏe điện tử suốt đời."""
    if (facilities or areas) and not role:
        raise click.UsageError("--facility và --area chỉ đi cùng --role.")
    if role:
        context.obj = bound(role, facilities, areas)


def main() -> None:
    """Run the command; an error of ours becomes its message and exit code 1."""
    try:
        yba.main(prog_name="yba")
    except YbaError as error:
        click.echo(f"yba: {error}", err=True)
        sys.exit(1)
    except SpecError as error:  # a file of rights, roles or rules with a fault: nothing starts
        click.echo(f"yba: {error}", err=True)
        sys.exit(1)
    except (DatabaseError, InterfaceError, psycopg.Error) as error:
        log.get(__name__).error("command.failed")  # where it happened; the database's own words may quote a row
        click.echo(f"yba: the database refused or went away ({type(error).__name__}).", err=True)
        sys.exit(1)
    except django.core.exceptions.ImproperlyConfigured as error:
        click.echo(f"yba: Django is not set up as it must be: {error}", err=True)
        sys.exit(1)
