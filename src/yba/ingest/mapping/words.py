"""What national codes mean in FHIR's words: `words.toml` of the release, with a few helpers to write elements."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from yba.specs import systems

from .release import CURRENT, FOLDER

if TYPE_CHECKING:
    from .model import Doc

UCUM: Final = systems.system("ucum")
LOINC: Final = systems.system("loinc")


@cache
def words(section: str, release: str = CURRENT) -> dict[str, Any]:
    """Give one section of the file."""
    found: dict[str, Any] = tomllib.loads((FOLDER / release / "words.toml").read_text("utf-8"))[section]
    return found


@lru_cache(maxsize=4_096)
def concept(system: str, code: str) -> Doc:
    """Write a CodeableConcept of one code; the same object for the same code: read it, never change it."""
    return {"coding": [{"system": systems.system(system), "code": code}]}


def quantity(value: object, ucum: str, unit: str = "") -> Doc:
    """Write a Quantity with its UCUM code."""
    return {"value": value, "unit": unit or ucum, "system": UCUM, "code": ucum}


def in_order(start: str | None, end: str | None) -> bool:
    """Say whether an end (FHIR dateTime) does not lie before its start, as far as both are precise."""
    if not start or not end:
        return True
    precise = min(len(start), len(end))
    return start[:precise] <= end[:precise]


def keep_order(period: Doc | None, field: str, row: dict[str, str], over: dict[str, str]) -> None:
    """Take an end that lies before its start out of a Period (FHIR forbids it); the raw text stays in the residue."""
    if period and not in_order(period.get("start"), period.get("end")):
        del period["end"]
        over[field] = row[field]
