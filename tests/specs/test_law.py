"""The law tables: complete, readable, and every proof is of a duty that exists by a test that exists."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

from yba.specs.law import Concern, Level, proofs, requirements, timeline

ROOT = Path(__file__).parents[2]
NAMED_FOR_INTAKE = ("R01", "R02", "R03", "R06", "R08", "R09", "R14", "R15", "R16", "R20", "R22", "R23", "R24")


def test_every_row_is_there_and_says_something() -> None:
    duties = requirements().values()
    assert len(duties) == 457
    assert sum(duty.concern == Concern.YES for duty in duties) == 304
    assert sum(duty.concern == Concern.PARTLY for duty in duties) == 106
    for duty in duties:
        assert duty.title_vi, duty.id
        assert duty.legal_basis, duty.id
        assert duty.what or duty.concern == Concern.NO, duty.id
        assert duty.rooms or duty.concern == Concern.NO, duty.id
        assert not (duty.in_force_from and duty.in_force_to and duty.in_force_to < duty.in_force_from), duty.id
    assert {f"BHYT-DATA-{number}" for number in NAMED_FOR_INTAKE} <= requirements().keys()


def test_a_known_row_is_read_as_it_stands() -> None:
    duty = requirements()["BHYT-DATA-R03"]
    assert (duty.level, duty.in_force_from, duty.in_force_to, duty.rooms) == (Level.MANDATORY, date(2024, 7, 1), None, ("gateway",))


def test_the_timeline_is_in_order_and_whole() -> None:
    days = [duty.on for duty in timeline()]
    assert len(days) == 60
    assert days == sorted(days)


@pytest.mark.parametrize("duty", sorted(proofs()))
def test_a_proof_is_of_a_duty_by_a_test(duty: str) -> None:
    assert duty in requirements()
    for name in proofs()[duty]:
        path, *inside = name.split("::")
        found = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
        for part in inside:
            match = [node for node in found if getattr(node, "name", "") == part]
            assert match, name
            found = match[0].body
