"""References inside a transaction: to its own entries by their fullUrl, and to what a condition finds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .call import storable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Doc = dict[str, Any]
_CONDITION: Final = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)
_RELATIVE: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
_LINK: Final = re.compile(r"""((?:href|src)=["'])([^"']+)(["'])""")
_NO_LINK: Final = frozenset({"value", "display", "text", "data", "title", "description"})  # strings that are words even where they look like a link


def conditions(doc: Doc) -> set[str]:
    """Return the conditional references of a document ("Patient?identifier=…")."""
    return {text for holder in _references(doc) if _CONDITION.fullmatch(text := holder["reference"])}


def condition(text: str) -> tuple[str, str] | None:
    """Split a conditional reference into type and query; None where the type is none."""
    found = _CONDITION.fullmatch(text)
    return (found[1], found[2]) if found and found[1] in storable() else None


def names_of(full_url: str) -> list[str]:
    """By which texts others may refer to an entry: its fullUrl, and the last two parts of one that is an address."""
    parts = urlsplit(full_url)
    relative = "/".join(parts.path.split("/")[-2:])
    return [full_url, relative] if parts.scheme in {"http", "https"} and _RELATIVE.fullmatch(relative) else [full_url]


def rewrite(doc: Doc, known: Mapping[str, str]) -> None:
    """Put what the entries became in the place of their names, wherever a document links to them: references, uris, narrative."""
    stack: list[Any] = [doc]
    while stack:
        here = stack.pop()
        items = here.items() if isinstance(here, dict) else enumerate(here)
        for key, value in list(items):
            if isinstance(value, str):
                if key == "div":
                    here[key] = _LINK.sub(lambda found: found[1] + known.get(found[2], found[2]) + found[3], value)
                elif key not in _NO_LINK:
                    target = known.get(value) or _versioned(value, known)
                    if target is not None and (key == "reference" or ":" in value):
                        here[key] = target
            elif isinstance(value, (dict, list)):
                stack.append(value)


def _versioned(text: str, known: Mapping[str, str]) -> str | None:
    """A link into an entry: its fullUrl and a fragment or version behind it."""
    for sign in ("#", "/_history/"):
        head, found, tail = text.partition(sign)
        if found and head in known:
            return known[head] + (sign + tail if sign == "#" else "")
    return None


def _references(doc: Doc) -> Iterator[Doc]:
    stack: list[Any] = [doc]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            if isinstance(here.get("reference"), str):
                yield here
            stack += [one for one in here.values() if isinstance(one, (dict, list))]
        else:
            stack += [one for one in here if isinstance(one, (dict, list))]
