"""FHIR XML read as a FHIR JSON document in one pass of expat; declarations of types and entities are refused, mistakes named with their line."""

from __future__ import annotations

from decimal import Decimal
from math import isinf
from typing import Any, Final
from xml.parsers import expat

from lxml import etree

from yba.fhir.definitions import Field, is_primitive, is_resource, primitive_matches, properties
from yba.kit import Invalid

from .writing import DEEPEST, FHIR, XHTML

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_WHOLE: Final = frozenset({"integer", "positiveInt", "unsignedInt"})
_WIDEST: Final = 18  # digits of a whole number that 64 bits hold
_DIV: Final = b"<div"


def from_xml(data: bytes) -> dict[str, Any]:
    """Read a resource; decimals become Decimal with the digits sent, narratives stay the text sent.

    Raises Invalid with line and element for anything the definitions do not know, for a wrong namespace, DTDs, entities and deep nesting.
    """
    if b"\x00" in data or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise Invalid("XML: expected UTF-8.")
    return _Reader(data).read()


class _Open:
    """An element whose end has not come yet."""

    __slots__ = ("doc", "line", "many", "name", "type", "value")

    def __init__(self, name: str, type_: str, line: int, *, many: bool) -> None:
        """Begin with nothing inside."""
        self.name, self.type, self.line, self.many = name, type_, line, many
        self.doc: dict[str, Any] = {}
        self.value: Any = None


class _Reader:
    """Handlers of expat, which keep a stack of open elements."""

    def __init__(self, data: bytes) -> None:
        """Make a parser that takes UTF-8 only, whatever the declaration says."""
        self._data = data
        self._stack: list[_Open] = []
        self._done: dict[str, Any] | None = None
        self._div = 0  # depth inside a narrative
        self._divs = 0  # narratives met
        self._start = 0
        self._parser = expat.ParserCreate(encoding="UTF-8", namespace_separator=" ")
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self) -> dict[str, Any]:
        """Parse everything."""
        try:
            self._parser.Parse(self._data, True)  # noqa: FBT003  expat's own form
        except expat.ExpatError as error:
            message = f"XML line {error.lineno}: {expat.ErrorString(error.code)}."
            raise Invalid(message) from error
        if self._done is None:
            raise Invalid("XML: no resource.")
        return self._done

    def _wrong(self, what: str, name: str = "") -> Invalid:
        path = ".".join([*(one.name for one in self._stack), *([name] if name else [])])
        return Invalid(f"XML line {self._parser.CurrentLineNumber}, {path or 'root'}: {what}")

    def _doctype(self, *_: object) -> None:
        raise self._wrong("a document type declaration is not accepted")

    def _open(self, tag: str, attributes: list[str]) -> None:
        if len(self._stack) + self._div > DEEPEST:
            raise self._wrong(f"more than {DEEPEST} elements inside each other")
        if self._div:
            self._div += 1
            return
        namespace, _, name = tag.rpartition(" ")
        if self._stack and self._stack[-1].type == "Narrative" and name == "div":
            if namespace != XHTML:
                raise self._wrong(f"expected the namespace {XHTML}", name)
            self._div, self._start = 1, self._parser.CurrentByteIndex
            return
        if namespace != FHIR:
            raise self._wrong(f"expected the namespace {FHIR}", name)
        opened = self._opened(name)
        self._attributes(opened, attributes)
        self._stack.append(opened)

    def _opened(self, name: str) -> _Open:
        line = self._parser.CurrentLineNumber
        if not self._stack or self._stack[-1].type == "Resource":
            if not is_resource(name):
                raise self._wrong("unknown resource type", name)
            if self._stack and self._stack[-1].value is not None:
                raise self._wrong("one resource only", name)
            opened = _Open(name, name, line, many=False)
            opened.doc["resourceType"] = name
            return opened
        parent = self._stack[-1]
        type_ = "Element" if is_primitive(parent.type) else parent.type
        found = properties(type_).get(name)
        if found is None or (name in {"id", "url"} and self._is_attribute(type_, name)):
            raise self._wrong("unknown element", name)
        element, field = found
        return _Open(name, self._type(field), line, many=element.many)

    @staticmethod
    def _type(field: Field) -> str:
        return field.type

    @staticmethod
    def _is_attribute(type_: str, name: str) -> bool:
        return not is_resource(type_) and (name == "id" or (name == "url" and type_ == "Extension"))

    def _attributes(self, opened: _Open, attributes: list[str]) -> None:
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            if name == "value" and is_primitive(opened.type):
                opened.value = self._primitive(opened, value)
            elif self._is_attribute(opened.type, name) and not is_resource(opened.type) and opened.type != "Resource":
                opened.doc[name] = value
            elif not name.startswith(f"{_XSI} "):
                raise self._wrong(f"unknown attribute {name.rpartition(' ')[2]!r}", opened.name)

    def _primitive(self, opened: _Open, text: str) -> Any:  # noqa: ANN401
        if not text:
            raise self._wrong("a value is never empty", opened.name)
        if opened.type == "boolean":
            if text not in {"true", "false"}:
                raise self._wrong("it is no boolean", opened.name)
            return text == "true"
        if opened.type == "decimal" or opened.type in _WHOLE:
            if not primitive_matches(opened.type, text):
                raise self._wrong(f"it is no {opened.type}", opened.name)
            if isinf(float(text)):  # stored, no reader of JSON would take it: every search that comes by would break
                raise self._wrong("a number beyond all measure", opened.name)
            return Decimal(text) if len(text) > _WIDEST or not text.lstrip("-").isdigit() else int(text)
        return text

    def _characters(self, text: str) -> None:
        if not self._div and text.strip():
            raise self._wrong("text stands in the attribute `value`")

    def _close(self, _: str) -> None:
        if self._div:
            self._div -= 1
            if not self._div:
                self._narrative()
            return
        closed = self._stack.pop()
        if not self._stack:
            self._done = closed.doc
        elif self._stack[-1].type == "Resource":
            self._stack[-1].value = closed.doc
        else:
            self._put(self._stack[-1].doc, closed)

    def _put(self, doc: dict[str, Any], closed: _Open) -> None:
        """Add a finished element to its parent."""
        name = closed.name
        if is_primitive(closed.type):
            if closed.value is None and not closed.doc:
                raise self._wrong("neither value nor extension", name)
            self._put_primitive(doc, closed)
            return
        value = closed.value if closed.type == "Resource" else closed.doc
        if not value:
            raise self._wrong("an element is never empty", name)
        if closed.many:
            doc.setdefault(name, []).append(value)
        elif name in doc:
            raise self._wrong("only once", name)
        else:
            doc[name] = value

    def _put_primitive(self, doc: dict[str, Any], closed: _Open) -> None:
        name, shadow = closed.name, f"_{closed.name}"
        if not closed.many:
            if name in doc or shadow in doc:
                raise self._wrong("only once", name)
            if closed.value is not None:
                doc[name] = closed.value
            if closed.doc:
                doc[shadow] = closed.doc
            return
        before = len(doc.get(name, doc.get(shadow, ())))
        if closed.value is not None or name in doc:
            doc.setdefault(name, [None] * before).append(closed.value)
        if closed.doc or shadow in doc:
            doc.setdefault(shadow, [None] * before).append(closed.doc or None)

    def _narrative(self) -> None:
        """Keep the very text of the div: what was sent is what is stored."""
        end = self._data.index(b">", self._parser.CurrentByteIndex) + 1
        raw = self._data[self._start : end]
        number, self._divs = self._divs, self._divs + 1
        text = raw.decode().replace("\r\n", "\n") if raw.startswith(_DIV) and _stands_alone(raw) else _rewritten(self._data, number)
        if "div" in self._stack[-1].doc:
            raise self._wrong("only once", "div")
        self._stack[-1].doc["div"] = text


def _stands_alone(raw: bytes) -> bool:
    """Whether a div declares its namespaces itself."""
    try:
        root = etree.fromstring(raw, _parser())
    except etree.XMLSyntaxError:
        return False
    return bool(root.tag == f"{{{XHTML}}}div")


def _rewritten(data: bytes, number: int) -> str:
    """Return the div number so and so, written anew: its prefix was declared further out."""
    tree = etree.fromstring(data, _parser())
    divs = [one for one in tree.iter(f"{{{XHTML}}}div") if (above := one.getparent()) is not None and str(above.tag).startswith(f"{{{FHIR}}}")]
    return etree.tostring(_bare(divs[number]), encoding="unicode")


def _bare(node: etree._Element) -> etree._Element:
    """Copy an element with XHTML as its default namespace."""
    made = etree.Element(node.tag, dict(node.attrib), nsmap={None: XHTML})  # type: ignore[dict-item, misc]  # the stubs know no default namespace
    made.text = node.text
    for inner in node:  # elements and comments: the parser left out all else
        copy = etree.Comment(inner.text) if isinstance(inner, etree._Comment) else _bare(inner)  # noqa: SLF001  lxml's name of it
        copy.tail = inner.tail
        made.append(copy)
    return made


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True, encoding="utf-8")
