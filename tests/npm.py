"""What tests take from npm: installed once by lock file under var/, nothing run at installing."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

CACHE = Path(__file__).parents[1] / "var" / "npm"


def installed(source: Path) -> Path:
    """Install what ``source`` (package.json, package-lock.json) names, unless it is there; the folder with node_modules. Skips without npm."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("npm is not installed")
    folder = CACHE / source.parent.name
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two test processes one installs
        wanted, done = (source / "package-lock.json").read_bytes(), folder / "done"
        if not done.exists() or done.read_bytes() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(source / name, folder / name)
            subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
            done.write_bytes(wanted)
    return folder
