"""What rows say of a criterion that tokens and the period do not: ranges the file names, and parameters an operator has had indexed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.fhir import amounts, parameters, search, ucum
from yba.fhir import query as fq
from yba.record import store
from yba.record.rows import INFINITE, TEXT_LENGTH, bounded, token_row

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

    from .asking import Asking
    from .narrowing import Narrow

_UP: Final = frozenset({"gt", "ge", "sa"})
_DOWN: Final = frozenset({"lt", "le", "eb"})
_SAME: Final = frozenset({"eq", "po"})
_BLUR: Final = 1e-3  # seconds: rows hold floats
_ROUNDED: Final = 1e-12


def narrow_by_rows(asking: Asking, rtype: str, term: fq.Term, made: Narrow) -> None:
    """Narrow by rows where there are any; all of the criterion is left to judge."""
    if term.type == "composite":
        for part in _components(rtype, term):
            narrow_by_rows(asking, rtype, part, made)
        return
    if term.modifier:
        return
    named = term.param in {one.code for one in parameters.profile(rtype).ranges}
    asking.seen()
    one = None if named else store.added.ready(asking.run, rtype, term.param)
    if not named and one is None:
        return
    condition = _by_range(rtype, term, made) if one is None or one.kind == "range" else _by_text(rtype, term, made, tokens=one.kind == "token")
    if not condition:
        return
    if one is not None and one.covered is not None:  # what was written since the rows were made is looked at itself
        condition = f"({condition} OR updated >= %({made.name(one.covered)})s)"
    made.conditions.append(condition)


def _components(rtype: str, term: fq.Term) -> list[fq.Term]:
    """Ask each component by itself of the parameter it is: every resource that meets the composite meets these."""
    known = parameters.parameters(rtype)
    values = [one.parts for one in term.values if isinstance(one, fq.CompositeValue)]
    names = [name for name, _ in known[term.param].components]
    return [fq.Term(name, known[name].type, "", tuple(parts)) for name, parts in zip(names, zip(*values, strict=True), strict=True)] if values else []


def _by_text(rtype: str, term: fq.Term, made: Narrow, *, tokens: bool) -> str:
    if tokens:
        asked = search.asked(rtype, term, whatever=True)
        beginnings = [token_row(token) for token in asked.tokens] if asked is not None else []
    else:
        beginnings = [one.folded[:TEXT_LENGTH] for one in term.values if isinstance(one, fq.StringValue)]
    if not beginnings or not all(beginnings):
        return ""
    condition, given = store.leading.by_text(rtype, term.param, beginnings, made.sides(beginnings), found=False)
    made.given |= given
    return condition


def _by_range(rtype: str, term: fq.Term, made: Narrow) -> str:
    ranges: dict[str, list[tuple[float, float]]] = {}  # by the name of the rows that are asked
    for one in term.values:
        touched = _range(one)
        if touched is None:
            return ""
        ranges.setdefault(search.reckoned(term.param) if _in_base(one) else term.param, []).append(touched)
    conditions = []
    for name, wanted in ranges.items():
        condition, given = store.leading.by_range(rtype, name, wanted, made.sides(wanted))
        conditions.append(condition)
        made.given |= given
    return f"({' OR '.join(conditions)})" if len(conditions) > 1 else "".join(conditions)


def _in_base(value: fq.Value) -> bool:
    """Whether what is asked may be said in other units that measure the same."""
    return isinstance(value, fq.QuantityValue) and value.system == amounts.UCUM and value.unit is not None and ucum.parse(value.unit) is not None


def _range(value: fq.Value) -> tuple[float, float] | None:
    """What a value must touch, a little wider than it is; None where it could be anything."""
    if not isinstance(value, (fq.DateValue, fq.NumberValue, fq.QuantityValue)):
        return None
    low, high = _sides(value)
    if value.prefix in _UP:
        return low, INFINITE
    if value.prefix in _DOWN:
        return -INFINITE, high
    return (low, high) if value.prefix in _SAME or (value.prefix == "ap" and not isinstance(value, fq.DateValue)) else None


def _sides(value: fq.DateValue | fq.NumberValue | fq.QuantityValue) -> tuple[float, float]:
    if isinstance(value, fq.DateValue):
        return value.low.timestamp() - _BLUR, value.high.timestamp() + _BLUR
    low, high = (bounded(_as_asked(value, side)) for side in (value.low, value.high))
    return low - abs(low) * _ROUNDED, high + abs(high) * _ROUNDED


def _as_asked(value: fq.NumberValue | fq.QuantityValue, side: Decimal) -> Decimal | Fraction:
    found = ucum.canonical(side, value.unit) if isinstance(value, fq.QuantityValue) and value.unit is not None and _in_base(value) else None
    return side if found is None else found[0]
