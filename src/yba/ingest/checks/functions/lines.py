"""Rules about drug and service lines: doses, card validity, result times, beds, operations, results that belong to services."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.ingest.checks.model import Fault
from yba.ingest.checks.values import DAYS, MINUTES, MOMENTS, NUMBERS, ZERO, Remembered, parts

from .stay import BEDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yba.ingest.checks.model import Visit
    from yba.ingest.model import Row

PARACLINICAL: Final = frozenset({"1", "2", "3"})
IMAGING: Final = "2"
OPERATION: Final = "8"
PROCEDURES: Final = frozenset({"8", "18"})
LONGEST_COURSE, SOONEST_RESULT, LATEST_RESULT = 30, 3, 7
FULL: Final = Decimal(100)

_PIECE: Final = r"\s*([0-9]{1,6}(?:[.,][0-9]{1,4})?)[^*\[0-9]{0,40}"
DOSE: Final = re.compile(rf"{_PIECE}\*{_PIECE}\*{_PIECE}(?:\[\s*([0-9]{{1,9}}(?:[.,][0-9]{{1,4}})?)[^\]]{{0,40}}\])?\s*.{{0,60}}")


class Dose(NamedTuple):
    """A dosage expression as the decision wants it: quantity a time, times a day, days, stated total."""

    quantity: Decimal
    times: Decimal
    days: Decimal
    total: Decimal | None


def _dose(text: str) -> Dose | None:
    found = DOSE.fullmatch(text)
    if found is None:
        return None
    quantity, times, days, total = (None if piece is None else NUMBERS[piece] for piece in found.groups())
    if quantity is None or times is None or days is None:
        return None
    return Dose(quantity, times, days, total)


DOSES: Final = Remembered[Dose | None](_dose)
"""The dose a text spells out; None when it has another form."""


def vr106(visit: Visit) -> Iterator[Fault]:
    """The dose has the form of the decision, and its total is the quantity."""
    for number, row in enumerate(visit.rows("XML2"), 1):
        text = row.get("LIEU_DUNG")
        if not text or row.get("MA_NHOM") != "4":
            continue
        dose = DOSES[text]
        if dose is None:
            yield Fault("XML2", number, "LIEU_DUNG", text, "lượng/lần * lần/ngày * số ngày [tổng]")
        elif dose.total is not None and NUMBERS[row.get("SO_LUONG", "")] not in {None, dose.total}:
            yield Fault("XML2", number, "LIEU_DUNG", text, f"[{row['SO_LUONG']}] (SO_LUONG)")


def vr109(visit: Visit) -> Iterator[Fault]:
    """A course is not longer than thirty days."""
    for number, row in enumerate(visit.rows("XML2"), 1):
        text = row.get("LIEU_DUNG")
        dose = DOSES[text] if text else None
        if dose is not None and dose.days > LONGEST_COURSE:
            yield Fault("XML2", number, "LIEU_DUNG", text or "", f"≤ {LONGEST_COURSE} ngày")


def vr112(visit: Visit) -> Iterator[Fault]:
    """Orders lie within the validity of the cards, taken together."""
    since = [day for day in parts(visit.head.get("GT_THE_TU", "")) if MOMENTS[day]]
    until = [day for day in parts(visit.head.get("GT_THE_DEN", "")) if MOMENTS[day]]
    if not since or not until:
        return
    first, last = min(since)[:8], max(until)[:8]
    for table in ("XML2", "XML3"):
        for number, row in enumerate(visit.rows(table), 1):
            ordered = row.get("NGAY_YL", "")
            if ordered and not first <= ordered[:8] <= last and MOMENTS[ordered]:
                yield Fault(table, number, "NGAY_YL", ordered, f"{first} - {last}")


def vr124(visit: Visit) -> Iterator[Fault]:
    """A result takes at least some minutes."""
    for number, row in enumerate(visit.rows("XML3"), 1):
        if row.get("MA_NHOM") not in PARACLINICAL:
            continue
        done, result = row.get("NGAY_TH_YL"), row.get("NGAY_KQ")
        if not done or not result:
            continue
        begun, ended = MINUTES[done], MINUTES[result]
        if begun is not None and ended is not None and 0 <= ended - begun < SOONEST_RESULT:
            yield Fault("XML3", number, "NGAY_KQ", result, f"≥ {SOONEST_RESULT} phút sau NGAY_TH_YL {done}")


def vr125(visit: Visit) -> Iterator[Fault]:
    """A result comes within a week."""
    for number, row in enumerate(visit.rows("XML3"), 1):
        result = row.get("NGAY_KQ")
        if not result or row.get("MA_NHOM") not in PARACLINICAL:
            continue
        ordered, known = DAYS[row.get("NGAY_YL", "")], DAYS[result]
        if ordered is not None and known is not None and (known - ordered).days > LATEST_RESULT:
            yield Fault("XML3", number, "NGAY_KQ", result, f"≤ {LATEST_RESULT} ngày sau NGAY_YL")


def _beds(visit: Visit) -> Iterator[tuple[int, Row]]:
    return ((number, row) for number, row in enumerate(visit.rows("XML3"), 1) if row.get("MA_NHOM") in BEDS)


def vr130(visit: Visit) -> Iterator[Fault]:
    """Bed days do not exceed the days of treatment."""
    stated = NUMBERS[visit.head.get("SO_NGAY_DTRI", "")]
    beds = [(number, NUMBERS[row.get("SO_LUONG", "")]) for number, row in _beds(visit)]
    total = sum((quantity for _, quantity in beds if quantity is not None), ZERO)
    if stated is not None and beds and total > stated:
        yield Fault("XML3", beds[-1][0], "SO_LUONG", f"{total:f}", f"≤ {stated} (SO_NGAY_DTRI)")


def vr132(visit: Visit) -> Iterator[Fault]:
    """One bed a day."""
    seen: set[str] = set()
    for number, row in _beds(visit):
        day = row.get("NGAY_YL", "")[:8]
        if day in seen and NUMBERS[row.get("TYLE_TT_DV", "100")] == FULL:
            yield Fault("XML3", number, "NGAY_YL", row["NGAY_YL"], "một dòng giường mỗi ngày")
        if day:
            seen.add(day)


def vr143(visit: Visit) -> Iterator[Fault]:
    """Only the first operation of a day is paid in full."""
    full: set[str] = set()
    for number, row in enumerate(visit.rows("XML3"), 1):
        if row.get("MA_NHOM") != OPERATION or NUMBERS[row.get("TYLE_TT_DV", "")] != FULL:
            continue
        day = (row.get("NGAY_TH_YL") or row.get("NGAY_YL", ""))[:8]
        if day and day in full:
            yield Fault("XML3", number, "TYLE_TT_DV", row["TYLE_TT_DV"], "50, 80")
        full.add(day)


def vr144(visit: Visit) -> Iterator[Fault]:
    """Two operations or procedures do not begin in the same minute."""
    seen: set[str] = set()
    for number, row in enumerate(visit.rows("XML3"), 1):
        if row.get("MA_NHOM") not in PROCEDURES:
            continue
        moment = row.get("NGAY_TH_YL", "")
        if moment and moment in seen:
            yield Fault("XML3", number, "NGAY_TH_YL", moment, "khác thời điểm của dòng trước")
        seen.add(moment)


def _bare(code: str) -> str:
    """A service code without the marks of how it was done."""
    return code.strip().split("_")[0].split(".K.")[0]


BASES: Final = Remembered[str](_bare)
"""The bare code of a service as it is written on a line."""


def vr145(visit: Visit) -> Iterator[Fault]:
    """Paraclinical services and results answer each other."""
    results = {BASES[row["MA_DICH_VU"]] for row in visit.rows("XML4") if row.get("MA_DICH_VU")}
    services = {BASES[row["MA_DICH_VU"]] for row in visit.rows("XML3") if row.get("MA_DICH_VU")}
    for number, row in enumerate(visit.rows("XML3"), 1):
        code = row.get("MA_DICH_VU")
        if code and row.get("MA_NHOM") in PARACLINICAL and BASES[code] not in results:
            yield Fault("XML3", number, "MA_DICH_VU", code, "XML4")
    told: set[str] = set()
    for number, row in enumerate(visit.rows("XML4"), 1):
        code = row.get("MA_DICH_VU")
        if code and BASES[code] not in services and code not in told:
            told.add(code)
            yield Fault("XML4", number, "MA_DICH_VU", code, "XML3")


def vr146(visit: Visit) -> Iterator[Fault]:
    """A result is known when its service says it is."""
    moments: dict[str, set[str]] = {}
    for row in visit.rows("XML3"):
        if row.get("MA_DICH_VU") and row.get("NGAY_KQ"):
            moments.setdefault(BASES[row["MA_DICH_VU"]], set()).add(row["NGAY_KQ"])
    for number, row in enumerate(visit.rows("XML4"), 1):
        code, own = row.get("MA_DICH_VU"), row.get("NGAY_KQ")
        due = moments.get(BASES[code]) if code else None
        if own and due and own not in due:
            yield Fault("XML4", number, "NGAY_KQ", own, f"{min(due)} (XML3)")


def vr148(visit: Visit) -> Iterator[Fault]:
    """Imaging is described and concluded."""
    images = {BASES[row["MA_DICH_VU"]] for row in visit.rows("XML3") if row.get("MA_NHOM") == IMAGING and row.get("MA_DICH_VU")}
    if not images:
        return
    for number, row in enumerate(visit.rows("XML4"), 1):
        if BASES[row.get("MA_DICH_VU", "")] in images:
            for name in ("MO_TA", "KET_LUAN"):
                if name not in row:
                    yield Fault("XML4", number, name, "", name)
