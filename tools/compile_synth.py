"""Compile the small tables of the synthetic province from ../shared/data into src/yba/synth/data (run by hand, results committed)."""

from __future__ import annotations

import csv
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared" / "data"
SPECS = REPOSITORY / "src/yba/specs/synth"
TARGET = REPOSITORY / "src/yba/synth/data"
PRODUCTS_PER_MEDICINE = 6
OLD_PER_COMMUNE = 2
LONE_ROUTE = 4
"""Length of one route code; some products list several."""

Row = dict[str, str]


def rows(path: str) -> list[Row]:
    """Read one shared catalogue."""
    with (SHARED / path).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def spec(name: str) -> dict[str, Any]:
    """Read one hand-written spec of the synthetic province."""
    return tomllib.loads((SPECS / f"{name}.toml").read_text("utf-8"))


def write(name: str, header: list[str], lines: list[list[Any]]) -> None:
    """Write one compiled table."""
    with (TARGET / name).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)
    print(f"{name}: {len(lines)} rows")


def icd_used() -> set[str]:
    """Collect every ICD code the conditions may write."""
    found: set[str] = {"Z38.0", "I10", "E78.5"}
    for section in (spec("conditions"), spec("epidemics")):
        for group in section.values():
            if isinstance(group, dict):
                for one in group.values():
                    if isinstance(one, dict):
                        found |= {*one.get("icd", []), *one.get("icd_severe", [])}
                        found |= {code for code, _ in one.get("also", [])}
                        found |= {one["flare"][0]} if "flare" in one else set()
    pregnancy = spec("conditions")["pregnancy"]
    for key in ("icd_antenatal", "icd_threat", "icd_normal", "icd_caesarean", "icd_also", "icd_loss"):
        found |= set(pregnancy[key])
    return found


def icd() -> None:
    """Name and usability of each code in both editions; a code that may not be the main diagnosis has main = 0."""
    new = {row["code"].rstrip("*†+"): row for row in rows("icd10/icd10_tt06_2026.csv")}
    old = {row["code"].rstrip("*†+"): row for row in rows("icd10/icd10_qd4469_2020.csv") if not row["marker"]}
    never = {row["code_plain"] for row in rows("icd10/icd10_edits_qd4469.csv") if row["appendix"] == "A2"}
    lines: list[list[Any]] = []
    for code in sorted(icd_used()):
        one, other = new.get(code), old.get(code)
        more_specific = one is not None and bool(one["c26_not_usable_more_specific_exists"])
        usable = one is not None and not more_specific and not one["c27_cause_of_death_only"]
        main_new = usable and not one["c24_never_main"] and not one["c25_discouraged_main"] and not one["marker"].startswith("*")  # type: ignore[index]
        children = any(key.startswith(code + ".") for key in old) or any(key.startswith(code) and len(key) > len(code) for key in old)
        old_ok = other is not None and not (len(code) == 3 and children)
        main_old = old_ok and code.replace(".", "") not in never
        lines.append(
            [
                code,
                other["name_vi"].strip() if other and old_ok else "",
                int(main_old),
                one["name_vi"].strip() if one and usable else "",
                int(main_new),
            ]
        )
        if not main_old or not main_new:
            print(
                f"  icd {code}: 2020 {'main' if main_old else 'also' if old_ok else '-'}, 2026 {'main' if main_new else 'also' if usable else '-'}",
                file=sys.stderr,
            )
    write("icd.csv", ["code", "name_2020", "main_2020", "name_2026", "main_2026"], lines)


def products() -> None:
    """Registered products for each medicine of the spec, evenly spread over the registration numbers."""
    drugs = rows("drugs/registered_drugs_byt.csv")
    lines: list[list[Any]] = []
    for key, one in spec("medicines")["medicine"].items():
        route, strength = re.compile(one["r"]), re.compile(one["s"], re.IGNORECASE)
        fit = [
            row
            for row in drugs
            if row["ma_hoat_chat"] == one["i"]
            and len(row["ma_duong_dung"]) == LONE_ROUTE
            and route.fullmatch(row["ma_duong_dung"])
            and strength.search(row["ham_luong"])
            and 0 < len(row["ham_luong"]) < 60
            and re.fullmatch(r"[A-Z]{2,4}-\d{3,6}-\d{2}|\d{12}", row["so_dang_ky"])
        ]
        fit.sort(key=lambda row: row["so_dang_ky"])
        if not fit:
            print(f"  no product for {key}", file=sys.stderr)
            continue
        step = max(1, len(fit) // PRODUCTS_PER_MEDICINE)
        for row in fit[::step][:PRODUCTS_PER_MEDICINE]:
            name = " ".join(row["ten_thuoc"].split())
            lines.append([key, row["so_dang_ky"], name, row["ma_hoat_chat"], row["ma_duong_dung"], " ".join(row["ham_luong"].split())])
    write("products.csv", ["medicine", "registration", "name", "ingredient", "route", "strength"], lines)


def services() -> None:
    """Code, name and price of each service of the spec."""
    known = {row["ma_tuong_duong"]: row for row in rows("services/dvkt_qd7603_pl1.csv")}
    lines: list[list[Any]] = []
    for key, one in spec("services")["service"].items():
        row = known[one["code"]]
        lines.append([key, one["code"], " ".join(row["ten_dvkt"].split()), row["gia_tt39_vnd"]])
    for key, one in spec("services")["extra"].items():
        lines.append([key, one["code"], one["name"], one["price"]])
    write("services.csv", ["key", "code", "name", "price"], lines)


def _range(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"([\d.]+)-([\d.]+)", text)
    return (found[1], found[2]) if found else ("", "")


def labs() -> None:
    """Name, unit and reference range (men, women) of each indicator."""
    known = {row["name_vi"]: row for row in rows("labs/common_labs_vn_loinc.csv")}
    lines: list[list[Any]] = []
    for key, one in spec("services")["lab"].items():
        row = known[one["vi"]] if "vi" in one else {"name_vi": one["name"], "unit_vn": one.get("unit", ""), "ref_adult_or_male": "", "ref_female": ""}
        low, high = (one["lo"], one["hi"]) if "lo" in one else _range(row["ref_adult_or_male"])
        low_f, high_f = _range(row["ref_female"])
        unit = "" if row["unit_vn"] in ("Định tính", "-") else row["unit_vn"]
        if "values" not in one and not low:
            raise SystemExit(f"no reference range for {key}")
        lines.append([key, row["name_vi"], unit, low, high, low_f or low, high_f or high])
    write("labs.csv", ["key", "name", "unit", "low_m", "high_m", "low_f", "high_f"], lines)


def areas() -> None:
    """New communes with place, and for each up to two former communes that stood until 2025-06-30."""
    standing = {row["code"] for row in rows("admin/legacy_communes_20240611.csv")} & {
        row["code"] for row in rows("admin/legacy_communes_20250104.csv")
    }
    former: dict[str, list[list[str]]] = {}
    for row in rows("admin/commune_map_old_new.csv"):
        if row["old_commune_code"] in standing and row["old_district_code"]:
            some = former.setdefault(row["new_commune_code"], [])
            if len(some) < OLD_PER_COMMUNE:
                some.append([row["old_commune_code"], row["old_commune_name"], row["old_district_code"]])
    lines: list[list[Any]] = []
    for row in rows("admin/communes.csv"):
        old = "|".join(":".join(part) for part in former.get(row["code"], []))
        lines.append([row["code"], row["full_name"], row["province_code"], row["lat"], row["lon"], old])
    write("communes.csv", ["code", "name", "province", "lat", "lon", "former"], lines)
    write(
        "provinces.csv",
        ["code", "name", "era"],
        [[row["code"], row["full_name"], "2025"] for row in rows("admin/provinces.csv")]
        + [[row["code"], row["full_name"], "2016"] for row in rows("admin/legacy_provinces_63.csv")],
    )
    write(
        "districts.csv",
        ["code", "name", "province"],
        [[row["code"], row["full_name"], row["province_code"]] for row in rows("admin/legacy_districts_696.csv")],
    )


def names() -> None:
    """Kinh surnames with their share, and middle-and-given combinations by sex."""
    surnames = [
        [row["surname"], float(row["published_share_percent"] or 0) or float(row["sample_share"]) * 100] for row in rows("names/surnames_freq.csv")
    ]
    combos: dict[str, list[str]] = {"M": [], "F": []}
    for row in rows("names/middle_given_combos.csv"):
        if row["sex"] in combos:
            combos[row["sex"]].append(" ".join(row["middle_given"].split()))
    given = [
        (row["given"], int(row["sample_count"]), int(row["male_dict"] or 0), int(row["female_dict"] or 0))
        for row in rows("names/given_names_freq.csv")
    ]
    data = {
        "source": "shared/data/names (duyet/vietnamese-namedb, MIT), gathered 2026-11-21",
        "surnames": surnames,
        "male": sorted(set(combos["M"])),
        "female": sorted(set(combos["F"])),
        "given_male": [[name, count] for name, count, m, f in given if m >= f],
        "given_female": [[name, count] for name, count, m, f in given if f >= m],
    }
    (TARGET / "names.json").write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    for step in (icd, products, services, labs, areas, names):
        step()
