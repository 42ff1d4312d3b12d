"""What an expression cannot mean: elements that a type does not have, order where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.fhir.definitions import elements, is_primitive, is_resource, known, resource_types, supertypes

from .errors import FHIRPathSemanticError

if TYPE_CHECKING:
    from .parser import Tree

Types = frozenset[str] | None  # None = anything
_SAME: Final = frozenset(
    "where first last tail skip take single distinct exclude intersect trace sort union combine repeat checkModifiers defineVariable".split()
)
_ORDERED: Final = frozenset("first last tail skip take".split())
_UNORDERED: Final = frozenset("children descendants".split())
_LAMBDAS: Final = frozenset("where select exists all repeat repeatAll sort trace".split())


def check(tree: Tree, type_: str) -> None:
    """Walk an expression that is asked of a type. Raises FHIRPathSemanticError, naming the place, for steps that the type cannot take."""
    _Checker(frozenset({type_})).types(tree, frozenset({type_}))


class _Checker:
    """Infers which types the parts of an expression can have."""

    def __init__(self, root: Types) -> None:
        """Keep what %resource is."""
        self._root = root

    def types(self, tree: Tree, this: Types) -> Types:
        """Return the types of an expression's items, None where nothing is known."""
        if tree.kind in {"invoke", "member", "call", "item", "this", "constant"}:
            return self._path(tree, this)
        found = [self.types(part, this) for part in tree.parts]
        if tree.kind == "type" and tree.text == "as":
            return _named(tree.value)
        if tree.kind == "binary" and tree.text == "|":
            return None if None in found else frozenset().union(*(one for one in found if one is not None))
        return None

    def _path(self, tree: Tree, this: Types) -> Types:
        if tree.kind == "invoke":
            return self._after(tree.parts[1], self.types(tree.parts[0], this), this, _unordered(tree.parts[0]))
        if tree.kind == "member":
            return self._first(tree, this)
        if tree.kind == "call":
            return self._call(tree, this, this, ordered=True)
        if tree.kind == "this":
            return this
        if tree.kind == "constant":
            return self._root if tree.text in {"resource", "context", "rootResource"} else None
        self.types(tree.parts[1], this)
        return self.types(tree.parts[0], this)

    def _first(self, tree: Tree, this: Types) -> Types:
        if this is not None and tree.text[0].isupper():
            above = {one for type_ in this for one in (type_, *supertypes(type_))}
            if tree.text in above:
                return this
            if is_resource(tree.text) and not this & {"Resource", "DomainResource"}:
                message = f"{tree.text} is asked of {', '.join(sorted(this))}"
                raise FHIRPathSemanticError(message, place=tree.place)
        return _member(tree, this)

    def _after(self, tree: Tree, before: Types, this: Types, unordered: bool) -> Types:  # noqa: FBT001
        if tree.kind == "member":
            return _member(tree, before)
        if tree.kind == "call":
            return self._call(tree, before, this, ordered=not unordered)
        return this if tree.kind == "this" else None

    def _call(self, tree: Tree, before: Types, this: Types, *, ordered: bool) -> Types:
        if tree.text in _ORDERED and not ordered:
            message = f"{tree.text}() needs an order, and there is none here"
            raise FHIRPathSemanticError(message, place=tree.place)
        if tree.text in {"as", "ofType"}:
            return _named(_dotted(tree.parts[0])) if tree.parts else None
        if tree.text == "is":
            return None
        inside = before if tree.text in _LAMBDAS else this
        found = [self.types(part, None if tree.text in {"repeat", "repeatAll", "aggregate", "iif"} else inside) for part in tree.parts]
        if tree.text == "select":
            return found[0] if found else None
        if tree.text in {"union", "combine"} and found and (before is None or found[0] is None):
            return None
        if tree.text in {"union", "combine"} and found and before is not None and found[0] is not None:
            return before | found[0]
        if tree.text == "extension":
            return frozenset({"Extension"})
        return before if tree.text in _SAME and tree.text != "repeat" else None


def _dotted(tree: Tree) -> str:
    return tree.text if tree.kind == "member" else tree.parts[-1].text if tree.parts else ""


def _named(name: str) -> Types:
    own = name.rpartition(".")[2]
    return frozenset({own}) if known(own) or is_primitive(own) else None


def _unordered(tree: Tree) -> bool:
    return (tree.kind == "call" and tree.text in _UNORDERED) or (tree.kind == "invoke" and _unordered(tree.parts[1]))


def _member(tree: Tree, before: Types) -> Types:
    """Return the types of an element by its name; none of the types having it is an error."""
    if before is None or not before:
        return None
    found: set[str] = set()
    for type_ in before:
        if type_ in {"Resource", "DomainResource"}:
            return None if tree.text not in elements(type_) and _anywhere(tree.text) else _fields(type_, tree.text) or None
        found |= _fields("Element" if is_primitive(type_) else type_, tree.text)
    if not found:
        message = f"{', '.join(sorted(before))} has no {tree.text}"
        raise FHIRPathSemanticError(message, place=tree.place)
    return frozenset(found)


def _fields(type_: str, name: str) -> frozenset[str]:
    element = elements(type_).get(name) if known(type_) else None
    return frozenset(field.type for field in element.fields) if element else frozenset()


def _anywhere(name: str) -> bool:
    return any(name in elements(type_) for type_ in resource_types())
