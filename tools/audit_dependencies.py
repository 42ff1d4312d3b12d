"""Ask the database of known vulnerabilities (OSV, by `uv audit`) about every locked package; not being able to ask is said, and never passed over."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SERVICE = "api.osv.dev"
COULD_NOT_ASK = 75  # EX_TEMPFAIL: tools/check.py says so and goes on


def reachable() -> bool:
    """Whether the database can be spoken to from here."""
    try:
        socket.create_connection((SERVICE, 443), timeout=5).close()
    except OSError:
        return False
    return True


def main() -> int:
    """0 nothing known, 1 something known (or, in the build, an answer we could not get although the network is there), 75 could not ask."""
    uv = shutil.which(str(ROOT / ".uv" / "bin" / "uv")) or shutil.which("uv")
    if uv is None:
        print("could not ask: uv is not here (make setup)")
        return COULD_NOT_ASK
    if not reachable():
        print(f"could not ask: {SERVICE} cannot be reached from here; ask where it can, before a release")
        return COULD_NOT_ASK
    done = subprocess.run(
        [uv, "audit", "--locked", "--preview-features", "audit"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    print((done.stdout + done.stderr).strip())
    if done.returncode == 0 or "vulnerabilit" in (done.stdout + done.stderr).lower():
        return 1 if done.returncode else 0
    return 1 if os.environ.get("CI") else COULD_NOT_ASK


if __name__ == "__main__":
    sys.exit(main())
