"""Rules that look at one row (and the summary): written from data as statements that report only what is wrong."""

from __future__ import annotations

import operator
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.specs.claims import Kind
from yba.specs.rules import Check, CheckKind

from .conditions import tests
from .source import HEAD, TODAY
from .values import ANY_DATE, Remembered, is_moment, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from yba.ingest.model import Row
    from yba.specs.claims import Table

    from .model import Told, Visit
    from .source import Source

HUNDRED: Final = Decimal(100)
_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_WRITTEN: Final = {"=": "=="}
_SIGNS: Final = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "=", "!=": "khác"}
_PREFIX_SAFE: Final = frozenset({">=", "<=", "="})
"""What holds of two whole texts holds of their beginnings as well."""


class Task(NamedTuple):
    """One check to be written for one table; `where` are its conditions."""

    source: Source
    told: Told
    check: Check
    table: Table
    resolve: Callable[[str], str | None]
    decision: str
    where: list[str]

    def fields(self) -> Iterable[str]:
        """Give the fields it names that the table has."""
        return [field for field in map(self.resolve, self.check.params["fields"]) if field]

    def fault(self, when: Iterable[str], field: str, value: str, expected: str) -> None:
        """Write one report; `value` and `expected` are expressions."""
        self.source.fault([*self.where, *when], self.told, self.table.name, field, value, expected, lesser=self.check.lesser)


def write_row_check(
    source: Source, told: Told, check: Check, table: Table, resolve: Callable[[str], str | None], decision: str, also: Iterable[str] = ()
) -> None:
    """Write one check for one table; nothing when the table has none of its fields. `also` must hold besides its conditions."""
    _WRITERS[check.kind](Task(source, told, check, table, resolve, decision, [*also, *tests(source, check.params)]))


def _required(task: Task) -> None:
    for field in task.fields():
        text = task.source.value(field)
        task.fault([f"not ({text} and {text}.strip())"], field, "''", "''")


def _pattern(task: Task) -> None:
    params = task.check.params
    text = params.get("pattern_from", {}).get(task.decision, params["pattern"])
    matches, each = re.compile(text).fullmatch, params.get("each", False)
    good = task.source.constant(Remembered[bool](lambda value: all(map(matches, parts(value))) if each else matches(value) is not None))
    for field in task.fields():
        value = task.source.value(field)
        task.fault([value, f"not {good}[{value}]"], field, value, repr(params["expected"]))


def _one_of(task: Task) -> None:
    values = task.check.params["values"]
    texts = task.source.constant(frozenset(values))
    for field in task.fields():
        value = task.source.value(field)
        when = [value, f"{value} not in {texts}"]
        if task.check.params.get("numeric", False):
            when.append(f"{task.source.number(field)} not in {task.source.constant(frozenset(map(Decimal, values)))}")
        task.fault(when, field, value, repr(", ".join(values)))


def _compare(task: Task) -> None:
    for left, sign, right in task.check.params["pairs"]:
        field = task.resolve(left)
        if field is None or (isinstance(right, str) and right != TODAY and not right.startswith(HEAD) and not task.resolve(right)):
            continue
        if task.check.params.get("numeric"):
            _compare_numbers(task, field, sign, task.resolve(right) if isinstance(right, str) else right)
        elif task.check.params.get("text"):
            _compare_texts(task, field, sign, str(task.resolve(right)))
        else:
            _compare_moments(task, field, sign, right)


def _compare_moments(task: Task, field: str, sign: str, right: str) -> None:
    holds, told, table, lesser = _OPERATORS[sign], task.told, task.table.name, task.check.lesser
    known = "hôm nay" if right == TODAY else right

    def tell(visit: Visit, number: int, one: str, other: str) -> None:
        size = min(len(one), len(other))
        if holds(one[:size], other[:size]):
            return
        # Only now is it worth knowing whether both are dates: a malformed one is another rule's business.
        if is_moment(one, ANY_DATE, partial=True) and is_moment(other, ANY_DATE, partial=True):
            visit.add(told, table, number, field, one, f"{_SIGNS[sign]} {other[:size]} ({known})", lesser=lesser)

    one, other = task.source.value(field), task.source.value(right)
    when = [*task.where, one, other]
    if sign in _PREFIX_SAFE:
        when.append(f"not {one} {_WRITTEN.get(sign, sign)} {other}")
    task.source.when(when, f"{task.source.constant(tell)}(visit, number, {one}, {other})")


def _compare_numbers(task: Task, field: str, sign: str, right: float | str | None) -> None:
    text, one = task.source.value(field), task.source.number(field)
    holds = f"{one} {_WRITTEN.get(sign, sign)} "
    if isinstance(right, str):
        other = task.source.number(right)
        known, expected = [f"{other} is not None"], f"f'{_SIGNS[sign]} {{{other}}}'"
    else:
        fixed = Decimal(str(right))
        other, known, expected = task.source.constant(fixed), [], repr(f"{_SIGNS[sign]} {fixed}")
    if task.table.by_field[field].kind is Kind.TEXT:  # nobody else says that it is no number
        task.fault([text, *known, f"({one} is None or not {holds}{other})"], field, text, expected)
    else:
        task.fault([f"{one} is not None", *known, f"not {holds}{other}"], field, text, expected)


def _compare_texts(task: Task, field: str, sign: str, right: str) -> None:
    one, other = task.source.value(field), task.source.value(right)
    same = f"{one}.strip() {_WRITTEN.get(sign, sign)} {other}.strip()"
    task.fault([one, other, f"not {same}"], field, one, repr(f"{_SIGNS[sign]} {right}"))


def _product_of(task: Task) -> None:
    params, source = task.check.params, task.source
    total = task.resolve(params["total"])
    names = [task.resolve(name) for name in (*params["of"], *params["percent"])]
    factors = [source.number(name) for name in names if name]
    if total is None or len(factors) < len(names):
        return
    exact = HUNDRED ** len(params["percent"])
    scale, tolerance = source.constant(exact), source.constant(Decimal(params["tolerance"]) * exact)
    stated, product = source.number(total), " * ".join(factors)
    known = [f"{number} is not None" for number in (stated, *factors)]
    wrong = f"abs({stated} * {scale} - {product}) > {tolerance}"
    task.fault([*known, wrong], total, source.value(total), f"{source.constant(amount)}({product} / {scale})")


def _balance(task: Task) -> None:
    params, source = task.check.params, task.source
    total = task.resolve(params["total"])
    plus, minus = [task.resolve(name) for name in params["plus"]], [task.resolve(name) for name in params["minus"]]
    if total is None or None in plus or None in minus:
        return
    stated = source.number(total)
    known, rest = [f"{stated} is not None"], stated
    for sign, names in (("-", plus), ("+", minus)):
        for name in filter(None, names):
            part = source.number(name)
            known.append(f"({part} is not None or {source.value(name)} is None)")
            rest += f" {sign} ({part} or ZERO)"
    wrong = f"abs({rest}) > {source.constant(Decimal(params['tolerance']))}"
    task.fault([*known, wrong], total, source.value(total), f"{source.constant(amount)}({stated} - ({rest}))")


def _equal_to(task: Task) -> None:
    params, table, told, lesser = task.check.params, task.table, task.told, task.check.lesser
    pairs = [(task.resolve(name), name) for name in params.get("fields", ())]
    pairs += [(task.resolve(own), other) for own, other in params.get("pairs", ())]
    same = [(own, other, table.by_field[own].kind is Kind.DATETIME) for own, other in pairs if own]
    within = [(own, other) for own, other in ((task.resolve(own), other) for own, other in params.get("within", ())) if own]

    def tell(visit: Visit, row: Row, number: int) -> None:
        head = visit.head
        for own, other, moment in same:
            value, wanted = row.get(own), head.get(other)
            if not value or not wanted or value.strip() == wanted.strip():
                continue
            if moment and (value.startswith(wanted) or wanted.startswith(value) or wanted in parts(value)):
                continue
            visit.add(told, table.name, number, own, value, f"XML1.{other} = {wanted[:120]}", lesser=lesser)
        for own, other in within:
            value, wanted = row.get(own), head.get(other)
            if value and wanted and not set(parts(value)) <= set(parts(wanted)):
                visit.add(told, table.name, number, own, value, f"XML1.{other} = {wanted[:120]}", lesser=lesser)

    compared = [(task.source.value(own), task.source.value(HEAD + other)) for own, other in [pair[:2] for pair in same] + within]
    if compared:
        differs = " or ".join(f"({one} and {other} and {one} != {other})" for one, other in compared)
        task.source.when([*task.where, f"({differs})"], f"{task.source.constant(tell)}(visit, row, number)")


def _any_of(task: Task) -> None:
    fields = list(task.fields())
    if fields:
        task.fault([f"{task.source.value(field)} is None" for field in fields], fields[0], "''", repr(", ".join(fields)))


def _forbidden(task: Task) -> None:
    for field in task.fields():
        task.fault([], field, f"{task.source.value(field)} or ''", repr(task.check.params["expected"]))


def _count(task: Task) -> None:
    most = task.check.params["at_most"]
    for field in task.fields():
        value = task.source.value(field)
        task.fault([value, f"{value}.count(';') >= {most:d}", f"len(parts({value})) > {most:d}"], field, value, repr(str(most)))


def amount(value: Decimal) -> str:
    """Write an amount for a message: at most two decimals, none when there are only zeros."""
    text = f"{value:.2f}"
    return text.removesuffix(".00")


_WRITERS: Final[Mapping[CheckKind, Callable[[Task], None]]] = {
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
ROW_KINDS: Final = frozenset(_WRITERS)
