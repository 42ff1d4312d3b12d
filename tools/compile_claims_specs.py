"""Compile `src/yba/specs/claims/` from the gathered field tables in `../shared` (read 2026-11-21).

The tables in `shared/spec/claims-xml/xml*.csv` hold the state of QĐ 3176; their notes say what each amendment changed
("[130 Số(15) -> 4750 Chuỗi(15); 4750 Chuỗi(15) -> 3176 Chuỗi(n)]", "[field new in 4750]"). Older decisions are made by
undoing the changes, the newest by applying the one that is known. XML13 of 4750 is taken from `qd4750_fields.csv`.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPEC = HERE.parents[1] / "shared" / "spec" / "claims-xml"
FIELDS_4750 = HERE.parents[1] / "shared" / "data" / "bhyt_xml" / "qd4750_fields.csv"
OUT = HERE.parent / "src" / "yba" / "specs" / "claims"

HEADER = ("order field name kind length required condition format codes many meaning_vi meaning_en notes valid_from valid_to origin").split()
CHANGE = re.compile(r"(130|4750) (Chuỗi|Số)\((\w+)\) -> (4750|3176) (Chuỗi|Số)\((\w+)\)")
CONDITION = re.compile(r"Portal\(4750\) condition: (.*?)(?= Portal check:| \[|$)")
ORDER_OF_DECISIONS = ("130", "4750", "3176")
FIRST_DAY = {"130": "2023-01-18", "4750": "2024-07-01", "3176": "2025-01-01", "1931": "2026-07-01"}
DECISIONS = {
    "917": (
        "QĐ 917/QĐ-BXH (2016), CV 9324/BYT-BH",
        "2016-01-01",
        "2017-08-31",
        "envelope.md sections 1, 3, 4; the text was not seen: derived from 4210, every derived column is marked",
    ),
    "4210": (
        "QĐ 4210/QĐ-BYT (20/09/2017)",
        "2017-09-01",
        "2024-06-30",
        "four programs that read or write it (tracnn/qlbv_public and three others), see sources in notes",
    ),
    "130": ("QĐ 130/QĐ-BYT (18/01/2023)", "2023-01-18", "2024-06-30", "annex of QĐ 130 as amended, amendments undone from their wording"),
    "4750": (
        "QĐ 4750/QĐ-BYT (29/12/2023), amends QĐ 130",
        "2024-07-01",
        "2024-12-31",
        "annex (dh-hos/Mo-ta-he-thong XML130/QD4570) and the portal's validator for 4750",
    ),
    "3176": (
        "QĐ 3176/QĐ-BYT (29/10/2024), amends QĐ 130 and 4750",
        "2025-01-01",
        "2026-06-30",
        "ten sources compared, see shared/spec/claims-xml/envelope.md section 6",
    ),
    "1931": (
        "QĐ 1931/QĐ-BYT (29/06/2026), amends QĐ 130",
        "2026-07-01",
        "",
        "reported by two repositories: MUC_HUONG size 3 -> 4; the text was not seen",
    ),
}
Row = dict[str, str]


def main() -> None:
    """Write every table of every decision."""
    names = {row["field"]: row for row in read(HERE / "claims_names.csv")}
    newest = {f"XML{n}": read(SPEC / f"xml{n}.csv") for n in range(1, 16)}
    newest = {"XML0": read(SPEC / "check_in.csv"), **newest}
    old = {f"XML{n}": read(SPEC / "4210" / f"xml{n}.csv") for n in range(1, 6)}
    for decision in ("130", "4750", "3176", "1931"):
        for table, rows in newest.items():
            if decision == "130" and table in {"XML13", "XML14", "XML15"}:
                continue
            made = table_of(decision, table, rows)
            write(decision, table, [named(row, decision, table, names) for row in made])
    for table, rows in old.items():
        write("4210", table, [named(old_row(row), "4210", table, names) for row in rows])
        if table in {"XML1", "XML2", "XML3"}:
            made = [named(row, "917", table, names) for row in rows_of_917(table, rows, old["XML2"])]
            write("917", table, made)
    for decision, told in DECISIONS.items():
        write_edition(decision, told, read(HERE / "claims_tables.csv"))


def table_of(decision: str, table: str, rows: list[Row]) -> list[Row]:
    """Undo the amendments later than `decision`."""
    if table == "XML13" and decision == "4750":
        rows = xml13_of_4750(rows)
    made = [row_of(decision, row) for row in rows if not (decision == "130" and "field new in 4750" in row["notes"])]
    for row in made:
        if row["field"] == "MUC_HUONG" and decision == "1931":
            row |= {"length": "4", "origin": "1931: size 3 -> 4 (reported by two repositories, text not seen)"}
            row["valid_from"] = FIRST_DAY["1931"]
    return made


def row_of(decision: str, row: Row) -> Row:
    """Give one column as `decision` has it; the type of coded columns stays text so that zeros are never lost."""
    length, origin = row["max_length"], "130"
    if "field new in 4750" in row["notes"] or "table new in 4750" in row["notes"]:
        origin = "4750"
    changes = {new: (old, old_size, size) for old, _, old_size, new, _, size in CHANGE.findall(row["notes"])}
    for new in ("4750", "3176"):
        if new in changes:
            _, old_size, size = changes[new]
            in_time = ORDER_OF_DECISIONS.index(new) <= ORDER_OF_DECISIONS.index(decision.replace("1931", "3176"))
            if in_time:
                length, origin = size, f"{origin}; {new}: size {old_size} -> {size}"
            else:
                length = old_size
                break
    newest_of = origin.rsplit("; ", 1)[-1].split(":")[0]
    meaning = undo_meaning(decision, row)
    return {
        **row,
        **meaning,
        "length": length,
        "origin": origin,
        "valid_from": FIRST_DAY.get(newest_of, ""),
        "valid_to": "",
    }


def undo_meaning(decision: str, row: Row) -> Row:
    """Before 3176 the reserve fields were only that."""
    if row["field"] == "DU_PHONG" and "3176" in row["meaning_en"] and decision in {"130", "4750"}:
        return {"meaning_vi": "Trường dự phòng", "meaning_en": "Reserve field"}
    return {}


def xml13_of_4750(rows: list[Row]) -> list[Row]:
    """XML13 as 4750 had it: names, order and sizes from the annex, meanings of shared fields as in 3176."""
    known = {row["field"]: row for row in rows}
    renamed = {"MA_NOI_DI": "MA_CSKCB_DI", "MA_NOI_DEN": "MA_CSKCB_DEN", "PP_DIEU_TRI": "TINH_TRANG_CT"}
    own = {"TEN_DICH_VU": ("Tên dịch vụ kỹ thuật đã sử dụng", "Names of services used"), "TEN_THUOC": ("Tên thuốc đã sử dụng", "Names of drugs used")}
    made = []
    for row in read(FIELDS_4750):
        if row["table"] != "XML13":
            continue
        like = known.get(row["field"]) or known.get(renamed.get(row["field"], "")) or {}
        vi, en = own.get(row["field"], (like.get("meaning_vi", ""), like.get("meaning_en", "")))
        notes = like.get("notes", "[table new in 4750]") if row["field"] in known else "[table new in 4750]"
        required = like["required"] if row["field"] in known else ("yes" if row["required_portal"] == "x" else "no")
        kind = like.get("xml_type", "string")
        made.append(
            {
                "order": row["stt"],
                "field": row["field"],
                "xml_type": kind,
                "max_length": row["max_len"],
                "required": required,
                "meaning_vi": vi,
                "meaning_en": en,
                "notes": notes,
            }
        )
    return made


def old_row(row: Row) -> Row:
    """One column of 4210."""
    return {**row, "length": row["max_length"], "origin": "4210", "valid_from": "", "valid_to": ""}


def rows_of_917(table: str, rows: list[Row], drugs: list[Row]) -> list[Row]:
    """917 was not seen: the tables of 4210 with the one difference that is known (MUC_HUONG for T_BNCCT in XML1)."""
    origin = "derived from 4210; text of 917 not seen"
    made = [{**old_row(row), "required": "unknown", "origin": origin} for row in rows]
    for row in made:
        if row["field"] in {"MA_LK", "MA_CSKCB"}:
            row["required"] = "yes"
    if table != "XML1":
        return made
    level = next(row for row in drugs if row["field"] == "MUC_HUONG")
    place = next(n for n, row in enumerate(made) if row["field"] == "T_BNCCT")
    made[place] = {**old_row(level), "required": "unknown", "origin": "envelope.md section 4: MUC_HUONG inside TONG_HOP and no T_BNCCT tells 917"}
    return [{**row, "order": str(n)} for n, row in enumerate(made, 1)]


# The portal's validator wants them; by their own meaning they are empty for most people.
NOT_OF_EVERYBODY = {
    ("XML3", "MA_BENH"): "empty means ordered for MA_BENH_CHINH",
    ("XML15", "PHANLOAI_LAO_KT"): "only resistant tuberculosis has a kind of resistance",
    ("XML15", "BDDT_ARV"): "only people with HIV begin ARV",
    ("XML15", "NGAY_BAT_DAU_DT_CTX"): "only people with HIV begin cotrimoxazole",
}


def named(row: Row, decision: str, table: str, names: dict[str, Row]) -> Row:
    """Add our name, code list and format; the most specific line of `claims_names.csv` wins."""
    family = {"917": "4210", "4750": "4750", "1931": "3176"}.get(decision, decision)
    field = row["field"]
    keys = (f"{family}.{table}.{field}", f"{family}.{field}", f"{table}.{field}", field)
    found = next((names[key] for key in keys if key in names), None)
    if found is None:
        sys.exit(f"claims_names.csv has no line for {decision} {table}.{field}")
    kind = {"string": "text", "number": "number", "datetime": "datetime"}[row["xml_type"]]
    shape = found["format"] if kind != "text" else ""
    if kind == "datetime" and field == "NGAY_HEN_KL":
        shape = row["length"]
    if kind != "text" and not shape:
        sys.exit(f"claims_names.csv has no format for {decision} {table}.{field}")
    condition = CONDITION.search(row["notes"])
    required = row["required"]
    if required == "yes" and (table, field) in NOT_OF_EVERYBODY:
        required = "no"
    if decision in {"130", "4750", "3176", "1931"} and field == "MAHUYEN_CU_TRU":
        condition = re.search(r"(.*)", "trước 2025-07-01")
    return {
        "order": row["order"],
        "field": field,
        "name": found["name"],
        "kind": kind,
        "length": row["length"],
        "required": required,
        "condition": condition.group(1).strip() if condition else "",
        "format": shape,
        "codes": found["codes"],
        "many": found["many"],
        "meaning_vi": row["meaning_vi"],
        "meaning_en": row["meaning_en"],
        "notes": row["notes"],
        "valid_from": row["valid_from"],
        "valid_to": row["valid_to"],
        "origin": row["origin"],
    }


def write_edition(decision: str, told: tuple[str, str, str, str], tables: list[Row]) -> None:
    """Write `edition.toml`: validity, source and the element names of every table of one decision."""
    title, first, last, source = told
    family = decision if decision in {"917", "4210"} else "130"
    lines = [f'title = "{title}"', f'family = "{family}"', f"valid_from = {first}"]
    lines += [f"valid_to = {last}"] if last else []
    lines += [f'source = "{source}"', 'owner = "ingest"', 'checked_by = "compared by script, 2026-11-21"', "next_review = 2027-01-31"]
    for row in tables:
        name = row["table"]
        if row["family"] != family.replace("917", "4210") or not (OUT / decision / f"{name.lower()}.csv").exists():
            continue
        lines += ["", f"[tables.{name}]"]
        lines += [f'{key} = "{row[key]}"' for key in ("title_vi", "title_en", "root", "list", "record")]
        lines += [f'alternative_roots = ["{row["alternative_roots"]}"]'] if row["alternative_roots"] else []
        lines += [f"min_rows = {row['min_rows']}"]
        lines += [f"max_rows = {row['max_rows']}"] if row["max_rows"] else []
        lines += ["own_file = true"] if row["own_file"] else []
    (OUT / decision / "edition.toml").write_text("\n".join(lines) + "\n", "utf-8")


def read(path: Path) -> list[Row]:
    """All rows of one CSV file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(decision: str, table: str, rows: list[Row]) -> None:
    """Write one table of one decision."""
    path = OUT / decision / f"{table.lower()}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
