"""Conditions of rules (when, unless) as expressions over one row and the visit's summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.specs.claims import SpecError

from .source import Source, all_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .source import Condition


def tests(source: Source, params: Mapping[str, Any]) -> list[str]:
    """Write `when`, `unless` and `unless_also` of one check; empty when it always applies."""
    wanted = _tests(source, params.get("when", {}))
    unwanted = [all_of(_tests(source, params[key])) for key in ("unless", "unless_also") if key in params]
    return wanted + [f"not ({each})" for each in unwanted]


def compiled(params: Mapping[str, Any]) -> Condition | None:
    """Compile the conditions of one check of a whole claim; None when it always applies."""
    source = Source()
    wanted = tests(source, params)
    return source.condition(all_of(wanted)) if wanted else None


def _tests(source: Source, spec: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for word, named in spec.items():
        if word in _SINGLE:
            found += [_SINGLE[word](source, name) for name in named]
        elif word == "any_filled":
            found.append("(" + " or ".join(source.value(name) for name in named) + ")")
        elif word in _VALUED:
            found += [_VALUED[word](source, name, list(values)) for name, values in named.items()]
        else:
            message = f"unknown condition {word!r}"
            raise SpecError(message)
    return found


def _filled(source: Source, name: str) -> str:
    return source.value(name)


def _empty(source: Source, name: str) -> str:
    return f"not {source.value(name)}"


def _zero(source: Source, name: str) -> str:
    return f"not {source.number(name)}"  # what is no number counts as nothing: other rules tell about it


def _is(source: Source, name: str, values: list[str]) -> str:
    return f"{source.value(name)} in {source.constant(_with_absent(values))}"


def _not(source: Source, name: str, values: list[str]) -> str:
    return f"{source.value(name)} not in {source.constant(_with_absent(values))}"


def _with_absent(values: list[str]) -> frozenset[str | None]:
    return frozenset([*values, None] if "" in values else values)


def _starts(source: Source, name: str, values: list[str]) -> str:
    return f"({source.value(name)} or '').startswith({source.constant(tuple(values))})"


def _ends(source: Source, name: str, values: list[str]) -> str:
    return f"({source.value(name)} or '').endswith({source.constant(tuple(values))})"


def _contains(source: Source, name: str, values: list[str]) -> str:
    text = source.value(name)
    return "(" + " or ".join(f"{source.constant(value)} in ({text} or '')" for value in values) + ")"


def _has(source: Source, name: str, values: list[str]) -> str:
    return f"not {source.constant(frozenset(values))}.isdisjoint(parts({source.value(name)} or ''))"


_SINGLE: Final[Mapping[str, Callable[[Source, str], str]]] = {"filled": _filled, "empty": _empty, "zero": _zero}
_VALUED: Final[Mapping[str, Callable[[Source, str, list[str]], str]]] = {
    "is": _is,
    "not": _not,
    "starts": _starts,
    "ends": _ends,
    "contains": _contains,
    "has": _has,
}
