"""The public test files of SQL on FHIR, run by either runner, and their report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from .model import ViewError
from .running import ENGINES, run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def report(files: Iterable[Path], engines: Iterable[str] = ENGINES) -> dict[str, Any]:
    """Run test files; a test has passed when it has with every engine.

    Gives the specification's test_report: file name -> {"tests": [{"name", "result": {"passed", "reason"}}]}; a second file of a name by its path.
    """
    names = tuple(engines)
    found: dict[str, Any] = {}
    for path in files:
        found[str(path) if path.name in found else path.name] = {"tests": _file(orjson.loads(path.read_bytes()), names)}
    return found


def _file(doc: dict[str, Any], engines: tuple[str, ...]) -> list[dict[str, Any]]:
    found = []
    for test in doc["tests"]:
        wrong = [f"{engine}: {reason}" for engine in engines if (reason := judge(test, doc["resources"], engine))]
        result = {"passed": False, "reason": "; ".join(wrong)} if wrong else {"passed": True}
        found.append({"name": test["title"], "result": result})
    return found


def judge(test: dict[str, Any], resources: list[dict[str, Any]], engine: str) -> str:
    """Run one test with one engine; return why it did not pass, or nothing."""
    try:
        found = run(test["view"], resources, engine=engine)
    except ViewError as error:
        return "" if test.get("expectError") else str(error)
    if test.get("expectError"):
        return "an error was expected"
    if "expectColumns" in test and found and list(found[0]) != test["expectColumns"]:
        return f"columns {list(found[0])}"
    if "expectCount" in test and len(found) != test["expectCount"]:
        return f"{len(found)} rows"
    if "expect" in test and _sorted(found) != _sorted(test["expect"]):
        return f"found {_sorted(found)}"
    return ""


def _sorted(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return rows as texts without order: 1 and 1.0 are one number."""
    return sorted(orjson.dumps(_comparable(row), option=orjson.OPT_SORT_KEYS).decode() for row in rows)


def _comparable(value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return {key: _comparable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_comparable(one) for one in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
