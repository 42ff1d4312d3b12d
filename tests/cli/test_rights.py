"""Every command × every role: what the files say is what the command line lets in; a refusal says which right is missing and is audited."""

import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from yba import access, audit, specs
from yba.access import Denied
from yba.cli.common import bound
from yba.cli.main import COMMANDS, yba
from yba.cli.rights import NEEDS, leaves
from yba.kit import Actor
from yba.kit.db import reading

FILES = Path(specs.__file__).parent / "access"
ROLES = tomllib.loads((FILES / "roles.toml").read_text("utf-8"))["role"]
PURPOSES = {name: set(right["purposes"]) for name, right in tomllib.loads((FILES / "rights.toml").read_text("utf-8"))["right"].items()}
CONTEXT = click.Context(yba)
COMMANDS_THAT_DO = {words: leaf for name in COMMANDS for words, leaf in leaves(yba.get_command(CONTEXT, name), (name,))}


def told(role, *, any_purpose=False):
    """The rights of a role for its own purpose, read from the file by other eyes than the program's."""
    spec = ROLES[role]
    return {
        right
        for rule in spec["may"]
        for right in rule["rights"]
        if any_purpose or (spec["purpose"] in PURPOSES[right] and spec["purpose"] in rule.get("purposes", [spec["purpose"]]))
    }


def test_every_command_declares_what_it_needs_and_nothing_else_is_declared():
    assert set(COMMANDS_THAT_DO) == set(NEEDS)
    assert all(access.declared(leaf.callback) is not None for leaf in COMMANDS_THAT_DO.values())


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_is_let_in_where_the_files_say_so(role):
    by = bound(role, ["01003"], ["00004"])
    held = told(role) & told("operator", any_purpose=True)
    for words, leaf in COMMANDS_THAT_DO.items():
        needed = NEEDS[words]
        expected = isinstance(needed, str) or {right.value for right in needed} <= held
        assert access.declared(leaf.callback).admits(by) is expected, words


def test_an_undeclared_command_refuses(monkeypatch):
    @click.command()
    def stray():
        click.echo("did something")

    monkeypatch.setattr("yba.cli.main.COMMANDS", (*COMMANDS, "stray"))
    monkeypatch.setitem(sys.modules, "yba.cli.stray", type(sys)("yba.cli.stray"))
    sys.modules["yba.cli.stray"].stray = stray
    done = CliRunner().invoke(yba, ["stray"])
    assert (done.exit_code, "did something" in done.output) == (1, False)


def run(database, *arguments):
    return subprocess.run([sys.executable, "-m", "yba", *arguments], env=database.env, capture_output=True, text=True, check=False)


def test_a_refusal_says_which_right_is_missing_exits_1_and_is_audited(database):
    done = run(database, "--role", "provincial-manager", "record", "show", "011159000001")
    assert (done.returncode, done.stdout) == (1, "")
    assert "identity:person:find" in done.stderr
    assert "Traceback" not in done.stderr
    operator = Actor.operator()
    with reading(by=operator) as conn:
        (refused,) = audit.trail(conn, by=operator, tag=audit.Tag.RIGHT_REFUSED)
    assert (refused.who, refused.role, refused.about_id, refused.detail) == (
        operator.name, "provincial-manager", "identity:person:find", {"command": "record show"},
    )  # fmt: skip


@pytest.mark.parametrize("arguments", [["--role", "nobody", "law"], ["--facility", "01003", "law"], ["--role", "doctor' OR 1=1 --", "law"]])
def test_a_role_that_is_none_is_wrong_usage(arguments):
    assert CliRunner().invoke(yba, arguments).exit_code == 2


def test_bound_to_a_role_the_operator_has_never_more_than_both(conn):
    """A citizen's rules reach all of a record; the operator's do not, and a bound operator is nobody's own person."""
    for role in ROLES:
        by = bound(role, ["01003"], ["00004"])
        for right in access.Right:
            if access.holds(by, right):
                assert access.holds(Actor.operator(), right)
            else:
                with pytest.raises(Denied):
                    access.require(by, right)
