"""Provinces, districts and communes: the trees of 2024, January 2025 and July 2025, and the map between them."""

from __future__ import annotations

from collections import defaultdict

from .base import Row, Source, concept, unique

MAP = "admin/commune_map_old_new.csv"
PLACES = ("lat", "lon", "area_km2")


def provinces_34(source: Source) -> list[Row]:
    """The 34 provinces since 2025-07-01."""
    return unique(
        (concept(r["code"], r["full_name"], r["full_name_en"], name=r["name"], type=r["type"]) for r in source.rows("admin/provinces.csv")),
        "province 34",
    )


def provinces_63(source: Source) -> list[Row]:
    """The 63 provinces until 2025-06-30."""
    return unique((concept(r["code"], r["full_name"]) for r in source.rows("admin/legacy_provinces_63.csv")), "province 63")


def districts(source: Source, name: str) -> list[Row]:
    """A tree's districts under their province."""
    return unique((concept(r["code"], r["full_name"], parent=r["province_code"]) for r in source.rows(name)), name)


def districts_2025(source: Source) -> list[Row]:
    """The 696 districts of January 2025."""
    return districts(source, "admin/legacy_districts_696.csv")


def districts_2024(source: Source) -> list[Row]:
    """The 705 districts of June 2024."""
    return districts(source, "admin/legacy_districts_20240611.csv")


def communes_3321(source: Source) -> list[Row]:
    """The 3,321 communes, wards and special zones since 2025-07-01."""
    return unique(
        (
            concept(
                r["code"],
                r["full_name"],
                r["full_name_en"],
                parent=r["province_code"],
                alias=r["alt_code"],
                name=r["name"],
                type=r["type"],
                **{key: r[key] for key in PLACES},
            )
            for r in source.rows("admin/communes.csv")
        ),
        "commune 3321",
    )


def _old(source: Source, name: str) -> list[Row]:
    return [
        concept(
            r["code"],
            r["full_name"],
            parent=r["district_code"],
            type=r["type"],
            province=r["province_code"],
            district=r["district_code"],
        )
        for r in source.rows(name)
    ]


def communes_2025(source: Source) -> list[Row]:
    """The tree of January 2025, plus the communes that only the conversion table knows (made before July)."""
    rows = _old(source, "admin/legacy_communes_20250104.csv")
    known = {row["code"] for row in rows}
    mapped = {r["old_commune_code"]: r for r in source.rows(MAP) if r["old_commune_code"]}
    for row in rows:
        if row["code"] not in mapped:
            row["gap"] = "merged_before_2025_07"
    for code, r in mapped.items():
        if code not in known:
            rows.append(
                concept(
                    code,
                    r["old_commune_name"],
                    parent=r["old_district_code"],
                    type=r["old_commune_name"].split(" ", 1)[0],
                    province=r["old_province_code"],
                    district=r["old_district_code"],
                    made="between_2025_01_and_2025_07",
                )
            )
    return unique(rows, "commune 2025-01")


def communes_2024(source: Source) -> list[Row]:
    """The tree of June 2024; a commune that was gone in January 2025 is marked as a gap of the map."""
    rows = _old(source, "admin/legacy_communes_20240611.csv")
    mapped = {r["old_commune_code"] for r in source.rows(MAP)}
    for row in rows:
        if row["code"] not in mapped:
            row["gap"] = "merged_before_2025_07"
    return unique(rows, "commune 2024-06")


def commune_map(source: Source) -> list[Row]:
    """Old commune -> new communes with the relation; districts without communes under ``district:CODE``."""
    targets: dict[str, list[str]] = defaultdict(list)
    for r in source.rows(MAP):
        key = r["old_commune_code"] or f"district:{r['old_district_code']}"
        if not r["old_commune_code"] and r["old_commune_name"]:
            continue  # a mud flat inside a district that has communes: nobody's address
        targets[key].append(f"{r['new_commune_code']}|{r['relation']}")
    return [{"code": key, "targets": ";".join(values)} for key, values in targets.items()]


def province_map(source: Source) -> list[Row]:
    """Old province -> where its communes are now; ``sliver`` marks a boundary shift of a few communes."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for r in source.rows(MAP):
        counts[r["old_province_code"]][r["new_province_code"]] += 1
    rows = []
    for old, targets in sorted(counts.items()):
        best = max(targets, key=lambda new: targets[new])
        words = {new: "whole" if len(targets) == 1 else "main" if new == best else "sliver" for new in targets}
        ordered = sorted(targets, key=lambda new: -targets[new])
        rows.append({"code": old, "targets": ";".join(f"{new}|{words[new]}" for new in ordered)})
    return rows
