"""What the lines of a visit's claim come to, shared between insurer and patient, and their sums; pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.specs import care_desk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .pricing import Offer

Row = dict[str, str]
UNINSURED: Final = "9"
_PRIMARY: Final = ("tram y te", "phong kham")  # facilities of first contact: QĐ 3276/2025, code 1.2
_BENEFIT_AT: Final = 2  # the third character of a card
_OTHERS: Final = (
    "T_NGUONKHAC_NSNN", "T_NGUONKHAC_VTNN", "T_NGUONKHAC_VTTN", "T_NGUONKHAC_CL", "T_NGUONKHAC",
)  # fmt: skip
_CENT: Final = Decimal("0.01")


class Payment(NamedTuple):
    """Who pays: MA_DOITUONG_KCB ("" not known), the percent the insurer takes."""

    object: str
    share: int

    @property
    def insured(self) -> bool:
        """Whether the insurer is asked at all."""
        return self.object != UNINSURED


def payment(card: str, *, kind: str, refill: bool, groups: Iterable[str], papers: Iterable[str]) -> Payment:
    """Say who pays for a visit: by the card, what was noted on arrival, and what kind of facility it is ("" unknown)."""
    rules = care_desk.claim_rules()
    if not card:
        return Payment(rules.object["uninsured"], 0)
    shown, primary = set(papers), kind.startswith(_PRIMARY)
    reasons = (
        ("refill", refill), ("emergency", "emergency" in {one.partition(":")[0] for one in groups}), ("referral", "referral" in shown),
        ("appointment", "appointment" in shown), ("primary", primary),
    )  # fmt: skip
    found = next((rules.object[name] for name, holds in reasons if holds), "")
    share = rules.primary if primary else rules.benefit.get(card[_BENEFIT_AT : _BENEFIT_AT + 1], 0)
    return Payment(found, share)


def shared(quantity: Decimal, offer: Offer, pays: Payment) -> Row:
    """Return the amounts of one line: what it costs, what is within the insurance, who pays which part; nothing where no price is known."""
    covered = pays.insured and offer.covered
    share = pays.share if covered else 0
    total = _rounded(quantity * (offer.amount or 0))
    within = total if covered else Decimal(0)
    insurer = _rounded(within * share / 100)
    return {
        "THANH_TIEN_BV": said(total), "THANH_TIEN_BH": said(within), "MUC_HUONG": str(share), "T_BHTT": said(insurer),
        "T_BNCCT": said(within - insurer), "T_BNTT": said(total - within), "TYLE_TT_BH": "100" if covered else "0",
        "PHAM_VI": "1" if covered else "2", **dict.fromkeys(_OTHERS, "0"),
    }  # fmt: skip


def totals(drugs: Iterable[Row], services: Iterable[Row]) -> Row:
    """Return the sums of XML1."""
    listed, others = list(drugs), list(services)
    every = [*listed, *others]
    paid = _sum(every, "T_BHTT")
    return {
        "T_THUOC": _sum(listed, "THANH_TIEN_BV"), "T_VTYT": "0", "T_TONGCHI_BV": _sum(every, "THANH_TIEN_BV"),
        "T_TONGCHI_BH": _sum(every, "THANH_TIEN_BH"), "T_BNTT": _sum(every, "T_BNTT"), "T_BNCCT": _sum(every, "T_BNCCT"), "T_BHTT": paid,
        "T_NGUONKHAC": "0", "T_BHTT_GDV": paid,
    }  # fmt: skip


def _sum(rows: Iterable[Row], field: str) -> str:
    return said(sum((Decimal(row[field]) for row in rows), Decimal(0)))


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def said(amount: Decimal) -> str:
    """Write an amount without zeros after the point."""
    return f"{amount:f}".rstrip("0").rstrip(".") if "." in f"{amount:f}" else f"{amount:f}"
