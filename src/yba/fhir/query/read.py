"""A whole search from its names and values: criteria and what shapes the answer; every mistake is told at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from yba.fhir.definitions import resource_types
from yba.fhir.parameters import parameters
from yba.fhir.search_rules import rules

from .filtering import read_filter
from .mistakes import BadSearch, Mistake, WrongError, nearest
from .model import Include, Query, Sort
from .scope import TEXTUAL, Reading, Scope, refers, targets
from .terms import criterion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .criteria import Criterion

_FACE: Final = frozenset({"_format", "_pretty"})  # of the face that answers, not of the search
_RESULT: Final = ("_cursor", "_contained", "_count", "_elements", "_include", "_revinclude", "_sort", "_summary", "_total", "_type")
_ALLOWED: Final = {
    "_total": ("none", "estimate", "accurate"),
    "_summary": ("true", "text", "data", "count", "false"),
    "_contained": ("false",),
}
_NOT_HERE: Final = frozenset({"_containedType", "_query", "_score"})
_UNSORTED: Final = frozenset({"composite", "special"})
_ELEMENT: Final = re.compile(r"(?:[A-Z][A-Za-z]*\.)?[a-z][A-Za-z.]*")
_INCLUDED: Final = re.compile(r"_(rev)?include(?::(iterate|recurse))?")
_DIGITS: Final = 18


def parse(rtype: str | None, pairs: Iterable[tuple[str, str]], *, lenient: bool = False, base: str = "") -> Query:
    """Read a search over one type, or over all (`rtype` None) or those of _type.

    `pairs` are names and values, already unescaped as a query string is; `base` is this server's address, so that its own URLs count as
    relative references. Raises BadSearch with every mistake; lenient: what cannot be read is left out and told in `Query.ignored`.
    Raises KeyError for a type that R4 does not have.
    """
    if rtype is not None:
        parameters(rtype)
    reader = _Reader(rtype, base)
    pairs = list(pairs)
    # which types are meant must be known before their parameters are read
    for name, value in sorted(pairs, key=lambda pair: pair[0] != "_type"):
        reader.take(name, value)
        if len(reader.mistakes) >= rules().limits.mistakes:
            raise BadSearch(reader.mistakes)  # lenient too: what was not read would widen the search unsaid
    reader.weigh()
    if reader.mistakes and not lenient:
        raise BadSearch(reader.mistakes)
    return reader.query()


def parse_criterion(rtype: str, name: str, value: str, *, base: str = "") -> Criterion:
    """Read one criterion of one type. Raises BadSearch."""
    try:
        return criterion(Scope((rtype,), (), Reading(base)), name, value)
    except WrongError as wrong:
        raise BadSearch([wrong.mistake(name)]) from None


class _Reader:
    def __init__(self, rtype: str | None, base: str) -> None:
        self._rtype, self._reading = rtype, Reading(base)
        self._scope = Scope((rtype,) if rtype else (), (), self._reading)
        self._criteria: list[Criterion] = []
        self._found: dict[str, Any] = {}
        self.mistakes: list[Mistake] = []

    def query(self) -> Query:
        """Return what was read."""
        return Query(self._rtype, tuple(self._criteria), ignored=tuple(self.mistakes), **self._found)

    def weigh(self) -> None:
        """Note what does not go together: R4 has no narratives of what comes along."""
        if self._found.get("summary") == "text" and (self._found.get("includes") or self._found.get("revincludes")):
            self.mistakes.append(WrongError("no-include").mistake("_summary"))
            del self._found["summary"]

    def take(self, name: str, value: str) -> None:
        """Read one name and value, or note what is wrong with them."""
        if name in _FACE:
            return
        try:
            self._read(name, value)
        except WrongError as wrong:
            self.mistakes.append(wrong.mistake(name))

    def _read(self, name: str, value: str) -> None:
        if len(value) > rules().limits.value_length:
            raise WrongError("too-long", bound=rules().limits.value_length)
        if included := _INCLUDED.fullmatch(name):
            self._include(value, reverse=bool(included[1]), iterate=bool(included[2]))
        elif name in _RESULT:
            self._result(name, value)
        elif name in _NOT_HERE:
            raise WrongError("unsupported", param=name)
        else:
            if len(self._criteria) >= rules().limits.criteria:
                raise WrongError("too-many", bound=rules().limits.criteria)
            self._criteria.append(self._criterion(name, value))

    def _criterion(self, name: str, value: str) -> Criterion:
        if name == "_filter":
            return read_filter(self._scope, value)
        try:
            return criterion(self._scope, name, value)
        except WrongError as wrong:
            # a misspelt name of the answer's shape is nearer than any parameter: _cuont
            hint = nearest(name, _RESULT) if wrong.key == "unknown" and name.startswith("_") else ""
            if not hint:
                raise
            raise WrongError("unknown", type=self._scope.name, param=name, hint=hint) from None

    def _result(self, name: str, value: str) -> None:
        key = name.removeprefix("_")
        field = {"type": "types"}.get(key, key)
        if field in self._found:
            raise WrongError("once")
        if name in _ALLOWED:
            if value not in _ALLOWED[name]:
                raise WrongError("one-of", allowed=", ".join(_ALLOWED[name]))
            self._found[field] = value
            return
        readers: dict[str, Callable[[str], object]] = {
            "_count": _count,
            "_cursor": _cursor,
            "_elements": _elements,
            "_sort": self._sort,
            "_type": self._types,
        }
        self._found[field] = readers[name](value)

    def _types(self, value: str) -> tuple[str, ...]:
        if self._rtype:
            raise WrongError("system-only")
        names = tuple(dict.fromkeys(value.split(",")))
        for name in names:
            if name not in resource_types():
                raise WrongError("type", type=name, hint=nearest(name, resource_types()))
        self._scope = Scope(names, (), self._reading)
        return names

    def _sort(self, value: str) -> tuple[Sort, ...]:
        names = value.split(",")
        if len(names) > rules().limits.sort:
            raise WrongError("too-many", bound=rules().limits.sort)
        return tuple(self._sorted(name) for name in names)

    def _sorted(self, name: str) -> Sort:
        code = name.removeprefix("-")
        if not code:
            raise WrongError("empty")
        if code in _NOT_HERE:
            raise WrongError("unsupported", param=code)
        if self._scope.parameter(code).type in _UNSORTED or code in TEXTUAL:
            raise WrongError("no-sort", param=code)
        return Sort(code, descending=name.startswith("-"))

    def _include(self, value: str, *, reverse: bool, iterate: bool) -> None:
        field = "revincludes" if reverse else "includes"
        found = self._found.get(field, ())
        if len(found) >= rules().limits.includes:
            raise WrongError("too-many", bound=rules().limits.includes)
        one = self._included(value, reverse=reverse, iterate=iterate)
        self._found[field] = found if one in found else (*found, one)

    def _included(self, value: str, *, reverse: bool, iterate: bool) -> Include:
        if value == "*":
            return Include("*", "*", None, iterate)
        parts = value.split(":")
        if len(parts) not in {2, 3} or not all(parts):
            raise WrongError("include")
        source, code, target = (*parts, None)[:3]
        for name in (source, target):
            if name and name not in resource_types():
                raise WrongError("type", type=name, hint=nearest(name, resource_types()))
        possible = _referred(str(source), str(code))
        if target and target not in possible:
            raise WrongError("target", param=code, type=target)
        own = self._scope.types
        if not reverse and not iterate and own and source not in own:
            raise WrongError("include-source", type=source)
        if reverse and not iterate and own and not set(own) & possible:
            raise WrongError("target", param=code, type=self._scope.name)
        return Include(str(source), str(code), target, iterate)


def _referred(source: str, code: str) -> set[str]:
    """Types that a reference parameter may refer to. Raises WrongError."""
    if code == "*":
        return set(resource_types())
    param = Scope((source,)).parameter(code)
    if param.type != "reference":
        raise WrongError("no-reference", param=code)
    if not refers(source, code):
        raise WrongError("canonical", param=code)
    return set(targets(param))


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > _DIGITS:
        raise WrongError("value", type="_count", form="0, 1, 2, …")
    return min(int(value), rules().limits.count)


def _cursor(value: str) -> str:
    if not value:
        raise WrongError("empty")
    return value


def _elements(value: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(value.split(",")))
    if len(names) > rules().limits.elements:
        raise WrongError("too-many", bound=rules().limits.elements)
    if not all(_ELEMENT.fullmatch(name) for name in names):
        raise WrongError("value", type="_elements", form="id,name,birthDate")
    return names
