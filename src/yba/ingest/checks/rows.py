"""Rules that look at one row (and the summary): compiled from data to closures that report only what is wrong."""

from __future__ import annotations

import operator
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from yba.specs.claims import Kind
from yba.specs.rules import Check, CheckKind

from .conditions import HEAD, compiled, getter
from .values import NUMBERS, Remembered, is_moment, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yba.ingest.model import Row
    from yba.specs.claims import Table

    from .conditions import Condition
    from .model import Told, Visit

    RowCheck = Callable[[Visit, Row, int], None]
    Resolve = Callable[[str], str | None]

ANY_DATE: Final = (4, 8, 12)
HUNDRED: Final = Decimal(100)
_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_SIGNS: Final = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "=", "!=": "khác"}


def compile_row_check(told: Told, check: Check, table: Table, resolve: Resolve, decision: str) -> list[RowCheck]:
    """Compile one check for one table; an empty list when the table has none of its fields."""
    made = _BUILDERS[check.kind](told, check, table, resolve, decision)
    condition = compiled(check.params)
    return made if condition is None else [_guarded(one, condition) for one in made]


def _guarded(inner: RowCheck, condition: Condition) -> RowCheck:
    def run(visit: Visit, row: Row, number: int) -> None:
        if condition(visit, row):
            inner(visit, row, number)

    return run


def _required(told: Told, check: Check, table: Table, resolve: Resolve, _decision: str) -> list[RowCheck]:
    def one(field: str) -> RowCheck:
        def run(visit: Visit, row: Row, number: int) -> None:
            if not row.get(field, "").strip():
                visit.add(told, table.name, number, field, "", "", lesser=check.lesser)

        return run

    return [one(field) for field in map(resolve, check.params["fields"]) if field]


def _pattern(told: Told, check: Check, table: Table, resolve: Resolve, decision: str) -> list[RowCheck]:
    text = check.params.get("pattern_from", {}).get(decision, check.params["pattern"])
    matches, each, expected = re.compile(text).fullmatch, check.params.get("each", False), check.params["expected"]
    good = Remembered[bool](lambda value: all(map(matches, parts(value))) if each else matches(value) is not None)

    def one(field: str) -> RowCheck:
        def run(visit: Visit, row: Row, number: int) -> None:
            value = row.get(field)
            if value and not good[value]:
                visit.add(told, table.name, number, field, value, expected, lesser=check.lesser)

        return run

    return [one(field) for field in map(resolve, check.params["fields"]) if field]


def _one_of(told: Told, check: Check, table: Table, resolve: Resolve, _decision: str) -> list[RowCheck]:
    values, numeric = frozenset(check.params["values"]), check.params.get("numeric", False)
    numbers = {NUMBERS[value] for value in values} if numeric else set()
    expected = ", ".join(check.params["values"])

    def one(field: str) -> RowCheck:
        def run(visit: Visit, row: Row, number: int) -> None:
            value = row.get(field)
            if value and value not in values and not (numeric and NUMBERS[value] in numbers):
                visit.add(told, table.name, number, field, value, expected, lesser=check.lesser)

        return run

    return [one(field) for field in map(resolve, check.params["fields"]) if field]


def _compare(told: Told, check: Check, table: Table, resolve: Resolve, _decision: str) -> list[RowCheck]:
    made: list[RowCheck] = []
    for left, sign, right in check.params["pairs"]:
        field = resolve(left)
        if field is None or (isinstance(right, str) and right != "today" and not right.startswith(HEAD) and not resolve(right)):
            continue
        if check.params.get("numeric"):
            made.append(_compare_numbers(told, check, table, field, sign, right if not isinstance(right, str) else resolve(right)))
        elif check.params.get("text"):
            made.append(_compare_texts(told, check, table, field, sign, str(resolve(right))))
        else:
            made.append(_compare_moments(told, check, table, field, sign, right))
    return made


def _compare_moments(told: Told, check: Check, table: Table, field: str, sign: str, right: str) -> RowCheck:
    holds, way = _OPERATORS[sign], getter(right)

    def run(visit: Visit, row: Row, number: int) -> None:
        one = row.get(field)
        if not one:
            return
        other = way(visit, row)
        if not other:
            return
        size = min(len(one), len(other))
        if holds(one[:size], other[:size]):
            return
        # Only now is it worth knowing whether both are dates: a malformed one is another rule's business.
        if is_moment(one, ANY_DATE, partial=True) and is_moment(other, ANY_DATE, partial=True):
            known = "hôm nay" if right == "today" else right
            visit.add(told, table.name, number, field, one, f"{_SIGNS[sign]} {other[:size]} ({known})", lesser=check.lesser)

    return run


def _compare_numbers(told: Told, check: Check, table: Table, field: str, sign: str, right: float | str | None) -> RowCheck:
    holds, text_column = _OPERATORS[sign], table.by_field[field].kind is Kind.TEXT
    fixed = None if isinstance(right, str) else Decimal(str(right))

    def run(visit: Visit, row: Row, number: int) -> None:
        text = row.get(field)
        if not text:
            return
        other = fixed if fixed is not None else NUMBERS[row.get(str(right), "")]
        one = NUMBERS[text]
        if other is None or (one is None and not text_column):
            return
        if one is None or not holds(one, other):
            visit.add(told, table.name, number, field, text, f"{_SIGNS[sign]} {other}", lesser=check.lesser)

    return run


def _compare_texts(told: Told, check: Check, table: Table, field: str, sign: str, right: str) -> RowCheck:
    holds = _OPERATORS[sign]

    def run(visit: Visit, row: Row, number: int) -> None:
        one, other = row.get(field), row.get(right)
        if one and other and not holds(one.strip(), other.strip()):
            visit.add(told, table.name, number, field, one, f"{_SIGNS[sign]} {right}", lesser=check.lesser)

    return run


def _product_of(told: Told, check: Check, table: Table, resolve: Resolve, _decision: str) -> list[RowCheck]:
    total, factors = resolve(check.params["total"]), [resolve(name) for name in check.params["of"]]
    rates = [resolve(name) for name in check.params["percent"]]
    if total is None or None in factors or None in rates:
        return []
    names = [name for name in (*factors, *rates) if name]
    scale, tolerance = HUNDRED ** len(rates), Decimal(check.params["tolerance"])

    def run(visit: Visit, row: Row, number: int) -> None:
        text = row.get(total)
        if not text:
            return
        stated = NUMBERS[text]
        product = None
        for name in names:
            factor = NUMBERS[row.get(name, "")]
            if factor is None:
                return
            product = factor if product is None else product * factor
        if stated is None or product is None:
            return
        if abs(stated * scale - product) > tolerance * scale:
            visit.add(told, table.name, number, total, text, amount(product / scale), lesser=check.lesser)

    return [run]


def _balance(told: Told, check: Check, table: Table, resolve: Resolve, _decision: str) -> list[RowCheck]:
    total = resolve(check.params["total"])
    plus, minus = [resolve(name) for name in check.params["plus"]], [resolve(name) for name in check.params["minus"]]
    if total is None or None in plus or None in minus:
        return []
    added, taken = [name for name in plus if name], [name for name in minus if name]
    tolerance = Decimal(check.params["tolerance"])

    def run(visit: Visit, row: Row, number: int) -> None:
        text = row.get(total)
        stated = NUMBERS[text] if text else None
        if text is None or stated is None:
            return
        rest = stated
        for name in added:
            part = NUMBERS[row.get(name, "0")]
            if part is None:
                return
            rest -= part
        for name in taken:
            part = NUMBERS[row.get(name, "0")]
            if part is None:
                return
            rest += part
        if abs(rest) > tolerance:
            visit.add(told, table.name, number, total, text, amount(stated - rest), lesser=check.lesser)

    return [run]


def _equal_to(told: Told, check: Check, table: Table, resolve: Resolve, _decision: str) -> list[RowCheck]:
    pairs = [(resolve(name), name) for name in check.params.get("fields", ())]
    pairs += [(resolve(own), other) for own, other in check.params.get("pairs", ())]
    inside = [(resolve(own), other) for own, other in check.params.get("within", ())]
    same = [(own, other, table.by_field[own].kind is Kind.DATETIME) for own, other in pairs if own]
    within = [(own, other) for own, other in inside if own]

    def run(visit: Visit, row: Row, number: int) -> None:
        head = visit.head
        for own, other, moment in same:
            value = row.get(own)
            if not value:
                continue
            wanted = head.get(other)
            if not wanted or value == wanted or value.strip() == wanted.strip():
                continue
            if moment and (value.startswith(wanted) or wanted.startswith(value) or wanted in parts(value)):
                continue
            visit.add(told, table.name, number, own, value, f"XML1.{other} = {wanted[:120]}", lesser=check.lesser)
        for own, other in within:
            value, wanted = row.get(own), head.get(other)
            if value and wanted and not set(parts(value)) <= set(parts(wanted)):
                visit.add(told, table.name, number, own, value, f"XML1.{other} = {wanted[:120]}", lesser=check.lesser)

    return [run] if same or within else []


def _any_of(told: Told, check: Check, table: Table, resolve: Resolve, _decision: str) -> list[RowCheck]:
    fields = [field for field in map(resolve, check.params["fields"]) if field]
    expected = ", ".join(fields)

    def run(visit: Visit, row: Row, number: int) -> None:
        for field in fields:
            if field in row:
                return
        visit.add(told, table.name, number, fields[0], "", expected, lesser=check.lesser)

    return [run] if fields else []


def _forbidden(told: Told, check: Check, table: Table, resolve: Resolve, _decision: str) -> list[RowCheck]:
    def one(field: str) -> RowCheck:
        def run(visit: Visit, row: Row, number: int) -> None:
            visit.add(told, table.name, number, field, row.get(field, ""), check.params["expected"], lesser=check.lesser)

        return run

    return [one(field) for field in map(resolve, check.params["fields"]) if field]


def _count(told: Told, check: Check, table: Table, resolve: Resolve, _decision: str) -> list[RowCheck]:
    most = check.params["at_most"]

    def one(field: str) -> RowCheck:
        def run(visit: Visit, row: Row, number: int) -> None:
            value = row.get(field)
            if value and value.count(";") >= most and len(parts(value)) > most:
                visit.add(told, table.name, number, field, value, str(most), lesser=check.lesser)

        return run

    return [one(field) for field in map(resolve, check.params["fields"]) if field]


def amount(value: Decimal) -> str:
    """Write an amount for a message: at most two decimals, none when there are only zeros."""
    text = f"{value:.2f}"
    return text.removesuffix(".00")


_BUILDERS: Final[Mapping[CheckKind, Callable[[Told, Check, Table, Resolve, str], list[RowCheck]]]] = {
    CheckKind.REQUIRED: _required,
    CheckKind.PATTERN: _pattern,
    CheckKind.ONE_OF: _one_of,
    CheckKind.COMPARE: _compare,
    CheckKind.PRODUCT_OF: _product_of,
    CheckKind.BALANCE: _balance,
    CheckKind.EQUAL_TO: _equal_to,
    CheckKind.ANY_OF: _any_of,
    CheckKind.FORBIDDEN: _forbidden,
    CheckKind.COUNT: _count,
}
ROW_KINDS: Final = frozenset(_BUILDERS)
