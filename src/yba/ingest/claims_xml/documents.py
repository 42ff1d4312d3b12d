"""Turn the content of a NOIDUNGFILE into a parsed table, mending what transport breaks and saying so."""

import binascii
import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from yba.kit.charsets import decode_legacy

# Only a document of that size can hold a text libxml2 finds too long; others keep its limits (depth 256: lxml's price of an element is its depth).
_LONG: Final = 10_000_000
_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
_HUGE: Final = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
# These run over megabytes an attacker chose: none may search to the end of the text from each of many places (tests/ingest/test_attacks.py).
_DECLARATION: Final = re.compile(r"<\?xml\s[^<>]*\?>")  # anywhere: pasting one document into another leaves it in the middle
_NIL: Final = re.compile(r"""(?<!\s)\s+xsi:[A-Za-z]+\s*=\s*(?:"[^"<]*"|'[^'<]*')""")  # declared on the envelope, outside of what is parsed
_BARE_AMPERSAND: Final = re.compile(r"&(?!(?:#\d+|#x[0-9A-Fa-f]+|amp|lt|gt|quot|apos);)")
_BARE_LESS: Final = re.compile(r"<(?!/?[A-Za-z_][A-Za-z0-9_]*(?:\s+[\w:]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*/?>|!\[CDATA\[|\?|!--)")
_BLANK: Final = 1000  # a document of nothing but a declaration is shorter
_NOT_XML_1_0: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Note = tuple[str, str]  # rule id, value


def parse(data: bytes) -> tuple[etree._Element | None, list[Note]]:
    """Parse one XML document; None when it cannot be read even after mending.

    Notes: READ007 bare ``&``, ``<`` or control characters mended, READ008 another character set than UTF-8, READ017 a document type
    (refused: it is the door of entity attacks and no table needs one).
    """
    if b"<!DOCTYPE" in data:
        return None, [("READ017", "<!DOCTYPE")]
    root = _strict(data)
    if root is not None:
        return (root, []) if root.getroottree().docinfo.internalDTD is None else (None, [("READ017", "<!DOCTYPE")])  # hidden from the bytes by UTF-16
    text, charset = decode_legacy(data)
    notes = [("READ008", charset)] if charset not in ("utf-8", "utf-8-sig") else []
    if "<!DOCTYPE" in text:
        return None, [("READ017", "<!DOCTYPE")]
    pasted = _DECLARATION.search(text.lstrip(), 1) is not None
    text = _NIL.sub("", _DECLARATION.sub("", text))
    root = _strict(text.encode("utf-8", "surrogatepass"))
    if root is not None:
        notes += [("READ007", "<?xml")] if pasted else []
    else:
        mended = _BARE_LESS.sub("&lt;", _BARE_AMPERSAND.sub("&amp;", _NOT_XML_1_0.sub("\ufffd", text)))
        root = _strict(mended.encode("utf-8", "surrogatepass"))
        if root is not None:
            notes.append(("READ007", ""))
    return root, notes


def _strict(data: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(data.lstrip(), _PARSER if len(data) < _LONG else _HUGE)
    except (etree.XMLSyntaxError, ValueError):
        return None


def content(element: etree._Element) -> tuple[list[etree._Element], list[Note], bool]:
    """Parse the content of a NOIDUNGFILE: nested XML, base64 of XML, or XML as text.

    Returns (roots, notes, empty); several roots only where tables are nested side by side, none when nothing could be read.
    """
    if len(element):
        return list(element), [], False
    return content_of(element.text or "")


def content_of(text: str) -> tuple[list[etree._Element], list[Note], bool]:
    """Parse the text of a NOIDUNGFILE: base64 of XML, or XML as text; as `content`."""
    if not text.strip():
        return [], [], True
    if text.lstrip().startswith("<"):
        return _read(text.encode("utf-8", "surrogatepass"))
    found: tuple[list[etree._Element], list[Note], bool] = [], [], False
    for decoded, restored in decodings(text):
        roots, notes, empty = _read(decoded)
        found = roots, [("READ006", ""), *notes] if restored else notes, empty
        if roots or empty:
            break
    return found


def _read(data: bytes) -> tuple[list[etree._Element], list[Note], bool]:
    root, notes = parse(data)
    if root is not None:
        return [root], notes, False
    return [], notes, not _DECLARATION.sub("", data[:_BLANK].decode("utf-8-sig", "replace")).strip()


def decodings(text: str) -> Iterator[tuple[bytes, bool]]:
    """Yield the readings of a base64 text, most faithful first, with whether something was restored.

    White space may be line wrapping, or the trace of a ``+`` that a form body turned into a blank: both readings are tried.
    """
    try:
        yield binascii.a2b_base64(text, strict_mode=True), False
    except (binascii.Error, ValueError):
        pass
    else:
        return
    compact = "".join(text.split())
    readings = [(compact, False)]
    if " " in text.strip():
        readings.append(("+".join(line for line in re.sub(r"[\r\n\t]+", "", text.strip()).split(" ")), True))
    for reading, restored in readings:
        padded = reading.rstrip("=")
        padded += "=" * (-len(padded) % 4)
        try:
            yield binascii.a2b_base64(padded, strict_mode=True), restored or padded != reading
        except (binascii.Error, ValueError):
            continue
