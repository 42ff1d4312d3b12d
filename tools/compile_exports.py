"""Compile the lists of periodic reports that come from shared/spec: vaccines by the codes of `immunization.csv`, as it stood on the day it is run."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LISTS = ROOT / "src" / "yba" / "specs" / "exports" / "lists"
HEAD = "# Vaccines by code. source: ../shared/spec/immunization.csv, 2026-11-22. The national list of MAVACXIN is not public: what bears another code is a row of its own.\n"


def vaccines(source: Path) -> str:
    """Return the list: a code once, with its names."""
    found: dict[str, tuple[str, str]] = {}
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["vaccine_code"] and row["vaccine_en"]:
                found.setdefault(row["vaccine_code"], (row["vaccine_vi"], row["vaccine_en"]))
    lines = [f'{code},"{vi}","{en}"' for code, (vi, en) in sorted(found.items())]
    return HEAD + "code,name_vi,name_en\n" + "\n".join(lines) + "\n"


def main() -> int:
    """Write the lists from the folder of facts (../shared/spec of this tree, or the first argument)."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "spec"
    (LISTS / "vaccine.csv").write_text(vaccines(folder / "immunization.csv"), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
