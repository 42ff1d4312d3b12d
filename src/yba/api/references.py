"""References inside a transaction: to its own entries by their fullUrl, and to what a condition finds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .call import storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Doc = dict[str, Any]
Link = tuple[Any, Any, str]  # the object or array that holds it, its key or place there, its text
_CONDITION: Final = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)
_RELATIVE: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
_LINK: Final = re.compile(r"""((?:href|src)=["'])([^"']+)(["'])""")
_LINKS: Final = frozenset({"reference", "div"})
_NO_LINK: Final = frozenset({"value", "display", "text", "data", "title", "description"})  # strings that are words even where they look like a link


def links(doc: Doc) -> list[Link]:
    """Return what in a document may be a link, found in one walk: references, uris, narrative."""
    found: list[Link] = []
    stack: list[Any] = [doc]
    while stack:
        here = stack.pop()
        for key, value in here.items() if isinstance(here, dict) else enumerate(here):
            if isinstance(value, str):
                if key in _LINKS or (":" in value and key not in _NO_LINK):
                    found.append((here, key, value))
            elif isinstance(value, (dict, list)):
                stack.append(value)
    return found


def conditions(found: Iterable[Link]) -> set[str]:
    """Return the conditional references among links ("Patient?identifier=…")."""
    return {text for _, key, text in found if key == "reference" and "?" in text and _CONDITION.fullmatch(text)}


def condition(text: str) -> tuple[str, str] | None:
    """Split a conditional reference into type and query; None where the type is none."""
    found = _CONDITION.fullmatch(text)
    return (found[1], found[2]) if found and found[1] in storable() else None


def names_of(full_url: str) -> list[str]:
    """By which texts others may refer to an entry: its fullUrl, and the last two parts of one that is an address."""
    parts = urlsplit(full_url)
    relative = "/".join(parts.path.split("/")[-2:])
    return [full_url, relative] if parts.scheme in {"http", "https"} and _RELATIVE.fullmatch(relative) else [full_url]


def rewrite(found: Iterable[Link], known: Mapping[str, str]) -> None:
    """Put what the entries became in the place of their names, wherever a document links to them."""
    for here, key, text in found:
        if key == "div":
            here[key] = _LINK.sub(lambda link: link[1] + known.get(link[2], link[2]) + link[3], text)
        elif (target := known.get(text) or _versioned(text, known)) is not None:
            here[key] = target


def _versioned(text: str, known: Mapping[str, str]) -> str | None:
    """A link into an entry: its fullUrl and a fragment or version behind it."""
    for sign in ("#", "/_history/"):
        head, found, tail = text.partition(sign)
        if found and head in known:
            return known[head] + (sign + tail if sign == "#" else "")
    return None
