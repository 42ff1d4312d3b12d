"""Compile the law's requirements and dated duties from shared/spec into package data (src/yba/specs/law)."""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = Path(sys.argv[1] if len(sys.argv) > 1 else "/work/shared/spec")
TARGET = ROOT / "src" / "yba" / "specs" / "law"
FILES = {"law-requirements.csv": "requirements.csv", "law-timeline.csv": "timeline.csv"}
NOTE = """# Where these tables come from

Compiled by `tools/compile_law.py` on {today} from `shared/spec/law-requirements.csv` (457 duties) and `law-timeline.csv` (60 dated duties).
Do not edit them here: mend the source and compile again.

Source: the public repository `nguyen2887/vn-healthcare`, version 0.1.1 (MIT, Copyright (c) 2026 nguyen2887), a digest of Vietnamese health-IT law
checked on 06/10/2026, restated in our own words. Not legal advice; nothing here was checked against the original texts by us. The texts' standing is in
`verification_level` (gốc = original read, gốc-OCR, gốc-ảnh, gốc-meta, thứ cấp = secondary, suy luận = inference, chưa xác minh = not verified).
Known fault: HTTT-BC-R02 says the insurance XML lacks ethnicity, occupation and ICD-9-CM; our XML1 and XML3 tables show that it has them.

owner: operations · checked_by: tests/specs/test_law.py · next_review: 2027-01-02
"""


def main() -> None:
    """Copy the two tables with normalised line ends, and note source and date."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, target in FILES.items():
        with (SOURCE / name).open(encoding="utf-8-sig", newline="") as source:
            rows = list(csv.DictReader(source))
        with (TARGET / target).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows({key: value.strip() for key, value in row.items()} for row in rows)
        print(f"{target}: {len(rows)} rows")
    (TARGET / "SOURCES.md").write_text(NOTE.format(today=date.today().isoformat()), encoding="utf-8")  # noqa: DTZ011  # a note for people


if __name__ == "__main__":
    main()
