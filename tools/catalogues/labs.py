"""Laboratory items with LOINC, the LOINC subset, its unit conversions, and the units of UCUM."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import defaultdict

from .base import Row, Source, concept, unique

NS = "{http://unitsofmeasure.org/ucum-essence}"


def loinc(source: Source) -> list[Row]:
    """The LOINC codes seen, with the display seen."""
    return unique((concept(r["loinc"], "", r["display"]) for r in source.rows("labs/loinc_subset_seen.csv")), "loinc")


def items(source: Source) -> list[Row]:
    """Common Vietnamese laboratory items and vital signs; the code is our own stable key."""
    rows = (
        concept(
            r["loinc"],
            r["name_vi"],
            r["name_en"],
            group=r["group"],
            unit=r["unit_vn"],
            ucum=r["ucum"],
            specimen=r["specimen"],
            loinc_display=r["loinc_display"],
            check=r["loinc_check"],
            normal=r["ref_adult_or_male"],
            normal_female=r["ref_female"],
        )
        for r in source.rows("labs/common_labs_vn_loinc.csv")
    )
    return unique(rows, "lab")


def unit_conversions(source: Source) -> list[Row]:
    """LOINC -> the LOINC of the same substance in another kind of unit, with both units."""
    targets: dict[str, list[str]] = defaultdict(list)
    for r in source.rows("labs/loinc_unit_conversion.csv"):
        target = f"{r['to_loinc']}|{r['from_unit']}>{r['to_unit']}"
        if target not in targets[r["from_loinc"]]:
            targets[r["from_loinc"]].append(target)
    return [{"code": code, "targets": ";".join(values)} for code, values in sorted(targets.items())]


def ucum_examples(source: Source) -> list[Row]:
    """Unit expressions in common use with a display."""
    rows: dict[str, Row] = {}
    for r in source.rows("units/ucum_lhc_list.csv"):
        code = r["case-sensitive code"]
        rows.setdefault(code, concept(code, "", r["name (display)"] or r["synonyms"].split(";")[0], guidance=r["Guidance"]))
    for r in source.rows("units/ucum_common_units.csv"):
        rows.setdefault(r["ucum"], concept(r["ucum"], "", r["description"]))
    return unique(rows.values(), "ucum")


def ucum_atoms(source: Source) -> list[Row]:
    """Prefixes, base units and units of ucum-essence: what the unit grammar is built from."""
    root = ET.fromstring(source.text("units/ucum-essence.xml").encode())  # noqa: S314  # a file we gathered, read at build time
    rows = []
    for node in root:
        kind = node.tag.removeprefix(NS)
        code = node.get("Code")
        if kind not in {"prefix", "base-unit", "unit"} or code is None:
            continue
        name = node.find(f"{NS}name")
        value = node.find(f"{NS}value")
        function = value.find(f"{NS}function") if value is not None else None
        rows.append(
            concept(
                code,
                "",
                "".join(name.itertext()) if name is not None else "",
                kind=kind,
                metric="1" if node.get("isMetric") == "yes" or kind == "base-unit" else "",
                special="1" if node.get("isSpecial") == "yes" else "",
                arbitrary="1" if node.get("isArbitrary") == "yes" else "",
                value="" if value is None or function is not None else value.get("value", ""),
                unit=_reference(value, function),
            )
        )
    return unique(_kinds(rows), "ucum atoms")


def _kinds(rows: list[Row]) -> list[Row]:
    """Prefixes share letters with units (m, d, h…): their code is marked so that each row is unique."""
    return [row | {"code": f"{row['code']}-"} if row["kind"] == "prefix" else row for row in rows]


def _reference(value: ET.Element | None, function: ET.Element | None) -> str:
    if function is not None:
        return function.get("Unit", "")
    return "" if value is None else value.get("Unit", "")
