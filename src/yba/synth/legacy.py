"""Claims of QĐ 917 and QĐ 4210: the rows of a later claim under the older names, with the fewer fields of then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .plan import COURSE, INPATIENT, SHORT

if TYPE_CHECKING:
    from .draft import Draft, Row

TABLES = {"917": ("XML1", "XML2", "XML3"), "4210": ("XML1", "XML2", "XML3", "XML4", "XML5")}
ROUTES = {"2": "2", "1.1": "1", "1.2": "1", "1.3": "1", "1.5": "1", "1.7": "1", "3.2": "3", "3.3": "4", "9": "1"}
"""MA_DOITUONG_KCB -> MA_LYDO_VVIEN"""


def convert(draft: Draft) -> None:
    """Rewrite the rows of a draft in place for its old standard."""
    draft.rows = {name: rows for name, rows in draft.rows.items() if name in TABLES[draft.standard]}
    top = draft.rows["XML1"][0]
    _top(draft, top)
    for row in draft.rows.get("XML2", ()):
        _line(draft, row)
        row["MA_BENH"] = draft.visit.icd
    for row in draft.rows.get("XML3", ()):
        _line(draft, row)
        row["DON_GIA"] = row["DON_GIA_BV"]
    for row in draft.rows.get("XML4", ()):
        row["MA_MAY"] = ""
    for row in draft.rows.get("XML5", ()):
        row["DIEN_BIEN"], row["NGAY_YL"] = row["DIEN_BIEN_LS"], row["THOI_DIEM_DBLS"]


def _line(draft: Draft, row: Row) -> None:
    row["TYLE_TT"] = "100" if draft.insured else "0"
    row["THANH_TIEN"] = row["THANH_TIEN_BV"]
    row["T_NGOAIDS"] = "0"
    if draft.standard == "917":
        row["MA_PTTT"] = "0"


def _top(draft: Draft, top: Row) -> None:
    kind = draft.visit.kind
    top |= {
        "NGAY_SINH": top["NGAY_SINH"][:8],
        "MA_THE": top["MA_THE_BHYT"],
        "TEN_BENH": top["CHAN_DOAN_RV"],
        "MA_BENH": top["MA_BENH_CHINH"],
        "MA_BENHKHAC": top["MA_BENH_KT"],
        "MA_LYDO_VVIEN": ROUTES.get(draft.scheme, "1"),
        "MA_NOI_CHUYEN": top["MA_NOI_DI"],
        "TINH_TRANG_RV": top["MA_LOAI_RV"] if top["MA_LOAI_RV"] in "1234" else "2",
        "KET_QUA_DTRI": top["KET_QUA_DTRI"] if top["KET_QUA_DTRI"] in "12345" else "2",
        "T_TONGCHI": top["T_TONGCHI_BV"],
        "T_NGOAIDS": "0",
        "MA_LOAI_KCB": "3" if kind in {INPATIENT, "04", "06"} else "9" if kind == SHORT else "2" if kind in {COURSE, "05", "08"} else "1",
        "MIEN_CUNG_CT": "",
        "MUC_HUONG": _level(draft),
    }


def _level(draft: Draft) -> str:
    for row in draft.rows.get("XML3", ()):
        return row["MUC_HUONG"]
    return "0"
