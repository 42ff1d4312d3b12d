"""What the lines of a visit cost: what the price list of the facility says, and nothing where it says nothing; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yba.directory import Basis, PriceList
from yba.kit.text import fold
from yba.specs import care_desk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from yba.directory import Price


class Offer(NamedTuple):
    """What one line costs: dong a unit (None: nobody says), whether the insurance covers it, the document that says so, TT_THAU.

    ``code``, ``name``: what the list calls it.
    """

    amount: Decimal | None = None
    covered: bool = True
    document: str = ""
    tender: str = ""
    code: str = ""
    name: str = ""


UNKNOWN: Final = Offer()


class Prices:
    """The price list of a facility on the day a visit ends, asked for somebody who is insured or not."""

    def __init__(self, listed: Iterable[Price], *, insured: bool) -> None:
        """Take the prices in force; of several of one code that which fits who pays. Nobody is charged a price on request by itself."""
        order = (Basis.INSURANCE, Basis.OTHER) if insured else (Basis.OTHER, Basis.INSURANCE)
        fitting = [one for one in listed if one.basis in order]
        self._known: dict[tuple[PriceList, str], Price] = {}
        for one in sorted(fitting, key=lambda one: order.index(one.basis)):
            self._known.setdefault((one.list, one.code), one)
        self._insured = insured

    def drug(self, codes: Sequence[str], unit: str) -> Offer:
        """Return what a drug costs by its registration number, else its ingredient; a price of another unit (a blister for a tablet) is none."""
        found = next((one for code in codes if (one := self._known.get((PriceList.DRUG, code))) is not None), None)
        return self._offer(found) if found is not None and (not found.unit or fold(found.unit) == fold(unit)) else UNKNOWN

    def service(self, code: str) -> Offer:
        """Return what a service costs."""
        found = self._known.get((PriceList.SERVICE, code))
        return self._offer(found) if found is not None else UNKNOWN

    def consultation(self, department: str) -> Offer:
        """Return what a consultation costs: of the department's specialty, else the only one the list has."""
        rules = care_desk.claim_rules().specialty
        listed = [one for (list_, _), one in self._known.items() if list_ is PriceList.EXAM]
        fitting = [one for one in listed if one.code.startswith(f"{rules.get(department, rules['default'])}.")]
        found = next((group[0] for group in (fitting, listed) if len(group) == 1), None)
        return self._offer(found) if found is not None else UNKNOWN

    def _offer(self, price: Price) -> Offer:
        covered = self._insured and price.basis is Basis.INSURANCE
        return Offer(price.amount, covered, price.document, price.tender, price.code, price.name)
