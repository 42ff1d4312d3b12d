"""The command line: every listed command loads and tells what it does; errors of ours are one line and exit code 1."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from yba.cli import main
from yba.cli.main import COMMANDS, yba

CONTEXT = click.Context(yba)


@pytest.mark.parametrize("name", yba.list_commands(CONTEXT))
def test_a_command_loads_and_says_what_it_does(name: str) -> None:
    command = yba.get_command(CONTEXT, name)
    assert command is not None, f"cli/{name}.py has no click command called {name}"
    assert command.help or command.short_help


def test_every_command_file_is_in_the_list() -> None:
    files = {path.stem for path in Path(main.__file__).parent.glob("*.py")} - {"__init__", "main", "common"}
    known = {name.replace("-", "_") for name in COMMANDS}
    lent = {path for path in files if not hasattr(__import__(f"yba.cli.{path}", fromlist=[path]), path)} | {
        "watch",
        "bench_fhir",
    }  # parts of other commands
    assert files - known - lent == set()


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "yba", *arguments], env={"PATH": "/usr/bin:/bin", **env}, capture_output=True, text=True, check=False
    )


def test_a_wrong_setting_is_one_line_and_exit_1(tmp_path) -> None:
    done = run("migrate", YBA_VAR=str(tmp_path), YBA_DATABASE_URL="mysql://x")
    assert done.returncode == 1
    assert done.stderr == "yba: YBA_DATABASE_URL='mysql://x' cannot be used. " + done.stderr.split("used. ")[1]
    assert "Traceback" not in done.stderr


def test_an_unknown_command_is_wrong_usage() -> None:
    assert run("nothing").returncode == 2
