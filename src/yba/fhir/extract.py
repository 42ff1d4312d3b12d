"""Compiles the indexed search parameters of a resource type into one Python function that walks the document once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import dates, tokens
from .definitions import elements, is_primitive
from .parameters import Parameter, Profile, same_as
from .paths import As, Equals, ExistsAndNotFalse, Get, Path, RefersTo, UnsupportedExpressionError, parse

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from fractions import Fraction

    Bound = datetime | Decimal | Fraction | None

ABSTRACT: Final = frozenset({"Resource", "DomainResource"})
WITHOUT_TOKEN: Final = frozenset({"Attachment"})  # Consent.source is an Attachment or a Reference


class _Narrow(NamedTuple):
    tokens: list[int]  # signed 64-bit, each once
    start: datetime | None  # aware; None with an end = open
    end: datetime | None


class Index(_Narrow):
    """What is indexed of one resource: three columns of its row, and for the few types that name them rows of their own.

    `texts` and `ranges` are attributes beside the tuple: types that name none pay nothing for them.
    """

    texts: Sequence[tuple[str, str]] = ()  # (parameter, folded), each once
    ranges: Sequence[tuple[str, Bound, Bound]] = ()  # (parameter, low, high): [low, high) of dates in UTC, low..high of numbers; None = open


Extractor = Callable[[dict[str, Any]], Index]


@dataclass(frozen=True, slots=True)
class Hop:
    """One resolved step: a JSON property, or a condition on what was reached."""

    key: str  # JSON property; "" for a condition
    type: str  # type of what is reached
    many: bool = False
    equals: tuple[str, str] | None = None  # (property, value) that must hold


@dataclass(slots=True)
class Node:
    """A trie of hops: parameters that begin alike read the property once."""

    children: dict[Hop, Node] = field(default_factory=dict)
    leaves: list[tuple[str, str | None]] = field(default_factory=list)  # (parameter, only references to)


@dataclass(frozen=True, slots=True)
class Route:
    """One way from the resource to indexed values."""

    hops: tuple[Hop, ...]
    only: str | None = None  # references to this type only
    boolean: bool = False  # the value is "is there one, and is it not false"


def compile_extractor(rtype: str, profile: Profile) -> Extractor:
    """Return the function that indexes resources of one type. Raises UnsupportedExpressionError."""
    writer = Writer()
    writer.line(1, "doc.keys()  # refuses what is no object")
    writer.line(1, "out = []")
    root = Node()
    for parameter in profile.tokens:
        found = routes(rtype, parameter.expression)
        if found[0].boolean:
            writer.boolean(parameter, found)
        else:
            for route in found:
                grow(root, parameter, route)
    writer.node(root, "doc", rtype, 1)
    writer.line(1, "start = end = None")
    for order, expression in enumerate(profile.period):
        depth = 1
        if order:
            writer.line(1, "if start is None and end is None:")
            depth = 2
        for route in routes(rtype, expression):
            writer.range(route, depth)
    # each once; half the price of updating a set and of naming the fields
    writer.line(1, "return new(Index, ([*unique(out)], start, end))")
    made: Extractor = writer.compile(rtype)
    return made


def routes(rtype: str, expression: str) -> list[Route]:
    """All ways from a resource of the type to the values of an expression, choices of type spelt out."""
    return [route for path in parse(expression) for route in _resolve(rtype, path)]


def _resolve(rtype: str, path: Path) -> Iterable[Route]:
    first = path[0]
    if isinstance(first, Get) and (first.name == rtype or first.name in ABSTRACT):
        path = path[1:]
    found = [Route(())]
    for step in path:
        found = [longer for route in found for longer in _longer(rtype, route, step)]
        if not found:
            message = f"{rtype}: {path}"
            raise UnsupportedExpressionError(message)
    return found


def _longer(rtype: str, route: Route, step: object) -> list[Route]:
    type_ = route.hops[-1].type if route.hops else rtype
    if isinstance(step, Get):
        if is_primitive(type_) or step.name not in elements(type_):
            return []
        element = elements(type_)[step.name]
        return [Route((*route.hops, Hop(one.key, one.type, element.many))) for one in element.fields]
    if isinstance(step, As):
        return [route] if type_.lower() == step.type.lower() else []
    if isinstance(step, Equals):
        return [Route((*route.hops, Hop("", type_, equals=(step.name, step.value))))]
    if isinstance(step, RefersTo):
        return [Route(route.hops, only=step.type)] if type_ == "Reference" else []
    return [Route(route.hops, boolean=isinstance(step, ExistsAndNotFalse))]


def grow(root: Node, parameter: Parameter, route: Route) -> None:
    """Lay one route of a parameter into the trie."""
    if route.hops[-1].type in WITHOUT_TOKEN:
        return
    node = root
    for hop in route.hops:
        node = node.children.setdefault(hop, Node())
    name = same_as().get(parameter.code, parameter.code)
    if (name, None) not in node.leaves and (name, route.only) not in node.leaves:
        node.leaves.append((name, route.only))


class Writer:
    """Writes the source of one extractor and keeps the objects it refers to."""

    def __init__(self) -> None:
        """Begin with the head of the function."""
        self._lines: list[str] = ["def extract(doc):"]
        self._names: dict[str, Any] = {"Index": Index, "new": tuple.__new__, "unique": dict.fromkeys}
        self._names |= {"point": dates.point, "period": dates.period, "timing": dates.timing}
        self._count = 0

    def line(self, depth: int, text: str) -> None:
        """One line of the source."""
        self._lines.append("    " * depth + text)

    def compile(self, rtype: str) -> Any:  # noqa: ANN401  the function that was written
        """Turn the source into the function."""
        exec(compile("\n".join(self._lines), f"<index of {rtype}>", "exec"), self._names)  # noqa: S102  our own text: names and keys of R4
        return self._names["extract"]

    def node(self, node: Node, variable: str, type_: str, depth: int) -> None:
        """Everything below one node of the trie, given the variable that holds its object."""
        for parameter, only in node.leaves:
            self._leaf(parameter, only, variable, type_, depth)
        for hop, child in node.children.items():
            if hop.equals:
                self.line(depth, f"if {variable}.get({hop.equals[0]!r}) == {hop.equals[1]!r}:")
                self.node(child, variable, hop.type, depth + 1)
            else:
                inside, deeper = self._enter(variable, hop, depth)
                self.node(child, inside, hop.type, deeper)

    def boolean(self, parameter: Parameter, found: list[Route]) -> None:
        """Write a parameter whose value is whether an element of the resource is there and not false."""
        cells = self._cells(parameter.code, "plain", tokens.plain, parameter.code)
        test = " or ".join(f"doc.get({route.hops[0].key!r}) not in (None, False)" for route in found)
        self.line(1, f"out += {cells}['true' if {test} else 'false']")

    def range(self, route: Route, depth: int) -> None:
        """Set start and end from a date, dateTime, instant, Period or Timing, or a string that is written as one; an Age says no date."""
        type_ = route.hops[-1].type
        points = dict.fromkeys(("date", "dateTime", "instant", "string"), "point")
        call = (points | {"Period": "period", "Timing": "timing"}).get(type_)
        if call is None:
            return
        variable = "doc"
        for hop in route.hops:
            if hop.many or hop.equals:
                message = f"the period of a resource is one value: {route}"
                raise UnsupportedExpressionError(message)
            variable, depth = self._enter(variable, hop, depth)
        self.line(depth, f"start, end = {call}({variable})")

    def _enter(self, variable: str, hop: Hop, depth: int) -> tuple[str, int]:
        self._count += 1
        inside = f"v{self._count}"
        depth = self._there(variable, hop.key, inside, depth)
        if not hop.many:
            return inside, depth
        self.line(depth, f"for {inside}i in {inside}:")
        if is_primitive(hop.type):
            self.line(depth + 1, f"if {inside}i is not None:")
            return f"{inside}i", depth + 2
        return f"{inside}i", depth + 1

    def _there(self, variable: str, key: str, inside: str, depth: int, *, known: bool = False) -> int:
        """Take a property if it is there; gives the depth below. Most are not, and `in` is half the price of `get`.

        Only `get` refuses what is no object, so `in` is for the document and what is `known` to be one.
        """
        if variable == "doc" or known:
            self.line(depth, f"if {key!r} in {variable}:")
            depth += 1
            self.line(depth, f"{inside} = {variable}[{key!r}]")
        else:
            self.line(depth, f"{inside} = {variable}.get({key!r})")
        self.line(depth, f"if {inside} is not None:")
        return depth + 1

    def _leaf(self, parameter: str, only: str | None, variable: str, type_: str, depth: int) -> None:
        if type_ == "CodeableConcept":
            self.line(depth, f"for c in {variable}.get('coding', ()):")
            self._leaf(parameter, None, "c", "Coding", depth + 1)
        elif type_ in {"Coding", "Identifier"}:
            cells = self._cells(parameter, "coded", tokens.coded, parameter)
            value = "code" if type_ == "Coding" else "value"
            self.line(depth, f"out += {cells}[{variable}.get('system'), {variable}.get({value!r})]")
        elif type_ == "Reference":
            self._reference(parameter, only, variable, depth)
        elif type_ == "ContactPoint":
            self.line(depth, f"out += {self._cells(parameter, 'plain', tokens.plain, parameter)}[{variable}.get('value')]")
        elif type_ == "boolean":
            self.line(depth, f"out += {self._cells(parameter, 'plain', tokens.plain, parameter)}['true' if {variable} else 'false']")
        elif type_ == "canonical":
            self.line(depth, f"out += {self._cells(parameter, 'canonical', tokens.canonical, parameter)}[{variable}]")
        elif is_primitive(type_):
            self.line(depth, f"out += {self._cells(parameter, 'plain', tokens.plain, parameter)}[{variable}]")
        else:
            message = f"{parameter}: no token of a {type_}"
            raise UnsupportedExpressionError(message)

    def _reference(self, parameter: str, only: str | None, variable: str, depth: int) -> None:
        cells = self._cells(parameter, f"to {only or 'any'}", tokens.typed if only else tokens.reference, parameter, *([only] if only else []))
        inside = self._there(variable, "reference", "r", depth)
        self.line(inside, f"out += {cells}[r, {variable}.get('type')]" if only else f"out += {cells}[r]")
        if only is None:
            logical = self._cells(parameter, "identifier", tokens.coded, f"{parameter}:identifier")
            inside = self._there(variable, "identifier", "r", depth, known=True)
            self.line(inside, f"out += {logical}[r.get('system'), r.get('value')]")

    def _cells(self, parameter: str, kind: str, make: Callable[..., Any], *arguments: str | None) -> str:
        name = "".join(letter if letter.isalnum() else "_" for letter in f"t_{parameter}_{kind}")
        if name not in self._names:
            self._names[name] = make(*arguments)
        return name
