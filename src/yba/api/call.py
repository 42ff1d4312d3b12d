"""One call as an interaction sees it: who, in which unit of work, what was asked; and the table of interactions by their addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from yba import access
from yba.fhir import definitions

from . import bodies
from .faults import Issue, Refusal, bad, unknown_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

    from yba.access import Declaration
    from yba.kit import Actor
    from yba.kit.prepared import Ask

    from .http import Answer, Request
    from .negotiation import Wish

    Act = Callable[["Call"], Answer]
    Alone = Callable[[Request, dict[str, str], Wish, Actor, Ask], Callable[[], Answer] | None]


@dataclass(slots=True)
class Call:
    """``conn`` is the unit of work of ``by``; ``given`` are the named parts of the address."""

    conn: Connection[Any]
    by: Actor
    request: Request
    wish: Wish
    given: dict[str, str]
    proven: bool = False  # the second factor was used in the session the token was made in
    outer: Request | None = None  # of an entry of a bundle: the request that brought the bundle

    @property
    def rtype(self) -> str:
        """The resource type of the address."""
        return self.given["type"]

    @property
    def id(self) -> str:
        """The id of the address."""
        return self.given["id"]

    def resource(self) -> dict[str, Any]:
        """Read the body as a resource of the address's type; anything sent to Binary is one, or the content of one. Raises Refusal."""
        if self.given["type"] == "Binary" and self.request.doc is None:
            return bodies.binary(self.request, self.given.get("id"))
        doc = bodies.document(self.request)
        said = doc.get("resourceType")
        if said != self.rtype:
            raise bad(f"Địa chỉ này nhận {self.rtype}, nội dung là loại khác.", f"The body must be a {self.rtype}.", expression=("resourceType",))
        return doc

    def asked(self, name: str) -> list[str]:
        """Return the values of a parameter of the address."""
        return [value for key, value in self.request.query if key == name]

    def at(self, request: Request, given: dict[str, str]) -> Call:
        """Return the call of an entry of a bundle: the same unit of work, the same caller."""
        return Call(self.conn, self.by, request, self.wish, given, self.proven, self.outer or self.request)

    def under(self, right: access.Right) -> Actor:
        """Return the caller working for a purpose of a right. Raises Denied."""
        by = access.purpose_for(self.by, right)
        if not access.holds(by, right):
            raise access.Denied(right)
        return by


@dataclass(frozen=True, slots=True)
class Route:
    """One interaction: methods, address ("{type}/{id}/_history"), what does it, what it needs; ``anonymous`` ones ask for no token.

    ``alone`` gives what does the same for a machine only guessed at, with no unit of work, in one message that proves it (`kit.db.one_read`,
    raises Unproven); None where one message will not do.
    """

    name: str
    methods: frozenset[str]
    parts: tuple[str, ...]
    act: Act
    declaration: Declaration
    anonymous: bool = False
    alone: Alone | None = None

    @property
    def address(self) -> str:
        """The address as documentation shows it."""
        return "/".join(self.parts)

    def takes(self, segments: tuple[str, ...]) -> bool:
        """Whether an address of as many parts is this one's."""
        return all(own == said or (own[0] == "{" and said[:1] not in _MARKS) for own, said in zip(self.parts, segments, strict=True))


_MARKS: Final = frozenset({"_", "$", ""})
_TYPES: Final = frozenset({"type", "compartment"})
ALL: Final = "*"  # every type of a compartment
ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")


class Table:
    """The interactions by length of their address; an undeclared one does not load."""

    def __init__(self) -> None:
        """Begin empty."""
        self.routes: list[Route] = []
        self._by_length: dict[int, list[Route]] = {}
        self._known: dict[tuple[object, ...], list[Route]] = {}  # addresses by their shape: bounded by the words of the table
        self._words: frozenset[str] = frozenset()

    def add(self, name: str, methods: str, address: str, act: Act, *, anonymous: bool = False, alone: Alone | None = None) -> None:
        """Lay an interaction at an address. Raises TypeError where it declares no right."""
        declaration = access.declared(act)
        if declaration is None or (anonymous and declaration.rights):
            message = f"interaction {name!r} declares no right: use yba.access.needs or open_to_all"
            raise TypeError(message)
        parts = tuple(address.split("/")) if address else ()
        route = Route(name, frozenset(methods.split()), parts, act, declaration, anonymous, alone)
        self.routes.append(route)
        self._by_length.setdefault(len(parts), []).append(route)
        self._words |= {part for part in parts if part[0] != "{"}
        self._known.clear()

    def find(self, method: str, segments: tuple[str, ...]) -> tuple[Route, dict[str, str]]:
        """Find the interaction of a request with the named parts of its address. Raises Refusal 404, 405."""
        shape = tuple(part if part in self._words else part[:1] in _MARKS for part in segments)
        here = self._known.get(shape)
        if here is None:
            here = self._here(segments)
            if here:
                self._known[shape] = here
        if not here:
            raise unknown()
        wanted = "GET" if method == "HEAD" else method
        found = next((route for route in here if wanted in route.methods), None)
        if found is None:
            allowed = sorted(
                {each for route in here for each in route.methods} | ({"HEAD"} if any("GET" in route.methods for route in here) else set())
            )
            raise Refusal(
                HTTPStatus.METHOD_NOT_ALLOWED,
                Issue("not-supported", "Địa chỉ này không nhận phương thức đó.", "This method does nothing here."),
                headers={"Allow": ", ".join(allowed)},
            )
        given = {own[1:-1]: said for own, said in zip(found.parts, segments, strict=True) if own[0] == "{"}
        _check(given)
        return found, given

    def _here(self, segments: tuple[str, ...]) -> list[Route]:
        found = [route for route in self._by_length.get(len(segments), ()) if route.takes(segments)]
        # A fixed word goes before a name: /metadata is no type.
        best = max((sum(own == said for own, said in zip(route.parts, segments, strict=True)) for route in found), default=0)
        return [route for route in found if sum(own == said for own, said in zip(route.parts, segments, strict=True)) == best]


def unknown() -> Refusal:
    """A 404 for an address that is none of ours."""
    return Refusal(HTTPStatus.NOT_FOUND, Issue("not-supported", "Không có địa chỉ này trong API.", "There is no such address in the API."))


@cache
def storable() -> frozenset[str]:
    """Names of the resource types of R4 itself: the definitions hold a few of later releases too."""
    of_r4 = definitions.value_set("http://hl7.org/fhir/ValueSet/resource-types") or {}
    return definitions.resource_types() & frozenset().union(*of_r4.values())


def _check(given: dict[str, str]) -> None:
    types = storable()
    if any(given[name] not in types and not (name == "type" and given[name] == ALL and "compartment" in given) for name in _TYPES & given.keys()):
        raise unknown_type()
    if any(not ID.fullmatch(given[name]) for name in ("id", "version") if name in given):
        raise bad("Mã tài nguyên gồm 1–64 chữ, số, dấu - và dấu chấm.", "An id has 1 to 64 letters, digits, - and dots.", code="value")
