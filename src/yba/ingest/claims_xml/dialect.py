"""Tell by which decision a claim is written, from its content (envelope.md section 4), never from the date it arrived."""

from datetime import date
from functools import cache
from typing import Final

from yba.ingest.model import Row
from yba.specs.claims import editions

_OLD_SIGNS: Final = ("MA_THE", "MA_LYDO_VVIEN", "T_TONGCHI", "MA_BENHKHAC")
_NEW_SIGNS: Final = ("MA_THE_BHYT", "MA_DOITUONG_KCB", "T_TONGCHI_BH", "CHAN_DOAN_RV", "MA_HSBA")
_SIGNS_4750: Final = ("NHOM_MAU",)
_SIGNS_AFTER_130: Final = ("NHOM_MAU", "DU_PHONG")
_SIGNS_3176_XML13: Final = ("MA_CSKCB_DI", "TINH_TRANG_CT", "MA_CSKCB_DEN")
_SIGNS_4750_XML13: Final = ("MA_NOI_DI", "TEN_DICH_VU", "MA_NOI_DEN")
_LEVEL_2_OCCUPATION: Final = 2


def recognise(tables: dict[str, list[Row]], present: frozenset[str] | set[str]) -> str:
    """Return 917, 4210, 130, 4750, 3176 or 1931.

    ``tables`` are raw rows; ``present`` are element names seen in XML1 even when empty.
    """
    summary = (tables.get("XML1") or [{}])[0]
    if _is_old(present):
        return "917" if "MUC_HUONG" in present and "T_BNCCT" not in present else "4210"
    floor = _by_signs(summary, tables, present)
    return max(floor, _by_date(summary, present), key=_ORDER.index)


def _is_old(present: frozenset[str] | set[str]) -> bool:
    old = sum(name in present for name in _OLD_SIGNS)
    new = sum(name in present for name in _NEW_SIGNS)
    return old > new


_ORDER: Final = ("130", "4750", "3176", "1931")


def _by_signs(summary: Row, tables: dict[str, list[Row]], present: frozenset[str] | set[str]) -> str:
    referral = {name for row in tables.get("XML13", ()) for name in row}
    if referral.intersection(_SIGNS_3176_XML13) or len(summary.get("MA_NGHE_NGHIEP", "")) == _LEVEL_2_OCCUPATION:
        return "3176"
    if referral.intersection(_SIGNS_4750_XML13) or present.intersection(_SIGNS_4750):
        return "4750"
    return "4750" if any("NGAY_TH_YL" in row for row in tables.get("XML2", ())) else "130"


def _by_date(summary: Row, present: frozenset[str] | set[str]) -> str:
    """The newest decision of the family in force when the visit ended: 4750 and 3176 share every tag of XML1."""
    day = summary.get("NGAY_RA", "")[:8]
    if len(day) < len("yyyyMMdd") or not day.isdecimal() or not present.intersection(_SIGNS_AFTER_130):
        return "130"
    try:
        ended = date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    except ValueError:
        return "130"
    found = "130"
    for start, decision in _starts():
        if start <= ended:
            found = decision
    return found


@cache
def _starts() -> tuple[tuple[date, str], ...]:
    return tuple((one.valid_from, one.decision) for one in editions() if one.family == "130")
