"""Rules about the papers of a claim: discharge, leave, re-visit, HIV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.ingest.checks.model import Fault
from yba.ingest.checks.values import DAYS, MOMENTS, NUMBERS, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yba.ingest.checks.model import Visit
    from yba.ingest.model import Row

LONGEST_LEAVE, LONGEST_LOSS_LEAVE, LONGEST_TB_LEAVE = 30, 50, 180
TUBERCULOSIS: Final = ("A15", "A16", "A17", "A18", "A19")


def _span(row: Row, first: str, last: str) -> int | None:
    """Days from first to last, both counted; None when unknown or out of order."""
    begin, end = DAYS[row.get(first, "")], DAYS[row.get(last, "")]
    return (end - begin).days + 1 if begin is not None and end is not None and end >= begin else None


def vr156(visit: Visit) -> Iterator[Fault]:
    """The slip's date is one of the dates of the summary."""
    due = {day[:8] for day in parts(visit.head.get("NGAY_TAI_KHAM", ""))}
    for number, row in enumerate(visit.rows("XML14"), 1):
        own = row.get("NGAY_HEN_KL", "")
        if due and own and own[:8] not in due and MOMENTS[own]:
            yield Fault("XML14", number, "NGAY_HEN_KL", own, f"XML1.NGAY_TAI_KHAM = {min(due)}")


def vr160(visit: Visit) -> Iterator[Fault]:
    """Leave after discharge: the number of days is that of the dates."""
    for number, row in enumerate(visit.rows("XML7"), 1):
        span, stated = _span(row, "NGOAITRU_TUNGAY", "NGOAITRU_DENNGAY"), NUMBERS[row.get("SO_NGAY_NGHI", "")]
        if span is not None and stated is not None and stated != span:
            yield Fault("XML7", number, "SO_NGAY_NGHI", row["SO_NGAY_NGHI"], str(span))


def vr166(visit: Visit) -> Iterator[Fault]:
    """Antenatal leave: the number of days is that of the dates (text and example of the decision differ by one)."""
    for number, row in enumerate(visit.rows("XML10"), 1):
        span, stated = _span(row, "TU_NGAY", "DEN_NGAY"), NUMBERS[row.get("SO_NGAY", "")]
        if span is not None and stated is not None and stated not in {span, span - 1}:
            yield Fault("XML10", number, "SO_NGAY", row["SO_NGAY"], str(span))


def vr167(visit: Visit) -> Iterator[Fault]:
    """Sick leave is not longer than its reason allows."""
    tb = any(code.startswith(TUBERCULOSIS) for name in ("MA_BENH_CHINH", "MA_BENH_KT") for code in parts(visit.head.get(name, "")))
    for number, row in enumerate(visit.rows("XML11"), 1):
        stated = NUMBERS[row.get("SO_NGAY_NGHI", "")]
        lost = row.get("MA_DINH_CHI_THAI") == "1"
        most = LONGEST_TB_LEAVE if tb else LONGEST_LOSS_LEAVE if lost else LONGEST_LEAVE
        if stated is not None and stated > most:
            yield Fault("XML11", number, "SO_NGAY_NGHI", row["SO_NGAY_NGHI"], f"≤ {most}")


def vr173(visit: Visit) -> Iterator[Fault]:
    """ARV is not supplied for more days than its period has."""
    for number, row in enumerate(visit.rows("XML6"), 1):
        span, stated = _span(row, "NGAY_BAT_DAU_XU_TRI", "NGAY_KET_THUC_XU_TRI"), NUMBERS[row.get("SO_NGAY_CAP_THUOC_ARV", "")]
        if span is not None and stated is not None and stated > span:
            yield Fault("XML6", number, "SO_NGAY_CAP_THUOC_ARV", row["SO_NGAY_CAP_THUOC_ARV"], f"≤ {span}")
