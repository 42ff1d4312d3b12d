"""What the edge lets through, by class of address: requests in a minute and size of a body (edge.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Final

from yba.kit.errors import Internal

FILE: Final = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class RouteClass:
    """Addresses that are limited alike; 0 = not limited here. ``largest_body`` in bytes."""

    name: str
    begins: tuple[str, ...]
    per_minute_account: int
    per_minute_address: int
    largest_body: int
    ends: tuple[str, ...] = ("",)


@cache
def route_classes() -> tuple[RouteClass, ...]:
    """Read the packaged file; a missing, unknown or senseless value stops the platform and says which. The last class takes every address."""
    told = tomllib.loads(FILE.read_text("utf-8"))
    found = tuple(_class(number, table) for number, table in enumerate(told.get("class", []), 1))
    if not found or found[-1].begins != ("/",):
        raise Internal(f"{FILE.name}: the last class must begin with '/'.")
    return found


def class_of(path: str) -> RouteClass:
    """Return the class of an address."""
    for each in route_classes():  # asked three times a request: a generator costs as much as all else of it
        if path.startswith(each.begins) and path.endswith(each.ends):
            return each
    return route_classes()[-1]


def _class(number: int, table: dict[str, Any]) -> RouteClass:
    wanted = {field.name for field in fields(RouteClass)}
    limits = [value for key, value in table.items() if key not in {"name", "begins", "ends"}]
    if table.keys() | {"ends"} != wanted:
        raise Internal(f"{FILE.name} [[class]] {number}: missing {sorted(wanted - table.keys())}, unknown {sorted(table.keys() - wanted)}.")
    if any(not isinstance(value, int) or isinstance(value, bool) or value < 0 for value in limits) or not table["begins"]:
        raise Internal(f"{FILE.name} [[class]] {number}: whole numbers, and at least one beginning.")
    return RouteClass(**{**table, "begins": tuple(table["begins"]), "ends": tuple(table.get("ends", ("",)))})
