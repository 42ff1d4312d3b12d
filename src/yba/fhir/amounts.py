"""Dates, numbers, quantities and places as searches compare them: R4's prefixes in Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import ucum
from .search_rules import rules

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from .query.criteria import DateValue, NearValue, NumberValue, QuantityValue
    from .said import Moment, Number, Position, Quantity

UCUM: Final = "http://unitsofmeasure.org"
EARTH: Final = 6371.0088  # mean radius, kilometres
Test = Callable[[Any], bool]


# --- dates -------------------------------------------------------------------------------------------------------------------


def date(value: DateValue, now: datetime | None) -> Test:
    """Return the test of a date under its prefix; `now` is what ap measures its tolerance from."""
    low, high = value.low, value.high
    if value.prefix == "ap":
        middle = high - (high - low) / 2  # from above: the latest low is said in Vietnam, where nothing comes after it
        gap = abs((now or middle) - middle) * float(rules().approximately)
        return _overlaps(low, high, gap)
    return _DATES[value.prefix](low, high)


def _overlaps(low: datetime, high: datetime, gap: timedelta) -> Test:
    # the gap is put on the said side: an asked moment may lie at the end of time
    return lambda said: (said.high is None or low - said.high < gap) and (said.low is None or said.low - high < gap)


def _within(said: Moment, low: datetime, high: datetime) -> bool:
    return said.low is not None and said.high is not None and said.low >= low and said.high <= high


def _above(said: Moment, high: datetime) -> bool:
    return said.high is None or said.high > high


def _below(said: Moment, low: datetime) -> bool:
    return said.low is None or said.low < low


_DATES: Final[dict[str, Callable[[Any, Any], Test]]] = {
    "eq": lambda low, high: lambda said: _within(said, low, high),
    "ne": lambda low, high: lambda said: not _within(said, low, high),
    "gt": lambda _, high: lambda said: _above(said, high),
    "lt": lambda low, _: lambda said: _below(said, low),
    "ge": lambda low, high: lambda said: _above(said, high) or _within(said, low, high),
    "le": lambda low, high: lambda said: _below(said, low) or _within(said, low, high),
    "sa": lambda _, high: lambda said: said.low is not None and said.low >= high,
    "eb": lambda low, _: lambda said: said.high is not None and said.high <= low,
    "po": lambda low, high: _overlaps(low, high, timedelta(0)),
}


# --- numbers and quantities --------------------------------------------------------------------------------------------------


def number(value: NumberValue | QuantityValue) -> Test:
    """Return the test of a number under its prefix."""
    return _NUMBERS[value.prefix](value.low, value.high)


def _about(said: Number, low: Decimal, high: Decimal) -> bool:
    return said.low is not None and said.high is not None and said.low >= low and said.high < high


def _touches(said: Number, low: Decimal, high: Decimal) -> bool:
    return (said.high is None or said.high >= low) and (said.low is None or said.low <= high)


_NUMBERS: Final[dict[str, Callable[[Any, Any], Test]]] = {
    "eq": lambda low, high: lambda said: _about(said, low, high),
    "ne": lambda low, high: lambda said: not _about(said, low, high),
    "gt": lambda number, _: lambda said: said.high is None or said.high > number,
    "lt": lambda number, _: lambda said: said.low is None or said.low < number,
    "ge": lambda number, _: lambda said: said.high is None or said.high >= number,
    "le": lambda number, _: lambda said: said.low is None or said.low <= number,
    "sa": lambda number, _: lambda said: said.low is not None and said.low > number,
    "eb": lambda number, _: lambda said: said.high is not None and said.high < number,
    "ap": lambda low, high: lambda said: _touches(said, low, high),
}


def quantity(value: QuantityValue) -> Test:
    """Return the test of a quantity: its number, and its unit where one is asked."""
    same, system, unit = number(value), value.system, value.unit
    if system is None and unit is None:
        return same
    if system is None:
        return lambda said: unit in (said.code, said.unit) and same(said)
    if unit is None:
        return lambda said: said.system == system and same(said)
    if system == UCUM:
        return _measured(value, unit, same)
    return lambda said: said.code == unit and said.system == system and same(said)


def _measured(value: QuantityValue, unit: str, same: Test) -> Test:
    """A quantity in units that measure the same is reckoned in the asked one: 5.4 mg is 0.0054 g."""
    reckoned = _NUMBERS[value.prefix](Fraction(value.low), Fraction(value.high))

    def test(said: Quantity) -> bool:
        if said.system != UCUM or said.code == unit:
            return said.system == UCUM and same(said)
        if not ucum.comparable(said.code, unit):
            return False
        low, high = (None if side is None else ucum.convert(side, said.code, unit) for side in (said.low, said.high))
        return reckoned(_Measured(low, high))

    return test


class _Measured(NamedTuple):
    low: Fraction | None
    high: Fraction | None


def near(value: NearValue) -> Test:
    """Return the test of a place within a circle."""
    latitude, longitude, distance = float(value.latitude), float(value.longitude), float(value.distance)
    return lambda said: kilometres(said, latitude, longitude) <= distance


def kilometres(place: Position, latitude: float, longitude: float) -> float:
    """Return the distance along the earth's surface (haversine)."""
    north, east = radians(latitude - place.latitude), radians(longitude - place.longitude)
    half = sin(north / 2) ** 2 + cos(radians(latitude)) * cos(radians(place.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH * asin(sqrt(min(1.0, half)))
