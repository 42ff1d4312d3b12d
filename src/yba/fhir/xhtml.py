"""The narrative's XHTML: well-formed, only what formats text, nothing that runs or loads."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from lxml import etree

XHTML: Final = "http://www.w3.org/1999/xhtml"
# HTML 4 chapters 7-11 (9.4 left out) and 15, <a>, images, style attributes: R4 txt-1, and what its own examples use
_ELEMENTS: Final = frozenset(
    "div h1 h2 h3 h4 h5 h6 address bdo em strong dfn code samp kbd var cite abbr acronym blockquote q sub sup p br pre ul ol li dl dt dd "
    "table caption thead tfoot tbody colgroup col tr td th tt i b big small strike s u font basefont center hr span ins del a img map area".split()
)
_ATTRIBUTES: Final = frozenset(
    "title style class id lang dir accesskey tabindex span width align valign char charoff abbr axis headers scope rowspan colspan cite name "
    "href hreflang rel rev charset type src alt height longdesc usemap ismap shape coords nohref border cellpadding cellspacing frame rules summary "
    "bgcolor color face size clear noshade nowrap start value compact datetime hspace vspace target background".split()
)
_ADDRESS: Final = re.compile(r"\s*(?:https?:|mailto:|tel:|data:image/|#|[^:]*$)", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_SHORT: Final = 4096  # letters of a narrative worth remembering
_XML: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})


def unsafe(text: str) -> str:
    """Return what is wrong with a narrative by R4 txt-1; empty where nothing is."""
    return _remembered(text) if len(text) <= _SHORT else _judged(text)


@lru_cache(maxsize=512)
def _remembered(text: str) -> str:
    return _judged(text)


def _judged(text: str) -> str:
    if "<!doctype" in text.lower():
        return f"expected one div of {XHTML}"
    try:
        root = etree.fromstring(_without_names(text).encode(), _parser())
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        return "not well-formed"
    if root.tag != f"{{{XHTML}}}div":
        return f"expected one div of {XHTML}"
    for node in root.iter():
        found = _wrong(node)
        if found:
            return found
    return ""


def _parser() -> etree.XMLParser:
    """Make a parser that opens nothing; a narrative may be long, what declares entities was refused before."""
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, encoding="utf-8")


def blank(text: str) -> bool:
    """Whether a narrative shows nothing: neither text nor image (R4 txt-2)."""
    try:
        root = etree.fromstring(_without_names(text).encode(), etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8"))
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        return True
    return not "".join(str(one) for one in root.itertext()).strip() and root.find(f".//{{{XHTML}}}img") is None


def _without_names(text: str) -> str:
    """HTML's own names of characters are no XML: they are text, and stand for it here."""
    return _ENTITY.sub(lambda found: found[0] if found[1] in _XML else "x", text)


def _wrong(node: etree._Element) -> str:
    tag: object = node.tag
    if not isinstance(tag, str):
        return "" if isinstance(node, etree._Comment) else "a processing instruction or entity"  # noqa: SLF001  lxml's name of it
    namespace, _, name = tag[1:].partition("}")
    if namespace != XHTML or name not in _ELEMENTS:
        return f"<{name or tag}> is not allowed"
    for key, value in node.attrib.items():
        plain = str(key).removeprefix("{http://www.w3.org/XML/1998/namespace}")
        if plain not in _ATTRIBUTES:
            return f"attribute {plain} is not allowed"
        if plain in {"href", "src", "background", "longdesc", "cite"} and not _ADDRESS.match(str(value)):
            return f"attribute {plain} leads to no web address"
    return ""
