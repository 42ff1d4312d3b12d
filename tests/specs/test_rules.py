"""The rules as data: all there, weighed by our own scale, with words in two languages, on fields that exist."""

from __future__ import annotations

import re

import pytest

from yba.specs import claims, rules
from yba.specs.rules import CheckKind, Rule

ALL = list(rules.rules().values())
TABLES = {name for edition in claims.editions() for name in edition.tables}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_rule(rule: Rule):
    assert rule.vi
    assert rule.en
    assert rule.why_vi
    assert rule.why_en
    assert rule.source
    assert set(rule.tables) <= TABLES | {"*", "ENVELOPE"}
    assert set(rule.families) <= set(rules.FAMILIES)
    if rule.judged:
        assert rule.mend_vi
        assert rule.mend_en
        assert set(re.findall(r"\{(\w+)\}", rule.mend_vi + rule.mend_en)) <= {"field", "expected", "table"}
    else:
        assert rule.reason
        assert rule.door or rule.checks[0].kind is CheckKind.NONE


def test_the_181_gathered_rules_and_ours():
    assert [rule.id for rule in ALL] == [f"VR{n:03}" for n in range(1, 182)] + [f"YB{n:03}" for n in range(1, 10)]


def test_only_what_cannot_be_attributed_is_rejected():
    assert {rule.id for rule in ALL if rule.severity == "reject"} == {"VR001", "VR007", "VR024", "YB005"}


def test_money_never_rejects():
    sums = {CheckKind.SUM_OF, CheckKind.PRODUCT_OF, CheckKind.BALANCE}
    assert all(rule.severity != "reject" for rule in ALL if sums & {check.kind for check in rule.checks})


@pytest.mark.parametrize("rule", [rule for rule in ALL if rule.judged], ids=lambda rule: rule.id)
def test_a_rule_names_fields_that_exist(rule: Rule):
    """In its own tables, in some decision; a misspelt field would silently switch a rule off."""
    known = {
        column.field
        for edition in claims.editions()
        for name, table in edition.tables.items()
        if "*" in rule.tables or name in rule.tables or name == "XML1"
        for column in table.columns
    }
    for check in rule.checks:
        named = set(check.params.get("fields", ())) | {check.params[key] for key in ("total",) if key in check.params}
        named |= {name for key in ("plus", "minus", "percent") for name in check.params.get(key, ())}
        named |= {side for pair in check.params.get("pairs", ()) for side in pair if isinstance(side, str) and side[0].isupper() and "." not in side}
        for condition in ("when", "unless", "unless_also"):
            for told in check.params.get(condition, {}).values():
                named |= {name.removeprefix("XML1.") for name in told}
        assert named <= known, named - known


def test_what_waits_says_for_what():
    waiting = {rule.id for rule in ALL if any(check.kind is CheckKind.DEFERRED for check in rule.checks)}
    assert waiting == {"VR102", "VR103", "VR142"}
