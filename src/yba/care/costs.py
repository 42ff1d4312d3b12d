"""What a visit has cost so far, as it is explained to the patient: lines, sums, what has no price; pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .claim_lines import Charged, Line


class Cost(NamedTuple):
    """One line: ``price`` dong a unit (None: no price list says), ``total`` dong."""

    words: str
    quantity: Decimal
    unit: str
    price: Decimal | None
    total: Decimal


class Costs(NamedTuple):
    """Lines and sums, in dong: what everything costs, what the insurance pays, what is left to the patient."""

    lines: tuple[Cost, ...]
    total: Decimal
    insurer: Decimal
    patient: Decimal

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What nobody names a price of."""
        return tuple(one.words for one in self.lines if one.price is None)


def summed(charged: Charged) -> Costs:
    """Return the lines of a visit with their sums."""
    lines = (*charged.services, *charged.drugs)
    total, insurer = _sum(lines, "THANH_TIEN_BV"), _sum(lines, "T_BHTT")
    return Costs(tuple(map(_cost, lines)), total, insurer, total - insurer)


def _cost(line: Line) -> Cost:
    return Cost(line.words, line.quantity, line.unit, line.offer.amount, Decimal(line.row.get("THANH_TIEN_BV", "0")))


def _sum(lines: Iterable[Line], field: str) -> Decimal:
    return sum((Decimal(one.row.get(field, "0")) for one in lines), Decimal(0))
