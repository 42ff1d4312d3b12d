"""Reference ranges and units of results by what terminology knows of a laboratory item: adults, by sex, reckoned into the unit given; pure."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import terminology
from yba.specs import systems

from .ages import full_years

if TYPE_CHECKING:
    from datetime import date

    from yba.terminology import labs

    from .shapes import Doc

ADULT: Final = 18  # years: the ranges of the list are adults'
MEANING: Final = systems.system("interpretation")
_BETWEEN: Final = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)-\+?(-?[0-9]+(?:\.[0-9]+)?)")
_ONE_SIDE: Final = re.compile(r"(<|<=|>|>=)([0-9]+(?:\.[0-9]+)?)")
_WORDS: Final = {"H": "Cao", "L": "Thấp", "N": "Bình thường"}
_DIGITS: Final = 6


class Range(NamedTuple):
    """What is usual, in one unit: None = no limit on that side; ``strict``: the limit itself is not in it ("< 5.1")."""

    low: Decimal | None
    high: Decimal | None
    strict: bool = False

    def says(self, value: Decimal) -> str:
        """Return H, L or N."""
        if self.high is not None and (value > self.high or (self.strict and value == self.high)):
            return "H"
        return "L" if self.low is not None and (value < self.low or (self.strict and value == self.low)) else "N"


def units_of(name: str, service: str = "") -> list[str]:
    """Return the units in which a laboratory item is told, the usual one first, as they are written in Vietnam; [] for one nobody knows."""
    known = terminology.labs.find(name, "", service)
    concept = terminology.lookup(terminology.lists.LAB, known.key) if known else None
    if concept is None:
        return []
    others = [one.relation.partition(">")[2] for one in terminology.translate(terminology.lists.LOINC_UNITS, concept.code)]
    return list(dict.fromkeys(one for one in (concept.properties.get("unit", ""), *others) if one))


@cache
def lab_units() -> tuple[str, ...]:
    """Return every unit in which some laboratory item is told, as it is written in Vietnam, those of most items first."""
    edition = terminology.edition_on(terminology.lists.LAB, None)
    counted = Counter(one.properties.get("unit", "") for one in edition.all()) if edition else Counter()
    return tuple(unit for unit, _ in counted.most_common() if unit not in {"", "-"})


def usual(item: labs.LabItem | None, unit: str, *, sex: str, birth: str, on: date) -> Range | None:
    """Return what terminology holds for usual of an item in a UCUM unit; None where it knows none, for children, and for who has no birth.

    QĐ 320/QĐ-BYT 2014 by way of a public table (shared/data/SOURCES.md): of adults; a laboratory's own range comes before it.
    """
    age = full_years(birth, on)
    concept = terminology.lookup(terminology.lists.LAB, item.key) if item and unit and age is not None and age >= ADULT else None
    if concept is None:
        return None
    text = concept.properties.get("normal", "")
    female = concept.properties.get("normal_female", "")
    if female and sex != "male":  # of an unknown sex the two ranges would disagree: none is said
        text = female if sex == "female" else ""
    found = read(text)
    factor = _factor(concept.properties.get("ucum", ""), unit)
    return None if found is None or factor is None else Range(_times(found.low, factor), _times(found.high, factor), found.strict)


def read(text: str) -> Range | None:
    """Read a range as the list writes it: "4.0-10.0", "<5.1", ">=90", "-2-+2"."""
    plain = text.replace(" ", "")
    between = _BETWEEN.fullmatch(plain)
    if between:
        return Range(Decimal(between[1]), Decimal(between[2]))
    side = _ONE_SIDE.fullmatch(plain)
    if side is None:
        return None
    limit = Decimal(side[2])
    return Range(None, limit, side[1] == "<") if side[1][0] == "<" else Range(limit, None, side[1] == ">")


def _factor(one: str, other: str) -> Decimal | None:
    if one == other:
        return Decimal(1)
    found = terminology.units.factor(one, other)
    return None if found is None else Decimal(str(found))


def _times(limit: Decimal | None, factor: Decimal) -> Decimal | None:
    if limit is None or factor == 1:
        return limit
    return Decimal(f"{limit * factor:.{_DIGITS}g}")


def told(found: Range, value: Decimal, amount: Doc) -> dict[str, Any]:
    """Return referenceRange and interpretation of a value, in the unit of its Quantity."""
    unit = {name: amount[name] for name in ("unit", "system", "code") if name in amount}
    sides = {side: {"value": limit, **unit} for side, limit in (("low", found.low), ("high", found.high)) if limit is not None}
    written: Doc = dict(sides)
    if found.strict:  # a Quantity of a range has no comparator
        written["text"] = f"< {found.high}" if found.high is not None else f"> {found.low}"
    code = found.says(value)
    return {
        "referenceRange": [written], "interpretation": [{"coding": [{"system": MEANING, "code": code}], "text": _WORDS[code]}],
    }  # fmt: skip
