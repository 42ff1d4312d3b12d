"""The structural check: elements, cardinality, primitive types, required codes, references, by the R4 definitions."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.fhir.definitions import UNBOUNDED, Element, Field, elements, is_primitive, is_resource, properties
from yba.fhir.fhirpath import Node, root

from .issue import Issue, error
from .primitives import binding, expected, primitive, reference
from .quick import DEEPEST, is_sound

if TYPE_CHECKING:
    from collections.abc import Callable

MOST: Final = 200  # mistakes told of one document: a wrong one of a hundred thousand elements is not answered with a wrong list of them
_NAME: Final = re.compile(r"_?[A-Za-z]\w{0,63}", re.ASCII)


class Place(NamedTuple):
    """An element that was met, for the rules that hold of it."""

    node: Node
    resource: Node  # the innermost resource around it
    whole: Node  # the outermost but for Bundle and Parameters: what contains the contained
    rule: str  # the element by its definition: "Patient.contact"
    sound: bool  # nothing is structurally wrong inside


class Walk:
    """One pass over a document."""

    def __init__(self, codes: Callable[[str, str | None, str], bool | None] | None = None, *, places: bool = False) -> None:
        """Take who knows value sets that are not in the package; keep the elements met where asked."""
        self.issues: list[Issue] = []
        self.places: list[Place] = []
        self._codes = codes
        self._keep = places

    def full(self) -> bool:
        """Whether so much is wrong that the rest is not looked at."""
        return len(self.issues) >= MOST

    def document(self, doc: Any) -> None:  # noqa: ANN401  whatever JSON holds
        """Check a resource."""
        if not isinstance(doc, dict):
            self._add(error("structure", "", "tài nguyên là một đối tượng JSON", "a resource is an object"))
            return
        node = root(doc)
        self._resource(node, node, "", 0)
        if self.full():
            self._add(error("incomplete", "", "còn nữa; không kể hết", "there is more; not all of it is told"))

    def _add(self, issue: Issue) -> None:
        self.issues.append(issue)

    def _resource(self, node: Node, whole: Node, path: str, depth: int) -> None:
        rtype = node.data.get("resourceType")
        if not isinstance(rtype, str) or not is_resource(rtype):
            self._add(error("structure", path or "resource", "không biết resourceType này", "unknown resourceType"))
            return
        before = len(self.issues)
        self._object(node, rtype, path or rtype, (node, whole), depth)
        self._place(node, (node, whole), "", before)

    def _place(self, node: Node, around: tuple[Node, Node], rule: str, before: int) -> None:
        if self._keep:
            self.places.append(Place(node, *around, rule, len(self.issues) == before))

    def _object(self, node: Node, type_: str, path: str, around: tuple[Node, Node], depth: int) -> None:
        value = node.data
        if not isinstance(value, dict):
            self._add(expected(path, f"đối tượng ({type_})", f"an object ({type_})", value))
            return
        if depth > DEEPEST:
            self._add(error("structure", path, f"lồng nhau quá {DEEPEST} tầng", f"more than {DEEPEST} elements inside each other"))
            return
        if not value:
            self._add(error("structure", path, "đối tượng không được rỗng", "an object is never empty"))
        known = properties(type_)
        resource = is_resource(type_)
        for key, inner in value.items():
            if not (resource and key == "resourceType"):
                self._property(node, known, key, inner, path, around, depth)
        for element in _counted(type_):
            self._cardinality(element, value, path)

    def _property(
        self,
        node: Node,
        known: dict[str, tuple[Element, Field]],
        key: str,
        value: Any,  # noqa: ANN401
        path: str,
        around: tuple[Node, Node],
        depth: int,
    ) -> None:
        if self.full():
            return
        own = f"{path}.{key if _NAME.fullmatch(key) else '…'}"  # what is no name of an element may be a person's
        shadow = key.startswith("_") and key[1:] in known and is_primitive(known[key[1:]][1].type)
        if not shadow and key not in known:
            self._add(error("structure", own, "R4 không có phần tử này", "unknown element"))
            return
        element, field = known[key[1:] if shadow else key]
        if element.many is not isinstance(value, list):
            self._add(expected(own, "mảng" if element.many else "một giá trị", "an array" if element.many else "one value", value))
            return
        if element.many and not value:
            self._add(error("structure", own, "mảng không được rỗng", "an array is never empty"))
        for number, one in enumerate(value) if element.many else [(None, value)]:
            if self.full():
                return
            place = own if number is None else f"{own}[{number}]"
            if one is None and number is not None and is_primitive(field.type):
                continue  # the gap that JSON needs beside `_key`
            if shadow:
                self._object(Node(one, "Element", None, node, key, number), "Element", place, around, depth + 1)
            else:
                self._value(node, element, field, one, number, place, around, depth)

    def _value(
        self,
        node: Node,
        element: Element,
        field: Field,
        value: Any,  # noqa: ANN401
        number: int | None,
        path: str,
        around: tuple[Node, Node],
        depth: int,
    ) -> None:
        before = len(self.issues)
        rule = f"{node.type}.{element.name}" if self._keep else ""
        if is_primitive(field.type):
            self.issues += primitive(field.type, value, path)
            if len(self.issues) == before:
                self.issues += binding(element, field, value, path, self._codes)
            if self._keep:
                self._place(Node(value, field.type, None, node, field.key, number), around, rule, before)
            return
        made = Node(value, field.type, None, node, field.key, number)
        if field.type == "Resource":
            self._inner(made, node, path, around, depth)
            return
        self._object(made, field.type, path, around, depth + 1)
        if len(self.issues) == before:
            self.issues += binding(element, field, value, path, self._codes)
        if field.type == "Reference" and isinstance(value, dict):
            self.issues += reference(value, field, path, stored=not self._keep)
        self._place(made, around, rule, before)

    def _inner(self, made: Node, node: Node, path: str, around: tuple[Node, Node], depth: int) -> None:
        """Check a resource inside another: contained, or an entry, which stands for itself."""
        if not isinstance(made.data, dict):
            self._add(expected(path, "tài nguyên", "a resource", made.data))
            return
        rtype = made.data.get("resourceType")
        if isinstance(rtype, str) and is_resource(rtype):
            made.type = rtype
        self._resource(made, around[1] if made.key == "contained" else made, path, depth + 1)
        if made.key == "contained" and isinstance(node.data, dict) and not made.data.get("id"):
            self._add(error("required", path, "tài nguyên nằm trong phải có id", "a contained resource has an id"))

    def _cardinality(self, element: Element, value: dict[str, Any], path: str) -> None:
        if self.full():
            return
        present = [field.key for field in element.fields if field.key in value or f"_{field.key}" in value]
        if not present:
            if element.minimum:
                name = f"{path}.{element.name}"
                self._add(error("required", name, f"cần ít nhất {element.minimum}", f"at least {element.minimum} needed"))
            return
        if len(present) > 1:
            names = ", ".join(sorted(present))
            self._add(error("structure", f"{path}.{element.name}", f"chỉ được một trong {names}", f"only one of {names}"))
        for key in present:
            found = value.get(key)
            if isinstance(found, list) and not element.minimum <= len(found) <= (element.maximum if element.maximum > 0 else len(found)):
                allowed = f"{element.minimum}..{element.maximum}"
                self._add(error("structure", f"{path}.{key}", f"có {len(found)}, cho phép {allowed}", f"{len(found)} values, allowed {allowed}"))


@cache
def _counted(type_: str) -> tuple[Element, ...]:
    """Return the elements whose number can be wrong though each property is right: required, choices, bounded lists."""
    return tuple(one for one in elements(type_).values() if one.minimum or len(one.fields) > 1 or one.maximum not in {1, UNBOUNDED})


def errors(doc: Any) -> list[str]:  # noqa: ANN401  whatever JSON holds
    """Say everything that is structurally wrong with a resource, one English sentence each, "path: what"; empty = nothing found.

    Invariants, profiles, and bindings that are not required or cannot be enumerated are not checked (validate() does).
    A number may also be a Decimal or an orjson.Fragment (decimals that keep their text).
    """
    if is_sound(doc):
        return []
    walk = Walk()
    walk.document(doc)
    return [f"{one.expression}: {one.en}" if one.expression else one.en for one in walk.issues]
