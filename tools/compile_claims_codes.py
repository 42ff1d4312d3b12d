"""Compile `src/yba/specs/codes_claims/` from the gathered code lists in `../shared` (read 2026-11-21).

`codes.csv` holds 74 lists; `claims_code_lists.csv` here names them, says which are complete and why not.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1] / "shared"
OUT = HERE.parent / "src" / "yba" / "specs" / "codes_claims"
HEADER = ["code", "meaning_vi", "valid_from", "valid_to", "source", "note"]
INDEX = ["id", "field", "title_vi", "title_en", "complete", "complete_from", "why", "grammar", "source"]
Row = dict[str, str]

QD3276_FIRST, QD824_LAST, QD1804_FIRST = "2025-10-17", "2025-12-31", "2026-08-01"
"""QĐ 3276 lets the older codes stand until the end of 2025 (its Art. 2)."""
SECOND_SOURCE = {
    "ethnic-group": {
        "code": "99",
        "meaning_vi": "Không rõ",
        "valid_from": "",
        "valid_to": "",
        "source": "hl7vn/vn-core-ig",
        "note": "the other source writes 56 for unknown",
    },
    "occupation-5": {
        "code": "00000",
        "meaning_vi": "Không nghề nghiệp",
        "valid_from": "",
        "valid_to": "",
        "source": "observed in files up to late 2025",
        "note": "2-digit codes since 3176",
    },
}


def main() -> None:
    """Write the index and one file per list."""
    gathered: dict[str, list[Row]] = {}
    for row in read(SHARED / "spec" / "claims-xml" / "codes.csv"):
        gathered.setdefault(row["field"], []).append(row)
    index, used = [], set()
    for told in read(HERE / "claims_code_lists.csv"):
        names = told["source_lists"].split("|")
        used |= set(names)
        codes = merged([code for name in names for code in codes_of(told["id"], name, gathered)])
        codes += [SECOND_SOURCE[told["id"]]] if told["id"] in SECOND_SOURCE else []
        if told["complete"] != "absent":
            write(OUT / f"{told['id']}.csv", HEADER, codes)
        sources = sorted({code["source"] for code in codes if code["source"]})
        index.append({**{key: told.get(key, "") for key in INDEX}, "field": told["source_lists"], "source": "; ".join(sources)})
    missing = set(gathered) - used
    if missing:
        sys.exit(f"claims_code_lists.csv does not name {sorted(missing)}")
    write(OUT / "index.csv", INDEX, index)


def codes_of(list_id: str, name: str, gathered: dict[str, list[Row]]) -> list[Row]:
    """The codes of one gathered list, with validity where the sources tell it."""
    if name == "+none":
        return []
    if name.startswith("+"):
        return extra(list_id, SHARED / "data" / name[1:])
    made = []
    for row in gathered[name]:
        code = row["code"]
        if not code or code == "unknown" or (list_id == "hiv-management-130" and code == "8"):
            continue
        first, last = validity(list_id, row)
        meaning = "" if row["meaning_vi"] == "unknown" else row["meaning_vi"]
        if list_id == "hiv-management-130" and code in {"6", "7"}:
            meaning = ""
        made.append({"code": code, "meaning_vi": meaning, "valid_from": first, "valid_to": last, "source": row["standard"], "note": row["note"]})
    return made


def validity(list_id: str, row: Row) -> tuple[str, str]:
    """First and last day of one code; empty where it has always been there as far as we know."""
    code, standard = row["code"], row["standard"]
    if list_id == "arrival-category" and standard.startswith("QĐ 824"):
        return "", QD824_LAST
    if list_id == "visit-type" and "1804" in standard:
        return QD1804_FIRST, ""
    if (list_id, code) in {("outcome", "8"), ("cost-group", "19")}:
        return "2024-07-01", ""
    if list_id == "tb-regimen" and code in {"26", "27"}:
        return "2025-01-01", ""
    return "", ""


def extra(list_id: str, path: Path) -> list[Row]:
    """Lists that stand beside `codes.csv`."""
    made = []
    for row in read(path):
        if list_id == "fuel":
            for key in ("ma_vung1", "ma_vung2"):
                zone = "" if row["ma_vung1"] == row["ma_vung2"] else f", vùng {key[-1]}"
                made.append(
                    {
                        "code": row[key],
                        "meaning_vi": row["loai"] + zone,
                        "valid_from": QD3276_FIRST,
                        "valid_to": "",
                        "source": "QĐ 3276/QĐ-BYT 2025 annex 2",
                        "note": "",
                    }
                )
        else:
            made.append(
                {
                    "code": row["code"],
                    "meaning_vi": row.get("name") or row.get("name_vi", ""),
                    "valid_from": "",
                    "valid_to": "",
                    "source": "QĐ 34/2020/QĐ-TTg, levels 1-2",
                    "note": "",
                }
            )
    return made


def merged(codes: list[Row]) -> list[Row]:
    """One line per code; meanings of the same code in several editions are joined."""
    found: dict[str, Row] = {}
    for code in codes:
        first = found.setdefault(code["code"], code)
        if first is not code and code["meaning_vi"] not in first["meaning_vi"]:
            first["meaning_vi"] += f" / {code['meaning_vi']}"
    return list(found.values())


def read(path: Path) -> list[Row]:
    """All rows of one CSV file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(path: Path, header: list[str], rows: list[Row]) -> None:
    """Write one CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
