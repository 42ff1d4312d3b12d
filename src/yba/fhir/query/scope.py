"""Where a parameter name is read: on one resource type, on several, or on the components of a composite."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from yba.fhir.definitions import resource_types
from yba.fhir.extract import routes
from yba.fhir.parameters import NOT_INDEXABLE, Parameter, parameters
from yba.fhir.search_rules import rules

from .criteria import Chain, Criterion, Or
from .mistakes import WrongError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_TYPE: Final = ("_content", "_id", "_lastUpdated", "_profile", "_security", "_source", "_tag", "_text")
TEXTUAL: Final = frozenset({"_content", "_text"})
SPECIAL: Final = ("_filter", "_has", "_list", "_type")
UNSUPPORTED: Final = frozenset({"_query"})
_TARGETS: Final = 20  # types that an untyped chain is tried on


@dataclass(slots=True)
class Reading:
    """What one search is read with: the address of this server, and how many steps of chains are left to it."""

    base: str = ""
    steps: int = field(default_factory=lambda: rules().limits.steps)

    def step(self) -> None:
        """Count a step: a chain without types branches at each of its links. Raises WrongError."""
        self.steps -= 1
        if self.steps < 0:
            raise WrongError("too-many", bound=rules().limits.steps)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a parameter name may mean here."""

    types: tuple[str, ...]  # empty = all
    components: tuple[Parameter, ...] = ()  # of a composite, instead of the types' parameters
    reading: Reading = field(default_factory=Reading)

    def on(self, rtype: str) -> Scope:
        """Return the scope one step further, on another resource type. Raises WrongError."""
        self.reading.step()
        return Scope((rtype,), (), self.reading)

    def parameter(self, code: str) -> Parameter:
        """Return a parameter by its name. Raises WrongError with the nearest known name."""
        if code in UNSUPPORTED:
            raise WrongError("unsupported", param=code)
        known = self._known()
        if code not in known:
            raise WrongError("unknown", type=self.name, param=code, hint=nearest(code, [*known, *SPECIAL]))
        return known[code]

    @property
    def name(self) -> str:
        """Say of what the names are."""
        return ", ".join(self.types) or "Resource"

    def _known(self) -> dict[str, Parameter]:
        if self.components:
            return {one.code: one for one in self.components}
        return shared(self.types)


@cache
def shared(types: tuple[str, ...]) -> dict[str, Parameter]:
    """Return the parameters that all the types have, of the same type everywhere."""
    if not types:
        return {code: parameters("Basic")[code] for code in EVERY_TYPE}
    first, *others = types
    found = parameters(first)
    for other in others:
        theirs = parameters(other)
        found = {code: one for code, one in found.items() if code in theirs and theirs[code].type == one.type}
    return found


def targets(param: Parameter) -> tuple[str, ...]:
    """Return the resource types a reference parameter may refer to; any = all."""
    return tuple(sorted(resource_types())) if "Resource" in param.targets else param.targets


@cache
def refers(rtype: str, code: str) -> bool:
    """Whether a reference parameter of a type reaches References: canonical URLs name no resource here that could be gone on from."""
    if (rtype, code) in NOT_INDEXABLE:
        return True
    return any(route.hops[-1].type == "Reference" for route in routes(rtype, parameters(rtype)[code].expression))


def chain(scope: Scope, param: Parameter, kind: str, head: str, read: Callable[[Scope], Criterion]) -> Criterion:
    """Read what follows a reference: on the type that is named, or on each type of the reference where it can be read. Raises WrongError.

    `head` is the next parameter name; "" = only reading tells.
    """
    if param.type != "reference":
        raise WrongError("no-reference", param=param.code)
    if not any(refers(one, param.code) for one in scope.types):
        raise WrongError("canonical", param=param.code)
    if kind:
        return Chain(param.code, named(param, kind), read(scope.on(kind)))
    parts, wrong = [], []
    for one in _fitting(param, head):
        try:
            parts.append(Chain(param.code, one, read(scope.on(one))))
        except WrongError as error:
            if error.key in {"too-many", "too-deep"}:
                raise
            wrong.append(error)
    if not parts:
        raise wrong[0]
    return parts[0] if len(parts) == 1 else Or(tuple(parts), untyped=True)


def named(param: Parameter, kind: str) -> str:
    """Return the type that a reference is narrowed to. Raises WrongError where it cannot be."""
    if kind not in resource_types():
        raise WrongError("type", type=kind, hint=nearest(kind, resource_types()))
    if kind not in targets(param):
        raise WrongError("target", param=param.code, type=kind)
    return kind


def _fitting(param: Parameter, head: str) -> list[str]:
    """Return the types of a reference that know the next name."""
    possible = targets(param)
    fitting = [one for one in possible if not head or head in SPECIAL or head in parameters(one)]
    if not fitting:
        raise WrongError("unknown", type=", ".join(possible), param=head, hint=nearest(head, {code for one in possible for code in parameters(one)}))
    if len(fitting) > _TARGETS:
        raise WrongError("which-type", param=param.code)
    return fitting


def components(scope: Scope, param: Parameter) -> tuple[Parameter, ...]:
    """Return the parameters that a composite is made of."""
    known = parameters(scope.types[0])
    return tuple(known[code] for code, _ in param.components)
