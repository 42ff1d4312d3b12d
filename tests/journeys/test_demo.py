"""What a newcomer sees first: `yba demo` makes a province, ingests it and prints a resident's record, as a command in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import TestDatabase

ROOT = Path(__file__).parents[2]


def demo(database: TestDatabase, var: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yba", "demo", "--population", "60", "--months", "2", "--no-serve"]
    return subprocess.run(command, env={**database.env, "YBA_VAR": str(var)}, capture_output=True, text=True, check=False)


def test_the_demo_tells_of_a_person_and_may_be_run_again(database: TestDatabase, tmp_path: Path) -> None:
    first = demo(database, tmp_path)
    assert first.returncode == 0, first.stderr
    assert "LẦN KHÁM" in first.stdout
    wanted = re.search(r"API FHIR: +(YBA_VAR=.+) clients add \d{5}", first.stdout + first.stderr)[1]
    again = subprocess.run(f"{wanted} --version", shell=True, cwd=tmp_path, env=database.env, capture_output=True, text=True, check=False)  # noqa: S602  # as it is typed
    assert again.returncode == 0, "what the demonstration says to type can be typed"
    again = demo(database, tmp_path)
    assert again.returncode == 0, again.stderr
    assert again.stdout == first.stdout
