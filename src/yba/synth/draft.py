"""A claim while it is being written: rows by table as text, the running clock of the visit and the money."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from . import people
from .dates import DAY, day_number
from .numbers import FULL
from .places import STATION

if TYPE_CHECKING:
    from .dice import Dice
    from .people import Card
    from .places import Doctor
    from .plan import Visit
    from .tables import Medicine

HALF_FROM = day_number(date(2026, 7, 1))
"""From this day a self-chosen outpatient visit at a former provincial hospital is paid at half (QĐ 3276, code 1.14)."""


class Row(dict[str, str]):
    """One row of a table by the law's field names; a field that is not there reads as no value."""

    __slots__ = ()

    def __missing__(self, key: str) -> str:
        """Give the empty text."""
        return ""


class Draft:
    """What the writers of the tables share while one claim grows."""

    __slots__ = (
        "cards",
        "charset",
        "clock",
        "damage",
        "department",
        "dice",
        "doctor",
        "end",
        "extra",
        "facility",
        "half",
        "insured",
        "last",
        "lines",
        "link",
        "local",
        "new_icd",
        "official",
        "payment",
        "person",
        "rows",
        "scheme",
        "standard",
        "style",
        "sums",
        "table",
        "visit",
    )  # fmt: skip

    def __init__(self, visit: Visit, dice: Dice, link: str, local: str) -> None:
        self.visit, self.dice, self.link, self.local = visit, dice, link, local
        self.person, self.facility, self.standard = visit.person, visit.facility, visit.standard
        self.style = visit.facility.style
        self.new_icd = visit.new_icd
        self.rows: dict[str, list[Row]] = {}
        self.doctor: Doctor = dice.pick(self.facility.doctors)
        self.clock = visit.arrive + dice.between(4, 11)
        self.end = visit.leave
        self.last = visit.arrive
        last_day = (visit.leave or visit.arrive) // DAY
        self.cards: list[Card] = people.cards_between(self.person, visit.arrive // DAY, last_day)
        self.insured = bool(self.cards)
        self.half = False
        self.scheme = "9"
        self.department = "K01"
        self.payment = "2" if self.style.capitation and self.facility.level == STATION else "1"
        self.official = self.person.citizen
        self.lines: list[tuple[Row, Medicine, int, int, int]] = []
        self.extra = self.table = self.charset = self.damage = ""  # set by dirt
        self.sums = dict.fromkeys(("drug", "supply", "bv", "bh", "bntt", "bncct", "bhtt", "other", "gdv"), 0)

    def slot(self, gap: int) -> int:
        """Take the next free minute for something done to the patient; no two are done at the same moment."""
        at = self.clock
        self.clock = at + gap
        return at

    def share(self, minute: int) -> int:
        """Give the benefit level in 1/10 % on the day of an order."""
        if not self.insured:
            return 0
        day = minute // DAY
        if self.facility.level == STATION:
            return FULL
        for card in self.cards:
            if card.start <= day <= card.end:
                level = people.benefit(card)
                return level // 2 if self.half else level
        return people.benefit(self.cards[-1])

    def pay(self, bv: int, bh: int, level: int) -> tuple[int, int, int]:
        """Split a line, in 1/100 VND, into fund, co-payment and patient; adds it to the sums of XML1."""
        fund = (bh * level + 500) // 1000
        co, own = bh - fund, bv - bh
        sums = self.sums
        sums["bv"] += bv
        sums["bh"] += bh
        sums["bhtt"] += fund
        sums["bncct"] += co
        sums["bntt"] += own
        if self.payment == "1":
            sums["gdv"] += fund
        return fund, co, own

    def amount(self, cents: int) -> str:
        """Write an amount of 1/100 VND as this software does."""
        if self.style.decimals:
            return f"{cents // 100}.{cents % 100:02d}"
        if cents % 100 == 0:
            return str(cents // 100)
        return f"{cents // 100}.{cents % 100:02d}".rstrip("0")

    def number(self, thousandths: int) -> str:
        """Write a quantity or unit price of 1/1000."""
        if self.style.decimals == 2:  # noqa: PLR2004 - the style with three decimals
            return f"{thousandths // 1000}.{thousandths % 1000:03d}"
        if thousandths % 1000 == 0:
            return str(thousandths // 1000)
        return f"{thousandths // 1000}.{thousandths % 1000:03d}".rstrip("0")

    def add(self, table: str, row: Row) -> None:
        """Append a row."""
        self.rows.setdefault(table, []).append(row)


def product(thousandths: int, price: int) -> int:
    """Multiply a quantity and a price of 1/1000 each into 1/100, half up."""
    return (thousandths * price + 5000) // 10000


def percent(level: int) -> str:
    """Write 1/10 % ("95", "47.5")."""
    return str(level // 10) if level % 10 == 0 else f"{level // 10}.{level % 10}"


def write_sums(draft: Draft, row: Row) -> None:
    """Write the sums of all lines into XML1."""
    sums, money = draft.sums, draft.amount
    row["T_THUOC"], row["T_VTYT"] = money(sums["drug"]), money(sums["supply"])
    row["T_TONGCHI_BV"], row["T_TONGCHI_BH"] = money(sums["bv"]), money(sums["bh"])
    row["T_BNTT"], row["T_BNCCT"], row["T_BHTT"] = money(sums["bntt"]), money(sums["bncct"]), money(sums["bhtt"])
    row["T_NGUONKHAC"], row["T_BHTT_GDV"] = money(sums["other"]), money(sums["gdv"])
