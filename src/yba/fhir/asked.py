"""Which tokens of the index a criterion asks for: what the SQL may narrow by before `match` judges what is left."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from .definitions import resource_types
from .extract import routes
from .parameters import parameters, profile
from .query.criteria import CompositeValue, OfTypeValue, ReferenceValue, Term, TokenValue, UriValue, Value
from .tokens import token

_CODED = frozenset({"Coding", "CodeableConcept", "Identifier"})


class Asked(NamedTuple):
    """A resource that meets the term carries at least one of the tokens; `exact`: and the other way round."""

    tokens: tuple[int, ...]
    exact: bool


class _Shape(NamedTuple):
    """How a parameter of a type is indexed."""

    coded: bool  # (system, code) pairs
    plain: bool  # bare values: codes, strings, contacts
    logical: bool  # identifiers of references to any type


def asked(rtype: str, term: Term, *, whatever: bool = False) -> Asked | None:
    """Return the tokens that a term asks of resources of a type; None where the index cannot answer it.

    Law: whatever `match` finds carries one of them. A chain, a negation (:not, :not-in, :missing) and codes of a value set or hierarchy have none:
    expand :in, :below and :above to a Term of plain values first; :not is the complement of the plain term where that is exact.
    ``whatever``: as if the parameter were indexed (those that an operator has added).
    """
    if term.type == "composite":
        return _composite(rtype, term)
    if term.modifier not in {"", "identifier", "of-type"}:
        return None
    shape = _shape(rtype, term.param) if whatever or term.param in _indexed(rtype) else None
    if shape is None:
        return None
    found: list[int] = []
    exact = True
    for value in term.values:
        one = _value(term, value, shape)
        if one is None:
            return None
        found += one.tokens
        exact = exact and one.exact
    return Asked(tuple(dict.fromkeys(found)), exact)


@cache
def _indexed(rtype: str) -> frozenset[str]:
    return frozenset(one.code for one in profile(rtype).tokens)


@cache
def _shape(rtype: str, param: str) -> _Shape:
    found = routes(rtype, parameters(rtype)[param].expression)
    leaves = {route.hops[-1].type for route in found}
    return _Shape(bool(leaves & _CODED), bool(leaves - _CODED), any(route.only is None for route in found))


def _value(term: Term, value: Value, shape: _Shape) -> Asked | None:
    if isinstance(value, TokenValue):
        if term.modifier == "identifier":
            return _pair(f"{term.param}:identifier", value) if shape.logical else None
        return _token(term.param, value, shape)
    if isinstance(value, OfTypeValue):
        return Asked((token(term.param, value.value),), exact=False)
    if isinstance(value, ReferenceValue):
        return _reference(term.param, value)
    return Asked((token(term.param, value.uri),), exact=True) if isinstance(value, UriValue) else None


def _pair(name: str, value: TokenValue) -> Asked | None:
    if value.system is None:
        return Asked((token(name, value.code or ""),), exact=True)
    return Asked((token(name, value.system, value.code or ""),), exact=True)


def _token(param: str, value: TokenValue, shape: _Shape) -> Asked | None:
    if value.system is None or not shape.plain:
        return _pair(param, value)
    if value.code is None:
        return None  # any code of a system that the element itself says
    bare = token(param, value.code)
    if not shape.coded:
        return Asked((bare,), exact=value.system == "")
    return Asked((token(param, value.system, value.code), bare), exact=False)


def _reference(param: str, value: ReferenceValue) -> Asked:
    if value.url is not None:
        return Asked((token(param, value.url),), exact=True)
    kinds = [value.type] if value.type else sorted(resource_types())
    return Asked(tuple(token(param, f"{kind}/{value.id}") for kind in kinds), exact=value.version is None)


def _composite(rtype: str, term: Term) -> Asked | None:
    """Narrow by the first component of every value that is indexed as a parameter of its own."""
    known = parameters(rtype)
    names = [name for name, _ in known[term.param].components]
    found: list[int] = []
    for value in term.values:
        if not isinstance(value, CompositeValue):
            return None
        parts = (asked(rtype, Term(name, known[name].type, "", (part,))) for name, part in zip(names, value.parts, strict=True))
        narrow = next((one for one in parts if one is not None), None)
        if narrow is None:
            return None
        found += narrow.tokens
    return Asked(tuple(dict.fromkeys(found)), exact=False)
