"""Compile the gathered catalogues into package data: ``python tools/compile_catalogues.py [--data FOLDER]``.

Reads shared/data (never read at run time), writes src/yba/specs/codes/**/*.tsv.zst, manifest.json and
docs/reference/catalogues.md. Fails when a list is not what the catalogue promises.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.catalogues import areas, care, icd10, labs
from tools.catalogues.base import Row, Source, write
from tools.catalogues.page import page

ROOT = Path(__file__).resolve().parent.parent
CODES = ROOT / "src/yba/specs/codes"
PAGE = ROOT / "docs/reference/catalogues.md"
Compiler = Callable[[Source], list[Row]]

EDITIONS: dict[str, Compiler] = {
    "icd10/qd4469-2020": icd10.qd4469,
    "icd10/tt06-2026": icd10.tt06,
    "province/2025-01-04": areas.provinces_63,
    "province/2025-07-01": areas.provinces_34,
    "district/2024-06-11": areas.districts_2024,
    "district/2025-01-04": areas.districts_2025,
    "commune/2024-06-11": areas.communes_2024,
    "commune/2025-01-04": areas.communes_2025,
    "commune/2025-07-01": areas.communes_3321,
    "ethnic/1979": care.ethnic_groups,
    "department/2018": care.departments_old,
    "department/qd1804-2026": care.departments_1804,
    "visit_type/qd824-2023": care.visit_types_824,
    "visit_type/qd1804-2026": care.visit_types_1804,
    "object/qd824-2023": care.objects_824,
    "object/qd3276-2025": care.objects_3276,
    "fuel/qd3276-2025": care.fuels,
    "occupation/qd34-2020": care.occupations,
    "country/iso3166": care.countries,
    "religion/local-1": care.religions,
    "service/qd7603-2018": care.services,
    "technique/tt23-2024-1": care.techniques,
    "icd9cm/qd4440-2020": care.icd9cm,
    "scope/bhxh-2024": care.scopes,
    "facility/hanoi-2025": care.facilities_hanoi,
    "drug/byt-2026": care.drugs,
    "ingredient/tt20-2022": care.ingredients,
    "route/qd5086-2021": care.routes,
    "lab/common-1": labs.items,
    "loinc/subset-1": labs.loinc,
    "ucum/2.2": labs.ucum_examples,
    "ucum_atom/2.2": labs.ucum_atoms,
}
MAPS: dict[str, Compiler] = {
    "maps/commune-2025": areas.commune_map,
    "maps/province-2025": areas.province_map,
    "maps/icd10-tt06": icd10.between_editions,
    "maps/icd10-pairs": icd10.pairs,
    "maps/service-icd9cm": care.service_to_icd9cm,
    "maps/service-technique": care.service_to_technique,
    "maps/loinc-units": labs.unit_conversions,
}
# What SOURCES.md and the decisions publish; a compiled count that differs stops the build.
EXPECTED = {
    "icd10/tt06-2026": 15_844,
    "icd10/qd4469-2020": 12_137 + 181,
    "province/2025-01-04": 63,
    "province/2025-07-01": 34,
    "district/2024-06-11": 705,
    "district/2025-01-04": 696,
    "commune/2024-06-11": 10_595,
    "commune/2025-01-04": 10_061,
    "commune/2025-07-01": 3_321,
    "ethnic/1979": 56,
    "visit_type/qd824-2023": 10,
    "visit_type/qd1804-2026": 16,
    "object/qd3276-2025": 27,
    "department/qd1804-2026": 67,
    "service/qd7603-2018": 9_190,
    "technique/tt23-2024-1": 19_438,
    "drug/byt-2026": 14_834,
    "facility/hanoi-2025": 543,
}


def compile_all(data: Path) -> dict[str, object]:
    """Compile everything; returns the manifest."""
    source = Source(data, {})
    files: dict[str, object] = {}
    for name, compiler in {**EDITIONS, **MAPS}.items():
        entry = write(CODES / f"{name}.tsv.zst", compiler(source))
        if name in EXPECTED and entry["codes"] != EXPECTED[name]:
            message = f"{name}: {entry['codes']} codes, {EXPECTED[name]} published"
            raise SystemExit(message)
        files[name] = entry
    return {"files": files, "sources": dict(sorted(source.read_files.items()))}


def main() -> None:
    """Compile, then write the manifest and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    manifest = compile_all(parser.parse_args().data)
    (CODES / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    catalogue = tomllib.loads((CODES / "catalogue.toml").read_text())
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(catalogue, manifest))


if __name__ == "__main__":
    main()
