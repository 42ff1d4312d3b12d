"""ViewDefinitions of SQL on FHIR 2.0 as typed objects, read from their JSON with every rule of form checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from yba.fhir.definitions import is_resource
from yba.fhir.fhirpath.temporal import literal
from yba.kit import Invalid

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
_COMMON: Final = frozenset({"id", "extension", "modifierExtension"})
_SELECT: Final = _COMMON | {"column", "select", "forEach", "forEachOrNull", "repeat", "unionAll"}
_COLUMN: Final = _COMMON | {"path", "name", "description", "collection", "type", "tag", "tags"}
_WHERE: Final = _COMMON | {"path", "description"}
_TYPE_HINT: Final = "ansi/type"
_IN_TIME: Final = {"date": {"Date"}, "dateTime": {"Date", "DateTime"}, "instant": {"DateTime"}, "time": {"Time"}}
_DAY: Final = 3  # parts of a date: year, month, day
# R4 has no integer64: https://sql-on-fhir.org/ig/latest/StructureDefinition-ViewDefinition-definitions.html#diff_ViewDefinition.constant.value[x]
CONSTANTS: Final[dict[str, tuple[str, type]]] = {
    f"value{name[0].upper()}{name[1:]}": (name, kind)
    for kind, names in {
        str: "base64Binary canonical code date dateTime id instant oid string time uri url uuid",
        int: "integer integer64 positiveInt unsignedInt",
        bool: "boolean",
        float: "decimal",
    }.items()
    for name in names.split()
}


class ViewError(Invalid):
    """A ViewDefinition breaks a rule, or a resource does not fit into its columns; says view, place in the view, and what is wrong."""

    def __init__(self, view: str, at: str, what: str) -> None:
        """Take the name of the view, the place in it (`select[0].column[2]`), and the words."""
        super().__init__(f"view {view or '?'}{', ' if at else ''}{at}: {what}")
        self.view, self.at, self.what = view, at, what


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table: a FHIRPath relative to the select that holds it."""

    name: str
    path: str
    at: str
    type: str | None = None  # FHIR type, the prefix of StructureDefinitions left out; None = as inferred
    collection: bool = False
    description: str = ""
    hint: str | None = None  # tag ansi/type


@dataclass(frozen=True, slots=True)
class Select:
    """A selection structure: columns, nested selects and a union, for each of what `each` or `repeat` finds."""

    at: str
    columns: tuple[Column, ...] = ()
    selects: tuple[Select, ...] = ()
    union: tuple[Select, ...] = ()
    each: str | None = None
    or_null: bool = False
    repeat: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant: FHIR type and JSON value."""

    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class View:
    """A ViewDefinition whose form is right; `doc` is its JSON."""

    name: str
    resource: str
    selects: tuple[Select, ...]
    where: tuple[str, ...] = ()
    constants: dict[str, Constant] = field(default_factory=dict)
    doc: dict[str, Any] = field(default_factory=dict)


def read(doc: dict[str, Any]) -> View:
    """Read a ViewDefinition. Raises ViewError for whatever is wrong with its form: names, types, columns twice, unions of other columns."""
    if not isinstance(doc, dict):
        raise ViewError("", "", "is not a JSON object")
    view = _Reader(str(doc.get("name") or "")).view(doc)
    columns_of(view)
    return view


def columns_of(view: View) -> tuple[Column, ...]:
    """Return the columns in their order. Raises ViewError for a name that comes twice and for branches of a union that differ."""
    found: list[Column] = []
    for select in view.selects:
        found = _columns(view, select, found)
    return tuple(found)


def _columns(view: View, select: Select, before: list[Column]) -> list[Column]:
    found = list(before)
    known = {one.name for one in found}
    for column in select.columns:
        if column.name in known:
            raise ViewError(view.name, column.at, f"column {column.name} stands there twice")
        known.add(column.name)
        found.append(column)
    for inner in select.selects:
        found = _columns(view, inner, found)
    branches = [_columns(view, one, found)[len(found) :] for one in select.union]
    for branch, part in zip(branches, select.union, strict=True):
        names, first = [one.name for one in branch], [one.name for one in branches[0]]
        if names != first:
            raise ViewError(view.name, part.at, f"branches of a unionAll need the same columns in the same order: {first} and {names}")
    return [*found, *branches[0]] if branches else found


def _is_in_time(type_: str, value: Any) -> bool:  # noqa: ANN401  JSON
    """Whether a date, moment or time is one, a moment with its time zone; whatever else is."""
    if type_ not in _IN_TIME:
        return True
    found = literal(f"@{'T' if type_ == 'time' else ''}{value}")
    return found is not None and found.kind in _IN_TIME[type_] and (found.kind != "DateTime" or len(found.parts) <= _DAY or found.zone is not None)


class _Reader:
    """Reads the parts of one view."""

    def __init__(self, name: str) -> None:
        """Keep the name for what it says."""
        self._name = name

    def wrong(self, at: str, what: str) -> ViewError:
        """Make an error of this view."""
        return ViewError(self._name, at, what)

    def view(self, doc: dict[str, Any]) -> View:
        """Read the whole of it."""
        if self._name and not _NAME.fullmatch(self._name):
            raise self.wrong("name", "has other characters than letters, digits and underscores, or does not begin with a letter")
        resource = self._text(doc, "resource", "")
        if not is_resource(resource):
            raise self.wrong("resource", f"R4 has no resource {resource}")
        where = tuple(self._path(one, f"where[{number}]") for number, one in enumerate(self._list(doc, "where", "")))
        selects = tuple(self._select(one, f"select[{number}]") for number, one in enumerate(self._list(doc, "select", "", needed=True)))
        return View(self._name, resource, selects, where, self._constants(doc), doc)

    def _path(self, one: dict[str, Any], at: str) -> str:
        self._known(one, _WHERE, at)
        return self._text(one, "path", at)

    def _constants(self, doc: dict[str, Any]) -> dict[str, Constant]:
        found: dict[str, Constant] = {}
        for number, one in enumerate(self._list(doc, "constant", "")):
            at = f"constant[{number}]"
            self._known(one, _COMMON | {"name"} | set(CONSTANTS), at)
            name = self._text(one, "name", at)
            if not _NAME.fullmatch(name) or name in found or name in {"rowIndex", "resource", "rootResource", "context"}:
                raise self.wrong(at, f"{name} is no name for a constant, or is taken")
            given = [key for key in one if key in CONSTANTS]
            if len(given) != 1:
                raise self.wrong(at, f"constant {name} needs one value, found {len(given)}")
            found[name] = self._constant(one, given[0], at)
        return found

    def _constant(self, one: dict[str, Any], key: str, at: str) -> Constant:
        type_, kind = CONSTANTS[key]
        value = one[key]
        fits = isinstance(value, (int, float, Decimal) if kind is float else (int, str) if type_ == "integer64" else kind)
        if not fits or (isinstance(value, bool) and kind is not bool) or not _is_in_time(type_, value):
            raise self.wrong(at, f"{key} is not a {type_}")
        return Constant(type_, int(value) if type_ == "integer64" else value)

    def _select(self, one: dict[str, Any], at: str) -> Select:
        self._known(one, _SELECT, at)
        ways = [key for key in ("forEach", "forEachOrNull", "repeat") if key in one]
        if len(ways) > 1:
            raise self.wrong(at, f"has {' and '.join(ways)}: one select goes through its elements in one way")
        each = self._text(one, ways[0], at) if ways and ways[0] != "repeat" else None
        found = Select(
            at,
            tuple(self._column(part, f"{at}.column[{number}]") for number, part in enumerate(self._list(one, "column", at))),
            tuple(self._select(part, f"{at}.select[{number}]") for number, part in enumerate(self._list(one, "select", at))),
            tuple(self._select(part, f"{at}.unionAll[{number}]") for number, part in enumerate(self._list(one, "unionAll", at))),
            each,
            or_null="forEachOrNull" in one,
            repeat=self._repeat(one, at),
        )
        if not (found.columns or found.selects or found.union):
            raise self.wrong(at, "has no column, select or unionAll")
        return found

    def _repeat(self, one: dict[str, Any], at: str) -> tuple[str, ...]:
        paths = one.get("repeat", [])
        if not isinstance(paths, list) or not all(isinstance(path, str) and path for path in paths) or ("repeat" in one and not paths):
            raise self.wrong(f"{at}.repeat", "needs a list of paths")
        return tuple(paths)

    def _column(self, one: dict[str, Any], at: str) -> Column:
        self._known(one, _COLUMN, at)
        name, path = self._text(one, "name", at), self._text(one, "path", at)
        if not _NAME.fullmatch(name):
            raise self.wrong(at, f"{name} is no name for a column: letters, digits and underscores, a letter first")
        collection = one.get("collection", False)
        if not isinstance(collection, bool):
            raise self.wrong(at, "collection is true or false")
        type_ = self._text(one, "type", at).removeprefix(_BASE) if "type" in one else None
        tags = [tag for key in ("tag", "tags") for tag in self._list(one, key, at)]
        hint = next((str(tag.get("value")) for tag in tags if tag.get("name") == _TYPE_HINT), None)
        return Column(name, path, at, type_, collection, str(one.get("description", "")), hint)

    def _known(self, one: dict[str, Any], keys: frozenset[str], at: str) -> None:
        unknown = sorted(set(one) - keys)
        if unknown:
            raise self.wrong(at, f"unknown element {unknown[0]}")

    def _text(self, one: dict[str, Any], key: str, at: str) -> str:
        found = one.get(key)
        if not isinstance(found, str) or not found.strip():
            raise self.wrong(f"{at}.{key}" if at else key, "needs a text" if key in one else "is missing")
        return found

    def _list(self, one: dict[str, Any], key: str, at: str, *, needed: bool = False) -> list[dict[str, Any]]:
        found = one.get(key, [])
        here = f"{at}.{key}" if at else key
        if not isinstance(found, list) or not all(isinstance(part, dict) for part in found):
            raise self.wrong(here, "needs a list of objects")
        if not found and (needed or (key in one and key in _SELECT)):
            raise self.wrong(here, "is missing or empty")
        return found
