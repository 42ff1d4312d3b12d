"""Rules about the stay: days, hours, care type, settlement period, cardinality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.ingest.checks.model import Fault
from yba.ingest.checks.values import DAYS, MINUTES, NUMBERS, ZERO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yba.ingest.checks.model import Visit

BEDS: Final = frozenset({"14", "15", "16"})
COUNTED_BY_DAYS: Final = frozenset({"02", "03", "04", "06"})
OUTPATIENT: Final = frozenset({"01", "02", "05", "08"})
INPATIENT: Final = "03"
SHORT_STAY_MINUTES, HASTY_MINUTES = 240, 5


def _length(visit: Visit) -> int | None:
    """Minutes from arrival (or admission) to the end; None when a time is missing or the order is wrong."""
    admitted = MINUTES[visit.head.get("NGAY_VAO_NOI_TRU", "")]
    begun, ended = MINUTES[visit.arrived] if admitted is None else admitted, MINUTES[visit.ended]
    return ended - begun if begun is not None and ended is not None and ended >= begun else None


def _days(visit: Visit) -> int | None:
    first, last = DAYS[visit.arrived], DAYS[visit.ended]
    return (last - first).days if first is not None and last is not None and last >= first else None


def vr052(visit: Visit) -> Iterator[Fault]:
    """Days of treatment are calendar days, both ends counted."""
    days, stated = _days(visit), NUMBERS[visit.head.get("SO_NGAY_DTRI", "")]
    if visit.head.get("MA_LOAI_KCB") in COUNTED_BY_DAYS and days is not None and stated is not None and stated != days + 1:
        yield Fault("XML1", 1, "SO_NGAY_DTRI", visit.head["SO_NGAY_DTRI"], str(days + 1))


def vr054(visit: Visit) -> Iterator[Fault]:
    """An examination ends within a day."""
    days = _days(visit)
    if visit.head.get("MA_LOAI_KCB") == "01" and days is not None and days > 1:
        yield Fault("XML1", 1, "NGAY_RA", visit.ended, "trong vòng 1 ngày sau NGAY_VAO")


def vr055(visit: Visit) -> Iterator[Fault]:
    """An outpatient visit takes some minutes."""
    begun, ended = MINUTES[visit.arrived], MINUTES[visit.ended]
    if visit.head.get("MA_LOAI_KCB") in OUTPATIENT and begun is not None and ended is not None and 0 <= ended - begun < HASTY_MINUTES:
        yield Fault("XML1", 1, "NGAY_RA", visit.ended, f"≥ {HASTY_MINUTES} phút sau NGAY_VAO")


def vr056(visit: Visit) -> Iterator[Fault]:
    """Under four hours as an inpatient is care type 09, without a bed."""
    length, kind = _length(visit), visit.head.get("MA_LOAI_KCB")
    if kind == INPATIENT and length is not None and length < SHORT_STAY_MINUTES:
        yield Fault("XML1", 1, "MA_LOAI_KCB", INPATIENT, "09")
    if kind == "09":
        for number, row in enumerate(visit.rows("XML3"), 1):
            if row.get("MA_NHOM") in BEDS:
                yield Fault("XML3", number, "MA_NHOM", row["MA_NHOM"], "không có ngày giường với loại 09")


def vr057(visit: Visit) -> Iterator[Fault]:
    """Over four hours as an inpatient counts days."""
    length, stated = _length(visit), NUMBERS[visit.head.get("SO_NGAY_DTRI", "")]
    inpatient = visit.head.get("MA_LOAI_KCB") == INPATIENT and length is not None and length >= SHORT_STAY_MINUTES
    if inpatient and stated is not None and stated <= ZERO:
        yield Fault("XML1", 1, "SO_NGAY_DTRI", visit.head["SO_NGAY_DTRI"], "> 0")


def vr067(visit: Visit) -> Iterator[Fault]:
    """The settlement period is the month of payment."""
    paid = visit.head.get("NGAY_TTOAN", "")
    year, month = NUMBERS[visit.head.get("NAM_QT", "")], NUMBERS[visit.head.get("THANG_QT", "")]
    day = DAYS[paid]
    if day is not None and year is not None and month is not None and (int(year), int(month)) != (day.year, day.month):
        yield Fault("XML1", 1, "THANG_QT", f"{month}/{year}", f"{day.month}/{day.year} (NGAY_TTOAN)")


def yb009(visit: Visit) -> Iterator[Fault]:
    """A table that may stand once stands once; a second summary is YB005's."""
    for name, rows in visit.tables.items():
        table = visit.edition.tables.get(name)
        if table is not None and table.max_rows is not None and len(rows) > table.max_rows and name != "XML1":
            yield Fault(name, 0, "", str(len(rows)), f"≤ {table.max_rows}")
