"""Each judged rule speaks when its fault is made, and is silent when it is not."""

from __future__ import annotations

from datetime import date

import pytest

from tests.ingest.checks.bends import BENDS, bent
from tests.ingest.checks.example import TODAY, claim, findings
from yba.ingest.checks import check_file, render
from yba.ingest.model import Envelope
from yba.specs import rules
from yba.specs.rules import CheckKind

FILE_RULES = {rule.id for rule in rules.rules().values() if rule.checks[0].kind is CheckKind.FILE}
ACROSS_RULES = {rule.id for rule in rules.rules().values() if rule.checks[0].kind is CheckKind.ACROSS}
"""Shown in tests/ingest/across."""


def test_every_judged_rule_has_an_example():
    judged = {rule.id for rule in rules.rules().values() if rule.judged}
    assert set(BENDS) | FILE_RULES | ACROSS_RULES == judged


@pytest.mark.parametrize("drugs", [0, 1, 7])
@pytest.mark.parametrize("services", [0, 3])
def test_a_valid_claim_has_no_findings(drugs: int, services: int):
    assert findings(claim(drugs, services)) == []


def test_a_valid_claim_of_4210_has_nothing_but_its_age():
    assert {one.rule for one in findings(bent({"old": 1}))} == set()


@pytest.mark.parametrize("rule_id", BENDS)
def test_rule_speaks(rule_id: str):
    bend = BENDS[rule_id]
    found = [one for one in findings(bent(bend), date.fromisoformat(bend.get("today", TODAY.isoformat()))) if one.rule == rule_id]
    assert found
    rule = rules.rule(rule_id)
    for one in found:
        assert one.severity.value in {
            rule.severity,
            rule.lesser,
            "note" if any(check.kind is CheckKind.MEMBER_OF for check in rule.checks) else rule.severity,
        }
        assert rule.vi in render(one)
        assert rule.en in render(one, "en")
        assert one.table in render(one)
        assert one.field in render(one)
        assert "{" not in render(one)


@pytest.mark.parametrize(
    ("envelope", "present", "expected"),
    [
        (Envelope(facility="01001", declared_count=2), 2, set()),
        (Envelope(facility="01001", declared_count=None), 2, set()),
        (Envelope(facility="01001", declared_count=3), 2, {"VR005"}),
        (Envelope(facility=" ", declared_count=2), 2, {"VR004"}),
        (Envelope(facility="01001", declared_count=0), 0, {"VR005"}),
    ],
)
def test_rules_of_the_file(envelope: Envelope, present: int, expected: set[str]):
    assert {one.rule for one in check_file(envelope, present)} == expected
