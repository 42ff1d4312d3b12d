"""Rules that look at the whole claim: sums of lines, tables that must be there, and rules that are functions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from yba.specs.rules import Check, CheckKind

from .conditions import compiled
from .functions import FUNCTIONS
from .rows import amount
from .values import NUMBERS, ZERO

if TYPE_CHECKING:
    from collections.abc import Callable

    from yba.specs.claims import Edition

    from .model import Told, Visit

    ClaimCheck = Callable[[Visit], None]
    Resolve = Callable[[str, str], str | None]


def compile_claim_check(told: Told, check: Check, edition: Edition, resolve: Resolve) -> list[ClaimCheck]:
    """Compile one check of a claim; an empty list when the decision has none of its tables or fields."""
    if check.kind is CheckKind.FUNCTION:
        return [_function(told)]
    if check.kind is CheckKind.EXISTS_WHEN:
        return [_exists(told, check)] if check.params["table"] in edition.tables else []
    return _sum_of(told, check, resolve)


def _function(told: Told) -> ClaimCheck:
    rule = FUNCTIONS[told.rule]

    def run(visit: Visit) -> None:
        for fault in rule(visit):
            visit.add(told, *fault[:5], lesser=fault.lesser, edition=fault.edition)

    return run


def _exists(told: Told, check: Check) -> ClaimCheck:
    table, expected, condition = check.params["table"], check.params["expected"], compiled(check.params)
    where = [(name, frozenset(values)) for name, values in check.params.get("where", {}).items()]

    def run(visit: Visit) -> None:
        head = visit.head
        if not head or (condition is not None and not condition(visit, head)):
            return
        for row in visit.rows(table):
            if all(row.get(name) in values for name, values in where):
                return
        visit.add(told, table, 0, "", "", expected, lesser=check.lesser)

    return run


def _sum_of(told: Told, check: Check, resolve: Resolve) -> list[ClaimCheck]:
    total = resolve("XML1", check.params["total"])
    named = [(table, resolve(table, field)) for table, _, field in (name.partition(".") for name in check.params["of"])]
    sources = [(table, field) for table, field in named if field is not None]
    if total is None or len(sources) != len(named):
        return []
    tolerance, condition = Decimal(check.params["tolerance"]), compiled(check.params)
    where = [(name, frozenset(values)) for name, values in check.params.get("where", {}).items()]

    def run(visit: Visit) -> None:
        text = visit.head.get(total)
        if not text or (condition is not None and not condition(visit, visit.head)):
            return
        stated, found = NUMBERS[text], _sum(visit, sources, where)
        if stated is not None and found is not None and abs(stated - found) > tolerance:
            visit.add(told, "XML1", 1, total, text, amount(found), lesser=check.lesser)

    return [run]


def _sum(visit: Visit, sources: list[tuple[str, str]], where: list[tuple[str, frozenset[str]]]) -> Decimal | None:
    """Add up a field over the lines; None when one of them is no number, which other rules tell about."""
    found = ZERO
    for table, field in sources:
        rows = visit.rows(table)
        for name, values in where:
            rows = [row for row in rows if row.get(name) in values]
        for row in rows:
            part = NUMBERS[row.get(field, "0")]
            if part is None:
                return None
            found += part
    return found
