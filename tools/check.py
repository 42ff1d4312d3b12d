"""Run every check, say of each whether it holds, and fail at the end if one does not: nobody waits for the second report."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = ROOT / ".venv" / "bin"
CHECKS: tuple[tuple[str, list[str | Path]], ...] = (
    ("lint", [BIN / "ruff", "check", "--output-format", "concise", "src", "tests", "tools"]),
    ("format", [BIN / "ruff", "format", "--check", "--output-format", "concise", "src", "tests", "tools"]),
    ("types", [BIN / "mypy", "--no-error-summary"]),
    ("staircase", [BIN / "lint-imports", "--no-logo"]),
    ("generated", [BIN / "python", "tools/generate.py", "--check"]),
    ("sbom", [BIN / "python", "tools/sbom.py", "--check"]),
    ("secrets", [BIN / "python", "tools/secrets_scan.py"]),
    ("audit", [BIN / "python", "tools/audit_dependencies.py"]),
    ("docs", [BIN / "mkdocs", "build", "--strict", "--quiet", "--site-dir", "site"]),
)
LONGEST_REPORT = 60  # lines
COULD_NOT_ASK = 75  # a check that needs somebody outside, who does not answer: said, and no failure


def run(name: str, command: list[str | Path]) -> bool:
    """Run one check and print its verdict, and its report when it fails."""
    begun = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1", "NO_MKDOCS_2_WARNING": "1"}, check=False
    )
    verdict = {0: "ok    ", COULD_NOT_ASK: "UNASKED"}.get(done.returncode, "FAILED")
    print(f"{verdict} {name:<10} {time.monotonic() - begun:5.1f} s", flush=True)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        print("\n".join(f"    {line}" for line in lines[:LONGEST_REPORT]))
        if len(lines) > LONGEST_REPORT:
            print(f"    … and {len(lines) - LONGEST_REPORT} more lines: {' '.join(str(part) for part in command)}")
    return done.returncode in {0, COULD_NOT_ASK}


def main() -> int:
    """Run all checks, or those named."""
    chosen = sys.argv[1:]
    results = [run(name, command) for name, command in CHECKS if not chosen or name in chosen]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
