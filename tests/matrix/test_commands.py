"""Every command × every role through the command line's own entry: what the files do not grant is refused before anything happens, and audited."""

import tomllib

import click
import pytest

from tools.document_rights import commands
from yba.access import Denied
from yba.cli import rights
from yba.cli.main import yba
from yba.kit import Actor
from yba.kit.db import reading
from yba.specs.access import FOLDER, roles


def granted(role):
    """The rights of a role for its own purpose, but never one the operator has not: read from the files."""
    files = tomllib.loads((FOLDER / "roles.toml").read_text("utf-8"))["role"]
    known = tomllib.loads((FOLDER / "rights.toml").read_text("utf-8"))["right"]
    own = {right for rule in files["operator"]["may"] for right in rule["rights"]}
    purpose = files[role]["purpose"]
    return own & {
        right
        for rule in files[role]["may"]
        for right in rule["rights"]
        if purpose in known[right]["purposes"] and purpose in rule.get("purposes", [purpose])
    }


def arguments(command, folder):
    """Something for everything a command insists on."""
    made = []
    for one in command.params:
        if isinstance(one, click.Option) and not one.required:
            continue
        value = one.type.choices[0] if isinstance(one.type, click.Choice) else "1"
        if isinstance(one.type, click.Path):
            value = str(folder if one.type.dir_okay else folder / "file")
        if isinstance(one.type, click.DateTime):
            value = "2026-01-01"
        made += [one.opts[0], value] if isinstance(one, click.Option) else [value]
    return made


@pytest.mark.law("DLCN-R01")
@pytest.mark.parametrize("role", sorted(roles()))
def test_what_a_role_may_not_is_refused_at_the_entry(database, tmp_path, monkeypatch, role):
    monkeypatch.setattr(rights.app, "setup", lambda **_: 0)  # database and tables are there
    (tmp_path / "file").touch()
    held, refused = granted(role), []
    for one in commands():
        needed = {right.value for right in one.declaration.rights}
        if needed <= held:
            continue
        words = ["--role", role, "--facility", "11001", "--area", "03127", *one.words, *arguments(one.command, tmp_path)]
        with pytest.raises(Denied) as error:
            yba.main(words, standalone_mode=False)
        assert error.value.right.value in needed - held
        refused.append(" ".join(one.words))
    with reading(by=Actor.operator()) as conn:
        rows = conn.execute("SELECT detail ->> 'command' FROM audit_event WHERE tag = 'access:right:refused'").fetchall()
    assert sorted(row[0] for row in rows) == sorted(refused)
    assert bool(refused) is (role != "operator")
