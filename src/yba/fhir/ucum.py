"""UCUM units reckoned exactly: codes parsed to a factor and a dimension, values compared and converted."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

if TYPE_CHECKING:
    from decimal import Decimal

_LONGEST: Final = 200  # characters of a unit
_HIGHEST: Final = 60  # exponent: more is no unit but an attack on our memory
_DEEPEST: Final = 16  # brackets in brackets, and definitions of definitions
_UNIT: Final = re.compile(r"(10[*^]|(?:\[[^\]\[]*\]|[^\d./(){}\[\]+\-\s])+)([+-]?\d{1,4})?")
_ANNOTATION: Final = re.compile(r"\{[^{}]*\}")
_NUMBER: Final = re.compile(r"\d{1,30}")

Dimension = tuple[tuple[str, int], ...]


class Unit(NamedTuple):
    """What a unit is in base units: `factor` of them, after adding `offset` to the number (temperatures)."""

    factor: Fraction
    dimension: Dimension  # (base unit, exponent), sorted
    offset: Fraction = Fraction(0)


ONE: Final = Unit(Fraction(1), ())
_TEMPERATURES: Final = {
    "Cel": (Fraction(1), Fraction("273.15")),
    "degF": (Fraction(5, 9), Fraction("459.67")),
    "degRe": (Fraction(5, 4), Fraction("218.52")),
}


@lru_cache(maxsize=4096)
def parse(code: str) -> Unit | None:
    """Return a unit by its case-sensitive code; None where it is none."""
    if len(code) > _LONGEST or not code.isascii() or any(one.isspace() for one in code):
        return None
    reader = _Reader(code)
    try:
        return reader.whole()
    except (_NoUnitError, RecursionError):
        return None


def canonical(value: Decimal | int, code: str) -> tuple[Fraction, Dimension] | None:
    """Return a value in base units with its dimension; None where the code is no unit."""
    unit = parse(code)
    return None if unit is None else ((Fraction(value) + unit.offset) * unit.factor, unit.dimension)


def convert(value: Decimal | int, code: str, to: str) -> Fraction | None:
    """Return a value in another unit; None where a code is no unit or they measure different things."""
    source, target = canonical(value, code), parse(to)
    if source is None or target is None or source[1] != target.dimension:
        return None
    return source[0] / target.factor - target.offset


def comparable(one: str, other: str) -> bool:
    """Whether two units measure the same."""
    left, right = parse(one), parse(other)
    return left is not None and right is not None and left.dimension == right.dimension


def written(dimension: Dimension) -> str:
    """Return the code of a product of base units: `g.m-1`; `1` for none."""
    return ".".join(f"{base}{'' if exponent == 1 else exponent}" for base, exponent in dimension) or "1"


def power(unit: Unit, exponent: int) -> Unit:
    """Return a unit to a whole power."""
    if exponent == 1:
        return unit
    if abs(exponent) > _HIGHEST:
        raise _NoUnitError
    return Unit(unit.factor**exponent, tuple((base, one * exponent) for base, one in unit.dimension if one * exponent))


def product(left: Unit, right: Unit) -> Unit:
    """Return two units multiplied."""
    found = dict(left.dimension)
    for base, exponent in right.dimension:
        found[base] = found.get(base, 0) + exponent
    if any(abs(exponent) > _HIGHEST for exponent in found.values()):
        raise _NoUnitError
    return Unit(left.factor * right.factor, tuple(sorted((base, exponent) for base, exponent in found.items() if exponent)))


def combined(left: Unit, right: Unit, exponent: int) -> Unit | None:
    """Return left times right to a whole power; None where no unit goes that far."""
    try:
        return product(left, power(right, exponent))
    except _NoUnitError:
        return None


class _NoUnitError(Exception):
    """The text is no unit."""


class _Reader:
    """Reads one code from left to right."""

    def __init__(self, code: str) -> None:
        """Begin at the first character."""
        self._code = code
        self._at = 0

    def whole(self) -> Unit:
        """Read all of the text."""
        if not self._code:
            raise _NoUnitError
        found = self._term(0)
        if self._at != len(self._code):
            raise _NoUnitError
        return found

    def _term(self, depth: int) -> Unit:
        if depth > _DEEPEST:
            raise _NoUnitError
        sign = -1 if self._skip("/") else 1
        found = power(self._component(depth), sign)
        while self._at < len(self._code) and self._code[self._at] in "./":
            sign = -1 if self._code[self._at] == "/" else 1
            self._at += 1
            found = product(found, power(self._component(depth), sign))
        return found

    def _component(self, depth: int) -> Unit:
        if self._skip("("):
            found = self._term(depth + 1)
            if not self._skip(")"):
                raise _NoUnitError
            self._annotation()
            return found
        if self._annotation():
            return ONE
        if unit := _UNIT.match(self._code, self._at):
            found = power(_named(unit[1]), int(unit[2] or 1))
            if found.offset and unit[2]:
                raise _NoUnitError
        elif number := _NUMBER.match(self._code, self._at):
            unit = number
            found = Unit(Fraction(int(number[0])), ())
        else:
            raise _NoUnitError
        self._at = unit.end()
        if not found.factor:
            raise _NoUnitError
        self._annotation()
        return found

    def _annotation(self) -> bool:
        found = _ANNOTATION.match(self._code, self._at)
        if found:
            self._at = found.end()
        return found is not None

    def _skip(self, character: str) -> bool:
        if self._code.startswith(character, self._at):
            self._at += 1
            return True
        return False


@lru_cache(maxsize=4096)
def _named(name: str) -> Unit:
    """Return one unit, with its prefix if it has one."""
    units = _data()["units"]
    if name in units:
        return _defined(name)
    for length in (2, 1):
        prefix, rest = name[:length], name[length:]
        if prefix in _data()["prefixes"] and rest in units and units[rest][0]:
            unit = _defined(rest)
            factor = Fraction(_data()["prefixes"][prefix])
            return Unit(unit.factor * factor, unit.dimension, unit.offset / factor)
    raise _NoUnitError


@lru_cache(maxsize=512)
def _defined(name: str) -> Unit:
    definition = _data()["units"][name]
    if len(definition) == 1:
        return Unit(Fraction(1), ((name, 1),))
    _, value, code, *function = definition
    inner = parse(code)
    if inner is None:
        raise _NoUnitError
    if not function:
        return Unit(inner.factor * Fraction(value), inner.dimension)
    if function[0] in _TEMPERATURES:
        factor, offset = _TEMPERATURES[function[0]]
        return Unit(factor, inner.dimension, offset)
    return Unit(Fraction(1), ((name, 1),))  # a logarithm (pH, decibel): comparable with itself alone


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads(files("yba.fhir").joinpath("data/ucum.json").read_bytes())
    return loaded
