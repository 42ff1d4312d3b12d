"""Conditions of rules (when, unless) compiled to closures over one row and the visit's summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.specs.claims import SpecError

from .values import NUMBERS, ZERO, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yba.ingest.model import Row

    from .model import Visit

    Condition = Callable[[Visit, Row], bool]
    Getter = Callable[[Visit, Row], str]

HEAD: Final = "XML1."


def compiled(check_params: Mapping[str, Any]) -> Condition | None:
    """Compile `when`, `unless` and `unless_also` of one check; None when it always applies."""
    wanted = _tests(check_params.get("when", {}))
    unwanted = [_tests(check_params[key]) for key in ("unless", "unless_also") if key in check_params]
    if not wanted and not unwanted:
        return None
    if len(wanted) == 1 and not unwanted:
        return wanted[0]

    def holds(visit: Visit, row: Row) -> bool:
        for test in wanted:
            if not test(visit, row):
                return False
        return not any(all(test(visit, row) for test in tests) for tests in unwanted)

    return holds


def getter(name: str) -> Getter:
    """Compile the way to a value: of the row, or of the summary for "XML1.FIELD"."""
    if name == "today":
        return lambda visit, _row: visit.today
    if name.startswith(HEAD):
        own = name.removeprefix(HEAD)
        return lambda visit, _row: visit.head.get(own, "")
    return lambda _visit, row: row.get(name, "")


def _tests(spec: Mapping[str, Any]) -> list[Condition]:
    tests: list[Condition] = []
    for word, named in spec.items():
        if word in {"filled", "empty", "zero"}:
            tests += [_SINGLE[word](getter(name)) for name in named]
        elif word == "any_filled":
            tests.append(_any_filled([getter(name) for name in named]))
        elif word in _VALUED:
            tests += [_VALUED[word](getter(name), frozenset(values)) for name, values in named.items()]
        else:
            message = f"unknown condition {word!r}"
            raise SpecError(message)
    return tests


def _any_filled(ways: list[Getter]) -> Condition:
    return lambda visit, row: any(way(visit, row) for way in ways)


def _filled(way: Getter) -> Condition:
    return lambda visit, row: way(visit, row) != ""


def _empty(way: Getter) -> Condition:
    return lambda visit, row: way(visit, row) == ""


def _zero(way: Getter) -> Condition:
    return lambda visit, row: (NUMBERS[way(visit, row) or "0"] or ZERO) == ZERO


def _is(way: Getter, values: frozenset[str]) -> Condition:
    return lambda visit, row: way(visit, row) in values


def _not(way: Getter, values: frozenset[str]) -> Condition:
    return lambda visit, row: way(visit, row) not in values


def _starts(way: Getter, values: frozenset[str]) -> Condition:
    known = tuple(values)
    return lambda visit, row: way(visit, row).startswith(known)


def _ends(way: Getter, values: frozenset[str]) -> Condition:
    known = tuple(values)
    return lambda visit, row: way(visit, row).endswith(known)


def _contains(way: Getter, values: frozenset[str]) -> Condition:
    return lambda visit, row: any(value in way(visit, row) for value in values)


def _has(way: Getter, values: frozenset[str]) -> Condition:
    return lambda visit, row: not values.isdisjoint(parts(way(visit, row)))


_SINGLE: Final[Mapping[str, Callable[[Getter], Condition]]] = {"filled": _filled, "empty": _empty, "zero": _zero}
_VALUED: Final[Mapping[str, Callable[[Getter, frozenset[str]], Condition]]] = {
    "is": _is,
    "not": _not,
    "starts": _starts,
    "ends": _ends,
    "contains": _contains,
    "has": _has,
}
