"""Whether the structural check would find nothing, said at a fifth of its price: most of what is written is right."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.fhir.definitions import UNBOUNDED, Element, Field, elements, is_primitive, is_resource, value_set

from .primitives import ID, NUMBERS, binding, digits, reference, well_formed

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[Any, int], bool]  # value, how deep it stands

DEEPEST: Final = 100  # elements inside elements
_REMEMBERED: Final = 40  # characters: codes, dates and systems are short and repeat; what is remembered is only ever compared


class _Property(NamedTuple):
    check: Check
    choice: str  # ";value;", the element of several properties of which one may stand; "" = it is the only one


class _Shape(NamedTuple):
    """What an object of a type may hold."""

    properties: dict[str, _Property]
    required: tuple[tuple[str, ...], ...]  # of each one property at least
    counted: tuple[tuple[str, int, int], ...]  # lists with bounds of their own


def is_sound(doc: Any) -> bool:  # noqa: ANN401  whatever JSON holds
    """Whether a document is surely right: False where something is wrong, and of rare shapes that only the whole check reads.

    Those are properties with extensions of their own (`_birthDate`) and resources within resources.
    """
    if doc.__class__ is not dict:
        return False
    rtype = doc.get("resourceType")
    return isinstance(rtype, str) and is_resource(rtype) and _object(doc, _shape(rtype), 0)


def _object(value: Any, shape: _Shape, depth: int) -> bool:  # noqa: ANN401
    if value.__class__ is not dict or not value or depth > DEEPEST:
        return False
    known, chosen = shape.properties, ""
    for key, inner in value.items():
        found = known.get(key)
        if found is None:
            return False
        check, choice = found
        if (choice and choice in chosen) or not check(inner, depth):
            return False
        chosen += choice
    for keys in shape.required:
        if not any(key in value for key in keys):
            return False
    return not shape.counted or all(key not in value or low <= len(value[key]) <= high for key, low, high in shape.counted)


@cache
def _shape(type_: str) -> _Shape:
    found = elements(type_).values()
    properties = {field.key: _Property(_checked(one, field), f";{one.name};" if len(one.fields) > 1 else "") for one in found for field in one.fields}
    if is_resource(type_):
        properties["resourceType"] = _Property(_anything, "")
    required = tuple(tuple(field.key for field in one.fields) for one in found if one.minimum)
    counted = tuple(
        (field.key, one.minimum, one.maximum) for one in found for field in one.fields if one.many and (one.minimum > 1 or one.maximum != UNBOUNDED)
    )
    return _Shape(properties, required, tuple((key, low, high if high > 0 else 1 << 62) for key, low, high in counted))


def _anything(_value: Any, _depth: int) -> bool:  # noqa: ANN401
    return True


def _nothing(_value: Any, _depth: int) -> bool:  # noqa: ANN401
    return False


def _checked(element: Element, field: Field) -> Check:
    check = _check(element, field)
    return _each(check) if element.many else check


def _each(check: Check) -> Check:
    def each(value: Any, depth: int) -> bool:  # noqa: ANN401
        if value.__class__ is not list or not value:
            return False
        for one in value:  # noqa: SIM110  # all() costs a generator
            if not check(one, depth):
                return False
        return True

    return each


def _check(element: Element, field: Field) -> Check:
    if field.type == "Resource":
        return _nothing
    if not is_primitive(field.type):
        return _complex(element, field)
    check = _primitive(field.type)
    return _bound(check, element, field) if element.binding else check


def _complex(element: Element, field: Field) -> Check:
    name = field.type
    if name == "Reference":
        targets = frozenset(field.targets)
        return lambda value, depth: (
            _object(value, _shape(name), depth + 1) and (_refers(value, targets) or _none(reference(value, field, "", stored=True)))
        )
    if element.binding:
        return lambda value, depth: _object(value, _shape(name), depth + 1) and _none(binding(element, field, value, "", None))
    return lambda value, depth: _object(value, _shape(name), depth + 1)


def _refers(value: dict[str, Any], targets: frozenset[str]) -> bool:
    """Whether a reference is of the plain form Type/id, to a type that is allowed."""
    head, _, tail = str(value.get("reference", "")).partition("/")
    return (head in targets if targets else is_resource(head)) and ID.fullmatch(tail) is not None


def _none(found: Any) -> bool:  # noqa: ANN401  an iterator of issues
    return next(found, None) is None


def _primitive(type_: str) -> Check:
    if type_ == "boolean":
        return lambda value, _: value is True or value is False
    if type_ in NUMBERS:
        return lambda value, _: bool(text := digits(value)) and _formed(type_, text)

    def check(value: Any, _: int) -> bool:  # noqa: ANN401
        if value.__class__ is not str or not value:
            return False
        return _formed(type_, value) if len(value) <= _REMEMBERED else well_formed(type_, value)

    return check


@lru_cache(maxsize=16_384)
def _formed(type_: str, text: str) -> bool:
    return well_formed(type_, text)


def _bound(check: Check, element: Element, field: Field) -> Check:
    """Add a required binding to the check of a primitive."""
    allowed = value_set(element.binding or "")
    if not allowed:
        return lambda value, depth: check(value, depth) and _none(binding(element, field, value, "", None))
    codes = frozenset().union(*allowed.values())
    return lambda value, depth: check(value, depth) and value in codes
