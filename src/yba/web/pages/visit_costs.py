"""What a visit has cost so far, as its page explains it: lines, sums, and what has no price, before the visit is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yba import care
from yba.web.words import FIRST
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from yba.web.edge import Visit

_CHARGED: Final = frozenset({"diagnose", "prescribe", "result"})  # acts after which something is charged
_WORDS: Final = (_n("Khám bệnh"), _n("lần"))  # what no catalogue names


class Shown(NamedTuple):
    """The lines (words, quantity, amount; "" where nobody names a price), the sums, what has no price."""

    lines: tuple[tuple[str, str, str], ...]
    total: str
    insurer: str
    patient: str
    unpriced: tuple[str, ...]


def shown(visit: Visit, held: care.Visit, acts: Sequence[care.VisitAct]) -> Shown | None:
    """Return the costs of a visit; None where nothing is charged yet."""
    if not _CHARGED & {one.kind for one in acts}:
        return None
    told = care.costs(visit.conn, by=visit.by, visit=held)
    if not told.lines:
        return None
    lines = tuple((visit.say(one.words), _much(visit, one), dong(visit, one.total) if one.price is not None else "") for one in told.lines)
    total, insurer, patient = (dong(visit, amount) for amount in (told.total, told.insurer, told.patient))
    return Shown(lines, total, insurer, patient, told.unpriced)


def dong(visit: Visit, amount: Decimal) -> str:
    """Write an amount of money as its reader has it: 36.500 đ; 36,500 VND."""
    if visit.lang != FIRST:
        return f"{amount:,.2f}".removesuffix(".00") + "\u00a0VND"
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,")).removesuffix(",00") + "\u00a0đ"


def _much(visit: Visit, one: care.Cost) -> str:
    amount = f"{one.quantity.normalize():f}"
    return f"{amount.replace('.', ',') if visit.lang == FIRST else amount} {visit.say(one.unit.lower())}"
