"""Answers as XML and back, by the paths a form's items carry (extension form-xml): the message of QĐ 831 and whatever is built like it.

A path is one step below the nearest group that has one: `TAG`, `.` (the same element), or `TAG[KEY=VALUE]` (rows of one tag told apart by a
child element). Values: dates dd/MM/yyyy, yes 1 and no 0, codes of choices, numbers with a point.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from yba.kit.errors import Invalid

from . import extensions as ext
from .names import ANSWER, MOST_ROWS, ROWS, name_of, rows_at
from .reading import answers
from .values import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .model import Answers, Form, Item, Value

_STEP: Final = re.compile(r"([A-Za-z_][\w.-]*)(?:\[([A-Z_]+)=([^\]]+)\])?\Z")
_LARGEST: Final = 5_000_000  # bytes: a lifelong history has some 100,000
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEADER: Final = (
    "MESSAGE_VERSION", "SENDER_CODE", "SENDER_NAME", "TRANSACTION_TYPE", "TRANSACTION_NAME", "TRANSACTION_DATE", "TRANSACTION_ID", "REQUEST_ID",
    "ACTION_TYPE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """What a message holds: its header, the answers by form, and elements nobody asks for (their paths, never their content)."""

    header: Mapping[str, str]
    answers: Mapping[str, Answers] = field(repr=False)
    unknown: tuple[str, ...] = ()


def to_xml(given: Sequence[tuple[Form, Answers]], *, header: Mapping[str, str]) -> bytes:
    """Write one message: HEADER in the decision's order, BODY with every form's sections, SECURITY empty until somebody signs BODY."""
    root = etree.Element("MESSAGE")
    head = etree.SubElement(root, "HEADER")
    for name in HEADER:
        etree.SubElement(head, name).text = _clean(header.get(name, "1.0" if name == "MESSAGE_VERSION" else "0" if name == "ACTION_TYPE" else ""))
    body = etree.SubElement(root, "BODY")
    for form, told in given:
        _Writer(form, told).lay(form.root.children, (), body)
    etree.SubElement(root, "SECURITY")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _clean(text: str) -> str:
    return _ILLEGAL.sub("", text)


def _path(form: Form, item: Item) -> tuple[str, str, str]:
    """Return tag, and the child and value that tell rows apart; ("", …) for an item without a path."""
    found = _STEP.match(_paths(form).get(item.link_id, ""))
    return (found[1], found[2] or "", found[3] or "") if found else ("", "", "")


_known: dict[tuple[str, str, int], dict[str, str]] = {}


def _paths(form: Form) -> dict[str, str]:
    key = (form.url, form.version, id(form.doc))
    if key not in _known:
        _known.clear() if len(_known) > 64 else None  # noqa: PLR2004
        _known[key] = dict(_told(form.doc.get("item", ())))
    return _known[key]


def _told(docs: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for doc in docs:
        step = ext.value(doc, ext.XML_PATH)
        if step:
            yield str(doc["linkId"]), str(step)
        yield from _told(doc.get("item", ()))


class _Writer:
    def __init__(self, form: Form, given: Answers) -> None:
        self.form = form
        self.given = given

    def lay(self, items: Sequence[Item], rows: tuple[int, ...], at: Any) -> None:  # noqa: ANN401  # an element
        """Write one level below an element; what has no answer has no element."""
        for item in items:
            if item.type == "group" and item.repeats:
                for row in range(rows_at(item, rows, self.given.rows)):
                    self._group(item, (*rows, row), at)
            elif item.type == "group":
                self._group(item, rows, at)
            elif item.is_question:
                self._question(item, rows, at)

    def _group(self, item: Item, rows: tuple[int, ...], at: Any) -> None:  # noqa: ANN401  # same
        tag, key, value = _path(self.form, item)
        if not tag:
            self.lay(item.children, rows, at)
            return
        made = etree.Element(tag)
        if key:
            etree.SubElement(made, key).text = value
        empty = len(made)
        self.lay(item.children, rows, made)
        if len(made) > empty:
            at.append(made)

    def _question(self, item: Item, rows: tuple[int, ...], at: Any) -> None:  # noqa: ANN401  # same
        tag, _, _ = _path(self.form, item)
        place = (item.link_id, rows)
        told = [_text(item, one) for one in self.given.values.get(place, ())] or list(self.given.texts.get(place, ()))
        for text in told if tag else ():
            etree.SubElement(at, tag).text = _clean(text)
        self.lay(item.children, rows, at)


def _text(item: Item, value: Value) -> str:
    match value.type:
        case "Boolean":
            return "1" if value.data else "0"
        case "Decimal" | "Integer":
            return format(value.data, "f") if value.type == "Decimal" else str(value.data)
        case "Coding":
            return str(value.data.get("code", ""))
        case _:
            return written(item, value)


def from_xml(data: bytes, forms: Sequence[Form]) -> Message:
    """Read a message: every form takes what it asks for. Raises Invalid for XML that cannot be read, holds a DTD, or is over 5 MB."""
    if len(data) > _LARGEST:
        raise Invalid("Bản tin quá lớn.", advice="The message is too large.")
    try:
        root = etree.fromstring(
            data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
        )
    except etree.XMLSyntaxError as fault:
        raise Invalid("Không đọc được XML.", advice=f"The XML cannot be read (line {fault.lineno}).") from fault
    if root.getroottree().docinfo.internalDTD is not None:
        raise Invalid("XML không được có DTD.", advice="The XML holds a DTD.")
    body = root.find("BODY")
    if body is None:
        raise Invalid("Bản tin không có BODY.", advice="The message has no BODY.")
    used: set[Any] = {body}
    told = {form.url: _Taker(form, used).take(body) for form in forms}
    head = root.find("HEADER")
    header = {} if head is None else {str(one.tag): (one.text or "").strip() for one in head}
    tree = root.getroottree()
    unknown = tuple(tree.getpath(one) for one in body.iter() if one not in used)
    return Message(header, told, unknown)


class _Taker:
    """Reads the elements of one form; `used` gathers those that somebody asked for."""

    def __init__(self, form: Form, used: set[Any]) -> None:
        self.form = form
        self.used = used
        self.fields: dict[str, list[str]] = {}

    def take(self, body: Any) -> Answers:  # noqa: ANN401  # an element
        """Return the answers of the form."""
        self._level(self.form.root.children, (), body)
        return answers(self.form, self.fields)

    def _level(self, items: Sequence[Item], rows: tuple[int, ...], at: Any) -> None:  # noqa: ANN401  # same
        for item in items:
            tag, key, value = _path(self.form, item)
            if item.type == "group":
                self._groups(item, rows, at, (tag, key, value))
            elif item.is_question:
                found = list(at.findall(tag)) if tag else []
                texts = [self._read(item, one) for one in found]
                if any(texts):
                    self.fields.setdefault(ANSWER + name_of((item.link_id, rows)), []).extend(filter(None, texts))
                self._level(item.children, rows, at)

    def _read(self, item: Item, one: Any) -> str:  # noqa: ANN401  # same
        self.used.add(one)
        text = (one.text or "").strip()
        return {"1": "true", "0": "false"}.get(text, text) if item.type == "boolean" else text

    def _groups(self, item: Item, rows: tuple[int, ...], at: Any, path: tuple[str, str, str]) -> None:  # noqa: ANN401  # same
        tag, key, value = path
        if not tag:
            self._level(item.children, rows, at)
            return
        found = [one for one in at.findall(tag) if not key or (one.findtext(key) or "").strip() == value][: MOST_ROWS if item.repeats else 1]
        for number, one in enumerate(found):
            self.used.add(one)
            self.used.update(one.findall(key) if key else ())
            inner = (*rows, number) if item.repeats else rows
            self._level(item.children, inner, one)
        if item.repeats and found:
            self.fields[ROWS + name_of((item.link_id, rows))] = [str(len(found))]
