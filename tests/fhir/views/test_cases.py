"""Cases of our own for every part of the specification, and the public suite's open half, with both runners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from yba.fhir.views import ENGINES, suite

CASES = Path(__file__).with_name("cases")
PUBLIC = Path(__file__).parents[4] / "shared/fhir-tests/sql-on-fhir-v2"


def cases_of(folder: Path) -> list[Any]:
    """Give each test of a folder of files in the suite's form, with the resources it is about."""
    found = []
    for path in sorted(folder.glob("*.json")):
        doc = orjson.loads(path.read_bytes())
        found += [pytest.param(test, doc["resources"], id=f"{path.stem}: {test['title']}") for test in doc["tests"]]
    return found


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("test", "resources"), cases_of(CASES))
def test_our_reading_of_the_specification(test: dict[str, Any], resources: list[dict[str, Any]], engine: str) -> None:
    assert suite.judge(test, resources, engine) == ""


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the public suite is not here (../shared)")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("test", "resources"), cases_of(PUBLIC))
def test_the_public_suite(test: dict[str, Any], resources: list[dict[str, Any]], engine: str) -> None:
    assert suite.judge(test, resources, engine) == ""


def test_the_report_says_of_each_test_whether_it_passed(tmp_path: Path) -> None:
    file = tmp_path / "wrong.json"
    view = {"resource": "Patient", "select": [{"column": [{"name": "id", "path": "id"}]}]}
    tests = [{"title": "right", "view": view, "expect": [{"id": "a"}]}, {"title": "wrong", "view": view, "expect": [{"id": "b"}]}]
    file.write_bytes(orjson.dumps({"resources": [{"resourceType": "Patient", "id": "a"}], "tests": tests}))
    right, wrong = suite.report([file])["wrong.json"]["tests"]
    assert right == {"name": "right", "result": {"passed": True}}
    assert wrong["name"] == "wrong"
    assert not wrong["result"]["passed"]
    assert "python" in wrong["result"]["reason"]
    assert "duckdb" in wrong["result"]["reason"]
    again = tmp_path / "again" / "wrong.json"
    again.parent.mkdir()
    again.write_bytes(file.read_bytes())
    assert list(suite.report([file, again])) == ["wrong.json", str(again)]
