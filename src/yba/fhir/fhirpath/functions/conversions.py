"""Conversions between the system types, and the clock."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from yba.fhir.fhirpath import temporal
from yba.fhir.fhirpath.context import Context, Expr, single, text_of
from yba.fhir.fhirpath.errors import FHIRPathError
from yba.fhir.fhirpath.parser import UNITS
from yba.fhir.fhirpath.quantities import as_quantity, converted, same_units
from yba.fhir.fhirpath.temporal import Temporal, of_moment, read_date, read_moment, read_time
from yba.fhir.fhirpath.values import Item, Items, Long, Node, Quantity

from .base import Function

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TRUE: Final = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_FALSE: Final = frozenset({"false", "f", "no", "n", "0", "0.0"})
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_QUANTITY: Final = re.compile(r"(?P<value>[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?)\s*(?:'(?P<unit>[^']+)'|(?P<word>[a-z]+))?")
_LARGEST: Final = 2**31 - 1
_LARGEST_LONG: Final = 2**63 - 1


def _boolean(value: Item) -> Item:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)):
        return {1: True, 0: False}.get(int(value) if value == int(value) else 2)
    if isinstance(value, str):
        text = value.lower()
        return True if text in _TRUE else False if text in _FALSE else None
    return None


def _whole(value: Item, largest: int) -> int | None:
    if not isinstance(value, int) and not (isinstance(value, str) and _INTEGER.fullmatch(value)):
        return None
    found = int(value)
    return found if -largest - 1 <= found <= largest else None


def _integer(value: Item) -> Item:
    return _whole(value, _LARGEST)


def _long(value: Item) -> Item:
    found = _whole(value, _LARGEST_LONG)
    return None if found is None else Long(found)


def _decimal(value: Item) -> Item:
    if isinstance(value, (int, Decimal)):
        return Decimal("1.0" if value else "0.0") if isinstance(value, bool) else Decimal(value)
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def _text(value: Item) -> Item:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if isinstance(value, (str, int, Temporal, Quantity)) else None


def _date(value: Item) -> Item:
    if isinstance(value, Temporal):
        return None if value.kind == "Time" else Temporal("Date", value.parts[:3], None)
    if not isinstance(value, str):
        return None
    return read_date(value)


def _moment(value: Item) -> Item:
    if isinstance(value, Temporal):
        return None if value.kind == "Time" else Temporal("DateTime", value.parts, value.zone, value.digits)
    return read_moment(value) if isinstance(value, str) else None


def _time(value: Item) -> Item:
    if isinstance(value, Temporal):
        return value if value.kind == "Time" else None
    return read_time(value.removeprefix("T")) if isinstance(value, str) else None


def _quantity(value: Item) -> Item:
    if isinstance(value, Quantity):
        return value
    if isinstance(value, bool):
        return Quantity(Decimal("1.0") if value else Decimal("0.0"), "1")
    if isinstance(value, (int, Decimal)):
        return Quantity(Decimal(value), "1")
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if found is None or (found["word"] and found["word"] not in UNITS):
        return None
    return Quantity(Decimal(found["value"]), found["unit"] or found["word"] or "1", bool(found["word"]))


def _to_quantity(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    value = single(focus)
    found = None if value is None else _quantity(value)
    unit = text_of(args[0](ctx), "toQuantity()") if args else None
    if found is None or (args and unit is None):
        return []
    if unit is not None:
        found = converted(found, unit, calendar=unit in UNITS)
    return [] if found is None else [found]


def _comparable(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    """Whether one quantity can be told from another: empty where either is none."""
    one, other = single(focus), single(args[0](ctx))
    left, right = as_quantity(one), as_quantity(other)
    return [] if left is None or right is None else [same_units(left, right) is not None]


def _to(convert: Callable[[Item], Item]) -> Function:
    def call(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
        value = single(focus)
        found = None if value is None else convert(value)
        return [] if found is None else [found]

    return Function(call)


def _to_string(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
    value = single(focus)
    if isinstance(value, Temporal) and isinstance(focus[0], Node):
        return [str(focus[0].data)]  # as the document writes it: +00:00 stays, Z stays
    found = None if value is None else _text(value)
    return [] if found is None else [found]


def _converts(convert: Callable[[Item], Item]) -> Function:
    def call(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
        value = single(focus)
        return [] if value is None else [convert(value) is not None]

    return Function(call)


def _converts_to_quantity(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    return [] if single(focus) is None else [bool(_to_quantity(ctx, focus, args))]


def _now(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
    return [of_moment(ctx.now)]


def _today(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
    return [Temporal("Date", of_moment(ctx.now).parts[:3], None)]


def _time_of_day(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
    return [Temporal("Time", of_moment(ctx.now).parts[3:], None, 3)]


def _component(number: int) -> Function:
    def call(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
        value = single(focus)
        if not isinstance(value, Temporal):
            return []
        at = number - 3 if value.kind == "Time" else number
        return [int(value.parts[at])] if 0 <= at < len(value.parts) else []

    return Function(call)


def _millisecond(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
    value = single(focus)
    if not isinstance(value, Temporal) or not value.digits:
        return []
    return [int(Decimal(value.parts[-1]) % 1 * 1000)]


def _zone_offset(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
    value = single(focus)
    return [Decimal(value.zone) / 60] if isinstance(value, Temporal) and value.zone is not None else []


def _part(kind: str) -> Function:
    def call(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
        value = single(focus)
        if not isinstance(value, Temporal) or value.kind == "Time":
            return []
        if kind == "Date":
            return [Temporal("Date", value.parts[:3], None)]
        return [Temporal("Time", value.parts[3:], None, value.digits)] if value.parts[3:] else []

    return Function(call)


def _between(*, whole: bool) -> Function:
    """Make difference() (boundaries crossed) or duration() (whole units passed)."""

    def call(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
        one, other, unit = single(focus), single(args[0](ctx)), text_of(args[1](ctx), "a length of time")
        if not isinstance(one, Temporal) or not isinstance(other, Temporal) or unit is None:
            return []
        if unit not in UNITS:
            message = f"{unit} is no length of time"
            raise FHIRPathError(message)
        found = temporal.between(one, other, unit, whole=whole)
        return [] if found is None else [found]

    return Function(call, 2, 2)


_KINDS: Final[dict[str, Callable[[Item], Item]]] = {
    "Boolean": _boolean,
    "Integer": _integer,
    "Long": _long,
    "Decimal": _decimal,
    "String": _text,
    "Date": _date,
    "DateTime": _moment,
    "Time": _time,
}

CONVERSIONS: Final[dict[str, Function]] = {
    **{f"to{kind}": _to(convert) for kind, convert in _KINDS.items()},
    **{f"convertsTo{kind}": _converts(convert) for kind, convert in _KINDS.items()},
    "toString": Function(_to_string),
    "toQuantity": Function(_to_quantity, 0, 1),
    "convertsToQuantity": Function(_converts_to_quantity, 0, 1),
    "comparable": Function(_comparable, 1, 1),
    "now": Function(_now),
    "today": Function(_today),
    "timeOfDay": Function(_time_of_day),
    **{f"{name}Of": _component(number) for number, name in enumerate(("year", "month", "day", "hour", "minute", "second"))},
    "millisecondOf": Function(_millisecond),
    "timezoneOffsetOf": Function(_zone_offset),
    "dateOf": _part("Date"),
    "timeOf": _part("Time"),
    "difference": _between(whole=False),
    "duration": _between(whole=True),
}
