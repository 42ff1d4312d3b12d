"""Functions on numbers, and boundaries and precision of numbers, dates and times."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException, localcontext
from decimal import Context as Reckoning
from typing import TYPE_CHECKING, Final

from yba.fhir.fhirpath import temporal
from yba.fhir.fhirpath.arithmetic import PRECISION, is_number, number
from yba.fhir.fhirpath.context import Context, Expr, single, whole_of
from yba.fhir.fhirpath.errors import FHIRPathError
from yba.fhir.fhirpath.temporal import Temporal
from yba.fhir.fhirpath.values import Item, Items, Long, Node, Quantity

from .base import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DEFAULT_PLACES: Final = 8
_MOST_PLACES: Final = 28
_WIDE: Final = Reckoning(prec=1_000)  # a literal has 100 digits at most, a number an exponent of 400


def _on_number(name: str, run: Callable[[Decimal], Decimal | int | None], *, quantities: bool = False) -> Function:
    def call(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
        value = single(focus)
        if value is None:
            return []
        if quantities and isinstance(value, Quantity):
            return [replace(value, value=Decimal(found)) for found in _reckoned(lambda: run(value.value))]
        found = _reckoned(lambda: run(Decimal(_checked(value, name))), keep_whole=isinstance(value, int) and quantities)
        return [Long(one) for one in found] if type(value) is Long and quantities else found

    return Function(call)


def _checked(value: Item, name: str) -> Decimal | int:
    if not is_number(value):
        message = f"{name}() needs a number"
        raise FHIRPathError(message)
    found: Decimal | int = value
    return found


def _reckoned(run: Callable[[], Decimal | int | None], *, keep_whole: bool = False) -> Items:
    """Run within 28 digits; what has no result (the root of -1) is empty."""
    try:
        with localcontext(PRECISION):
            found = run()
    except (DecimalException, OverflowError, ValueError):
        return []
    if found is None:
        return []
    return number(int(found)) if keep_whole else number(found)


def _power(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    base, exponent = single(focus), single(args[0](ctx))
    if base is None or exponent is None:
        return []
    left, right = _checked(base, "power"), _checked(exponent, "power")
    whole = isinstance(left, int) and isinstance(right, int) and right >= 0
    return _reckoned(lambda: Decimal(left) ** Decimal(right), keep_whole=whole)


def _log(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    value, base = single(focus), single(args[0](ctx))
    if value is None or base is None:
        return []
    left, right = Decimal(_checked(value, "log")), Decimal(_checked(base, "log"))

    def run() -> Decimal | None:
        if left <= 0 or right <= 0:
            raise FHIRPathError("log() needs numbers above 0")
        if right == 1:
            return None
        found = left.ln() / right.ln()
        near = found.quantize(Decimal("1e-20"), ROUND_HALF_UP)  # 16.log(2) is 4, not 3.999…
        return near.normalize() if abs(found - near.to_integral_value()) < Decimal("1e-20") else found

    return _reckoned(run)


def _round(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    value = single(focus)
    places = whole_of(args[0](ctx), "round()") if args else 0
    if value is None or places is None:
        return []
    if places < 0:
        raise FHIRPathError("round() needs a precision that is not negative")
    step = Decimal(1).scaleb(-min(places, _MOST_PLACES))
    if isinstance(value, Quantity):
        return [replace(value, value=Decimal(found)) for found in _reckoned(lambda: value.value.quantize(step, ROUND_HALF_UP))]
    exact = _checked(value, "round")
    return _reckoned(lambda: Decimal(exact).quantize(step, ROUND_HALF_UP))


def _boundary(*, high: bool) -> Function:
    def call(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
        value, places = _end(single(focus), high=high), whole_of(args[0](ctx), "boundary") if args else None
        if value is None or (args and places is None):
            return []
        if isinstance(value, Temporal):
            found = temporal.boundary(value, places, high=high)
            return [] if found is None else [found]
        if isinstance(value, Quantity):
            edge = _edge(value.value, places, high=high)
            return [] if edge is None else [replace(value, value=edge)]
        edge = _edge(Decimal(_checked(value, "boundary")), places, high=high)
        return [] if edge is None else [edge]

    return Function(call, 0, 1)


def _end(value: Item, *, high: bool) -> Item:
    """Return start or end of a Period, whose boundaries SQL on FHIR asks for; anything else as it is."""
    if not isinstance(value, Node) or value.type != "Period" or not isinstance(value.data, dict):
        return value
    text = value.data.get("end" if high else "start")
    return temporal.read_moment(text) if isinstance(text, str) else None


def _edge(value: Decimal, places: int | None, *, high: bool) -> Decimal | None:
    """Return the lowest or highest number that a written one may stand for, to so many places."""
    places = _DEFAULT_PLACES if places is None else places
    if not 0 <= places <= _MOST_PLACES:
        return None
    outward = high is (value >= 0) or value == 0
    with localcontext(_WIDE):
        half = Decimal(5).scaleb(int(value.as_tuple().exponent) - 1)
        edge = abs(value) + half if outward else abs(value) - half
        found = edge.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP if outward else ROUND_DOWN)
    negative = value < 0 or (value == 0 and not high)
    return found.copy_negate() if negative and found else found


def _precision(focus: Items) -> Items:
    value = single(focus)
    if value is None:
        return []
    if isinstance(value, Temporal):
        return [temporal.precision(value)]
    return [max(0, -int(Decimal(_checked(value, "precision")).as_tuple().exponent))]


NUMBERS: Final[dict[str, Function]] = {
    "abs": _on_number("abs", abs, quantities=True),
    "ceiling": _on_number("ceiling", lambda value: int(value.to_integral_value(ROUND_CEILING)), quantities=True),
    "floor": _on_number("floor", lambda value: int(value.to_integral_value(ROUND_FLOOR)), quantities=True),
    "truncate": _on_number("truncate", lambda value: int(value.to_integral_value(ROUND_DOWN)), quantities=True),
    "exp": _on_number("exp", lambda value: value.exp()),
    "ln": _on_number("ln", lambda value: value.ln() if value > 0 else None),
    "sqrt": _on_number("sqrt", lambda value: value.sqrt() if value >= 0 else None),
    "power": Function(_power, 1, 1),
    "log": Function(_log, 1, 1),
    "round": Function(_round, 0, 1),
    "lowBoundary": _boundary(high=False),
    "highBoundary": _boundary(high=True),
    "precision": Function(lambda ctx, focus, args: _precision(focus)),  # noqa: ARG005
}
