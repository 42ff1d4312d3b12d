"""`yba views`: what acceptance and an author of a table call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from click.testing import CliRunner

from yba.cli.main import yba

if TYPE_CHECKING:
    from pathlib import Path

CASES = "tests/fhir/views/cases"


def test_the_suite_is_run_and_its_report_written(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    found = CliRunner().invoke(yba, ["views", "test", str(report), f"{CASES}/where.json", f"{CASES}/fn_join.json"])
    assert found.exit_code == 0, found.output
    told = orjson.loads(report.read_bytes())
    assert set(told) == {"where.json", "fn_join.json"}
    assert all(test["result"] == {"passed": True} for test in told["where.json"]["tests"])


def test_a_test_that_does_not_pass_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    view = {"resource": "Patient", "select": [{"column": [{"name": "id", "path": "id"}]}]}
    wrong.write_bytes(orjson.dumps({"resources": [], "tests": [{"title": "nobody", "view": view, "expect": [{"id": "a"}]}]}))
    found = CliRunner().invoke(yba, ["views", "test", str(tmp_path / "report.json"), str(wrong), "--engine", "python"])
    assert found.exit_code == 3
    assert "wrong.json: nobody" in found.output


@pytest.mark.parametrize("engine", ["duckdb", "python"])
def test_a_view_is_run_over_a_file(engine: str) -> None:
    found = CliRunner().invoke(yba, ["views", "run", "coverage", "src/yba/specs/fhir/examples/coverage-card.json", "--engine", engine])
    assert found.exit_code == 0, found.output
    assert orjson.loads(found.stdout)["id"] == "Coverage/coverage-card"


def test_views_are_listed_and_their_sql_shown() -> None:
    listed = CliRunner().invoke(yba, ["views", "list", "--json"])
    assert "claim_item" in {one["name"] for one in orjson.loads(listed.stdout)}
    shown = CliRunner().invoke(yba, ["views", "sql", "patient", "--engine", "spark"])
    assert "from_json" in shown.stdout
    assert CliRunner().invoke(yba, ["views", "sql", "nothing"]).exit_code != 0
