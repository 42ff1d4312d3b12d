"""The command line: every listed command loads and tells what it does; errors of ours are one line and exit code 1."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from yba.cli import main
from yba.cli.main import COMMANDS, yba

CONTEXT = click.Context(yba)


@pytest.mark.parametrize("name", yba.list_commands(CONTEXT))
def test_a_command_loads_and_says_what_it_does(name: str) -> None:
    command = yba.get_command(CONTEXT, name)
    assert command is not None, f"cli/{name}.py has no click command called {name}"
    assert command.get_short_help_str(limit=1000) == COMMANDS[name]  # the list says it without loading the command


def test_the_list_names_every_command_in_its_order_with_its_words() -> None:
    told = CliRunner().invoke(yba, ["--help"], terminal_width=200).stdout.split("Commands:\n")[1]
    rows = [line.strip().split(maxsplit=1) for line in told.splitlines()]
    assert [row[0] for row in rows] == list(COMMANDS)
    assert all(COMMANDS[name].startswith(words.removesuffix("...")) for name, words in rows)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("", set(COMMANDS)), ("re", {"record", "reports"}), ("--ro", {"--role"}), ("--h", {"--help"}), ("nothing", set())],
)
def test_names_and_options_are_completed(typed: str, expected: set[str]) -> None:
    found = yba.shell_complete(CONTEXT, typed)
    assert ({item.value for item in found}, len(found)) == (expected, len(expected))
    assert all(item.help for item in found)


HEAVY = {"django", "psycopg", "openpyxl", "numpy", "duckdb", "procrastinate", "cryptography", "lxml", "jinja2", "granian", "yba.app", "yba.access"}


@pytest.mark.parametrize(
    "how", [{"arguments": "['--help']"}, {"arguments": "[]", "_YBA_COMPLETE": "bash_complete", "COMP_WORDS": "yba re", "COMP_CWORD": "1"}]
)
def test_what_only_tells_of_commands_loads_no_room_and_no_library_of_theirs(how: dict[str, str]) -> None:
    code = f"import sys; from yba.cli.main import yba\ntry: yba.main({how.pop('arguments')}, 'yba')\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], env=how, capture_output=True, text=True, check=True)
    assert "record" in done.stdout
    assert HEAVY & set(done.stderr.split()) == set()


def test_rooms_load_no_library_that_few_commands_use() -> None:
    rooms = "yba.app, yba.access, yba.record, yba.forms, yba.ingest, yba.care, yba.warehouse, yba.web"
    code = f"import {rooms}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"openpyxl", "numpy", "duckdb", "pyarrow", "statsmodels", "obstore", "sqlglot", "granian"} & set(done.stdout.split()) == set()


def test_every_command_file_is_in_the_list() -> None:
    files = {path.stem for path in Path(main.__file__).parent.glob("*.py")} - {"__init__", "main", "common", "faults"}
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
