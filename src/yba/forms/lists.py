"""Lists too long for a page: value sets by their URL, searched by words with or without tones in the editions the terminology room holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from yba import terminology
from yba.kit.errors import NotFound
from yba.specs import systems

if TYPE_CHECKING:
    from datetime import date

    from yba.terminology import Concept

_BASE: Final = "https://yba.vn/ValueSet/"
_CODE: Final = re.compile(r"([A-Za-z0-9.*†+\-]+)(?:\s*[–—:|-]\s+.*|\s*)\Z")


def list_of(url: str) -> str | None:
    """Return the terminology list of a value set's URL; None when it is none of ours."""
    name = url.partition("|")[0].removeprefix(_BASE)
    return name if url.startswith(_BASE) and name in {one.id for one in terminology.all_lists()} else None


def search(url: str, words: str, *, on: date | None = None, limit: int = 20) -> list[dict[str, Any]]:
    """Return codings that hold every word, best first. Raises NotFound for a value set that is not held here."""
    name = list_of(url)
    if name is None:
        raise NotFound("Không có danh mục này.", advice="This value set is not held here.")
    return [_coding(one) for one in terminology.expand(name, words[:100], on, limit) if not one.abstract]


def pick(url: str, text: str, *, on: date | None = None) -> dict[str, Any] | None:
    """Return the coding of "I10", "I10 – Tăng huyết áp vô căn", or of the only name that is the text; None when there is none."""
    name = list_of(url)
    if name is None:
        return None
    code = _CODE.match(text)
    found = terminology.lookup(name, code[1], on) if code else None
    if found is None:
        same = [one for one in terminology.expand(name, text[:100], on, 5) if one.display.casefold() == text.casefold()]
        found = same[0] if len(same) == 1 else None
    return None if found is None or found.abstract else _coding(found)


def _coding(concept: Concept) -> dict[str, Any]:
    data = {"system": _system(concept.system), "version": concept.edition, "code": concept.code, "display": concept.display}
    return {key: value for key, value in data.items() if value}


def _system(name: str) -> str:
    try:
        return systems.system(name)
    except KeyError:
        return name
