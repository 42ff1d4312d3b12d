"""Write the Questionnaires of specs/forms from the gathered facts (python -m tools.compile_forms); what is written is committed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import orjson

from tools.forms import ehr831, health_check, vitals

ROOT = Path(__file__).parents[1]
RECORD = Path("/work/shared/spec/ehr-3074.csv")  # groups of the electronic record: homes in specs/forms/ehr-3074.toml
TARGET = ROOT / "src" / "yba" / "specs" / "forms"


def main() -> int:
    """Write every form."""
    for doc in (vitals.vitals(), *ehr831.forms(), *health_check.forms()):
        folder = TARGET / doc["id"]
        folder.mkdir(parents=True, exist_ok=True)
        text = orjson.dumps(doc, option=orjson.OPT_INDENT_2)
        (folder / f"{doc['version']}.json").write_bytes(text + b"\n")
        print(f"{doc['id']}|{doc['version']}: {len(text):,} bytes")
    for source in (ehr831.SOURCE, health_check.SOURCE, RECORD):
        shutil.copyfile(source, TARGET / source.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
