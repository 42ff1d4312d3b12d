"""Units of measure: the UCUM grammar (validity, dimension, factor) and the way Vietnamese laboratories write units."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from yba.kit.text import fold, nfc

from . import unit_spellings as words
from .catalogue import open_edition

if TYPE_CHECKING:
    from .model import Concept

LONGEST: Final = 100
DEEPEST: Final = 12
_TOKEN: Final = re.compile(r"(?:\[[^\[\]]*\]|[^\[\]./(){}\s])+|[./()]|\{[\x21-\x7a\x7c\x7e]*\}")
_EXPONENT: Final = re.compile(r"(.*?[^0-9+-])([+-]?[0-9]{1,3})")
_FIRST_CLASS: Final = {"mol"}  # counted as a dimension of its own: UCUM itself makes mol/L and 10*9/L the same


@dataclass(frozen=True, slots=True)
class Unit:
    """What a unit expression measures: exponents by base unit, factor to the base units, special (°C, pH) or not."""

    dimension: frozenset[tuple[str, int]]
    factor: float
    special: bool


_ONE: Final = Unit(frozenset(), 1.0, special=False)


class _NotUcum(ValueError):
    """The text does not follow the grammar."""


@cache
def _atoms() -> tuple[dict[str, Concept], dict[str, Concept]]:
    """Units and prefixes of ucum-essence by their case-sensitive code."""
    edition = open_edition("ucum_atom", "2.2")
    units, prefixes = {}, {}
    for concept in edition.all():
        if concept.properties["kind"] == "prefix":
            prefixes[concept.code.removesuffix("-")] = concept
        else:
            units[concept.code] = concept
    return units, prefixes


@lru_cache(maxsize=4096)
def analyse(text: str) -> Unit | None:
    """Dimension and factor of a UCUM expression; None when it is not valid UCUM."""
    if not text or len(text) > LONGEST:
        return None
    try:
        return _Parser(text).whole()
    except (_NotUcum, OverflowError, ZeroDivisionError):
        return None


def valid(text: str) -> bool:
    """Whether the text is a valid UCUM expression (case sensitive)."""
    return analyse(text) is not None


def commensurable(one: str, other: str) -> bool:
    """Whether both are valid and measure the same kind of thing, so that a factor leads from one to the other."""
    a, b = analyse(one), analyse(other)
    return a is not None and b is not None and a.dimension == b.dimension


def factor(one: str, other: str) -> float | None:
    """What to multiply a value in ``one`` with to have it in ``other``; None when there is no plain factor."""
    a, b = analyse(one), analyse(other)
    if a is None or b is None or a.dimension != b.dimension or a.special or b.special:
        return None
    return a.factor / b.factor


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        if "".join(self._tokens) != text:
            raise _NotUcum(text)
        self._at = 0

    def whole(self) -> Unit:
        unit = self._term(0)
        if self._at != len(self._tokens):
            raise _NotUcum
        return unit

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _term(self, depth: int) -> Unit:
        if depth > DEEPEST:
            raise _NotUcum
        unit = _ONE
        if self._peek() != "/":
            unit = self._component(depth)
        while self._peek() in {".", "/"}:
            sign = 1 if self._peek() == "." else -1
            self._at += 1
            unit = _product(unit, self._component(depth), sign)
        return unit

    def _component(self, depth: int) -> Unit:
        part = self._peek()
        self._at += 1
        if part == "(":
            unit = self._term(depth + 1)
            if self._peek() != ")":
                raise _NotUcum
            self._at += 2 if self._tokens[self._at + 1 : self._at + 2] and self._tokens[self._at + 1][0] == "{" else 1
            return unit
        if part.startswith("{"):
            return _ONE
        if not part or part in ")./":
            raise _NotUcum
        unit = _simple(part)
        if self._peek().startswith("{"):
            self._at += 1
        return unit


def _product(a: Unit, b: Unit, sign: int) -> Unit:
    powers = dict(a.dimension)
    for base, power in b.dimension:
        powers[base] = powers.get(base, 0) + sign * power
    dimension = frozenset((base, power) for base, power in powers.items() if power)
    return Unit(dimension, a.factor * b.factor**sign, a.special or b.special)


def _power(unit: Unit, exponent: int) -> Unit:
    dimension = frozenset((base, power * exponent) for base, power in unit.dimension if exponent)
    return Unit(dimension, unit.factor**exponent, unit.special)


def _simple(token: str) -> Unit:
    """A number, or a unit with prefix and exponent."""
    if token.isascii() and token.isdigit():
        return Unit(frozenset(), float(token), special=False)
    unit = _prefixed(token)
    if unit is not None:
        return unit
    found = _EXPONENT.fullmatch(token)
    unit = _prefixed(found[1]) if found else None
    if found is None or unit is None:
        raise _NotUcum(token)
    return _power(unit, int(found[2]))


@lru_cache(maxsize=2048)
def _prefixed(code: str) -> Unit | None:
    units, prefixes = _atoms()
    if code in units:
        return _atom(code)
    for size in (1, 2):
        prefix, rest = code[:size], code[size:]
        if prefix in prefixes and rest in units and units[rest].properties.get("metric"):
            base = _atom(rest)
            return Unit(base.dimension, base.factor * float(prefixes[prefix].properties["value"]), base.special)
    return None


@cache
def _atom(code: str) -> Unit:
    said = _atoms()[0][code].properties
    if said["kind"] == "base-unit" or code in _FIRST_CLASS:
        return Unit(frozenset({(code, 1)}), 1.0, special=False)
    reference = said.get("unit", "1")
    if said.get("arbitrary"):
        if reference != "1":
            return _Parser(reference).whole()
        return Unit(frozenset({(code, 1)}), 1.0, special=False)
    unit = _Parser(reference).whole()
    value = float(said.get("value") or 1)
    if not math.isfinite(value):
        raise _NotUcum(code)
    return Unit(unit.dimension, unit.factor * value, special=bool(said.get("special")) or unit.special)


@lru_cache(maxsize=8192)
def canonical(raw: str) -> str:
    """The UCUM code for a unit as a laboratory or pharmacy wrote it (``G/L``, ``10^9/l``, ``viên``); "" when unknown.

    Vietnamese habits go first: ``G/L`` means 10*9/L here and gauss per litre in UCUM; ``pH`` is no picohenry.
    """
    if len(raw) > LONGEST:
        return ""
    text = words.tidy(nfc(raw))
    if not text:
        return ""
    return words.CASED.get(text) or words.power_of_ten(text) or words.WORDS.get(fold(text)) or _as_ucum(text)


def _as_ucum(text: str) -> str:
    litres = words.LITRE.sub(r"\1L", text)
    if valid(litres):
        return litres
    return _lower_examples().get(litres.lower(), "")


@cache
def _lower_examples() -> dict[str, str]:
    """Common units by their small letters, where that is unambiguous (MMOL/L -> mmol/L)."""
    found: dict[str, set[str]] = {}
    for concept in open_edition("ucum", "2.2").all():
        code = words.LITRE.sub(r"\1L", concept.code)
        if valid(code):
            found.setdefault(code.lower(), set()).add(code)
    return {key: codes.pop() for key, codes in found.items() if len(codes) == 1}
