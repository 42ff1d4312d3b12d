"""The R4 search parameters of each resource type and the national choice of what is indexed when a resource is put."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson

from yba.specs import systems

from .definitions import resource_types

TOKEN_LIKE: Final = frozenset({"token", "reference", "uri"})
_EXTENSION: Final = re.compile(r"\{([a-z-]+)\}")
RANGE_LIKE: Final = frozenset({"date", "number", "quantity"})
# `Bundle.entry[0].resource` holds a whole resource, not a reference to one.
NOT_INDEXABLE: Final = frozenset({("Bundle", "composition"), ("Bundle", "message")})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter of one resource type."""

    code: str  # "patient"
    type: str  # token, reference, uri, string, date, number, quantity, composite, special
    expression: str  # FHIRPath; only the terms of this resource type
    targets: tuple[str, ...]  # of a reference; ("Resource",) = any
    components: tuple[tuple[str, str], ...]  # of a composite: (parameter, expression)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is indexed of one resource type."""

    tokens: tuple[Parameter, ...]
    period: tuple[str, ...]  # FHIRPath expressions in order of preference
    texts: tuple[Parameter, ...] = ()  # string parameters whose folded values become rows
    ranges: tuple[Parameter, ...] = ()  # date, number and quantity parameters whose values become rows


@cache
def parameters(rtype: str) -> dict[str, Parameter]:
    """All search parameters of a resource type by name, those of Resource included. Raises KeyError for an unknown type."""
    if rtype not in resource_types():
        raise KeyError(rtype)
    found = _by_type()
    return {**found["Resource"], **found.get("DomainResource", {}), **found.get(rtype, {})}


@cache
def same_as() -> dict[str, str]:
    """Parameters that are hashed under the name of another one."""
    renamed: dict[str, str] = _choice()["same"]
    return renamed


def within() -> dict[str, list[str]]:
    """Say of a text parameter which others' texts are its texts too: every family name is a name."""
    held: dict[str, list[str]] = _choice()["within"]
    return held


@cache
def chosen_types() -> frozenset[str]:
    """Resource types that the national profile names; the others are indexed by everything they have."""
    return frozenset(_choice()["types"])


@cache
def profile(rtype: str) -> Profile:
    """Say what is indexed of a resource type; a promise of the file that cannot be kept raises ValueError."""
    every = parameters(rtype)
    chosen = _choice()["types"].get(rtype)
    if chosen is None:
        names = [code for code, one in every.items() if one.type in TOKEN_LIKE and one.expression and not code.startswith("_")]
        names = [code for code in names if (rtype, code) not in NOT_INDEXABLE]
        period = tuple(one.expression for code, one in every.items() if code == "date" and one.type == "date")
    else:
        names, period = chosen["tokens"], tuple(chosen["period"])
    tokens = _promised(rtype, [*names, *_choice()["every"]], TOKEN_LIKE)
    chosen = chosen or {}
    return Profile(
        tokens, period, _promised(rtype, chosen.get("texts", []), frozenset({"string"})), _promised(rtype, chosen.get("ranges", []), RANGE_LIKE)
    )


def _promised(rtype: str, names: list[str], kinds: frozenset[str]) -> tuple[Parameter, ...]:
    """Return the parameters that the file names; ValueError where R4 has none of that name and kind."""
    every = parameters(rtype)
    wrong = [name for name in names if name not in every or every[name].type not in kinds]
    if wrong:
        message = f"search_index.toml: {rtype} has no parameter of type {' or '.join(sorted(kinds))} named {', '.join(wrong)}"
        raise ValueError(message)
    return tuple(every[name] for name in dict.fromkeys(names))


@cache
def national() -> dict[str, dict[str, Parameter]]:
    """Return the search parameters that `specs/fhir/national_parameters.toml` adds to R4's, by resource type and name."""
    data = tomllib.loads(files("yba.specs").joinpath("fhir/national_parameters.toml").read_text(encoding="utf-8"))
    return {
        rtype: {
            code: Parameter(code, one["type"], _EXTENSION.sub(lambda name: systems.extension(name[1]), one["expression"]), (), ())
            for code, one in listed.items()
        }
        for rtype, listed in data.items()
    }


@cache
def _by_type() -> dict[str, dict[str, Parameter]]:
    data = orjson.loads(files("yba.specs").joinpath("fhir/searchparams.json").read_bytes())
    found: dict[str, dict[str, Parameter]] = {}
    for key, one in data["parameters"].items():
        rtype, code = key.split(".", 1)
        components = tuple((name, expression) for name, expression in one.get("component", ()))
        found.setdefault(rtype, {})[code] = Parameter(code, one["type"], one["expression"], tuple(one.get("target", ())), components)
    for rtype, listed in national().items():
        if taken := listed.keys() & found[rtype].keys():
            message = f"national_parameters.toml: R4 has {rtype} {', '.join(sorted(taken))}"
            raise ValueError(message)
        found[rtype] |= listed
    return found


@cache
def _choice() -> dict[str, Any]:
    return tomllib.loads(files("yba.specs").joinpath("fhir/search_index.toml").read_text(encoding="utf-8"))
