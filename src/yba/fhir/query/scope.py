"""Where a parameter name is read: on one resource type, on several, or on the components of a composite."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from yba.fhir.definitions import resource_types
from yba.fhir.parameters import Parameter, parameters

from .mistakes import WrongError, nearest

EVERY_TYPE: Final = ("_content", "_id", "_lastUpdated", "_profile", "_security", "_source", "_tag", "_text")
TEXTUAL: Final = frozenset({"_content", "_text"})
SPECIAL: Final = ("_filter", "_has", "_list", "_type")
UNSUPPORTED: Final = frozenset({"_query"})
_HEAD: Final = re.compile(r"[.:\[]")
_TARGETS: Final = 20  # types that an untyped chain is tried on


@dataclass(frozen=True, slots=True)
class Scope:
    """What a parameter name may mean here."""

    types: tuple[str, ...]  # empty = all
    components: tuple[Parameter, ...] = ()  # of a composite, instead of the types' parameters

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


def chained(param: Parameter, kind: str, name: str) -> tuple[str, ...]:
    """Return the types on which a chain goes on: the one named, or those that know the next name. Raises WrongError."""
    if param.type != "reference":
        raise WrongError("no-reference", param=param.code)
    possible = targets(param)
    if kind:
        if kind not in resource_types():
            raise WrongError("type", type=kind, hint=nearest(kind, resource_types()))
        if kind not in possible:
            raise WrongError("target", param=param.code, type=kind)
        return (kind,)
    head = _HEAD.split(name, maxsplit=1)[0]
    fitting = tuple(one for one in possible if head in SPECIAL or head in parameters(one))
    if not fitting:
        raise WrongError("unknown", type=", ".join(possible), param=head, hint=nearest(head, {code for one in possible for code in parameters(one)}))
    if len(fitting) > _TARGETS:
        raise WrongError("which-type", param=param.code)
    return fitting


def components(scope: Scope, param: Parameter) -> tuple[Parameter, ...]:
    """Return the parameters that a composite is made of."""
    known = parameters(scope.types[0])
    return tuple(known[code] for code, _ in param.components)
