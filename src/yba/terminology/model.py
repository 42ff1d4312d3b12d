"""What a look-up returns: concepts, memberships, translations, and what is known of a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yba.kit.errors import NotFound
from yba.specs.codes import Membership

__all__ = ["Concept", "EditionInfo", "ListInfo", "Membership", "Translation", "UnknownList"]

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class UnknownList(NotFound):
    """No list, map or system of that name is held here."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One code of one edition.

    ``code`` is the canonical spelling (ICD-10 with dot); ``display`` the Vietnamese name ("" where none was found);
    ``parent`` the code above it in the same list ("" at the top); ``abstract`` marks chapters and blocks, which are
    never a valid code in a claim; ``properties`` holds what else the list says, absent where empty.
    """

    system: str
    edition: str
    code: str
    display: str
    display_en: str
    parent: str
    abstract: bool
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Translation:
    """One target of a map, with the map's own word for how it relates."""

    code: str
    relation: str


@dataclass(frozen=True, slots=True)
class EditionInfo:
    """What is known of one edition: dates, source, whether a miss may be called wrong."""

    id: str
    name: str
    valid_from: date | None
    valid_to: date | None
    binding_from: date | None
    complete: bool
    why: str
    source: str
    as_of: date
    licence: str
    flaws: str
    codes: int


@dataclass(frozen=True, slots=True)
class ListInfo:
    """One list with its editions, oldest first."""

    id: str
    uri: str
    title_vi: str
    title_en: str
    spelling: str
    editions: tuple[EditionInfo, ...] = field(default=())
