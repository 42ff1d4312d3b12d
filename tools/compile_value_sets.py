"""Compile `src/yba/specs/value_sets/*.csv` from the service list of QĐ 7603 in `../shared` (read 2026-11-21).

A service code is CC.KKKK.GGGG: chapter, technique, price item of TT 39/2018. The name of the price item says whether an image is made with
contrast and what is dialysis; `index.toml`, written by hand, says what each set is for and how good it is.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
SERVICES: Final = HERE.parents[1] / "shared" / "data" / "services" / "dvkt_qd7603_pl1.csv"
OUT: Final = HERE.parent / "src" / "yba" / "specs" / "value_sets"
SETS: Final = {
    "contrast-imaging": re.compile(r"(?:CT Scanner|MRI).* (?<!không )có thuốc cản quang$|cộng hưởng từ gan với chất tương phản.*"),
    "plain-imaging": re.compile(r"(?:Chụp CT Scanner|Chụp cộng hưởng từ \(MRI\)).* không (?:có )?thuốc cản quang"),
    "chronic-dialysis": re.compile(r"Thận nhân tạo chu kỳ|Thẩm tách siêu lọc máu.*|Kỹ thuật phối hợp thận nhân tạo và hấp phụ máu.*"),
}


def main() -> None:
    """Write one file per set: price item, its name, how many services have it."""
    with SERVICES.open(encoding="utf-8", newline="") as lines:
        services = list(csv.DictReader(lines))
    for name, pattern in SETS.items():
        found: dict[tuple[str, str], int] = {}
        for row in services:
            item = row["ma_tuong_duong"].rpartition(".")[2]
            if pattern.search(row["ten_tt39"]):
                found[item, row["ten_tt39"]] = found.get((item, row["ten_tt39"]), 0) + 1
        with (OUT / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["code", "name_vi", "services"])
            out.writerows([*key, count] for key, count in sorted(found.items()))


if __name__ == "__main__":
    main()
