"""Compile `src/yba/specs/rules/statements.csv`: the gathered 181 rules as stated, with source and the portal's severity."""

from __future__ import annotations

import csv
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "shared" / "spec" / "claims-xml" / "validation_rules.csv"
OUT = HERE.parent / "src" / "yba" / "specs" / "rules" / "statements.csv"
SHORT = {
    "BHXH validator spec for 4750 (dh-hos/Mo-ta-he-thong XML130/QD4570/Check_Valid_QD4750_Validate CTN QĐ_4750.xlsx)": "BHXH validator 4750",
    "med-ai-saas-proj/user-dashboard src/features/bhxh-validator/data/error-codes.json": "portal error list",
    "field text of QĐ 130/4750/3176 (dh-hos annex; iamTiKeii/XMLValidatorAPI ref)": "field text of QĐ 130/4750/3176",
    "tracnn/qlbv_public ": "qlbv_public ",
    "anhtnse1308/emr-validation ": "emr-validation ",
}


def main() -> None:
    """Write the file."""
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        rules = list(csv.DictReader(lines))
    with OUT.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["id", "tables", "statement", "portal_severity", "source"])
        for rule in rules:
            source = rule["source"]
            for long, short in SHORT.items():
                source = source.replace(long, short)
            writer.writerow([rule["id"], rule["tables"], rule["rule"], rule["severity"], source])


if __name__ == "__main__":
    main()
