"""Structural check of a resource against the R4 definitions: elements, cardinality, primitive types, required codes, references."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from .definitions import Element, Field, elements, is_primitive, pattern, properties, resource_types, value_set
from .tokens import reference_type

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS: Final = frozenset({"decimal", "integer", "positiveInt", "unsignedInt"})
_WHOLE: Final = _NUMBERS - {"decimal"}
_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")


def errors(doc: Any) -> list[str]:  # noqa: ANN401  whatever JSON holds
    """Say everything that is structurally wrong with a resource, one sentence each, "path: what"; empty = nothing found.

    Invariants, profiles, and bindings that are not required or cannot be enumerated are not checked.
    A number may also be a Decimal or an orjson.Fragment (decimals that keep their text).
    """
    return list(_resource(doc, "")) if isinstance(doc, dict) else ["a resource is an object"]


def _resource(doc: dict[str, Any], path: str) -> Iterator[str]:
    rtype = doc.get("resourceType")
    if rtype not in resource_types():
        yield f"{path or 'resource'}: unknown resourceType {rtype!r}"
        return
    place = f"{path}.{rtype}" if path else rtype
    yield from _object({key: value for key, value in doc.items() if key != "resourceType"}, rtype, place)


def _object(value: Any, type_: str, path: str) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(value, dict):
        yield f"{path}: expected an object ({type_}), found {_kind(value)}"
        return
    if not value:
        yield f"{path}: an object is never empty"
    if type_ == "Resource":
        yield from _resource(value, path)
        return
    known = properties(type_)
    for key, inner in value.items():
        yield from _property(known, key, inner, f"{path}.{key}")
    for element in _bounded(type_):
        yield from _cardinality(element, value, path)
    if type_ == "Reference":
        yield from _reference_shape(value, path)


@cache
def _bounded(type_: str) -> tuple[Element, ...]:
    """The elements whose number can be wrong: of the others `_property` has seen all there is to see."""
    return tuple(one for one in elements(type_).values() if one.minimum or len(one.fields) > 1 or one.maximum > 1)


def _property(known: dict[str, tuple[Element, Field]], key: str, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401
    shadow = key.startswith("_") and key[1:] in known and is_primitive(known[key[1:]][1].type)
    if not shadow and key not in known:
        yield f"{path}: unknown element"
        return
    element, field = known[key[1:] if shadow else key]
    if element.many is not isinstance(value, list):
        yield f"{path}: expected {'an array' if element.many else 'one value'}, found {_kind(value)}"
        return
    if element.many and not value:
        yield f"{path}: an array is never empty"
    for number, one in enumerate(value if element.many else [value]):
        place = f"{path}[{number}]" if element.many else path
        if one is None and element.many and is_primitive(field.type):
            continue  # the gap that JSON needs beside `_key`
        yield from _object(one, "Element", place) if shadow else _value(element, field, one, place)


def _cardinality(element: Element, value: dict[str, Any], path: str) -> Iterator[str]:
    present = {field.key for field in element.fields if field.key in value or f"_{field.key}" in value}
    if not present and element.minimum:
        yield f"{path}.{element.name}: at least {element.minimum} needed"
    if len(present) > 1:
        yield f"{path}.{element.name}: only one of {', '.join(sorted(present))}"
    for key in present:
        found = value.get(key)
        if isinstance(found, list) and not element.minimum <= len(found) <= (element.maximum if element.maximum > 0 else len(found)):
            yield f"{path}.{key}: {len(found)} values, allowed {element.minimum}..{element.maximum}"


def _value(element: Element, field: Field, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401
    if is_primitive(field.type):
        wrong = list(_primitive(field.type, value, path))
        yield from wrong or _binding(element, field, value, path)
        return
    wrong = list(_object(value, field.type, path))
    yield from wrong
    if not wrong:
        yield from _binding(element, field, value, path)
    if field.type == "Reference" and field.targets and isinstance(value, dict):
        found = reference_type(str(value.get("reference", ""))) or value.get("type")
        if found and found not in field.targets:
            yield f"{path}: refers to {found}, allowed {', '.join(field.targets)}"


def _primitive(type_: str, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401
    text = _text(value)
    if type_ == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: expected true or false, found {_kind(value)}"
        return
    if type_ in _NUMBERS:
        if text is None:
            yield f"{path}: expected a number ({type_}), found {_kind(value)}"
            return
    elif not isinstance(value, str):
        yield f"{path}: expected text ({type_}), found {_kind(value)}"
        return
    else:
        text = value
    if not text:
        yield f"{path}: a value is never empty"
    elif not _compiled(type_).fullmatch(text):
        yield f"{path}: {text[:60]!r} is no {type_}"


def _text(value: Any) -> str | None:  # noqa: ANN401
    """Return the JSON text of a number; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float, Decimal)):
        return str(value) if not isinstance(value, float) else orjson.dumps(value).decode()
    if isinstance(value, orjson.Fragment):
        text = orjson.dumps(value).decode()
        return text if not text.startswith('"') else None
    return None


def _binding(element: Element, field: Field, value: Any, path: str) -> Iterator[str]:  # noqa: ANN401
    allowed = value_set(element.binding) if element.binding else None
    if not allowed:
        return
    if field.type in {"CodeableConcept", "Coding"}:
        codings = value.get("coding", []) if field.type == "CodeableConcept" else [value]
        pairs = [(one.get("system"), one.get("code")) for one in codings]
        if not any(code in allowed.get(system, ()) for system, code in pairs):
            yield f"{path}: none of {pairs} is in the required set {element.binding}"
    elif is_primitive(field.type) and not any(value in codes for codes in allowed.values()):
        yield f"{path}: {value!r} is not in the required set {element.binding}"


def _reference_shape(value: dict[str, Any], path: str) -> Iterator[str]:
    target = value.get("reference")
    if isinstance(target, str) and not target.startswith(("#", "urn:", "http://", "https://")):
        parts = target.split("/")
        if len(parts) not in {2, 4} or parts[0] not in resource_types() or not _ID.fullmatch(parts[1]):
            yield f"{path}.reference: {target!r} is no Type/id"


def _kind(value: Any) -> str:  # noqa: ANN401
    names = {dict: "an object", list: "an array", str: "text", bool: "true or false", int: "a number", float: "a number", type(None): "null"}
    return names.get(type(value), type(value).__name__)


@cache
def _compiled(type_: str) -> re.Pattern[str]:
    # XML Schema's \S and \s mean the same in Python for what JSON text may hold; line breaks count inside.
    text = pattern(type_)
    return re.compile(text or r".*", re.DOTALL)
