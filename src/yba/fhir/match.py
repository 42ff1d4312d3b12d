"""The obvious search: whether a plain document meets a criterion; whole, and used for what is not indexed and as the judge of the SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any, Final

from . import compartment, values
from .comparing import Codes, is_below, reference, test_of
from .folding import words
from .parameters import parameters
from .query.criteria import And, Chain, Criterion, Has, Inside, Listed, Not, Or, ReferenceValue, StringValue, Term, TokenValue, Within
from .query.model import Query
from .said import Composite, Reference, Said
from .search_rules import rules

if TYPE_CHECKING:
    from datetime import datetime

    from .amounts import Test

Doc = dict[str, Any]
Getter = Callable[[str, Doc], list[Said]]  # (parameter, document) -> values
Judge = Callable[[Doc], bool]
_ABSENT: Final = frozenset({"not", "not-in"})
_STEPS: Final = 64  # of a hierarchy
_TAG: Final = re.compile(r"<[^<>]*>")  # stops at the next opening: a text of nothing but < costs no more than another
_NOT_CONTENT: Final = frozenset({"div", "data", "resourceType", "reference", "url", "system", "id", "versionId"})


def _nothing(_: str) -> None:
    return None


def _nobody(_rtype: str, _param: str, _target: str) -> Iterable[Doc]:
    return ()


@dataclass(frozen=True, slots=True)
class World:
    """What lies outside of a document: other documents, codes, the moment."""

    resolve: Callable[[str], Doc | None] = _nothing  # "Patient/1", "List/$current-problems" -> document
    reverse: Callable[[str, str, str], Iterable[Doc]] = _nobody  # (type, parameter, "Patient/1") -> documents that may refer there
    codes: Codes | None = None
    now: datetime | None = None  # for prefix ap


ALONE: Final = World()


def matches(asked: Query | Criterion, doc: Doc, world: World = ALONE) -> bool:
    """Whether a document meets a criterion, or all criteria of a query and its types. For many documents: `compile`."""
    return compile(asked, doc["resourceType"], world)(doc)


def compile(asked: Query | Criterion, rtype: str, world: World = ALONE) -> Judge:  # noqa: A001  named as `re.compile` is
    """Return the function that says of documents of one type whether they meet what is asked. Raises NoTerminologyError."""
    if isinstance(asked, Query):
        types = (asked.rtype,) if asked.rtype else asked.types
        if types and rtype not in types:
            return lambda _: False
        judges = [_judge(one, _Place(rtype, world)) for one in asked.criteria]
        return judges[0] if len(judges) == 1 else lambda doc: all(judge(doc) for judge in judges)
    return _judge(asked, _Place(rtype, world))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where criteria are judged: on documents of a type, or (`parts`) on the components of a composite."""

    rtype: str
    world: World
    parts: tuple[str, ...] = ()

    def getter(self, param: str) -> Callable[[Any], Iterable[Said]]:
        """Return what gives the values of a parameter here."""
        if self.parts:
            place = self.parts.index(param)
            return lambda said: said.parts[place]
        return values.getter(self.rtype, param)


def _judge(asked: Criterion, place: _Place) -> Test:
    if isinstance(asked, Term):
        return _term(asked, place)
    if isinstance(asked, Chain):
        return _chain(asked, place)
    if isinstance(asked, Has):
        return _has(asked, place)
    if isinstance(asked, Within):
        return _within(asked, place)
    if isinstance(asked, Listed):
        return _listed(asked, place)
    if isinstance(asked, Inside):
        return _judge(compartment.criterion(asked.kind, asked.id, place.rtype) or Or(()), place)
    if isinstance(asked, Not):
        inner = _judge(asked.part, place)
        return lambda doc: not inner(doc)
    judges = [_judge(part, place) for part in asked.parts]
    enough = all if isinstance(asked, And) else any
    return lambda doc: enough(judge(doc) for judge in judges)


# --- terms -------------------------------------------------------------------------------------------------------------------


def _term(term: Term, place: _Place) -> Test:
    if term.type == "text":
        return _full_text(term)
    get = place.getter(term.param)
    if term.modifier == "missing":
        wanted = term.values == (TokenValue(None, "true"),)
        return lambda doc: (not get(doc)) is wanted
    tests = [_test(term, value, place) for value in term.values]
    if term.modifier in _ABSENT:
        # also true of what says nothing at all
        return lambda doc: not any(test(said) for said in get(doc) for test in tests)
    if len(tests) == 1:
        only = tests[0]
        return lambda doc: any(map(only, get(doc)))
    return lambda doc: any(test(said) for said in get(doc) for test in tests)


def _test(term: Term, value: Any, place: _Place) -> Test:  # noqa: ANN401  any Value
    if isinstance(value, ReferenceValue) and term.modifier in {"above", "below"}:
        return _hierarchy(term.modifier, value, place)
    return test_of(term.modifier, value, codes=place.world.codes, now=place.world.now)


def _hierarchy(modifier: str, value: ReferenceValue, place: _Place) -> Test:
    """:below finds what refers to a resource or to one under it, :above what refers to it or to one over it."""
    if value.url is not None:
        url = value.url
        return lambda said: said.url is not None and (is_below(said.url, url) if modifier == "below" else is_below(url, said.url))
    same, resolve = reference(value), place.world.resolve
    kinds = [value.type] if value.type else list(rules().hierarchy)
    if modifier == "below":
        return lambda said: any(same(one) for one in _upwards(said, resolve))
    over = {str(one) for kind in kinds for one in _upwards(Reference(kind, value.id), resolve)}
    return lambda said: str(said) in over


def _upwards(start: Reference, resolve: Callable[[str], Doc | None]) -> Iterable[Reference]:
    """Give a reference and what it is part of, step by step."""
    seen: set[str] = set()
    waiting = [start]
    while waiting and len(seen) < _STEPS:
        one = waiting.pop()
        yield one
        param = rules().hierarchy.get(one.type or "")
        doc = resolve(str(one)) if param and one.id and str(one) not in seen else None
        seen.add(str(one))
        if doc is not None and param:
            waiting += [up for up in values.of(doc["resourceType"], doc, param) if isinstance(up, Reference) and up.type == one.type]


# --- full text ---------------------------------------------------------------------------------------------------------------


def _full_text(term: Term) -> Test:
    """Every word that is asked stands in the narrative (_text), or anywhere (_content)."""
    asked = [frozenset(value.folded.split()) for value in term.values if isinstance(value, StringValue)]
    text_of = narrative if term.param == "_text" else content
    return lambda doc: any(wanted <= found for found in [frozenset(words(text_of(doc)))] for wanted in asked)


def narrative(doc: Doc) -> str:
    """Return what people read in the narrative, without its marks."""
    text = doc.get("text")
    div = text.get("div") if isinstance(text, dict) else None
    if not isinstance(div, str):
        return ""
    return unescape(_TAG.sub(" ", div))


def content(doc: Doc) -> str:
    """Return every text of a resource: narrative, names, codes, notes; addresses, ids and attached data are left out."""
    return " ".join([narrative(doc), *_strings(doc)])


def _strings(node: Any) -> Iterable[str]:  # noqa: ANN401
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for one in node:
            yield from _strings(one)
    elif isinstance(node, dict):
        for key, one in node.items():
            if key not in _NOT_CONTENT:
                yield from _strings(one)


# --- other documents ---------------------------------------------------------------------------------------------------------


def _chain(chain: Chain, place: _Place) -> Test:
    get, world = place.getter(chain.param), place.world
    judge = _judge(chain.inner, _Place(chain.target, world))

    def test(doc: Doc) -> bool:
        return any(_meets(doc, one, chain.target, judge, world) for one in get(doc) if isinstance(one, Reference))

    return test


def _meets(doc: Doc, found: Reference, target: str, judge: Judge, world: World) -> bool:
    if found.contained is not None or found.inside:
        other = values.inside(doc, found)
    elif found.url is None and found.type != target:
        return False
    else:
        text = str(found)
        other = world.resolve(text) if text else None
    return other is not None and other.get("resourceType") == target and judge(other)


def _has(has: Has, place: _Place) -> Test:
    world, rtype = place.world, place.rtype
    judge = _judge(has.inner, _Place(has.rtype, world))
    get = values.getter(has.rtype, has.param)

    def test(doc: Doc) -> bool:
        id_ = doc.get("id", "")
        others = world.reverse(has.rtype, has.param, f"{rtype}/{id_}")
        return any(any(isinstance(one, Reference) and values.refers_to(one, rtype, id_) for one in get(other)) and judge(other) for other in others)

    return test


def _listed(listed: Listed, place: _Place) -> Test:
    world, rtype = place.world, place.rtype

    def test(doc: Doc) -> bool:
        found = world.resolve(f"List/{listed.list}") or {}
        wanted = f"{rtype}/{doc.get('id', '')}"
        return any(
            entry.get("item", {}).get("reference", "").partition("/_history/")[0] == wanted and not entry.get("deleted")
            for entry in found.get("entry", ())
        )

    return test


def _within(within: Within, place: _Place) -> Test:
    param = parameters(place.rtype)[within.param]
    judge = _judge(within.inner, _Place(place.rtype, place.world, tuple(name for name, _ in param.components)))
    get = place.getter(within.param)
    return lambda doc: any(isinstance(one, Composite) and judge(one) for one in get(doc))
