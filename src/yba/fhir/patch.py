"""JSON Patch (RFC 6902) and FHIRPath Patch on documents: a new document, or an error that names the operation; the old one is untouched."""

from __future__ import annotations

import re
from copy import deepcopy
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import jsonpatch
import jsonpointer

from yba.kit import Invalid

from .definitions import Element, Field, elements, is_primitive, known, properties
from .fhirpath import FHIRPathError, Node, compile  # noqa: A004  the contract's name
from .validation import errors

if TYPE_CHECKING:
    from collections.abc import Callable

MOST: Final = 1_000  # operations of one patch
_NUMBER: Final = re.compile(r"Parameters\.parameter\[(\d+)\]")
LARGEST: Final = 1_000_000  # values that "copy" may add: doubling a document thirty times is no patch


def json_patch(doc: dict[str, Any], operations: Any) -> dict[str, Any]:  # noqa: ANN401  whatever a client sent
    """Return the document with RFC 6902 operations applied, all or none. Raises Invalid with the operation's number, counted from 0."""
    _check_count(operations, "a JSON Patch is an array of operations")
    made = deepcopy(doc)
    added = 0
    for number, operation in enumerate(deepcopy(operations)):
        try:
            if isinstance(operation, dict) and operation.get("op") == "copy":
                added += _size(jsonpointer.resolve_pointer(made, str(operation.get("from"))))
                if added > LARGEST:
                    message = f"operation {number}: copies more than {LARGEST} values"
                    raise Invalid(message)
            made = jsonpatch.JsonPatch([operation]).apply(made, in_place=True)
        except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, KeyError, IndexError, AttributeError) as error:
            raise Invalid(_refused(number, operation)) from error  # the library's own words may hold values of the record
    if not isinstance(made, dict):
        raise Invalid("what is left is no object")
    _check_same(doc, made)
    return made


def _refused(number: int, operation: Any) -> str:  # noqa: ANN401
    if not isinstance(operation, dict):
        return f"operation {number}: an operation is an object"
    return f"operation {number} ({operation.get('op')} {str(operation.get('path'))[:200]}): cannot be applied"


def _check_count(operations: Any, shape: str) -> None:  # noqa: ANN401
    if not isinstance(operations, list):
        raise Invalid(shape)
    if len(operations) > MOST:
        message = f"a patch has at most {MOST} operations, found {len(operations)}"
        raise Invalid(message)


def _check_shape(parameters: dict[str, Any]) -> None:
    """Refuse what is no Parameters resource, so that operations can be read without asking at every step."""
    for wrong in errors(parameters):
        number = _NUMBER.match(wrong)
        message = f"operation {number[1]}: {wrong}" if number else wrong
        raise Invalid(message)


def _check_same(doc: dict[str, Any], made: dict[str, Any]) -> None:
    if made.get("resourceType") != doc.get("resourceType"):
        raise Invalid("a patch does not change resourceType")


def _size(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, dict):
        return 1 + sum(_size(one) for one in value.values())
    return 1 + sum(_size(one) for one in value) if isinstance(value, list) else 1


# --- FHIRPath Patch ----------------------------------------------------------------------------------------------------------

Value = tuple[Any, Any, str]  # JSON value, what extends it, type ("" = anonymous)


def fhirpath_patch(doc: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the operations of a Parameters resource applied, all or none. Raises Invalid with the operation's number.

    The document is one that the structural check has passed; the Parameters may be whatever a client sent.
    """
    if parameters.get("resourceType") != "Parameters":
        raise Invalid("a FHIRPath Patch is a Parameters resource")
    operations = parameters.get("parameter", [])
    _check_count(operations, "Parameters.parameter is an array")
    _check_shape(parameters)
    made = deepcopy(doc)
    for number, operation in enumerate(operations):
        try:
            _apply(made, _Operation(operation))
        except FHIRPathError as error:
            message = f"operation {number}: {error}"
            raise Invalid(message) from error
        except Invalid as error:
            message = f"operation {number}: {error.message}"
            raise Invalid(message) from error
    _check_same(doc, made)
    return made


class _Operation:
    """The parts of one operation."""

    def __init__(self, parameter: Any) -> None:  # noqa: ANN401
        """Read them. Raises Invalid for unknown or missing ones."""
        if not isinstance(parameter, dict) or parameter.get("name") != "operation":
            raise Invalid("expected a parameter named operation")
        self.parts: dict[str, dict[str, Any]] = {}
        for part in parameter.get("part", ()):
            name = part.get("name") if isinstance(part, dict) else None
            if name not in {"type", "path", "name", "value", "index", "source", "destination"} or name in self.parts:
                message = f"unknown or repeated part {name!r}"
                raise Invalid(message)
            self.parts[name] = part

    def text(self, name: str) -> str:
        """Return a part that is text."""
        found = self._said(name)
        if not isinstance(found, str):
            message = f"{name} is text"
            raise Invalid(message)
        return found

    def number(self, name: str) -> int:
        """Return a part that is a whole number."""
        found = self._said(name)
        if not isinstance(found, int) or isinstance(found, bool):
            message = f"{name} is a whole number"
            raise Invalid(message)
        return found

    def value(self) -> Value:
        """Return the part `value`: a value of a type, or an object put together from parts."""
        if "value" not in self.parts:
            raise Invalid("value is missing")
        return _value(self.parts["value"])

    def _said(self, name: str) -> Any:  # noqa: ANN401
        if name not in self.parts:
            message = f"{name} is missing"
            raise Invalid(message)
        return next((one for key, one in self.parts[name].items() if key.startswith("value")), None)


def _value(part: dict[str, Any]) -> Value:
    if "part" in part or "resource" in part:
        return part.get("resource", part.get("part")), None, "Resource" if "resource" in part else ""
    known_keys = properties("Parameters.parameter")
    for key in part:
        field = known_keys.get(key.removeprefix("_"))
        if field and key.removeprefix("_").startswith("value"):
            name = field[1].key
            return part.get(name), part.get(f"_{name}"), field[1].type
    raise Invalid("value has no value")


def _apply(doc: dict[str, Any], operation: _Operation) -> None:
    kind = operation.text("type")
    act = _ACTS.get(kind)
    if act is None:
        message = f"unknown type {kind!r}"
        raise Invalid(message)
    path = operation.text("path")
    found = compile(path, str(doc.get("resourceType"))).items(doc)
    nodes = [item for item in found if isinstance(item, Node) and _top(item).data is doc]
    if len(nodes) != len(found):
        raise Invalid("path leads out of the document")
    act(nodes, operation, doc)


def _top(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _one(nodes: list[Node], kind: str) -> Node:
    if len(nodes) != 1:
        message = f"{kind} needs a path to one element, found {len(nodes) or 'none'}"
        raise Invalid(message)
    return nodes[0]


def _add(nodes: list[Node], operation: _Operation, doc: dict[str, Any]) -> None:  # noqa: ARG001
    target = _one(nodes, "add")
    holder, type_ = _holder(target)
    name = operation.text("name")
    element, field, value = _fitting(type_, name, operation.value())
    _check_alone(holder, element, name)
    _put(holder, element, field, value, None)


def _check_alone(holder: dict[str, Any], element: Element, name: str) -> None:
    """Refuse a second value of what there is only one of, whatever type of a choice either has."""
    if not element.many and any(one.key in holder or f"_{one.key}" in holder for one in element.fields):
        message = f"{name} is there already, and there is only one"
        raise Invalid(message)


def _insert(nodes: list[Node], operation: _Operation, doc: dict[str, Any]) -> None:  # noqa: ARG001
    holder, element, field = _list(nodes, operation.text("path"))
    at = operation.number("index")
    if not 0 <= at <= len(nodes):
        message = f"index {at} is outside 0..{len(nodes)}"
        raise Invalid(message)
    _put(holder, element, field, _converted(element, field, operation.value()), at)


def _move(nodes: list[Node], operation: _Operation, doc: dict[str, Any]) -> None:  # noqa: ARG001
    holder, _, field = _list(nodes, operation.text("path"))
    source, destination = operation.number("source"), operation.number("destination")
    if not 0 <= source < len(nodes) or not 0 <= destination < len(nodes):
        message = f"source and destination are within 0..{len(nodes) - 1}"
        raise Invalid(message)
    for key in (field.key, f"_{field.key}"):
        if key in holder:
            row = holder[key] + [None] * (len(nodes) - len(holder[key]))
            row.insert(destination, row.pop(source))
            holder[key] = row
    _tidy_row(holder, field.key)


def _delete(nodes: list[Node], operation: _Operation, doc: dict[str, Any]) -> None:  # noqa: ARG001
    if not nodes:
        return  # what is not there is deleted
    node = _one(nodes, "delete")
    if node.parent is None:
        raise Invalid("a patch does not delete the resource")
    _remove(node)


def _replace(nodes: list[Node], operation: _Operation, doc: dict[str, Any]) -> None:  # noqa: ARG001
    node = _one(nodes, "replace")
    if node.parent is None:
        raise Invalid("a patch does not replace the resource")
    holder, type_ = _holder(node.parent)
    element, _ = properties(type_)[node.key]
    _, field, value = _fitting(type_, element.name, operation.value())
    if node.index is None:
        for key in (node.key, f"_{node.key}"):
            holder.pop(key, None)
        _put(holder, element, field, value, None)
        return
    _set(holder, field.key, node.index, value)


_ACTS: Final[dict[str, Callable[[list[Node], _Operation, dict[str, Any]], None]]] = {
    "add": _add,
    "insert": _insert,
    "delete": _delete,
    "replace": _replace,
    "move": _move,
}


def _holder(node: Node) -> tuple[dict[str, Any], str]:
    """Return the object that holds an element's children: of a primitive, what extends it."""
    if isinstance(node.data, dict):
        return node.data, node.type
    if node.parent is None:
        raise Invalid("expected a resource")
    outer, _ = _holder(node.parent)
    key = f"_{node.key}"
    if node.index is None:
        made = outer.setdefault(key, {})
    else:
        row = outer.setdefault(key, [])
        row += [None] * (node.index + 1 - len(row))
        if row[node.index] is None:
            row[node.index] = {}
        made = row[node.index]
    return made, "Element"


def _list(nodes: list[Node], path: str) -> tuple[dict[str, Any], Element, Field]:
    """Return where a list stands, which all nodes must fill; what has no element yet is no list: `add` begins it."""
    parents = {id(node.parent.data) if node.parent else 0 for node in nodes}
    if not nodes or len(parents) != 1 or nodes[0].parent is None or nodes[0].index is None:
        message = f"{path} is not one list"
        raise Invalid(message)
    holder, type_ = _holder(nodes[0].parent)
    if [node.index for node in nodes] != list(range(max(len(holder.get(nodes[0].key, ())), len(holder.get(f"_{nodes[0].key}", ()))))):
        message = f"{path} is not the whole of a list"
        raise Invalid(message)
    return holder, *properties(type_)[nodes[0].key]


def _fitting(type_: str, name: str, value: Value) -> tuple[Element, Field, Value]:
    """Return the property of a type that a value fits into by its name; a choice is decided by the value's type."""
    element = elements(type_).get(name.removesuffix("[x]"))  # a choice by its name in paths, or in the definitions
    chosen = properties(type_).get(name)
    if element is None and chosen is None:
        message = f"{type_} has no {name}"
        raise Invalid(message)
    if element is None or len(element.fields) == 1:
        element, field = chosen or (element, element.fields[0] if element else None)
    else:
        field = next((one for one in element.fields if one.type == value[2]), None)
    if element is None or field is None:
        message = f"{name} does not take {value[2] or 'an object without a type'}"
        raise Invalid(message)
    return element, field, _converted(element, field, value)


def _converted(element: Element, field: Field, value: Value) -> Value:
    """Bring a value to the type of its place."""
    data, shadow, type_ = value
    if not type_ and not is_primitive(field.type):
        return _composed(data, field.type), None, field.type
    fits = type_ == field.type or (is_primitive(type_) and is_primitive(field.type) and type(data) in _JSON.get(field.type, (str, type(None))))
    if not fits:
        message = f"{element.name} takes {field.type}, found {type_ or 'parts'}"
        raise Invalid(message)
    return deepcopy(data), deepcopy(shadow), field.type


_JSON: Final[dict[str, tuple[type, ...]]] = {
    "boolean": (bool, type(None)),
    "decimal": (int, float, Decimal, type(None)),
    "integer": (int, type(None)),
    "positiveInt": (int, type(None)),
    "unsignedInt": (int, type(None)),
}


def _composed(parts: Any, type_: str) -> dict[str, Any]:  # noqa: ANN401
    """Put an object together from the parts of a parameter, each a property of the type."""
    if not isinstance(parts, list) or not known(type_):
        raise Invalid("expected parts")
    made: dict[str, Any] = {}
    for part in parts:
        name = part.get("name") if isinstance(part, dict) else None
        if not isinstance(name, str):
            raise Invalid("a part has a name")
        element, field, value = _fitting(type_, name, _value(part))
        _check_alone(made, element, name)
        _put(made, element, field, value, None)
    return made


def _put(holder: dict[str, Any], element: Element, field: Field, value: Value, at: int | None) -> None:
    """Write a value into a property, or into its list at a place (None: at the end)."""
    data, shadow, _ = value
    key = field.key
    if not element.many:
        if data is not None:
            holder[key] = data
        if shadow is not None:
            holder[f"_{key}"] = shadow
        return
    length = max(len(holder.get(key, ())), len(holder.get(f"_{key}", ())))
    for name, one in ((key, data), (f"_{key}", shadow)):
        if one is not None or name in holder:
            row = holder.get(name, [])
            row = row + [None] * (length - len(row))
            row.insert(length if at is None else at, one)
            holder[name] = row


def _set(holder: dict[str, Any], key: str, index: int, value: Value) -> None:
    """Write a value over one of a list."""
    for name, one in ((key, value[0]), (f"_{key}", value[1])):
        if one is not None or name in holder:
            row = holder.get(name, [])
            row = row + [None] * (index + 1 - len(row))
            row[index] = one
            holder[name] = row
    _tidy_row(holder, key)


def _remove(node: Node) -> None:
    """Take an element away, and every object and list that is empty then."""
    parent = node.parent
    if parent is None:
        return
    holder, _ = _holder(parent)
    for key in (node.key, f"_{node.key}"):
        if node.index is None:
            holder.pop(key, None)
        elif key in holder and node.index < len(holder[key]):
            del holder[key][node.index]
    _tidy_row(holder, node.key)
    if not holder and parent.parent is not None:
        _remove_empty(parent)


def _remove_empty(node: Node) -> None:
    """Remove an object that lost its last property; a primitive only loses what extended it."""
    if isinstance(node.data, dict) or node.data is None or node.parent is None:
        _remove(node)
        return
    outer, _ = _holder(node.parent)
    if node.index is None:
        outer.pop(f"_{node.key}", None)
    else:
        outer[f"_{node.key}"][node.index] = None
        _tidy_row(outer, node.key)


def _tidy_row(holder: dict[str, Any], key: str) -> None:
    """Drop lists that hold nothing."""
    for name in (key, f"_{key}"):
        row = holder.get(name)
        if isinstance(row, list) and all(one is None for one in row):
            del holder[name]
