"""`require` looks nothing up: no act on a person may rest on it where the right has rules by relation or commune."""

import ast
from pathlib import Path
from uuid import UUID

import pytest

import yba
from yba import access
from yba.access import Denied, Right
from yba.kit import Actor, Grant
from yba.specs import access as specs
from yba.specs.access import Where

LOOKED_UP = {
    Right(right) for role in specs.roles().values() for rule in role.may for right in rule.rights if rule.where in {Where.RELATION, Where.COMMUNE}
}
HERE = Path(yba.__file__).parent
AN = UUID(int=0xA)


def named(node):
    """The rights a piece of code names as Right.X."""
    return {
        Right[one.attr]
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute) and getattr(one.value, "id", getattr(one.value, "attr", "")) == "Right"
    }


def required():
    """Every call of require in the platform: (file, line, rights); where the right is a variable, all its module names."""
    for path in sorted(HERE.rglob("*.py")):
        whole = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(whole):
            if isinstance(node, ast.Call) and (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) == "require" and len(node.args) > 1:
                yield path.relative_to(HERE), node.lineno, named(node.args[1]) or named(whole)


def test_no_act_asks_require_for_a_right_whose_rules_must_be_looked_up():
    found = list(required())
    assert len(found) > 40, "the walk finds the calls"
    wrong = {f"{path}:{line} {right}" for path, line, rights in found for right in rights & LOOKED_UP}
    assert not wrong, "ask `reaches`, or write through a predicate"
    assert {str(path) for path, _, rights in found if not rights} == {"accounts/roles.py"}, "handed on: rights about accounts, by facility"


def test_rights_about_accounts_have_no_rules_by_relation():
    assert not {right for right in LOOKED_UP if right.startswith("accounts:")}


@pytest.mark.parametrize("right", sorted(LOOKED_UP))
@pytest.mark.parametrize("role", ["doctor", "station-nurse", "pharmacist", "lab", "programme-officer", "epidemiologist", "ambulance-crew"])
def test_a_person_is_never_covered_by_a_rule_that_was_not_looked_up(role, right):
    by = Actor.user(UUID(int=7), [Grant(role, frozenset({"01003"}), frozenset({"00004"}))], purpose=specs.roles()[role].purpose)
    if not access.holds(by, right):
        return
    everywhere = any(right in rule.rights and rule.where is Where.PROVINCE for rule in specs.roles()[role].may)
    if everywhere:
        access.require(by, right, person=AN)
    else:
        with pytest.raises(Denied):
            access.require(by, right, person=AN)
