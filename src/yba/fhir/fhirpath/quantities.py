"""Quantities: in one unit, equal, equivalent, converted; UCUM's units and those of the calendar."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from yba.fhir import ucum

from .temporal import MONTHS
from .values import FHIR_CALENDAR, Item, Quantity

UCUM_OF: Final = {word: code for code, word in FHIR_CALENDAR.items()}  # a word of the calendar -> the unit of UCUM of its name
_ENDLESS: Final = 28  # places of a number that no decimal ends
# A length of time in days; years and months by FHIRPath's own factors (toQuantity): no year of the calendar has 365.25 days
_DAYS: Final = {
    "year": Fraction(365), "month": Fraction(30), "week": Fraction(7), "day": Fraction(1), "hour": Fraction(1, 24), "minute": Fraction(1, 1440),
    "second": Fraction(1, 86_400), "millisecond": Fraction(1, 86_400_000),
}  # fmt: skip


def as_quantity(item: Item) -> Quantity | None:
    """Return a number as a Quantity without unit, a Quantity as it is, None for anything else."""
    if isinstance(item, Quantity):
        return item
    if isinstance(item, (int, Decimal)) and not isinstance(item, bool):
        return Quantity(Decimal(item), "1")
    return None


def code_of(value: Quantity) -> str:
    """Return the UCUM code of a quantity's unit: a year is `a`, as far as the calendar goes; empty for a unit of another system."""
    if value.foreign:
        return ""
    return UCUM_OF[value.word] if value.calendar else value.unit


def same_units(left: Quantity, right: Quantity, *, loose: bool = False) -> tuple[Fraction, Fraction] | None:
    """Return both values in one unit; None where they measure different things. `loose`: a year is 365.25 days, as UCUM has it."""
    one, other = left.word, right.word
    if one in MONTHS and other in MONTHS:
        return Fraction(left.value) * MONTHS[one], Fraction(right.value) * MONTHS[other]
    if left.unit == right.unit and left.calendar == right.calendar:
        return Fraction(left.value), Fraction(right.value)
    if not loose and ((one in MONTHS and left.calendar) or (other in MONTHS and right.calendar)):
        return None
    a, b = (ucum.canonical(value.value, code_of(value)) for value in (left, right))
    if a is None or b is None or a[1] != b[1]:
        return None
    return a[0], b[0]


def equal(left: Quantity, right: Quantity) -> bool | None:
    """Whether two quantities are equal; None where they cannot be compared: other dimensions, a year of the calendar and one of UCUM."""
    pair = same_units(left, right)
    return None if pair is None else pair[0] == pair[1]


def equivalent(left: Quantity, right: Quantity) -> bool:
    """Whether two quantities are the same in the less granular of their units, to the precision of the less precise."""
    pair = same_units(left, right, loose=True)
    if pair is None or pair[0] == pair[1]:
        return pair is not None
    coarse, fine = (left, right) if _size(left) >= _size(right) else (right, left)
    moved = _in_unit_of(fine, coarse)
    return moved is not None and alike(Fraction(coarse.value), places(coarse.value), moved, _ending(moved))


def key(value: Quantity) -> tuple[object, ...]:
    """Return what equal quantities share, and no others; of numbers without a unit the key of the number."""
    if value.word in MONTHS:
        return ("months", Fraction(value.value) * MONTHS[value.word])
    found = ucum.canonical(value.value, code_of(value))
    if found is None:
        return ("unit", value.unit, value.value)
    return ("n", found[0]) if not found[1] else ("q", *found)


def alike(one: Fraction, one_places: int, other: Fraction, other_places: int) -> bool:
    """Whether two numbers are the same when both are rounded to the places of the less precise."""
    scale = 10 ** min(one_places, other_places)
    return _rounded(one * scale) == _rounded(other * scale)


def places(value: Decimal) -> int:
    """Return how many digits stand after the point, zeroes at the end left out."""
    _, digits, exponent = value.as_tuple()
    after = max(0, -int(exponent))
    for digit in reversed(digits):
        if not after or digit:
            break
        after -= 1
    return after if any(digits) else 0


def converted(value: Quantity, unit: str, *, calendar: bool) -> Quantity | None:
    """Return a quantity in another unit; None where that cannot be. A number without a unit gets it."""
    if value.unit == "1" and not value.calendar:
        return Quantity(value.value, unit, calendar)
    target = Quantity(Decimal(1), unit, calendar)
    word = target.word if calendar else FHIR_CALENDAR.get(unit, "")
    if value.calendar and word:
        return Quantity(_decimal(Fraction(value.value) * _ratio(value.word, word)), unit, calendar)
    found = Fraction(value.value) if (value.unit, value.calendar) == (unit, calendar) else ucum.convert(value.value, code_of(value), code_of(target))
    return None if found is None else Quantity(_decimal(found), unit, calendar)


def _ratio(word: str, to: str) -> Fraction:
    """Return how many units of the calendar another one is, by the shortest way: a year is 12 months and 365 days."""
    if word in MONTHS and to in MONTHS:
        return Fraction(MONTHS[word], MONTHS[to])
    return _DAYS[word] / _DAYS[to]


def _size(value: Quantity) -> Fraction:
    """Return how much one unit is, among units that measure the same."""
    unit = ucum.parse(code_of(value))
    return unit.factor if unit else Fraction(0)


def _in_unit_of(value: Quantity, target: Quantity) -> Fraction | None:
    if value.word in MONTHS and target.word in MONTHS:
        return Fraction(value.value) * MONTHS[value.word] / MONTHS[target.word]
    return Fraction(value.value) if value.unit == target.unit else ucum.convert(value.value, code_of(value), code_of(target))


def _ending(value: Fraction) -> int:
    """Return how many places a number has after its point."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else _ENDLESS


def _rounded(value: Fraction) -> int:
    """Round half away from zero."""
    whole = (2 * abs(value) + 1) // 2
    return whole if value >= 0 else -whole


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
