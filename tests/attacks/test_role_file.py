"""A role file that names an unknown right stops the platform at its start, and says file, table and line."""

import subprocess
import sys

import pytest

from yba.specs.access import FOLDER

START = """
import sys
from pathlib import Path
import yba.specs.access as specs
specs.FOLDER = Path(sys.argv[1])
from yba import app
from yba.kit.errors import YbaError
try:
    app.setup(quiet=True)
except Exception as error:
    print(type(error).__name__, error)
    sys.exit(1)
"""
FAULTS = {
    "an unknown right": ('rights = ["warehouse:dataset:read"', 'rights = ["warehouse:dataset:steal"', "steal"),
    "an unknown place": ('where = "own-person"', 'where = "everywhere"', "everywhere"),
    "a key nobody reads": ('where = "own-person"', 'where = "own-person"\nallow = "all"', "allow"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_platform_does_not_start(database, tmp_path, fault):
    before, after, named = FAULTS[fault]
    for name in ("rights.toml", "roles.toml"):
        text = (FOLDER / name).read_text("utf-8")
        if name == "roles.toml":
            assert before in text, "the file has changed: choose another place for the fault"
            text = text.replace(before, after, 1)
        (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run([sys.executable, "-c", START, str(tmp_path)], env=database.env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, "it started"
    assert "SpecError" in done.stdout
    assert named in done.stdout
    assert "roles.toml, line " in done.stdout
