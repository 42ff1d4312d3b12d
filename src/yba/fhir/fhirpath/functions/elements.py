"""Functions of FHIR: extensions, values, references, types, profiles, narratives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.fhir.definitions import elements as elements_of
from yba.fhir.definitions import is_resource, known, supertypes
from yba.fhir.fhirpath.context import CONSTANTS, Context, Expr, text_of
from yba.fhir.fhirpath.errors import FHIRPathError
from yba.fhir.fhirpath.values import Item, Items, Node, Plans, root, step, system, type_of
from yba.fhir.xhtml import unsafe
from yba.kit import Invalid

from .base import Function, of_focus
from .collections import each

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXTENSION: Final = Plans("extension")
_CONTAINED: Final = Plans("contained")
_ENTRY: Final = Plans("entry")
_RESOURCE: Final = Plans("resource")
_BASE: Final = "http://hl7.org/fhir/StructureDefinition/"


def _extension(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    url = text_of(args[0](ctx), "extension()")
    found: Items = []
    for item in focus:
        if isinstance(item, Node):
            step(item, _EXTENSION, found)
    return [one for one in found if url is not None and isinstance(one.data, dict) and one.data.get("url") == url]


def has_value(item: Item) -> bool:
    """Whether it is a primitive with a value."""
    return not isinstance(item, Node) or (item.data is not None and not isinstance(item.data, dict))


def _get_value(focus: Items) -> Items:
    return [system(focus[0])] if len(focus) == 1 and has_value(focus[0]) else []


def _resolve(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:  # noqa: ARG001
    out: Items = []
    for item in focus:
        target = _target(item)
        found = _resolved(ctx, target) if target else None
        if found is not None:
            out.append(found)
    return out


def _target(item: Item) -> str | None:
    if isinstance(item, Node) and isinstance(item.data, dict):
        found = item.data.get("reference")
        return found if isinstance(found, str) else None
    value = system(item)
    return value if isinstance(value, str) else None


def _resolved(ctx: Context, target: str) -> Node | None:
    """Return what a reference leads to: contained, in the same Bundle, or what the environment knows."""
    if target.startswith("#"):
        holder = ctx.root if isinstance(ctx.root, Node) else None
        return _contained(holder, target[1:]) or _contained(ctx.resource, target[1:])
    if isinstance(ctx.root, Node) and ctx.root.type == "Bundle":
        entries: Items = []
        step(ctx.root, _ENTRY, entries)
        for entry in entries:
            doc = entry.data.get("resource") if isinstance(entry.data, dict) else None
            if isinstance(doc, dict) and target in {entry.data.get("fullUrl"), f"{doc.get('resourceType')}/{doc.get('id')}"}:
                found: Items = []
                step(entry, _RESOURCE, found)
                return found[0] if isinstance(found[0], Node) else None
    outside = ctx.environment.resolve(target) if ctx.environment.resolve else None
    if outside is not None:
        return root(outside)
    # `resolve() is Patient` must hold in a search parameter without reading the patient: the address says the type
    parts = target.split("/")
    named = len(parts) > 1 and is_resource(parts[-2])
    return Node({"resourceType": parts[-2], "id": parts[-1]}, parts[-2]) if named and ctx.environment.resolve is None else None


def _contained(holder: Item, id_: str) -> Node | None:
    if not isinstance(holder, Node) or not isinstance(holder.data, dict):
        return None
    if not id_:
        return holder
    inside: Items = []
    step(holder, _CONTAINED, inside)
    return next((one for one in inside if isinstance(one.data, dict) and one.data.get("id") == id_), None)


def _conforms_to(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    url = text_of(args[0](ctx), "conformsTo()")
    if not focus or url is None:
        return []
    if len(focus) > 1:
        raise FHIRPathError("conformsTo() needs one element")
    item = focus[0]
    own = type_of(item).name
    name = url.removeprefix(_BASE)
    if url.startswith(_BASE) and known(name):
        return [name == own or name in supertypes(own)]
    asked = ctx.environment.conforms_to
    found = asked(item.data, url) if asked and isinstance(item, Node) and isinstance(item.data, dict) else None
    if found is None:
        message = f"unknown profile {url}"
        raise FHIRPathError(message)
    return [found]


def _html_checks(focus: Items) -> Items:
    if len(focus) != 1 or not isinstance(focus[0], Node) or focus[0].type != "xhtml":
        return []
    value = system(focus[0])
    try:
        return [isinstance(value, str) and not unsafe(value)]
    except Invalid:
        return [False]


def _trace(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    name = text_of(args[0](ctx), "trace()")
    if ctx.environment.trace is not None:
        shown = [found for _ in each(ctx, focus) for found in args[1](ctx)] if len(args) > 1 else focus
        ctx.environment.trace(name or "", shown)
    return focus


def _define(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    name = text_of(args[0](ctx), "defineVariable()")
    if name is None or name in ctx.variables or name in CONSTANTS or name in {"resource", "rootResource", "terminologies"}:
        raise FHIRPathError("defineVariable() needs a new name")
    value = args[1](ctx) if len(args) > 1 else focus
    ctx.variables = {**ctx.variables, name: value}
    return focus


def _reference_key(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    """Return Type/id of a reference: the key by which ViewDefinitions join."""
    kind = _kind_asked(ctx, args)
    out: Items = []
    for item in focus:
        parts = (_target(item) or "").split("/_history/")[0].split("/")
        if len(parts) > 1 and parts[-1] and is_resource(parts[-2]) and kind in {None, parts[-2]}:
            out.append("/".join(parts[-2:]))
    return out


def _kind_asked(ctx: Context, args: Sequence[Expr]) -> str | None:
    return text_of(args[0](ctx), "getReferenceKey()") if args else None


def _resource_key(focus: Items) -> Items:
    out: Items = []
    for item in focus:
        data: Any = item.data if isinstance(item, Node) else None
        if isinstance(data, dict) and data.get("id") and data.get("resourceType"):
            out.append(f"{data['resourceType']}/{data['id']}")
    return out


def _check_modifiers(ctx: Context, focus: Items, args: Sequence[Expr]) -> Items:
    known_urls = {text_of(arg(ctx), "checkModifiers()") for arg in args}
    for item in focus:
        if isinstance(item, Node) and isinstance(item.data, dict) and "modifierExtension" in elements_of(item.type):
            for one in item.data.get("modifierExtension", ()):
                if one.get("url") not in known_urls:
                    raise FHIRPathError("an element has a modifier extension that is not known")
    return focus


ELEMENTS: Final[dict[str, Function]] = {
    "extension": Function(_extension, 1, 1),
    "hasValue": of_focus(lambda focus: [len(focus) == 1 and has_value(focus[0])]),
    "getValue": of_focus(_get_value),
    "resolve": Function(_resolve),
    "conformsTo": Function(_conforms_to, 1, 1),
    "htmlChecks": of_focus(_html_checks),
    "trace": Function(_trace, 1, 2),
    "defineVariable": Function(_define, 1, 2),
    "type": of_focus(lambda focus: [type_of(item) for item in focus]),
    "getReferenceKey": Function(_reference_key, 0, 1),
    "getResourceKey": of_focus(_resource_key),
    "checkModifiers": Function(_check_modifiers, 0, 20),
}
