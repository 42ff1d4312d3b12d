"""Rows, columns and checks of a report as `specs/exports` writes them; what would add up what overlaps is refused when it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .measures import Dimension, PeriodKind, Semantics, measures

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from .reading import Reading, Table, Words

_RULE: Final = re.compile(r"(?P<left>[a-z0-9.+ _-]+?) (?P<op>=|<=) (?P<right>[a-z0-9.+ _-]+)")
VALUE: Final = "n"  # the one column of a report that names none
_ROW_KEYS: Final = frozenset({
    "id", "number", "words", "parent", "adds_up", "semantics", "query", "line", "people", "measure", "detail", "part", "sum", "less", "ratio",
    "times", "only", "missing", "list", "key", "vi", "en", "without", "unit",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column of numbers."""

    id: str
    words: Words


@dataclass(frozen=True, slots=True)
class Formula:
    """What a row is made of: rows added and taken away, or (``by``) one row divided by another, times ``times``."""

    plus: tuple[str, ...]
    minus: tuple[str, ...]
    by: str
    times: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row: counted by a query or a measure, made of other rows, or without a source (``missing`` says which is needed).

    ``parent``: the row it is a part of ("trong đó"); children may overlap unless ``adds_up``. ``people``: different people are counted, so places
    do not add up to the whole. ``only``: columns it has, () = all.
    """

    id: str
    number: str
    words: Words
    unit: Words | None
    parent: str
    adds_up: bool
    semantics: Semantics
    query: str
    line: str
    people: bool
    measure: str
    detail: str
    part: str  # of a measure: value, numerator, denominator
    formula: Formula | None
    only: tuple[str, ...]
    missing: Words | None


@dataclass(frozen=True, slots=True)
class Check:
    """Two sides compared, for every column (``of_rows``) or for every row: sums of (sign, id)."""

    rule: str
    left: tuple[tuple[int, str], ...]
    right: tuple[tuple[int, str], ...]
    equal: bool  # else left <= right
    of_rows: bool
    hard: bool  # a report that breaks it is not signed
    words: Words | None


def columns(at: Reading, data: Mapping[str, Any]) -> tuple[Column, ...]:
    """Read the columns; a report without any has one."""
    told = data.get("column") or [{"id": VALUE, "words": "Số lượng · Number"}]
    return tuple(Column(one["id"], at.words(f"column {one['id']}", one["words"])) for one in told)


def rows(
    at: Reading,
    data: Mapping[str, Any],
    queries: Collection[str],
    known: Sequence[Column],
    listed: Callable[[str], Table],
) -> tuple[Row, ...]:
    """Read the rows; one that names a list stands for a row an entry. Raises SpecError."""
    found: list[Row] = []
    for told in data["row"]:
        if unknown := sorted(set(told) - _ROW_KEYS):
            raise at.fault(f"row {told.get('id')}", f"knows no {', '.join(unknown)}")
        found += [_row(at, one, data) for one in (_of_list(at, told, listed) if "list" in told else [told])]
    ids = [one.id for one in found]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise at.fault("row", f"{', '.join(twice)} stands twice")
    for row in found:
        _judge(at, row, {one.id: one for one in found}, queries, {one.id for one in known})
    return tuple(found)


def _of_list(at: Reading, told: Mapping[str, Any], listed: Callable[[str], Table]) -> list[dict[str, Any]]:
    head, entries = listed(told["list"])
    made: dict[str, dict[str, Any]] = {}
    shared = {key: value for key, value in told.items() if key not in {"list", "key", "vi", "en", "without"}}
    for entry in entries:
        values = dict(zip(head, entry, strict=True))
        line = values[told["key"]]
        if line in told.get("without", ()):
            continue
        words = f"{values[told['vi']]} · {values[told['en']]}"
        made.setdefault(line, {**shared, "id": f"{told['id']}.{line.lower()}", "line": line, "words": words, "number": str(len(made) + 1)})
    if not made:
        raise at.fault(f"row {told.get('id')}", "its list is empty")
    return list(made.values())


def _row(at: Reading, told: Mapping[str, Any], data: Mapping[str, Any]) -> Row:
    formula = None
    if "sum" in told:
        formula = Formula(tuple(told["sum"]), tuple(told.get("less", ())), "", 1)
    elif "ratio" in told:
        formula = Formula((told["ratio"][0],), (), told["ratio"][1], float(told.get("times", 1)))
    counted = not (formula or "measure" in told or "missing" in told)
    place = f"row {told.get('id')}"
    return Row(
        id=told["id"], number=told.get("number", ""), words=at.words(place, told.get("words")),
        unit=at.words(place, told["unit"]) if "unit" in told else None, parent=told.get("parent", ""), adds_up=told.get("adds_up", False),
        semantics=at.one(place, Semantics, told.get("semantics", "flow")), query=told.get("query", data.get("uses", "")) if counted else "",
        line=told.get("line", told["id"]), people=told.get("people", False), measure=told.get("measure", ""), detail=told.get("detail", ""),
        part=told.get("part", "value"), formula=formula, only=tuple(told.get("only", ())),
        missing=at.words(place, told["missing"]) if "missing" in told else None,
    )  # fmt: skip


def _judge(at: Reading, row: Row, known: Mapping[str, Row], queries: Collection[str], named: Collection[str]) -> None:
    rules = (
        (bool(row.query) + bool(row.measure) + (row.formula is not None) + (row.missing is not None) == 1,
         "is counted by a query or a measure, made of other rows, or has no source: one of them"),
        (not row.query or row.query in queries, f"there is no query {row.query}"),
        (not row.measure or _measured(row), "names a measure that is told apart by facility and by the detail it names, and has such periods"),
        (row.part in {"value", "numerator", "denominator"}, "part is value, numerator or denominator"),
        (not row.parent or row.parent in known, f"there is no row {row.parent}"),
        (set(row.only) <= set(named), "only names columns"),
        (row.formula is None or _sound(row, known), "adds up rows that overlap, name themselves or are not above it"),
    )  # fmt: skip
    for holds, rule in rules:
        if not holds:
            raise at.fault(f"row {row.id}", rule)


def _measured(row: Row) -> bool:
    spec = measures().get(row.measure)
    if spec is None or Dimension.FACILITY not in spec.dimensions or PeriodKind.CUSTOM not in spec.periods:
        return False
    return spec.semantics is row.semantics and (not row.detail or Dimension.DETAIL in spec.dimensions)


def _sound(row: Row, known: Mapping[str, Row]) -> bool:
    """Whether a formula may be made: its rows stand above it, and no two parts of one row that overlap are added."""
    formula = row.formula
    if formula is None:
        return True
    used = [*formula.plus, *formula.minus, *([formula.by] if formula.by else [])]
    above = list(known)[: list(known).index(row.id)]
    if not set(used) <= set(above):
        return False
    overlapping = [known[one].parent for one in formula.plus if known[one].parent and not known[one].adds_up]
    return len(overlapping) == len(set(overlapping))


def checks(at: Reading, data: Mapping[str, Any], rows_: Sequence[Row], columns_: Sequence[Column]) -> tuple[Check, ...]:
    """Read the checks, and add that no part is more than the whole."""
    made = [
        Check(f"{one.id} <= {one.parent}", ((1, one.id),), ((1, one.parent),), equal=False, of_rows=True, hard=True, words=None)
        for one in rows_
        if one.parent and not one.adds_up and not one.missing
    ]
    names = {"rows": {one.id for one in rows_}, "columns": {one.id for one in columns_}}
    for told in data.get("check", ()):
        axis = told.get("axis", "rows")
        found = _RULE.fullmatch(told["rule"])
        if not found or axis not in names:
            raise at.fault("check", f"{told['rule']!r} is no rule: write a = b + c or a <= b")
        left, right = _side(found["left"]), _side(found["right"])
        if unknown := {name for _, name in (*left, *right)} - names[axis]:
            raise at.fault("check", f"{told['rule']!r} names {', '.join(sorted(unknown))}, which is none of the {axis}")
        words = at.words("check", told["words"]) if "words" in told else None
        made.append(Check(told["rule"], left, right, found["op"] == "=", axis == "rows", told.get("hard", True), words))
    return tuple(made)


def _side(text: str) -> tuple[tuple[int, str], ...]:
    """Read a + b - c; names and signs stand apart."""
    sign, found = 1, []
    for word in text.split():
        if word in {"+", "-"}:
            sign = 1 if word == "+" else -1
        else:
            found.append((sign, word))
            sign = 1
    return tuple(found)
