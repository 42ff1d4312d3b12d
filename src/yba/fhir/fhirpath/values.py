"""What a FHIRPath collection holds: elements of a document with their types, and system values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

import orjson

from yba.fhir.definitions import elements, is_primitive, is_resource, known, supertypes

from .temporal import Temporal, read_date, read_moment, read_time

UCUM: Final = "http://unitsofmeasure.org"
_TEXT: Final = frozenset("string code uri url canonical uuid oid id markdown base64Binary xhtml".split())
_WHOLE: Final = frozenset({"integer", "positiveInt", "unsignedInt", "integer64"})
QUANTITIES: Final = frozenset("Quantity Age Distance Duration Count SimpleQuantity MoneyQuantity".split())
SINGULAR: Final = {f"{unit}s": unit for unit in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")}
FARTHEST: Final = 400  # exponent of ten: FHIRPath asks for 28, a float of JSON has 308, and 1e999999 takes minutes to be written
CALENDAR: Final = frozenset(SINGULAR.values())


class Node:
    """One element of a document: its value, FHIR type, what extends it, and where it stands."""

    __slots__ = ("data", "index", "key", "parent", "shadow", "type")

    def __init__(self, data: Any, type_: str, shadow: Any = None, parent: Node | None = None, key: str = "", index: int | None = None) -> None:  # noqa: ANN401
        """Take the JSON value (None: only extended), the type, the object `_key`, and the place."""
        self.data = data
        self.type = type_
        self.shadow = shadow
        self.parent = parent
        self.key = key
        self.index = index

    def __repr__(self) -> str:
        """Show type and place, never the value: it may be a person's."""
        return f"<{self.type} at {self.path()}>"

    def path(self) -> str:
        """Return where it stands: `Patient.name[0].given[1]`."""
        own = self.key if self.index is None else f"{self.key}[{self.index}]"
        return f"{self.parent.path()}.{own}" if self.parent is not None else self.type


class Long(int):
    """A whole number of 64 bits: a literal with an L, what toLong() gives."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit: a UCUM code, a word of the calendar ("week"), or either where FHIR data says `a` or `mo`."""

    value: Decimal
    unit: str
    calendar: bool | None = False  # None: FHIR data, UCUM and calendar alike
    foreign: bool = False  # FHIR data whose unit is of no UCUM code: "m" may be a minute, so it is never converted

    def __str__(self) -> str:
        """Write it as a literal."""
        return f"{self.value:f} {self.unit}" if self.calendar else f"{self.value:f} '{self.unit}'"

    @property
    def word(self) -> str:
        """The calendar's unit in the singular; empty for UCUM's."""
        if self.calendar is None:
            return FHIR_CALENDAR.get(self.unit, "")
        return SINGULAR.get(self.unit, self.unit) if self.calendar else ""


FHIR_CALENDAR: Final = {"a": "year", "mo": "month", "wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second", "ms": "millisecond"}


class TypeInfo(NamedTuple):
    """What `type()` gives."""

    namespace: str
    name: str


class Terminologies:
    """What %terminologies is: asked, never shown."""

    def __repr__(self) -> str:
        """Say its name."""
        return "%terminologies"


TERMINOLOGIES: Final = Terminologies()
Item = Any  # Node, bool, int, Decimal, str, Temporal, Quantity or TypeInfo
Items = list[Any]


def root(doc: dict[str, Any], type_: str = "") -> Node:
    """Make the node of a resource, or of an object whose type is given."""
    return Node(doc, type_ or _resource_type(doc))


def _resource_type(doc: Any) -> str:  # noqa: ANN401
    found = doc.get("resourceType") if isinstance(doc, dict) else None
    return found if isinstance(found, str) and is_resource(found) else "Resource"


class Plans(dict[str, tuple[tuple[str, str, bool], ...]]):
    """How to reach a child of one name: type -> (JSON property, type, whether primitive)."""

    def __init__(self, name: str) -> None:
        """Know the name; types are looked up when they are met."""
        super().__init__()
        self._name = name

    def __missing__(self, type_: str) -> tuple[tuple[str, str, bool], ...]:
        element = elements(type_).get(self._name) if known(type_) else None
        fields = element.fields if element else ()
        found = self[type_] = tuple((field.key, field.type, is_primitive(field.type)) for field in fields)
        return found


_EXTENDED: Final = "Element"


def step(node: Node, plans: Plans, out: Items) -> None:
    """Add the children that a plan leads to."""
    data = node.data
    if type(data) is not dict:
        data = node.shadow
        if type(data) is not dict:
            return
        plan = plans[_EXTENDED]
    else:
        plan = plans[node.type]
    for key, type_, primitive in plan:
        if primitive:
            if key in data or f"_{key}" in data:
                _primitives(node, key, type_, data.get(key), data.get(f"_{key}"), out)
        elif key in data:
            _objects(node, key, type_, data[key], out)


def _objects(node: Node, key: str, type_: str, value: Any, out: Items) -> None:  # noqa: ANN401
    if type(value) is list:
        for index, one in enumerate(value):
            if one is not None:
                out.append(Node(one, type_ if type_ != "Resource" else _resource_type(one), None, node, key, index))
    elif value is not None:
        out.append(Node(value, type_ if type_ != "Resource" else _resource_type(value), None, node, key))


def _primitives(node: Node, key: str, type_: str, value: Any, shadow: Any, out: Items) -> None:  # noqa: ANN401
    if type(value) is not list and type(shadow) is not list:
        if value is not None or shadow is not None:
            out.append(Node(value, type_, shadow, node, key))
        return
    values, shadows = value if type(value) is list else [], shadow if type(shadow) is list else []
    for index in range(max(len(values), len(shadows))):
        one = values[index] if index < len(values) else None
        beside = shadows[index] if index < len(shadows) else None
        if one is not None or beside is not None:
            out.append(Node(one, type_, beside, node, key, index))


def walk(doc: dict[str, Any], path: tuple[Plans, ...]) -> list[Any]:
    """Return the values at the end of a plain path without making a Node of any of them: a third of the price."""
    level = [(doc, _resource_type(doc))]
    for plans in path:
        below: list[tuple[Any, str]] = []
        for data, type_ in level:
            if type(data) is not dict:
                continue  # what extends a primitive has no value of its own
            for key, own, _ in plans[type_]:
                value = data.get(key)
                if type(value) is list:
                    below += [(one, own) for one in value if one is not None]
                elif value is not None:
                    below.append((value, own))
        level = [(one, _resource_type(one)) if own == "Resource" else (one, own) for one, own in below]
    return [data for data, _ in level]


class _All(dict[str, tuple[Plans, ...]]):
    """Plans to all children of a type, in the order of the definitions."""

    def __missing__(self, type_: str) -> tuple[Plans, ...]:
        names = elements(type_) if known(type_) else ()
        found = self[type_] = tuple(Plans(name) for name in names)
        return found


_ALL: Final = _All()


def children(item: Item) -> Items:
    """Return all children of an element; system values have none."""
    out: Items = []
    if isinstance(item, Node):
        for plans in _ALL[item.type if type(item.data) is dict else _EXTENDED]:
            step(item, plans, out)
    return out


def system(item: Item) -> Item:
    """Return the system value of a primitive element or Quantity; anything else as it is; None for one without a value."""
    if type(item) is not Node:
        return item
    data, type_ = item.data, item.type
    if type(data) is dict:
        return quantity(item) or item if type_ in QUANTITIES else item
    if data is None:
        return None
    if type_ in _TEXT or type_ == "boolean":
        return data
    if type_ in _WHOLE:
        return number(data)
    if type_ == "decimal":
        found = number(data)
        return found if found is None else Decimal(found)  # JSON writes 5.0 as 5, and it is no Integer for that
    if not isinstance(data, str):
        return data
    read = {"date": read_date, "time": read_time}.get(type_, read_moment)
    return read(data) or data


def number(data: Any) -> int | Decimal | None:  # noqa: ANN401
    """Return a JSON number as what can be reckoned with; a float by its shortest text; None for one beyond all measure."""
    if isinstance(data, int):
        return data
    if isinstance(data, Decimal):
        return data if abs(data.adjusted()) <= FARTHEST else None
    text = orjson.dumps(data).decode() if isinstance(data, (float, orjson.Fragment)) else str(data)
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= FARTHEST else None


def quantity(node: Node) -> Quantity | None:
    """Return a FHIR Quantity as a system one; None without a value or with a comparator, which says no one value."""
    value = number(node.data["value"]) if node.data.get("value") is not None else None
    if value is None or "comparator" in node.data:
        return None
    code, unit = node.data.get("code"), node.data.get("unit")
    if code and node.data.get("system") == UCUM:
        return Quantity(Decimal(value), str(code), None if code in FHIR_CALENDAR else False)
    said = code or unit
    return Quantity(Decimal(value), str(said), foreign=True) if said else Quantity(Decimal(value), "1")


def type_of(item: Item) -> TypeInfo:
    """Return namespace and name of an item's type."""
    if isinstance(item, Node):
        return TypeInfo("FHIR", "BackboneElement" if "." in item.type else item.type)
    if isinstance(item, bool):
        return TypeInfo("System", "Boolean")
    if isinstance(item, Temporal):
        return TypeInfo("System", item.kind)
    names = {int: "Integer", Long: "Long", Decimal: "Decimal", str: "String", Quantity: "Quantity", TypeInfo: "SimpleTypeInfo"}
    return TypeInfo("System", names.get(type(item), "Any"))


SYSTEM_TYPES: Final = frozenset("Boolean String Integer Long Decimal Date DateTime Time Quantity Any".split())


def is_type(item: Item, namespace: str, name: str, *, exact: bool = False) -> bool:
    """Whether an item is of a type or one below it; `exact`: below it counts only for objects, not for primitives."""
    own = type_of(item)
    if own.namespace == "System":
        return namespace in {"", "System"} and name in {own.name, "Any"}
    if namespace == "System":
        return False
    if exact and is_primitive(own.name):
        return own.name == name
    return name in {item.type, own.name} or name in supertypes(own.name)


def plain(item: Item) -> Any:  # noqa: ANN401
    """Return an item as JSON would hold it."""
    if isinstance(item, Node):
        return item.data
    if isinstance(item, Temporal):
        return str(item)
    if item is TERMINOLOGIES:
        return None
    if isinstance(item, Quantity):
        if item.calendar or item.foreign:
            return {"value": item.value, "unit": item.unit}
        return {"value": item.value, "unit": item.unit, "system": UCUM, "code": item.unit}
    return item._asdict() if isinstance(item, TypeInfo) else int(item) if type(item) is Long else item
