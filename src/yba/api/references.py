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
_NAME: Final = "urn:uuid:"
_LINKS: Final = frozenset({"reference", "div"})
# strings that are words even where they look like a link
_NO_LINK: Final = frozenset({"value", "valueString", "valueMarkdown", "display", "text", "data", "title", "description"})


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


def targets(doc: object) -> set[str]:
    """Return what a document refers to, as written; what is no document refers to nothing."""
    return {text for _, key, text in links(doc) if key == "reference"} if isinstance(doc, dict) else set()


def conditions(found: Iterable[Link]) -> set[str]:
    """Return the conditional references among links ("Patient?identifier=…")."""
    return {text for _, key, text in found if key == "reference" and "?" in text and _CONDITION.fullmatch(text)}


def condition(text: str) -> tuple[str, str] | None:
    """Split a conditional reference into type and query; None where the type is none."""
    found = _CONDITION.fullmatch(text)
    return (found[1], found[2]) if found and found[1] in storable() else None


def names_of(full_url: str) -> list[str]:
    """By which texts others may refer to an entry: its fullUrl, and the last two parts of one that is an address."""
    if full_url.startswith("urn:"):
        return [full_url]
    parts = urlsplit(full_url)
    relative = "/".join(parts.path.split("/")[-2:])
    return [full_url, relative] if parts.scheme in {"http", "https"} and _RELATIVE.fullmatch(relative) else [full_url]


def rewrite(found: Iterable[Link], known: Mapping[str, str]) -> bool:
    """Put what the entries became in the place of their names, wherever a document links to them; says whether a name of none was met."""
    left = False
    for here, key, text in found:
        if key == "div":
            here[key] = _LINK.sub(lambda link: link[1] + (_target(link[2], known) or link[2]) + link[3], text)
        elif (target := _target(text, known)) is not None:
            here[key] = target
        elif key == "reference" and text.startswith(_NAME):
            left = True
    return left


def unresolved(doc: Doc) -> bool:
    """Whether a document refers to a name that only a transaction could have resolved; Bundles that it holds have their own."""
    stack: list[Any] = [doc]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            if here.get("resourceType") == "Bundle":
                continue
            if str(here.get("reference", "")).startswith(_NAME):
                return True
            here = here.values()
        stack += [one for one in here if isinstance(one, (dict, list))]
    return False


def _target(text: str, known: Mapping[str, str]) -> str | None:
    """What a link means: an entry by its fullUrl, also with a fragment or version behind it; None where it means none."""
    if text in known:
        return known[text]
    for sign in ("#", "/_history/"):
        head, found, tail = text.partition(sign)
        if found and head in known:
            return known[head] + (sign + tail if sign == "#" else "")
    return None
