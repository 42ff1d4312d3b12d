"""The warehouse's tables as data: ViewDefinitions of SQL on FHIR 2.0 in `specs/views/<name>.json`, every column described."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from .claims import SpecError

FOLDER: Final = Path(__file__).with_name("views")
BASE: Final = "https://yba.vn/ViewDefinition/"
_NEEDED: Final = ("url", "name", "version", "title", "status", "date", "publisher", "description", "resource", "select")


@dataclass(frozen=True, slots=True)
class ViewSpec:
    """One view: its name (and table), the resource type it is about, its titles, and the ViewDefinition for `fhir.views`."""

    name: str
    resource: str
    title_vi: str
    title_en: str
    doc: dict[str, Any]


@cache
def views() -> dict[str, ViewSpec]:
    """Give every view by name, in order of names. Raises SpecError naming the file; expressions are judged by `fhir.views.check`."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.json"))}


def _read(path: Path) -> ViewSpec:
    try:
        doc = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        message = f"{path.name}: {error}"
        raise SpecError(message) from error
    missing = [key for key in _NEEDED if not doc.get(key)]
    vi, between, en = str(doc.get("title", "")).partition(" · ")
    wrong = (
        f"lacks {', '.join(missing)}"
        if missing
        else "is named otherwise inside"
        if doc["name"] != path.stem or doc["url"] != f"{BASE}{path.stem}"
        else "needs a title in Vietnamese and English"
        if not between
        else ""
    )
    if wrong:
        message = f"{path.name} {wrong}"
        raise SpecError(message)
    return ViewSpec(path.stem, doc["resource"], vi, en, doc)
