"""XML2, medicines: one MedicationDispense a row (what was ordered and what was given are one fact in a claim) and its item."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from yba.specs import labels, systems

from . import money

if TYPE_CHECKING:
    from yba.ingest.mapping.context import Context
    from yba.ingest.mapping.model import Doc, Row

ORDERED: Final = {"text": "Chỉ định"}
_DAYS: Final = re.compile(r"(?<![\d.,])([0-9]{1,3})\s*(?:ngày|ngay|ng\?y)(?!\s*/)", re.IGNORECASE)
_RATE: Final = re.compile(r"/\s*[0-9]*\s*$")
LONGEST_COURSE: Final = 366


def finish(context: Context, row: Row, docs: dict[str, Doc], over: dict[str, str]) -> None:
    """Complete a dispense and its item."""
    dispense, item = docs["dispense"], docs["item"]
    drug = dispense.setdefault("medicationCodeableConcept", money.UNKNOWN)
    if "performer" in dispense:
        dispense["performer"] = [{"function": ORDERED, **dispense["performer"][0]}]
    ordered = item.get("servicedPeriod", {}).get("start")
    # where NGAY_TH_YL was left out as equal to an NGAY_YL that is itself not exact, reading it back here would mend it: leave it
    mended = "NGAY_TH_YL" in row and "NGAY_TH_YL" not in over and "NGAY_YL" in over
    if ordered and "whenHandedOver" not in dispense and not mended:
        dispense["whenHandedOver"] = ordered
    days = days_of(row.get("LIEU_DUNG", ""))
    if days:
        dispense["daysSupply"] = {"value": days, "system": systems.system("ucum"), "code": "d"}
    amount = dispense.get("quantity", {}).get("value")
    if amount is not None:
        item["quantity"] = {"value": amount}
    context.add(dispense, labels.of_text(drug["text"]) if "text" in drug else ())
    money.item(context, item, _product(drug))


def _product(drug: Doc) -> Doc | None:
    coding = drug.get("coding")
    return {"coding": coding[:1]} if coding else ({"text": drug["text"]} if "text" in drug else None)


@lru_cache(maxsize=16_384)
def days_of(dose: str) -> int:
    """Give the days of a dosage expression ("1 viên/lần * 2 lần/ngày * 5 ngày [10 viên]" -> 5), 0 when it does not say.

    "2 lần/ngày" is a rate; the last number of days that is none of a rate counts.
    """
    found = [match for match in _DAYS.finditer(dose) if not _RATE.search(dose[: match.start()])]
    days = int(found[-1][1]) if found else 0
    return days if 0 < days <= LONGEST_COURSE else 0
