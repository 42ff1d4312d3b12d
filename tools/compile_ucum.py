"""Compile `src/yba/fhir/data/ucum.json` from UCUM 2.2 (`../shared/data/units/ucum-essence.xml`, revision 2024-06-17, read 2026-11-22).

One entry per unit: [metric, value, unit it is measured by]; a base unit has no value. Special units (°C, pH) name their function instead.
UCUM is © Regenstrief Institute and the UCUM Organization, UCUM licence 1.1: its codes are kept as they are and the notice goes along.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from lxml import etree

HERE: Final = Path(__file__).resolve().parent
ESSENCE: Final = HERE.parents[1] / "shared" / "data" / "units" / "ucum-essence.xml"
OUT: Final = HERE.parent / "src" / "yba" / "fhir" / "data" / "ucum.json"
SPACE: Final = "{http://unitsofmeasure.org/ucum-essence}"
NOTICE: Final = (
    "UCUM 2.2 (2024-06-17). The UCUM codes, UCUM table (regardless of format), and UCUM Specification are copyright "
    "1999-2024, Regenstrief Institute, Inc. and the Unified Codes for Units of Measures (UCUM) Organization. All rights reserved. "
    "https://ucum.org/license"
)


def attribute(node: etree._Element | None, name: str) -> str:
    """Return an attribute that is there."""
    if node is None or (found := node.get(name)) is None:
        message = f"no {name}"
        raise ValueError(message)
    return str(found)


def main() -> None:
    """Write the table, one unit per line."""
    root = etree.parse(str(ESSENCE)).getroot()
    prefixes = {attribute(one, "Code"): attribute(one.find(f"{SPACE}value"), "value") for one in root.iter(f"{SPACE}prefix")}
    units: dict[str, list[str | bool]] = {attribute(one, "Code"): [True] for one in root.iter(f"{SPACE}base-unit")}
    for one in root.iter(f"{SPACE}unit"):
        value = one.find(f"{SPACE}value")
        metric = one.get("isMetric") == "yes"
        function = None if value is None else value.find(f"{SPACE}function")
        if function is not None:
            units[attribute(one, "Code")] = [metric, attribute(function, "value"), attribute(function, "Unit"), attribute(function, "name")]
        else:
            units[attribute(one, "Code")] = [metric, attribute(value, "value"), attribute(value, "Unit")]
    lines = ",\n".join(
        f"{json.dumps(code, ensure_ascii=False)}:{json.dumps(unit, ensure_ascii=False, separators=(',', ':'))}" for code, unit in units.items()
    )
    OUT.write_text(f'{{"source":{json.dumps(NOTICE)},\n"prefixes":{json.dumps(prefixes)},\n"units":{{\n{lines}}}}}\n', encoding="utf-8")
    print(f"{len(units)} units, {len(prefixes)} prefixes")


if __name__ == "__main__":
    main()
