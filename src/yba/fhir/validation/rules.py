"""The invariants of R4, compiled once, held against the elements that a walk met."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from yba.fhir.definitions import supertypes
from yba.fhir.fhirpath import Environment, Expression, FHIRPathError, Node, Purse, TooManySteps, children, compile, root  # noqa: A004  the contract's name
from yba.fhir.xhtml import blank

from .issue import Issue, error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .structure import Place

_WHOLE_DOCUMENT: Final = ("%resource", "%rootResource", "resolve()")
_LOCAL: Final = frozenset({"canonical", "uri", "url"})  # what may name a contained resource beside Reference.reference


def _blank(node: Node, whole: Node, purse: Purse) -> bool:  # noqa: ARG001
    return isinstance(node.data, str) and blank(node.data)


def _dangling(node: Node, whole: Node, purse: Purse) -> bool:
    """Whether a reference names something contained that is not there: ref-1 with the ids collected once."""
    target = node.data.get("reference")
    if not isinstance(target, str) or not target.startswith("#") or target == "#":
        return False
    ids = purse.memo.get(id(whole.data))
    if ids is None:
        ids = purse.memo[id(whole.data)] = frozenset(str(one.get("id")) for one in whole.data.get("contained", ()))
    return target[1:] not in ids


def _unreferenced(node: Node, whole: Node, purse: Purse) -> bool:  # noqa: ARG001
    """Whether something contained is referred to by nobody and refers to nobody outside: dom-3 in one pass; its expression is one per contained."""
    inside = node.data.get("contained", ())
    if not inside:
        return False
    named = _names(node)
    lonely = [one for one in inside if f"#{one.get('id')}" not in named]
    return any("#" not in _names(root(one)) for one in lonely)


def _names(node: Node) -> set[str]:
    """Return the local names that a document uses."""
    found: set[str] = set()
    open_ = [node]
    while open_:
        one = open_.pop()
        if isinstance(one.data, dict):
            open_ += children(one)
        elif isinstance(one.data, str) and one.data.startswith("#") and (one.type in _LOCAL or one.key == "reference"):
            found.add(one.data)
    return found


# htmlChecks() is the expression of txt-1 and txt-2 alike, and they ask different things
_OWN: Final = {"txt-2": _blank, "dom-3": _unreferenced, "ref-1": _dangling}


class Rule(NamedTuple):
    """One invariant."""

    key: str  # "obs-7"
    severity: str
    expression: Expression
    vi: str
    en: str
    wide: bool  # looks beyond its element


@cache
def _data() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = orjson.loads(files("yba.fhir").joinpath("data/rules.json").read_bytes())
    return loaded


@cache
def _vietnamese() -> dict[str, str]:
    loaded: dict[str, str] = orjson.loads(files("yba.fhir").joinpath("data/rules_vi.json").read_bytes())
    return loaded


def known_keys() -> frozenset[str]:
    """Names of all invariants of R4: profiles repeat them."""
    return frozenset(name.partition(" ")[0] for name in _data()["constraints"]) | {"ele-1"}


@cache
def _rule(name: str) -> Rule:
    severity, text, human = _data()["constraints"][name]
    key = name.partition(" ")[0]
    return make(key, severity, text, human)


def make(key: str, severity: str, text: str, human: str) -> Rule:
    """Compile an invariant. Raises FHIRPathError."""
    vi = _vietnamese().get(key, f"không thoả quy tắc {key}: {text[:200]}")
    return Rule(key, severity, compile(text, lenient=True), vi, f"{key}: {human}", any(one in text for one in _WHOLE_DOCUMENT))


@cache
def rules_of(type_: str, place: str) -> tuple[Rule, ...]:
    """Return what holds of an element of a type at a place of a definition ("Observation.component"; "" for a resource)."""
    places = _data()["places"]
    names: list[str] = []
    for where in dict.fromkeys([type_, *supertypes(type_), place]):
        names += [name for name in places.get(where, ()) if name not in names]
    return tuple(_rule(name) for name in names)


def check(places: list[Place], environment: Environment, purse: Purse) -> Iterator[Issue]:
    """Hold the invariants against every element that is structurally sound, as far as the purse reaches."""
    unsound = {id(place.resource.data) for place in places if not place.sound and place.node is place.resource}
    for place in places:
        if not place.sound:
            continue
        for rule in rules_of(place.node.type, place.rule):
            if rule.wide and (id(place.resource.data) in unsound or id(place.whole.data) in unsound):
                continue
            found = held(rule, place.node, place.resource, place.whole, environment, purse)
            if found is not None:
                yield found
            if purse.left < 0:
                return  # the last issue says so


def held(rule: Rule, node: Node, resource: Node, whole: Node, environment: Environment, purse: Purse) -> Issue | None:
    """Return the issue of an invariant that does not hold."""
    if rule.key in _OWN:
        return _issue(rule, node) if _OWN[rule.key](node, whole, purse) else None
    try:
        holds = rule.expression.holds(node, resource, whole, environment, purse)
    except TooManySteps:
        said = "tài liệu quá lớn: các quy tắc còn lại không được kiểm tra", "the document is too large: the remaining invariants were not checked"
        return Issue("warning", "too-costly", node.path(), *said, rule.key)
    except FHIRPathError as wrong:
        return error("processing", node.path(), f"không tính được quy tắc {rule.key}", f"{rule.key} cannot be evaluated: {wrong.message}")
    return None if holds else _issue(rule, node)


def _issue(rule: Rule, node: Node) -> Issue:
    return Issue(rule.severity, "invariant", node.path(), rule.vi, rule.en, rule.key)
