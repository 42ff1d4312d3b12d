"""What stands in few claims: exemptions, transfers of drugs, bundles and re-used supplies, body sites, fuel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dates import DAY, ymd
from .plan import BEDDED

if TYPE_CHECKING:
    from .dice import Dice
    from .draft import Draft, Row

FULLY_PAID = "100"
THEATRE = frozenset(("Ống",))
"""Units of what is injected; in an operation such drugs name the service they were used for."""


def rarities(draft: Draft, dice: Dice) -> None:
    """Fill columns that are seldom filled, without touching an amount."""
    lines = draft.rows.get("XML3", [])
    top = draft.rows["XML1"][0]
    if draft.insured and dice.chance(0.02) and all(row["MUC_HUONG"] == FULLY_PAID for row in lines):
        top["NGAY_MIEN_CCT"] = ymd(draft.visit.arrive // DAY - dice.between(3, 200))
    for row in draft.rows.get("XML2", ()):
        _medicine(draft, row, dice)
    for row in lines:
        if row["MA_VAT_TU"]:
            _supply(draft, row, dice)
        elif draft.department == "K16" and row["MA_NHOM"] == "18" and draft.visit.condition.tradition:
            row["MA_BENH_YHCT"] = draft.visit.condition.tradition
        elif row["MA_NHOM"] == "8":
            row["VI_TRI_TH_DVKT"] = str(dice.between(1, 120))
    veteran = any(card.number.startswith(("CK", "BT")) for card in draft.cards)
    if veteran and lines and dice.chance(0.1):
        lines[0]["VET_THUONG_TP"] = "1"


def _medicine(draft: Draft, row: Row, dice: Dice) -> None:
    if draft.visit.operation and row["DON_VI_TINH"] in THEATRE:
        row["MA_DICH_VU"] = draft.visit.operation.code
    if dice.chance(0.004):
        row["MA_CSKCB_THUOC"] = f"C.{draft.facility.code[:2]}001"
    if draft.department == "K16" and dice.chance(0.05):
        row["MA_PP_CHEBIEN"] = dice.pick(("1", "2", "3"))


def _supply(draft: Draft, row: Row, dice: Dice) -> None:
    row["T_TRANTT"] = row["THANH_TIEN_BH"] if dice.chance(0.1) else ""
    if draft.visit.operation:
        row["GOI_VTYT"] = "G1"
        row["MA_HIEU_SP"] = f"LOT{dice.digits(6)}" if dice.chance(0.5) else ""
    if draft.visit.kind in BEDDED and dice.chance(0.02):
        row["TAI_SU_DUNG"] = "1"
