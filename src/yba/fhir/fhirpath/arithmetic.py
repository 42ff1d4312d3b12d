"""The operators + - * / div mod & of FHIRPath."""

from __future__ import annotations

from dataclasses import replace
from decimal import Context, Decimal, DecimalException, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from yba.fhir import ucum

from . import temporal
from .context import Context as PathContext
from .context import Expr, made, single
from .errors import FHIRPathError
from .quantities import as_quantity, code_of, same_units
from .temporal import Temporal
from .values import CALENDAR, FARTHEST, Item, Items, Long, Quantity

if TYPE_CHECKING:
    from collections.abc import Callable

PRECISION: Final = Context(prec=28, Emax=FARTHEST, Emin=-FARTHEST)  # what goes beyond has no result
_LARGEST: Final = 2**63
_OF_DAYS: Final = frozenset({"year", "month", "week", "day"})


def is_number(item: Item) -> bool:
    """Whether it is an Integer or a Decimal."""
    return isinstance(item, (int, Decimal)) and not isinstance(item, bool)


def number(value: int | Decimal, *operands: Item) -> Items:
    """Return a result, or nothing where it has left the range of numbers; of a Long it is one."""
    if isinstance(value, Decimal):
        return [value] if value.is_finite() else []
    if not -_LARGEST <= value < _LARGEST:
        return []
    return [Long(value)] if any(type(one) is Long for one in operands) else [value]


def calculate(operator: str, left: Items, right: Items) -> Items:
    """Apply an operator to two collections of at most one item. Raises FHIRPathError for types that it does not take."""
    a, b = single(left), single(right)
    if operator == "&":
        return made(_text(a) + _text(b))
    if a is None or b is None:
        return []
    try:
        with localcontext(PRECISION):
            return _OPERATORS[operator](a, b)
    except DecimalException:
        return []


def _text(item: Item) -> str:
    if item is None:
        return ""
    if isinstance(item, str):
        return item
    raise FHIRPathError("& needs text")


def _refuse(operator: str, a: Item, b: Item) -> FHIRPathError:
    return FHIRPathError(f"{operator} does not take {type(a).__name__} and {type(b).__name__}")


def _plus(a: Item, b: Item) -> Items:
    if isinstance(a, str) and isinstance(b, str):
        return made(a + b)
    if is_number(a) and is_number(b):
        return number(a + b, a, b)
    if isinstance(a, Temporal) and isinstance(b, Quantity):
        return _moved(a, b, 1)
    return _sum(a, b, 1, "+")


def _minus(a: Item, b: Item) -> Items:
    if is_number(a) and is_number(b):
        return number(a - b, a, b)
    if isinstance(a, Temporal) and isinstance(b, Quantity):
        return _moved(a, b, -1)
    return _sum(a, b, -1, "-")


def _sum(a: Item, b: Item, sign: int, operator: str) -> Items:
    one, other = as_quantity(a), as_quantity(b)
    if one is None or other is None:
        raise _refuse(operator, a, b)
    if one.unit == other.unit and one.calendar == other.calendar:
        return [replace(one, value=one.value + sign * other.value)]
    pair = same_units(one, other)
    if pair is None or any(unit is not None and unit.offset for unit in (ucum.parse(code_of(one)), ucum.parse(code_of(other)))):
        return []  # nobody knows what 20 degrees Celsius and 1 degree Fahrenheit are together
    finer = one if abs(_scale(one)) <= abs(_scale(other)) else other
    return [Quantity(_decimal((pair[0] + sign * pair[1]) / _scale(finer)), finer.unit, finer.calendar)]


def _scale(value: Quantity) -> Fraction:
    pair = same_units(Quantity(Decimal(1), value.unit, value.calendar), value)
    unit = None if pair is None else same_units(Quantity(Decimal(1), value.unit, value.calendar), Quantity(Decimal(1), _base(value), value.calendar))
    return unit[0] if unit else Fraction(1)


def _base(value: Quantity) -> str:
    if value.word in temporal.MONTHS:
        return "month"
    if value.calendar:
        return "second"
    found = ucum.parse(value.unit)
    return ucum.written(found.dimension) if found else value.unit


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _moved(a: Temporal, b: Quantity, sign: int) -> Items:
    unit = b.word if b.calendar else {"s": "second", "ms": "millisecond", "min": "minute", "h": "hour", "d": "day", "wk": "week"}.get(b.unit, b.word)
    if b.foreign or unit not in CALENDAR:
        message = f"no date is moved by {b.unit!r}"
        raise FHIRPathError(message)
    if a.kind == "Time" and unit in _OF_DAYS:
        message = f"a time of day is not moved by a {unit}"
        raise FHIRPathError(message)
    found = temporal.add(a, sign * b.value, unit)
    if found is None:
        raise FHIRPathError("a date leaves the years 1 to 9999")
    return [found]


def _times(a: Item, b: Item) -> Items:
    if is_number(a) and is_number(b):
        return number(a * b, a, b)
    return _combined(a, b, 1, "*")


def _divide(a: Item, b: Item) -> Items:
    if is_number(a) and is_number(b):
        return [] if b == 0 else number(Decimal(a) / Decimal(b))
    return _combined(a, b, -1, "/")


def _combined(a: Item, b: Item, exponent: int, operator: str) -> Items:
    """Multiply or divide two quantities; a number has no unit."""
    one, other = as_quantity(a), as_quantity(b)
    if one is None or other is None:
        raise _refuse(operator, a, b)
    if exponent < 0 and other.value == 0:
        return []
    if is_number(b):
        return [replace(one, value=one.value * other.value if exponent > 0 else one.value / other.value)]
    if is_number(a) and exponent > 0:
        return [replace(other, value=one.value * other.value)]
    left, right = (ucum.parse(code_of(value)) for value in (one, other))
    if left is None or right is None or left.offset or right.offset:  # no product has degrees Celsius
        return []
    unit = ucum.combined(left, right, exponent)
    if unit is None:
        return []
    value = Fraction(one.value) * left.factor * (Fraction(other.value) * right.factor) ** exponent
    return [Quantity(_decimal(value), ucum.written(unit.dimension))]


def _div(a: Item, b: Item) -> Items:
    if not is_number(a) or not is_number(b):
        raise _refuse("div", a, b)
    if b == 0:
        return []
    return number(int(Decimal(a) // Decimal(b)), a, b)


def _mod(a: Item, b: Item) -> Items:
    if not is_number(a) or not is_number(b):
        raise _refuse("mod", a, b)
    if b == 0:
        return []
    found = Decimal(a) % Decimal(b)
    return number(int(found), a, b) if isinstance(a, int) and isinstance(b, int) else number(found)


_OPERATORS: Final[dict[str, Callable[[Item, Item], Items]]] = {"+": _plus, "-": _minus, "*": _times, "/": _divide, "div": _div, "mod": _mod}


class Negative:
    """The closure of a unary minus: in sort() it means descending, so that it must be told from others."""

    __slots__ = ("inner",)

    def __init__(self, inner: Expr) -> None:
        """Take what is to be negated."""
        self.inner = inner

    def __call__(self, ctx: PathContext) -> Items:
        """Negate."""
        return negative(self.inner(ctx), "-")


class Descending(Negative):
    """The closure of a key of sort() with `desc`: what has no key comes last."""

    __slots__ = ()


def negative(items: Items, sign: str) -> Items:
    """Apply unary + or -. Raises FHIRPathError for what has no sign."""
    value = single(items)
    if value is None:
        return []
    if is_number(value):
        return number(-value, value) if sign == "-" else [value]
    if isinstance(value, Quantity):
        return [replace(value, value=-value.value) if sign == "-" else value]
    message = f"unary {sign} does not take {type(value).__name__}"
    raise FHIRPathError(message)
