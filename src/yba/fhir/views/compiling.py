"""A ViewDefinition as one SQL text: documents read by the schema of what is needed, rows unnested step by step."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.fhir.fhirpath import FHIRPathError

from .cells import Cell, Cells, Output
from .collections import EMPTY, ROOT, Alt, Coll, Unsupported
from .dialect import DUCKDB, Dialect
from .expression import Translator
from .model import Select, View, ViewError
from .operators import Scope
from .shapes import BOOLEAN, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST: Final = 64  # levels that `repeat` goes down; deeper ones are an error, never left out
_ROW_INDEX: Final = "%rowIndex"
OWN_ID: Final = "own_id"  # the resource's id, where it stands beside the document


@dataclass(frozen=True, slots=True)
class Compiled:
    """A view in a dialect: its SELECT, its columns, and what only a strict check minds, each with its place.

    Doubts are steps that no R4 type has (they give nothing), columns of another type than they say, a forEach through what is never more than one.
    """

    sql: str
    columns: tuple[Output, ...]
    doubts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a select is evaluated; `missing`: SQL that says that a forEachOrNull above found nothing."""

    scope: Scope
    missing: str | None = None


class Source(NamedTuple):
    """The table of documents: SQL of its name and of the document's JSON text; all else may be left out.

    `rtype` is the column that names the resource type ("" = it holds one type only); `id` the SQL of the resource's id, where the document
    does not hold it; `keep` columns of the table that come first in the view's.
    """

    table: str = "resource"
    doc: str = "doc"
    rtype: str = "rtype"
    id: str = ""
    keep: tuple[str, ...] = ()


def compile_view(view: View, dialect: Dialect = DUCKDB, source: Source = Source()) -> Compiled:  # noqa: B008  immutable
    """Compile a view to one SELECT over a table of documents.

    Raises ViewError for an expression that cannot be read or that views do not speak.
    """
    learnt = _Learnt(Shape(view.resource))
    _Compiler(view, dialect, learnt, source).select()  # the first time to learn what is needed of a document
    return _Compiler(view, dialect, learnt, source).select()


@dataclass(slots=True)
class _Learnt:
    """What the first run finds out for the second: needs of documents and of the nodes of a repeat, types that branches of a union agree on."""

    shape: Shape
    nodes: dict[str, Shape] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)


class _Compiler:
    """Compiles one view; stages are named s0, s1, …, what they unnest f1, f2, …, its places i1, i2, …, and so on."""

    def __init__(self, view: View, dialect: Dialect, learnt: _Learnt, source: Source) -> None:
        """Begin with the documents."""
        self.view, self.dialect, self.shape, self.source = view, dialect, learnt.shape, source
        self.nodes = learnt.nodes
        self.sql = Translator(dialect, view.constants, own_id=OWN_ID if source.id else "")
        self.cells = Cells(self.sql, view.name, learnt.types)
        self.stages: list[str] = []
        self.doubts: list[tuple[str, str]] = []
        root = Coll((Alt(view.resource, ROOT, shape=learnt.shape),))
        self.root = _Place(Scope(root, root, root))

    def select(self) -> Compiled:
        """Write the whole statement."""
        tests = [self._criterion(path, f"where[{number}]") for number, path in enumerate(self.view.where)]
        cells = [cell for select in self.view.selects for cell in self.chain(select, self.root)]
        stages = ",\n".join(f"s{number} AS ({text})" for number, text in enumerate([self._documents(tests), *self.stages]))
        kept = [self.dialect.name_of(name) for name in self.source.keep]
        chosen = ", ".join([*kept, *(f"{cell.sql} AS {self.dialect.name_of(cell.output.name)}" for cell in cells)])
        text = f"WITH {stages}\nSELECT {chosen}\nFROM s{len(self.stages)}"
        return Compiled(text, tuple(cell.output for cell in cells), tuple(self.doubts))

    def _documents(self, tests: list[str]) -> str:
        """Return the stage that reads what is needed of each document, of those that the view is about."""
        source = self.source
        chosen = [*(self.dialect.name_of(name) for name in source.keep), *([f"{source.id} AS {OWN_ID}"] if source.id else [])]
        chosen.append(f"{self.dialect.parse(source.doc, self.shape) if self.shape.fields else '1'} AS {ROOT}")
        found = f"SELECT {', '.join(chosen)} FROM {source.table}"  # noqa: S608  names and texts are quoted
        if source.rtype:
            found += f" WHERE {source.rtype} = {self.dialect.text(self.view.resource)}"
        if not tests:
            return found
        # a WHERE would be pushed below and read every document twice; what is unnested stays where it is (twice as fast in DuckDB)
        wanted = f"CASE WHEN {' AND '.join(f'({test})' for test in tests)} THEN {self.dialect.list_of('true')} END"
        return f"SELECT *, {self.dialect.unnest(wanted, 'f0', None)} FROM ({found}) AS documents"  # noqa: S608  as above

    def _criterion(self, path: str, at: str) -> str:
        with self.placed(at):
            found = self.sql.path(path, self.root.scope)
            if any(alt.family != BOOLEAN for alt in found.alts):
                raise Unsupported(f"{path} is no condition, it is {found.alts[0].type}")
            return self.sql.truth(found)

    @contextmanager
    def placed(self, at: str) -> Iterator[None]:
        """Say where it went wrong, or where there are doubts."""
        self.sql.here = f"view {self.view.name or '?'}, {at}: "
        try:
            yield
        except (Unsupported, FHIRPathError) as error:
            raise ViewError(self.view.name, at, str(error)) from error
        self.doubts += [(at, doubt) for doubt in self.sql.doubts]
        self.sql.doubts.clear()

    # --- selects that are unnested one after the other

    def chain(self, select: Select, place: _Place) -> list[Cell]:
        """Add the stages of a select to the statement; return its columns."""
        if select.each is not None or select.repeat:
            place = self._unnested(select, place)
        cells = []
        for column in select.columns:
            with self.placed(column.at):
                cells.append(self.cells.cell(column, place.scope, place.missing))
        for inner in select.selects:
            cells += self.chain(inner, place)
        return [*cells, *self._united(select, place)] if select.union else cells

    def _unnested(self, select: Select, place: _Place) -> _Place:
        with self.placed(select.at):
            focus, items = self._items(select, place)
        items = self._or_null(items) if select.or_null else items
        value, index = self._stage(items, place, index=_asks_index(select))
        missing = f"{value} IS NULL" if select.or_null or place.missing else None
        scope = _inside(place.scope, _renamed(focus, value), index)
        return _Place(scope, missing)

    def _stage(self, items: str, place: _Place, *, index: bool) -> tuple[str, str]:
        """Add a stage that gives a row for each item, and one without it where a forEachOrNull above found nothing."""
        number = len(self.stages) + 1
        if place.missing:
            items = f"CASE WHEN {place.missing} THEN {self.dialect.list_of('NULL')} ELSE {items} END"
        part = self.dialect.unnest(items, f"f{number}", f"i{number}" if index else None)
        self.stages.append(f"SELECT *, {part} FROM s{number - 1}")  # noqa: S608  numbers
        return f"f{number}", f"i{number}" if index else "0"

    def _united(self, select: Select, place: _Place) -> list[Cell]:
        items, cells = self._union(select, place)
        value, _ = self._stage(items, place, index=False)
        found = []
        for cell in cells:
            sql = f"{value}.{self.dialect.name_of(cell.output.name)}"
            found.append(cell._replace(sql=f"CASE WHEN {place.missing} THEN 0 ELSE {sql} END" if cell.is_index and place.missing else sql))
        return found

    # --- selects that are lists of structs: branches of a union, and whatever is inside of them

    def rows(self, select: Select, place: _Place) -> tuple[str, list[Cell]]:
        """Return the rows of a select as a list of structs."""
        if select.each is None and not select.repeat:
            return self._product(select, place)
        with self.placed(select.at):
            focus, items = self._items(select, place)
        value, index = self.sql.fresh(), self.sql.fresh("n")
        asked = index if _asks_index(select) else ""
        number = f"({index} - 1)" if self.dialect.index_from else index
        scope = _inside(place.scope, _renamed(focus, value), number)
        body, cells = self._product(select, _Place(scope))
        found = self.dialect.flatten(self.dialect.transform(items, value, body, asked))
        if select.or_null:
            nothing = self.dialect.list_of(self.dialect.struct([self.cells.nothing(cell) for cell in cells]))
            found = f"CASE WHEN {self.dialect.size(items)} > 0 THEN {found} ELSE {nothing} END"
        return found, cells

    def _product(self, select: Select, place: _Place) -> tuple[str, list[Cell]]:
        cells: list[Cell] = []
        for column in select.columns:
            with self.placed(column.at):
                cells.append(self.cells.cell(column, place.scope, None))
        lists = [self.rows(inner, place) for inner in select.selects]
        if select.union:
            lists.append(self._union(select, place))
        names = [self.sql.fresh("y") for _ in lists]
        fields = list(cells)
        for name, (_, inner) in zip(names, lists, strict=True):
            fields += [cell._replace(sql=f"{name}.{self.dialect.name_of(cell.output.name)}") for cell in inner]
        found = self.dialect.struct([(cell.output.name, self.cells.typed(cell)) for cell in fields])
        if not lists:
            return self.dialect.list_of(found), fields
        for number, (name, (items, _)) in enumerate(reversed(list(zip(names, lists, strict=True)))):
            found = self.dialect.transform(items, name, found)
            found = self.dialect.flatten(found) if number else found
        return found, fields

    def _union(self, select: Select, place: _Place) -> tuple[str, list[Cell]]:
        branches = [self.rows(branch, place) for branch in select.union]
        with self.placed(select.at):
            self.cells.agree([cells for _, cells in branches])
        return self.dialect.concat([items for items, _ in branches]), branches[0][1]

    # --- what a select goes through

    def _items(self, select: Select, place: _Place) -> tuple[Coll, str]:
        """Return the elements that a select goes through: their type and the list of them."""
        if select.repeat:
            return self._descended(select, place)
        found = self.sql.path(select.each or "", place.scope)
        if not found.alts:
            return EMPTY, f"CAST(NULL AS {self.dialect.list_type(self.dialect.text_type)})"
        if len(found.alts) > 1:
            raise Unsupported("goes through elements of several types: say which with ofType()")
        if not found.alts[0].many and not select.or_null:
            self.sql.doubts.append(f"forEach {select.each} goes through what is never more than one: it only leaves rows out")
        return found, self.sql.listed(found.alts[0])

    def _or_null(self, items: str) -> str:
        return f"CASE WHEN {self.dialect.size(items)} > 0 THEN {items} ELSE {self.dialect.list_of('NULL')} END"

    def _descended(self, select: Select, place: _Place) -> tuple[Coll, str]:
        """Go down with one fold: each node's place is kept, so that the order is that of a walk in depth. Nodes are read from JSON at each level."""
        first = self._children(select, place.scope)
        if first is None:
            return EMPTY, f"CAST(NULL AS {self.dialect.list_type(self.dialect.text_type)})"
        type_, items = first
        shape = self.nodes.setdefault(select.at, Shape(type_))
        dialect, fresh = self.dialect, self.sql.fresh
        node, child, number, state, end = (fresh(letter) for letter in "xdnae")
        own = Coll((Alt(type_, self._node(f"{node}.j", shape), shape=shape),))
        below = self._children(select, replace(place.scope, this=own, context=own))
        placed = dialect.struct([("p", dialect.append(f"{node}.p", f"CAST({number} AS BIGINT)")), ("j", child)])
        nodes = dialect.list_type(dialect.struct_type([("p", dialect.list_type("BIGINT")), ("j", dialect.json_type)]))
        next_ = (
            dialect.flatten(dialect.transform(f"{state}.now", node, dialect.transform(below[1], child, placed, number)))
            if below
            else dialect.list_of()
        )
        begun = dialect.struct([("p", dialect.list_of(f"CAST({number} AS BIGINT)")), ("j", child)])
        begin = [("done", f"CAST({dialect.list_of()} AS {nodes})"), ("now", f"CAST({dialect.transform(items, child, begun, number)} AS {nodes})")]
        step = [("done", dialect.concat([f"{state}.done", f"{state}.now"])), ("now", f"CAST({next_} AS {nodes})")]
        text = f"CAST({items} AS {dialect.text_type})"  # no more levels than objects
        levels = f"least(length({text}) - length(replace({text}, '{{', '')), {DEEPEST})"
        folded = dialect.fold(f"greatest(coalesce({levels}, 0), 1)", dialect.struct(begin), state, dialect.struct(step))
        sorted_ = dialect.transform(dialect.sort(f"{end}.done"), node, self._node(f"{node}.j", shape))
        told = f"CASE WHEN {dialect.size(f'{end}.now')} > 0 THEN {dialect.fail(self._too_deep(select))} ELSE {sorted_} END"
        return Coll((Alt(type_, "", shape=shape),)), dialect.at(dialect.transform(dialect.list_of(folded), end, told), "0")

    def _node(self, text: str, shape: Shape) -> str:
        return self.dialect.parse(text, shape) if shape.fields and not shape.whole else text

    def _too_deep(self, select: Select) -> str:
        return f"view {self.view.name or '?'}, {select.at}: repeat finds more than {DEEPEST} levels"

    def _children(self, select: Select, scope: Scope) -> tuple[str, str] | None:
        """Return type and list of the children by every path, each as JSON; None where no path leads anywhere."""
        found: list[Alt] = []
        for path in select.repeat:
            for alt in self.sql.path(path, scope).alts:
                if alt.shape is None:
                    raise Unsupported("repeat goes through elements of the document")
                alt.shape.whole = True
                found.append(alt)
        if len({alt.type for alt in found}) > 1:
            raise Unsupported("repeat goes through elements of several types")
        return (found[0].type, self.dialect.concat([self.sql.listed(alt) for alt in found])) if found else None


def _inside(scope: Scope, focus: Coll, index: str) -> Scope:
    return replace(scope, this=focus, context=focus, row_index=index)


def _renamed(focus: Coll, name: str) -> Coll:
    """Return one element of a collection under the name it got."""
    return Coll(tuple(replace(alt, sql=name, many=False, beside=None) for alt in focus.alts))


def _asks_index(select: Select) -> bool:
    paths = [column.path for column in select.columns] + [
        path for inner in (*select.selects, *select.union) for path in (inner.each or "", *inner.repeat)
    ]
    return any(_ROW_INDEX in path for path in paths) or any(_asks_index(inner) for inner in (*select.selects, *select.union))
