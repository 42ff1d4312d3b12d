"""Golden folders: input beside expected resources and residue."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.mapping import golden


@pytest.mark.parametrize("case", golden.cases(), ids=lambda case: case.name)
def test_golden(case: Path) -> None:
    assert golden.outcome(golden.parsed(case)).decode() == (case / "out.json").read_text("utf-8")


def test_every_table_and_decision_has_a_case() -> None:
    claims = [golden.parsed(case) for case in golden.cases()]
    assert {claim.decision for claim in claims} >= {"917", "4210", "130", "4750", "3176", "1931"}
    assert {table for claim in claims for table in claim.tables} >= {f"XML{n}" for n in range(1, 16) if n != 12}
