"""Columns of a view as SQL: the value of a path in the type that the table has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from .collections import ROOT, Alt, Coll, Unsupported
from .dialect import DECIMAL as EXACT
from .hints import Hint, hint_of
from .shapes import BOOLEAN, DATE, DECIMAL, INTEGER, MOMENT, OBJECT, TEXT, TIME, family

if TYPE_CHECKING:
    from .expression import Translator
    from .model import Column
    from .operators import Scope

_WORDS: Final = frozenset({TEXT, DATE, MOMENT, TIME})
_ROW_INDEX: Final = "%rowIndex"


class Output(NamedTuple):
    """A column of the table: name, FHIR type, SQL type (of each value, where it is a list), what it says, where it stands in the view."""

    name: str
    type: str
    sql_type: str
    collection: bool
    description: str
    at: str


class Cell(NamedTuple):
    """A column and the SQL of its value; `is_index`: it is the row's number, which is 0 where there is nothing else."""

    output: Output
    sql: str
    is_index: bool = False


class Cells:
    """Makes the columns of one view."""

    def __init__(self, sql: Translator, view: str, types: dict[str, str]) -> None:
        """Keep what branches of unions agreed on, by place."""
        self.sql, self._view, self._types = sql, view, types

    def cell(self, column: Column, scope: Scope, missing: str | None) -> Cell:
        """Translate a column. Raises Unsupported, FHIRPathError, ViewError."""
        found = self.sql.path(column.path, scope)
        hint = hint_of(self._view, column)
        alt = self._alternative(found, column) if found.alts else None
        inferred = alt.type if alt else column.type or "string"
        kind = alt.family if alt else family(inferred)
        sql_type = self._types.get(column.at) or self._sql_type(kind, hint)
        value = self._value(alt, column, kind, hint, sql_type)
        is_index = column.path.strip() == _ROW_INDEX
        if missing and not is_index:
            value = f"CASE WHEN {missing} THEN NULL ELSE {value} END"
        own = inferred.removeprefix("System.")
        if alt and column.type and family(column.type) != kind and {family(column.type), kind} != {DATE, MOMENT}:
            self.sql.doubts.append(f"column {column.name} says it is {column.type}, and is {own}")
        known = column.type or (own if own == inferred else own[0].lower() + own[1:])
        return Cell(Output(column.name, known, sql_type, column.collection, column.description, column.at), value, is_index)

    def _alternative(self, found: Coll, column: Column) -> Alt:
        alt = found.alts[0] if len(found.alts) == 1 else self.sql.merged(found, f"column {column.name}")
        if alt.family == OBJECT:
            if alt.shape is None or alt.sql == ROOT:
                raise Unsupported(f"column {column.name} wants a whole {alt.type}")
            alt.shape.whole = True
        return alt

    def _value(self, alt: Alt | None, column: Column, kind: str, hint: Hint | None, sql_type: str) -> str:
        dialect = self.sql.dialect
        if alt is None:
            nothing = dialect.list_of() if column.collection else "NULL"
            return f"CAST({nothing} AS {dialect.list_type(sql_type) if column.collection else sql_type})"
        if not column.collection:
            message = f"several values for column {column.name}, which is no collection"
            return self._shown(self.sql.one(alt, message).sql, kind, hint, sql_type)
        each = self.sql.fresh()
        shown = self._shown(each, kind, hint, sql_type)
        items = self.sql.listed(alt)
        if shown != each:
            items = self.sql.without_nulls(dialect.transform(items, each, shown))
        return f"coalesce({items}, CAST({dialect.list_of()} AS {dialect.list_type(sql_type)}))"

    def _sql_type(self, kind: str, hint: Hint | None) -> str:
        dialect = self.sql.dialect
        if hint is None:
            types = {BOOLEAN: "BOOLEAN", INTEGER: "BIGINT", DECIMAL: dialect.double_type, OBJECT: dialect.json_type}
            return types.get(kind, dialect.text_type)
        if hint.kind == "decimal":
            return f"DECIMAL({hint.digits},{hint.places})"
        types = {"date": "DATE", "moment": dialect.moment_type, "double": dialect.double_type, "integer": "BIGINT", "boolean": "BOOLEAN"}
        return types.get(hint.kind, dialect.text_type)

    @staticmethod
    def _shown(sql: str, kind: str, hint: Hint | None, sql_type: str) -> str:
        """Return a value in the type of its column."""
        if hint is None or (hint.kind, kind) in {("boolean", BOOLEAN), ("text", TEXT)}:
            return f"TRY_CAST({sql} AS {sql_type})" if kind in {DECIMAL, INTEGER} else sql
        if hint.kind == "date" and kind in _WORDS:
            return f"CASE WHEN length({sql}) >= 10 THEN TRY_CAST(substr({sql}, 1, 10) AS DATE) END"
        if hint.kind == "moment" and kind in _WORDS:
            return f"CASE WHEN length({sql}) > 10 THEN TRY_CAST({sql} AS {sql_type}) END"
        if hint.kind in {"decimal", "double", "integer"} and kind in {INTEGER, DECIMAL, TEXT}:
            return f"TRY_CAST(TRY_CAST({sql} AS {EXACT}) AS {sql_type})" if hint.kind != "double" else f"TRY_CAST({sql} AS {sql_type})"
        if hint.kind == "text" and kind in _WORDS | {INTEGER, BOOLEAN}:
            return sql if kind in _WORDS else f"CAST({sql} AS {sql_type})"
        raise Unsupported(f"{kind} is not written as {hint.kind}")

    # --- branches of a union

    def agree(self, branches: list[list[Cell]]) -> None:
        """Give the columns of all branches one type each; a column that no type has takes that of the others. Raises Unsupported."""
        for cells in zip(*branches, strict=True):
            kinds = {cell.output.sql_type for cell in cells if not cell.sql.startswith("CAST(NULL AS") and not cell.sql.startswith("CAST([] AS")}
            if len(kinds) > 1 or len({cell.output.collection for cell in cells}) > 1:
                shown = ", ".join(sorted({cell.output.type for cell in cells}))
                raise Unsupported(f"column {cells[0].output.name} has another type in each branch of the unionAll: {shown}")
            for cell in cells:
                self._types[cell.output.at] = next(iter(kinds), cell.output.sql_type)

    def typed(self, cell: Cell) -> str:
        """Return a value that is surely of its column's type: structs of several branches must be of one."""
        return f"CAST({cell.sql} AS {self.type_of(cell)})"

    def type_of(self, cell: Cell) -> str:
        """Return the SQL type of a column, lists as lists."""
        own = cell.output.sql_type
        return self.sql.dialect.list_type(own) if cell.output.collection else own

    def nothing(self, cell: Cell) -> tuple[str, str]:
        """Return the field of a row without a value."""
        return cell.output.name, f"CAST({'0' if cell.is_index else 'NULL'} AS {self.type_of(cell)})"
