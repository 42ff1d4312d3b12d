"""A FHIR JSON document written as FHIR XML: elements in the order of the definitions, decimals with their own digits."""

from __future__ import annotations

import re
from decimal import Decimal
from html.entities import html5
from typing import TYPE_CHECKING, Any, Final

import orjson
from lxml import etree

from yba.fhir.definitions import elements, is_primitive, is_resource, properties
from yba.kit import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FHIR: Final = "http://hl7.org/fhir"
XHTML: Final = "http://www.w3.org/1999/xhtml"
DEEPEST: Final = 100  # elements inside elements; the deepest official example has 15
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # cannot be written in XML 1.0 at all
_DIV: Final = re.compile(r"<div[\s>]")
_ENTITY: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]*;)")
_XML_ENTITIES: Final = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})


def to_xml(doc: dict[str, Any], *, pretty: bool = False) -> bytes:
    """Write a resource as XML (UTF-8); ``pretty``: an element a line, narratives as they are.

    Raises Invalid, naming the place, for what the definitions do not know or XML cannot hold.
    """
    out: list[str] = ['<?xml version="1.0" encoding="UTF-8"?>']
    _resource(doc, "", out.append, 0, f' xmlns="{FHIR}"')
    return ("\n".join(_indented(out)) + "\n" if pretty else "".join(out)).encode()


def _indented(parts: list[str]) -> Iterator[str]:
    """Set in what `_resource` has put: begins and ends of elements, whole elements, whole narratives."""
    depth = 0
    for part in parts:
        depth -= part.startswith("</")
        yield "  " * depth + part
        depth += not (part.startswith(("</", "<?")) or part.endswith("/>") or _DIV.match(part))


def _resource(doc: Any, path: str, put: Callable[[str], None], depth: int, namespace: str = "") -> None:  # noqa: ANN401  whatever JSON holds
    rtype = doc.get("resourceType") if isinstance(doc, dict) else None
    if not isinstance(rtype, str) or not is_resource(rtype):
        message = f"{path or 'resource'}: unknown resourceType"
        raise Invalid(message)
    put(f"<{rtype}{namespace}>")
    _children({key: value for key, value in doc.items() if key != "resourceType"}, rtype, f"{path}.{rtype}" if path else rtype, put, depth + 1)
    put(f"</{rtype}>")


def _children(value: dict[str, Any], type_: str, path: str, put: Callable[[str], None], depth: int) -> None:
    """Write the elements of an object; attributes (id, url) are its caller's."""
    if depth > DEEPEST:
        message = f"{path}: more than {DEEPEST} elements inside each other"
        raise Invalid(message)
    known = properties(type_)
    for key in value:
        if key not in known and not (key[:1] == "_" and key[1:] in known and is_primitive(known[key[1:]][1].type)):
            message = f"{path}.{key}: unknown element"
            raise Invalid(message)
    skipped = _attributes_of(type_)
    for element in elements(type_).values():
        for field in element.fields:
            if field.key in skipped or (field.key not in value and f"_{field.key}" not in value):
                continue
            found, shadows = _lists(value.get(field.key), value.get(f"_{field.key}"), f"{path}.{field.key}", many=element.many)
            for number, one in enumerate(found):
                place = f"{path}.{field.key}[{number}]" if element.many else f"{path}.{field.key}"
                _element(field.key, field.type, one, shadows[number], place, put, depth)


def _lists(value: Any, shadow: Any, path: str, *, many: bool) -> tuple[list[Any], list[Any]]:  # noqa: ANN401
    """Bring the values of a property and what extends them to two lists of one length."""
    if (many and not isinstance(value, list | None)) or (many and not isinstance(shadow, list | None)):
        message = f"{path}: expected an array"
        raise Invalid(message)
    values, shadows = (list(value or ()), list(shadow or ())) if many else ([value], [shadow])
    length = max(len(values), len(shadows))
    return values + [None] * (length - len(values)), shadows + [None] * (length - len(shadows))


def _element(name: str, type_: str, value: Any, shadow: Any, path: str, put: Callable[[str], None], depth: int) -> None:  # noqa: ANN401
    if type_ == "xhtml":
        if not isinstance(value, str):
            message = f"{path}: expected text (xhtml)"
            raise Invalid(message)
        put(_narrative(value, path))
    elif is_primitive(type_):
        _primitive(name, value, shadow, path, put, depth)
    elif type_ == "Resource":
        put(f"<{name}>")
        _resource(value, path, put, depth)
        put(f"</{name}>")
    else:
        if not isinstance(value, dict):
            message = f"{path}: expected an object ({type_})"
            raise Invalid(message)
        attributes = "".join(f' {key}="{_text(value[key], path)}"' for key in ("id", "url") if key in _attributes_of(type_) and key in value)
        if "_url" in value and type_ == "Extension":
            message = f"{path}._url: XML has no place for it"
            raise Invalid(message)
        put(f"<{name}{attributes}>")
        _children(value, type_, path, put, depth + 1)
        put(f"</{name}>")


def _primitive(name: str, value: Any, shadow: Any, path: str, put: Callable[[str], None], depth: int) -> None:  # noqa: ANN401
    said = "" if value is None else f' value="{_text(value, path)}"'
    if shadow is None:
        put(f"<{name}{said}/>")
        return
    if not isinstance(shadow, dict):
        message = f"{path}: what extends a value is an object"
        raise Invalid(message)
    own = f' id="{_text(shadow["id"], path)}"' if "id" in shadow else ""
    put(f"<{name}{own}{said}>")
    _children(shadow, "Element", path, put, depth + 1)
    put(f"</{name}>")


def _attributes_of(type_: str) -> tuple[str, ...]:
    """Which properties of a type XML writes as attributes."""
    if is_resource(type_):
        return ()
    return ("id", "url") if type_ == "Extension" else ("id",)


def _text(value: Any, path: str) -> str:  # noqa: ANN401
    """Return the XML text of a JSON value, escaped for an attribute."""
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            message = f"{path}: a character that XML cannot hold"
            raise Invalid(message)
        return value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, (float, orjson.Fragment)):
        return orjson.dumps(value).decode().translate(_ESCAPES)
    message = f"{path}: expected one value"
    raise Invalid(message)


def _narrative(text: str, path: str) -> str:
    """Return the div as it stands, once it is shown to be well-formed, in its namespace and free of declarations."""
    text = _ENTITY.sub(_numbered, text.strip())
    try:
        root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8"))
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        message = f"{path}: not well-formed XHTML"
        raise Invalid(message) from error
    if root.tag != f"{{{XHTML}}}div" or not text.startswith("<"):
        message = f"{path}: expected one div of {XHTML}"
        raise Invalid(message)
    if not text.startswith("<div") or root.getroottree().docinfo.internalDTD is not None:
        message = f"{path}: expected <div … first"
        raise Invalid(message)
    return text


def _numbered(found: re.Match[str]) -> str:
    """HTML's own names of characters (&nbsp;) are not XML's: write their numbers."""
    name = found[1]
    if name in _XML_ENTITIES or name not in html5:
        return found[0]
    return "".join(f"&#{ord(one)};" for one in html5[name])
