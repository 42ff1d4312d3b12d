"""What is indexed of a FHIR resource (`index`) and the same hashes for queries (`token`)."""

from __future__ import annotations

from typing import Any, Final

from yba.kit.errors import Invalid

from .extract import Extractor, Index, compile_extractor
from .parameters import profile
from .tokens import token

__all__ = ["Index", "MalformedResource", "index", "token"]


class MalformedResource(Invalid):
    """The document has not the shape of its resource type."""


def index(rtype: str, doc: dict[str, Any]) -> Index:
    """Tokens and period of a resource, by the parameters that `specs/fhir/search_index.toml` names for its type.

    `start` and `end` are aware; both None = the resource says no time; one None = open on that side.
    Raises MalformedResource where the document has not the shape of its type, KeyError for a type that R4 does not have.
    """
    extract = _EXTRACTORS.get(rtype) or _extractor(rtype)
    try:
        return extract(doc)
    except (AttributeError, TypeError) as error:
        message = f"{rtype}: {error}"
        raise MalformedResource(message) from error


def _extractor(rtype: str) -> Extractor:
    made = _EXTRACTORS[rtype] = compile_extractor(rtype, profile(rtype))
    return made


_EXTRACTORS: Final[dict[str, Extractor]] = {}
