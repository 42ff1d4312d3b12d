"""Views the obvious way: the specification's algorithm step by step over plain documents, with our own FHIRPath."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import product
from typing import TYPE_CHECKING, Any

from yba.fhir.fhirpath import FHIRPathError, Node, Temporal, compile, plain, root  # noqa: A004  the contract's name
from yba.fhir.fhirpath.context import NOTHING, Context

from .hints import Hint, hint_of
from .model import Column, Select, View, ViewError, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Row = dict[str, Any]
_ROW_INDEX = "%rowIndex"


def rows(view: View, resources: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """Give the rows of each resource in turn. Raises ViewError where several values meet a column for one, or an expression fails."""
    runner = _Runner(view)
    for doc in resources:
        if doc.get("resourceType") == view.resource:
            yield from runner.resource(root(doc))


class _Runner:
    """Runs one view; the names are those of the specification's processing algorithm."""

    def __init__(self, view: View) -> None:
        """Make the constants typed elements, so that a date is compared as a date."""
        self._view = view
        self._constants = {name: [Node(one.value, "integer" if one.type == "integer64" else one.type)] for name, one in view.constants.items()}
        self._order = [column.name for column in columns_of(view)]

    def resource(self, node: Node) -> Iterator[Row]:
        """Give the rows of one resource, columns in the order of the view."""
        for number, path in enumerate(self._view.where):
            found = [plain(item) for item in self._ask(path, node, node, 0, f"where[{number}]")]
            if found != [True]:
                if found and found != [False]:
                    raise ViewError(self._view.name, f"where[{number}]", "is neither true nor false")
                return
        for parts in product(*(list(self._process(select, node, node, 0)) for select in self._view.selects)):
            row = {name: value for part in parts for name, value in part.items()}
            yield {name: row[name] for name in self._order}

    def _process(self, select: Select, node: Node, whole: Node, index: int) -> Iterator[Row]:
        foci = self._foci(select, node, whole, index)
        if not foci and select.or_null:
            yield {column.name: 0 if column.path.strip() == _ROW_INDEX else None for column in _all_columns(select)}
        for number, focus in enumerate(foci):
            own = number if select.each is not None or select.repeat else index
            parts: list[list[Row]] = [[{column.name: self._value(column, focus, whole, own)}] for column in select.columns]
            parts += [list(self._process(inner, focus, whole, own)) for inner in select.selects]
            if select.union:
                parts.append([row for branch in select.union for row in self._process(branch, focus, whole, own)])
            for chosen in product(*parts):
                yield {name: value for part in chosen for name, value in part.items()}

    def _foci(self, select: Select, node: Node, whole: Node, index: int) -> list[Any]:
        if select.each is not None:
            return self._ask(select.each, node, whole, index, select.at)
        return self._descend(select, node, whole, index) if select.repeat else [node]

    def _descend(self, select: Select, node: Node, whole: Node, index: int) -> list[Any]:
        found: list[Any] = []
        for path in select.repeat:
            for child in self._ask(path, node, whole, index, select.at):
                found += [child, *self._descend(select, child, whole, index)]
        return found

    def _value(self, column: Column, node: Node, whole: Node, index: int) -> Any:  # noqa: ANN401  JSON
        found = self._ask(column.path, node, whole, index, column.at)
        hint = hint_of(self._view.name, column)
        values = [value for item in found if (value := _shown(item, hint)) is not None]
        if column.collection:
            return values
        if len(values) > 1:
            raise ViewError(self._view.name, column.at, f"several values for column {column.name}, which is no collection")
        return values[0] if values else None

    def _ask(self, path: str, node: Any, whole: Node, index: int, at: str) -> list[Any]:  # noqa: ANN401  any item
        known = {**self._constants, "context": [node], "rowIndex": [index]}
        try:
            return compile(path).run(Context(node, whole, whole, NOTHING, known, NOTHING.steps))
        except FHIRPathError as error:
            raise ViewError(self._view.name, at, str(error)) from error


def _all_columns(select: Select) -> list[Column]:
    nested = [*select.selects, *select.union[:1]]
    return [*select.columns, *(column for inner in nested for column in _all_columns(inner))]


def _shown(item: Any, hint: Hint | None) -> Any:  # noqa: ANN401  any item
    value = plain(item)
    if isinstance(item, Temporal):
        value = str(item)
    if hint is None or value is None:
        decimal = isinstance(value, Decimal) or (isinstance(item, Node) and item.type == "decimal" and isinstance(value, int))
        return float(value) if decimal else value
    return _as_hinted(value, hint)


def _as_hinted(value: Any, hint: Hint) -> Any:  # noqa: ANN401  one line a type
    """Return a value as its column's type hint wants it; None where it cannot be."""
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    try:
        match hint.kind:
            case "date":
                return date.fromisoformat(text[:10])
            case "moment":
                return _moment(text)
            case "decimal":
                found = Decimal(text).quantize(Decimal(1).scaleb(-hint.places), ROUND_HALF_UP)
                return found if len(found.as_tuple().digits) <= hint.digits else None
            case "double":
                return float(text)
            case "integer":
                return int(Decimal(text).to_integral_value(ROUND_HALF_UP))
            case "boolean":
                return {"true": True, "false": False}.get(text)
    except (ValueError, InvalidOperation):
        return None
    return text


def _moment(text: str) -> datetime | None:
    found = datetime.fromisoformat(text)
    return None if found.tzinfo is None or "T" not in text else found.astimezone(UTC)
