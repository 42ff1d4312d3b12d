"""Golden claims: what the checks say of each, word for word; a new bug is a new folder."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path

import pytest

from yba.ingest.checks import Context, check, render
from yba.ingest.model import Envelope, ParsedClaim
from yba.specs import rules

FOLDER = Path(__file__).parents[2] / "golden" / "checks"
CASES = sorted(path.parent for path in FOLDER.glob("*/claim.json"))


def judged(folder: Path) -> list[dict[str, object]]:
    """The findings on a golden claim, with their words."""
    said = json.loads((folder / "claim.json").read_text("utf-8"))
    one = ParsedClaim(said["decision"], said["facility"], said["link"], said["tables"], Envelope(**said["envelope"]))
    found = check(one, Context(today=date.fromisoformat(said["today"])))
    return [{**dataclasses.asdict(finding), "vi": render(finding), "en": render(finding, "en")} for finding in found]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_golden(folder: Path):
    assert judged(folder) == json.loads((folder / "findings.json").read_text("utf-8"))


def test_golden_claims_cover_many_rules():
    covered = {one["rule"] for folder in CASES for one in json.loads((folder / "findings.json").read_text("utf-8"))}
    assert covered <= rules.rules().keys()
    assert len(covered) >= 60
    assert len(CASES) >= 35
