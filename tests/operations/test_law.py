"""Law status: a duty's standing follows its dates, whose it is and what proves it; marks in tests are found wherever pytest takes them."""

from __future__ import annotations

import importlib.util
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from yba.cli.law import law
from yba.operations import Standing, law_markdown, law_status
from yba.operations import law as module
from yba.specs.law import Concern, Level, Requirement, proofs, requirements

ROOT = Path(__file__).parents[2]
ON = date(2026, 11, 22)


def duty(concern: str = "yes", level: str = "mandatory", begin: str = "", end: str = "") -> Requirement:
    days = [date.fromisoformat(day) if day else None for day in (begin, end)]
    return Requirement("X-R01", "vi", "en", "law", "all", Level(level), *days, Concern(concern), "do", ("ingest",), "gốc")


@pytest.mark.parametrize(
    ("given", "tests", "expected"),
    [
        (duty(), (), Standing.OPEN),
        (duty(), ("t",), Standing.MET),
        (duty("partly"), (), Standing.OPEN),
        (duty("no"), ("t",), Standing.NOT_OURS),
        (duty(begin="2026-11-22"), (), Standing.OPEN),
        (duty(begin="2026-11-23"), (), Standing.COMING),
        (duty(begin="2026-11-23"), ("t",), Standing.MET),
        (duty(level="draft"), (), Standing.COMING),
        (duty(end="2026-11-22"), (), Standing.OPEN),
        (duty(end="2026-11-21"), ("t",), Standing.ENDED),
    ],
)
def test_standing(given: Requirement, tests: tuple[str, ...], expected: Standing) -> None:
    assert module._standing(given, ON, tests) == expected


def test_every_duty_is_counted_once() -> None:
    counts = law_status(on=ON).counts()
    assert {name: group["all"] for name, group in counts.items()} == {"platform": 304, "partly": 106, "not_ours": 47}
    for group in counts.values():
        assert sum(number for name, number in group.items() if name != "all") == group["all"]


def test_a_room_sees_its_own_duties_and_dates() -> None:
    status = law_status(on=ON, room="gateway")
    assert status.duties
    assert all("gateway" in requirement.rooms for requirement, _, _ in status.duties)
    assert all("gateway" in dated.rooms and dated.on >= ON for dated in status.next)


def test_the_command_prints_one_json_object() -> None:
    done = CliRunner().invoke(law, ["--json", "--on", "2026-11-22"])
    told = json.loads(done.output)
    assert told["counts"]["platform"]["all"] == 304
    assert {entry["id"] for entry in told["met"]} == {key for key in proofs() if requirements()[key].concern != Concern.NO}
    assert all(entry["tests"] for entry in told["met"])
    assert told["next"][0]["date"] >= "2026-11-22"


def test_the_page_lists_every_duty_of_ours_once() -> None:
    page = law_markdown()
    for requirement in requirements().values():
        assert page.count(f"| {requirement.id} |") == (requirement.concern != Concern.NO), requirement.id


MARKED = """
import pytest
pytestmark = [pytest.mark.law("M-R01"), pytest.mark.slow]

@pytest.mark.law("F-R01", "F-R02")
def test_one(): ...

@pytest.mark.parametrize("a", [pytest.param(1, marks=pytest.mark.law("P-R01")), 2])
async def test_two(a): ...

class TestThree:
    @pytest.mark.law("C-R01")
    def test_inside(self): ...

def helper(law):
    return law("no mark")
"""


def test_marks_are_found_wherever_pytest_takes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "tools" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    path = tmp_path / "tests" / "test_x.py"
    path.parent.mkdir()
    path.write_text(MARKED)
    where = "tests/test_x.py"
    assert sorted(generate.proofs_of(path)) == [
        ("C-R01", f"{where}::TestThree::test_inside"),
        ("F-R01", f"{where}::test_one"),
        ("F-R02", f"{where}::test_one"),
        ("M-R01", where),
        ("P-R01", f"{where}::test_two"),
    ]
