"""Functions of FHIR that ask what lies behind an element: its definition, place and slice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.fhir.definitions import UNBOUNDED, Element, Field, known, properties
from yba.fhir.fhirpath.context import Context, Expr, text_of, truth
from yba.fhir.fhirpath.errors import FHIRPathError
from yba.fhir.fhirpath.values import Items, Node

from .base import Function, of_focus

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROFILE: Final = "http://hl7.org/fhir/StructureDefinition/"


# --- the definition of an element


def _defined(node: Node) -> tuple[str, Element] | None:
    """Return the type that an element stands in, and what that says of it."""
    parent = node.parent
    if parent is None:
        return None
    holder = parent.type if isinstance(parent.data, dict) else "Element"
    found = properties(holder).get(node.key) if known(holder) else None
    return (holder, found[0]) if found else None


def _element_definition(focus: Items) -> Items:
    """Return what R4 says of each element: path, cardinality, types. Made values have no definition."""
    return [Node(_definition(item), "ElementDefinition") for item in focus if isinstance(item, Node)]


def _definition(node: Node) -> dict[str, Any]:
    found = _defined(node)
    if found is None:
        return {"id": node.type, "path": node.type, "min": 0, "max": "*"}
    holder, element = found
    choice = len(element.fields) > 1 or element.fields[0].key != element.name
    path = f"{holder}.{element.name}{'[x]' if choice else ''}"
    made: dict[str, Any] = {"id": path, "path": path, "min": element.minimum, "max": "*" if element.maximum == UNBOUNDED else str(element.maximum)}
    made["type"] = [_type(field) for field in element.fields]
    if element.binding:
        made["binding"] = {"strength": "required", "valueSet": element.binding}
    return made


def _type(field: Field) -> dict[str, Any]:
    code = "BackboneElement" if "." in field.type else field.type
    return {"code": code, "targetProfile": [_PROFILE + target for target in field.targets]} if field.targets else {"code": code}


# --- where it stands


def _path_names(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    short = truth(args[0](ctx)) if args else None
    top = ctx.root.data if isinstance(ctx.root, Node) else None
    return [_path(item, short=bool(short)) for item in focus if isinstance(item, Node) and _top(item).data is top]


def _top(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _path(node: Node, *, short: bool) -> str:
    """Return names and indexes from the root; `short`: an element that is never repeated has no index."""
    if node.parent is None:
        return node.type
    found = _defined(node)
    name = found[1].name if found else node.key
    index = "" if short and node.index is None else f"[{node.index or 0}]"
    return f"{_path(node.parent, short=short)}.{name}{index}"


# --- slices


def _slice(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    structure, name = text_of(args[0](ctx), "slice()"), text_of(args[1](ctx), "slice()")
    if structure is None or name is None:
        return []
    out: Items = []
    for item in focus:
        asked = ctx.environment.slices
        found = asked(item, structure, name) if asked and isinstance(item, Node) else None
        if found is None:
            message = f"{structure} has no slice {name} here"
            raise FHIRPathError(message)
        if found:
            out.append(item)
    return out


DEFINITIONS: Final[dict[str, Function]] = {
    "elementDefinition": of_focus(_element_definition),
    "pathname": Function(_path_names, 0, 1),
    "slice": Function(_slice, 2, 2),
}
