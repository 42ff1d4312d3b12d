"""The system URIs as data: national, identifier and international ones by a short name, read from `specs/fhir/systems.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from .claims import SpecError

PATH: Final = Path(__file__).parent / "fhir" / "systems.toml"


@cache
def _sections() -> dict[str, dict[str, str]]:
    data = tomllib.loads(PATH.read_text("utf-8"))
    base: str = data["base"]
    sections: dict[str, dict[str, str]] = {
        "national": {name: base + path for name, path in data["national"].items()},
        "identifier": {name: base + path for name, path in data["identifier"].items()},
        "international": dict(data["international"]),
    }
    uris = [uri for section in sections.values() for uri in section.values()]
    if len(set(uris)) != len(uris):
        message = f"{PATH}: two names share a URI"
        raise SpecError(message)
    return sections


def national(name: str) -> str:
    """Give the URI of a national code system: national("icd10"); KeyError when there is none of that name."""
    return _sections()["national"][name]


def international(name: str) -> str:
    """Give the URI of an international code system: international("loinc"); KeyError when there is none of that name."""
    return _sections()["international"][name]


@cache
def system(name: str) -> str:
    """Give the URI of a code system, national first."""
    sections = _sections()
    return sections["national"].get(name) or sections["international"][name]


@cache
def identifier(name: str) -> str:
    """Give the URI of an identifier system: identifier("citizen")."""
    return _sections()["identifier"][name]


def local_patient(facility: str) -> str:
    """Give the identifier system of one facility's own patient numbers (MA_BN)."""
    return _sections()["identifier"]["local-patient"] + facility


@cache
def extension(name: str) -> str:
    """Give the URL of one of our extensions: extension("claim-line")."""
    return _sections()["national"]["extension"] + name


def names() -> dict[str, dict[str, str]]:
    """Give everything, by section, for documentation and for the terminology room."""
    return {section: dict(content) for section, content in _sections().items()}
