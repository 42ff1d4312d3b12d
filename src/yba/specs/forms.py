"""The forms of the platform as data: FHIR R4 Questionnaires by name and version, read from `specs/forms/<name>/<version>.json`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from .claims import SpecError

FOLDER: Final = Path(__file__).with_name("forms")
BASE: Final = "https://yba.vn/Questionnaire/"
PERSONAL: Final = "ehr-831-personal"  # part A of QĐ 831
_NEEDED: Final = ("url", "version", "title", "status", "publisher", "purpose", "effectivePeriod", "item")


@dataclass(frozen=True, slots=True)
class FormSpec:
    """One version of a form: the Questionnaire, and the days it is in force."""

    name: str
    url: str
    version: str
    title: str
    valid_from: date
    valid_to: date | None
    doc: dict[str, Any]

    def in_force(self, on: date) -> bool:
        """Whether it may be filled in on a day."""
        return self.doc["status"] == "active" and self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@cache
def forms() -> dict[str, tuple[FormSpec, ...]]:
    """Give every form by url, its versions oldest first. Raises SpecError naming the file."""
    found: dict[str, list[FormSpec]] = {}
    for path in sorted(FOLDER.glob("*/*.json")):
        spec = _read(path)
        found.setdefault(spec.url, []).append(spec)
    return {url: tuple(sorted(versions, key=lambda one: (one.valid_from, one.version))) for url, versions in found.items()}


@cache
def registration(name: str) -> dict[str, str]:
    """Return which question of a form says which fact of its person (name, phone, commune …); {} for a form that says none."""
    return dict(tomllib.loads((FOLDER / "ehr-831.toml").read_text("utf-8"))["registration"]) if name == PERSONAL else {}


def _read(path: Path) -> FormSpec:
    try:
        doc = orjson.loads(path.read_bytes())
        missing = [key for key in _NEEDED if not doc.get(key)]
        if missing or doc.get("resourceType") != "Questionnaire":
            raise SpecError(f"{path}: say {', '.join(missing) or 'resourceType Questionnaire'}")
        period = doc["effectivePeriod"]
        first, last = date.fromisoformat(period["start"]), period.get("end")
        end = date.fromisoformat(last) if last else None
    except (KeyError, ValueError) as fault:
        raise SpecError(f"{path}: {fault}") from fault
    if doc["url"] != f"{BASE}{path.parent.name}" or doc["version"] != path.stem:
        raise SpecError(f"{path}: url and version must be those of the folder and the file")
    return FormSpec(path.parent.name, doc["url"], doc["version"], doc["title"], first, end, doc)
