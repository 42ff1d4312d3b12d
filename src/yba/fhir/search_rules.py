"""What R4 leaves to the server in searches: bounds, defaults, hierarchies, read from `specs/fhir/search.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one search; above them it is refused, but a page, which is made smaller."""

    criteria: int
    values: int  # of one criterion
    value_length: int  # characters
    depth: int  # chains, _has and parentheses inside one another
    steps: int  # of all chains of a search, the branches of chains without types counted
    mistakes: int  # told of one search
    sort: int
    includes: int
    elements: int
    count: int  # resources of a page
    page: int  # where _count is not given


@dataclass(frozen=True, slots=True)
class SearchRules:
    """The whole file."""

    limits: Limits
    near_distance: Decimal  # kilometres
    near_units: dict[str, Decimal]  # kilometres of one
    approximately: Decimal  # share of a number or of the time until now
    hierarchy: dict[str, str]  # resource type -> its parameter that leads upwards
    compartments: dict[str, dict[str, tuple[str, ...]]]  # what is added to R4's definitions


@cache
def rules() -> SearchRules:
    """Read the file once."""
    data: dict[str, Any] = tomllib.loads(files("yba.specs").joinpath("fhir/search.toml").read_text(encoding="utf-8"), parse_float=Decimal)
    return SearchRules(
        limits=Limits(**data["limits"]),
        near_distance=Decimal(data["near"]["distance"]),
        near_units=dict(data["near"]["units"]),
        approximately=data["approximately"]["share"],
        hierarchy=data["hierarchy"],
        compartments={kind: {rtype: tuple(names) for rtype, names in found.items()} for kind, found in data["compartments"].items()},
    )
