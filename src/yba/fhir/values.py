"""What a search parameter says of a resource: the typed values of any R4 parameter, also composite ones, from the plain document."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from .definitions import properties, value_set
from .extract import WITHOUT_TOKEN, Hop, Route, routes
from .parameters import NOT_INDEXABLE, parameters
from .said import Composite, Reference, Said
from .saying import READERS, boolean, canonical, code, reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .parameters import Parameter

Doc = dict[str, Any]

_FROM_RESOURCE: Final = "%resource."
_TEXTUAL: Final = frozenset({"_text", "_content"})


def of(rtype: str, doc: Doc, param: str) -> list[Said]:
    """Return what a resource says under one of the search parameters of its type, in the order of the document.

    The kinds of values stand in `said`: Token, Text, Moment, Number, Quantity, Reference, Uri, Position, Composite. What has not the shape of
    its type says nothing. `_text` and `_content` have no values of their own (`narrative`). Raises KeyError for a parameter that the type has not.
    """
    return getter(rtype, param)(doc)


@cache
def getter(rtype: str, param: str) -> Callable[[Doc], list[Said]]:
    """Return the function that gives the values of one parameter of one type, made once."""
    found = parameters(rtype)[param]
    if param in _TEXTUAL or not found.expression:
        return lambda _: []
    if (rtype, param) in NOT_INDEXABLE:
        return _first_entry
    if found.type == "composite":
        return _composite(rtype, found)
    ways = routes(rtype, found.expression)
    if ways[0].boolean:
        keys = tuple(route.hops[0].key for route in ways)
        return lambda doc: [boolean(any(doc.get(key) not in (None, False) for key in keys))]
    return _all_of([_way(rtype, found.type, route) for route in ways])


def references(rtype: str, doc: Doc, param: str = "*") -> list[Reference]:
    """Return what a resource refers to by one parameter, or by any of its reference parameters, each once."""
    names = [name for name, one in parameters(rtype).items() if one.type == "reference"] if param == "*" else [param]
    found = (one for name in names for one in of(rtype, doc, name) if isinstance(one, Reference))
    return list(dict.fromkeys(found))


def _all_of(ways: list[Callable[[Doc], Iterable[Said]]]) -> Callable[[Doc], list[Said]]:
    if len(ways) == 1:
        only = ways[0]
        return lambda doc: list(only(doc))
    return lambda doc: [value for way in ways for value in way(doc)]


def _way(rtype: str, kind: str, route: Route) -> Callable[[Doc], Iterable[Said]]:
    """Return the values along one route."""
    type_ = route.hops[-1].type if route.hops else rtype
    if type_ in WITHOUT_TOKEN:
        return lambda _: ()
    nodes = walker(route.hops)
    if kind == "reference":
        only = route.only
        if type_ == "Reference":
            return lambda doc: [one for node in nodes(doc) if isinstance(node, dict) and (one := reference(node)) and _is(one, only, doc)]
        return lambda doc: [canonical(node) for node in nodes(doc) if isinstance(node, str) and node]
    if kind == "token" and type_ == "code":
        systems = _implied(rtype, route.hops)
        return lambda doc: [code(node, systems.get(node, ())) for node in nodes(doc) if isinstance(node, str) and node]
    read = READERS.get((kind, type_))
    if read is None:
        return lambda _: ()
    return lambda doc: [one for node in nodes(doc) for one in read(node)]


def walker(hops: tuple[Hop, ...]) -> Callable[[Any], list[Any]]:
    """Return the function that gives what stands at the end of the hops, gaps of arrays left out."""
    steps = [(hop.key, hop.equals) for hop in hops]

    def nodes(start: Any) -> list[Any]:  # noqa: ANN401  whatever JSON holds
        found = [start]
        for key, equals in steps:
            if equals:
                found = [node for node in found if isinstance(node, dict) and node.get(equals[0]) == equals[1]]
                continue
            further: list[Any] = []
            for node in found:
                below = node.get(key) if isinstance(node, dict) else None
                if isinstance(below, list):
                    further += [one for one in below if one is not None]
                elif below is not None:
                    further.append(below)
            if not further:
                return further
            found = further
        return found

    return nodes


def _is(found: Reference, only: str | None, doc: Doc) -> bool:
    """Whether a reference is to the one type that the parameter is about; of a contained resource the document itself tells."""
    if only is None or found.type == only:
        return True
    return found.contained is not None and any(
        isinstance(one, dict) and one.get("id") == found.contained and one.get("resourceType") == only for one in doc.get("contained", ())
    )


@cache
def _implied(rtype: str, hops: tuple[Hop, ...]) -> dict[str, tuple[str, ...]]:
    """Code -> code systems that a required binding says of an element of type code."""
    steps = [hop for hop in hops if hop.key]
    parent = steps[-2].type if len(steps) > 1 else rtype
    element, _ = properties(parent)[steps[-1].key]
    found = value_set(element.binding) if element.binding else None
    systems: dict[str, tuple[str, ...]] = {}
    for system, codes in (found or {}).items():
        for one in codes:
            systems[one] = (*systems.get(one, ()), system)
    return systems


def _first_entry(doc: Doc) -> list[Said]:
    """Bundle.entry[0].resource: the Composition of a document, the MessageHeader of a message, with the resource itself."""
    entries = doc.get("entry") or [{}]
    resource = entries[0].get("resource") if isinstance(entries[0], dict) else None
    if not isinstance(resource, dict):
        return []
    rtype, id_ = resource.get("resourceType"), resource.get("id")
    return [Reference(type=rtype, id=id_, url=entries[0].get("fullUrl"), inside=True)]


def inside(doc: Doc, found: Reference) -> Doc | None:
    """Return the resource that a reference finds within the document: contained, or the first entry of a Bundle."""
    if found.inside:
        resource: Doc = doc["entry"][0]["resource"]
        return resource
    for one in doc.get("contained", ()):
        if isinstance(one, dict) and one.get("id") == found.contained:
            # what is contained refers to its neighbours by the same "#id"
            return {**one, "contained": doc["contained"]}
    return None


def _composite(rtype: str, param: Parameter) -> Callable[[Doc], list[Said]]:
    """Return the values of each component, one Composite for each element of the base expression."""
    bases = routes(rtype, param.expression)
    known = parameters(rtype)
    made = []
    for base in bases:
        type_ = base.hops[-1].type if base.hops else rtype
        parts = [_component(rtype, type_, known[name].type, expression) for name, expression in param.components]
        made.append((walker(base.hops), parts))

    def values(doc: Doc) -> list[Said]:
        found = [tuple(tuple(part(doc, node)) for part in parts) for nodes, parts in made for node in nodes(doc) if isinstance(node, dict)]
        return [Composite(parts) for parts in found if any(parts)]

    return values


def _component(rtype: str, type_: str, kind: str, expression: str) -> Callable[[Doc, Doc], list[Said]]:
    if expression.startswith(_FROM_RESOURCE):
        whole = _all_of([_way(rtype, kind, route) for route in routes(rtype, expression.removeprefix(_FROM_RESOURCE))])
        return lambda doc, _: whole(doc)
    below = _all_of([_way(type_, kind, route) for route in routes(type_, expression)])
    return lambda _, node: below(node)


def refers_to(found: Reference, rtype: str, id_: str) -> bool:
    """Whether a reference is to `rtype/id` of this server."""
    return found.url is None and found.type == rtype and found.id == id_
