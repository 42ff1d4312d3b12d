"""Read what is written plainly by cutting text, three times as fast as an XML parser; None leaves anything else to the parser.

Plain are elements without attributes, text, CDATA without markup and the five named entities, in UTF-8. Everything a document holds is accounted
for (every ``<`` belongs to a field or to the frame around the rows), so what is accepted here reads the same as with the parser
(tests/ingest/test_plain.py holds one against the other).
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Final, NamedTuple

import pybase64

from .roots import by_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.ingest.model import Row

_LONGEST: Final = 10_000_000  # beyond that the parser has limits of its own
_BLANKS: Final = " \t\n"
_BLANK_BYTES: Final = b" \t\r\n"
_NAME: Final = "[A-Za-z_][A-Za-z0-9_]*"
_CONTROLS: Final = bytes(set(range(32)).difference(b"\t\n\r"))
_UTF_8: Final = r"""(?:"[Uu][Tt][Ff]-8"|'[Uu][Tt][Ff]-8')"""
_DECLARATION: Final = (
    rf"""<\?xml[ \t\n]+version=(?:"1\.0"|'1\.0')(?:[ \t\n]+encoding={_UTF_8})?(?:[ \t\n]+standalone=(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>"""
)
# Documents often declare the two name spaces of XML Schema and use neither.
_SCHEMA: Final = r"""[ \t\n]+xmlns:xs[id]=(?:"http://www\.w3\.org/2001/XMLSchema(?:-instance)?"|'http://www\.w3\.org/2001/XMLSchema(?:-instance)?')"""
_ROOT: Final = re.compile(rf"(?P<start>\ufeff?(?:{_DECLARATION})?)[ \t\n]*<(?P<name>{_NAME})(?P<declared>(?:{_SCHEMA})*)>")
_OPENINGS: Final = re.compile(rf"[ \t\n]*(?:<{_NAME}>[ \t\n]*)*")
_OPENINGS_AND_EMPTY: Final = re.compile(rf"((?:<{_NAME}>[ \t\n]*)*)(?:<({_NAME})[ \t\n]*/>)?")
_NAMES: Final = re.compile(_NAME)
_FIELD: Final = re.compile(rf"<({_NAME})>([^<]*)</\1>")
_FIELD_OR_EMPTY: Final = re.compile(rf"<({_NAME})(?:[ \t\n]*/>|>([^<]*)</\1>)")
# What follows makes sure that it stands between tags, neither inside of one nor behind the root.
_CDATA: Final = re.compile(r"<!\[CDATA\[([^<>&]*)\]\]>(?=</)")
_ENTITY: Final = re.compile("&(?:amp|lt|gt|quot|apos);")
# Markup in CDATA is hidden from the patterns behind control characters, which no text holds.
_HIDE: Final = str.maketrans("<>&", "\1\2\3")
_SHOW: Final = str.maketrans("\1\2\3", "<>&")
_PART: Final = re.compile(rb"[ \t\r\n]*<LOAIHOSO>([ \t\r\nA-Za-z0-9]*)</LOAIHOSO>[ \t\r\n]*<NOIDUNGFILE>")
_CLOSING: Final = b"</NOIDUNGFILE>"
_MOST_SHAPES: Final = 2048
_LONGEST_SHAPE: Final = 8192


class Table(NamedTuple):
    """One table as read: its root, the raw rows in order, and the names of all fields, empty ones included."""

    root: str
    rows: list[Row]
    present: frozenset[str]


_SHAPES: dict[tuple[str, ...], tuple[tuple[str, ...], frozenset[str]]] = {}
"""Field names that rows had in this order, no name twice: rows share them, so that each name is hashed once."""


def parts(data: bytes) -> list[tuple[str, bytes]] | None:
    """Cut ``<HOSO>…</HOSO>`` into (LOAIHOSO, bytes of NOIDUNGFILE)."""
    first, *files = data.split(b"<FILEHOSO>")
    if first.strip(_BLANK_BYTES) != b"<HOSO>" or not files or not files[-1].endswith(b"</HOSO>"):
        return None
    files[-1] = files[-1][: -len(b"</HOSO>")]
    found: list[tuple[str, bytes]] = []
    for file in files:
        begin, end = _PART.match(file), file.rfind(_CLOSING)
        if begin is None or end < begin.end() or file[end + len(_CLOSING) :].strip(_BLANK_BYTES) != b"</FILEHOSO>":
            return None
        found.append((begin.group(1).decode().strip().upper(), file[begin.end() : end]))
    return found


def blank(data: bytes) -> bool:
    """Whether bytes hold nothing but white space."""
    return not data.strip(_BLANK_BYTES)


def decoded(content: bytes) -> bytes | None:
    """Decode base64 whose only flaw may be white space."""
    try:
        return pybase64.b64decode(content.translate(None, _BLANK_BYTES), validate=True)
    except binascii.Error:
        return None


def text_of(data: bytes) -> str | None:
    """Decode UTF-8 that holds only characters of XML 1.0; line ends become those of XML."""
    if len(data) >= _LONGEST or len(data.translate(None, _CONTROLS)) != len(data):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if "\ufffe" in text or "\uffff" in text:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def table(text: str, *, nested: bool = False) -> Table | None:
    """Read one table document, or one table that stands nested in its claim (without a declaration then)."""
    root = _ROOT.match(text.lstrip(_BLANKS))
    if root is None or (nested and root["start"]) or any(root["declared"].count(f":xs{one}=") > 1 for one in "id"):
        return None
    name = root["name"]
    record = by_root().get(name, ("", ""))[1]
    body = _without_cdata(root.string[root.end() - 1 :])
    if not record or body is None:
        return None
    whole = f"<{name}{body}"
    *chunks, tail = whole.split(f"</{record}>")
    if not chunks:
        return _without_rows(name, record, tail)
    outer = _opened(chunks[0], record)
    if outer is None or not _closes(tail, outer) or (len(chunks) > 1 and not outer):
        return None
    read = _alike(whole, chunks, record, frame=2 * len(outer)) or _one_by_one(chunks, record)
    if read is None:
        return None
    rows, present = read
    if "&" in body or "\1" in body or "\2" in body or "\3" in body:
        rows = [{field: _unescaped(value) for field, value in row.items()} for row in rows]
    return Table(name, rows, present)


def _alike(whole: str, chunks: Sequence[str], record: str, frame: int) -> tuple[list[Row], frozenset[str]] | None:
    """Read all rows at once where all have the same fields; ``frame`` is how many ``<`` stand around the rows."""
    empty, count = whole.count("/>"), len(chunks)
    found = (_FIELD_OR_EMPTY if empty else _FIELD).findall(whole)
    if not found or whole.count("<") != 2 * len(found) - empty + 2 * count + frame:  # a "<" that is no field's
        return None
    names, values = zip(*found)  # noqa: B905  # pairs
    size = len(names) // count
    shape = _SHAPES.get(names[:size]) or _learn(names[:size])
    if shape is None or (count > 1 and not (names == shape[0] * count and _repeats(whole, chunks[0], shape[0], record, count))):
        return None
    fields = shape[0]
    rows = [
        {field: value for field, value in zip(fields, values[at : at + size]) if value}  # noqa: B905  # of one size
        for at in range(0, size * count, size)
    ]
    return rows, shape[1]


def _repeats(whole: str, first: str, fields: tuple[str, ...], record: str, count: int) -> bool:
    """Whether every record begins with the first field and ends with the last one, as the first record does: then each holds all of them."""
    begin, end = first.find(f"<{record}>"), first.rfind(f"</{fields[-1]}>")
    opening = first[begin : first.find(">", begin + len(record) + 2) + 1]
    closing = f"{first[end:]}</{record}>"
    return opening.endswith(f"<{fields[0]}>") and end >= 0 and whole.count(opening) == count and whole.count(closing) == count


def _one_by_one(chunks: Sequence[str], record: str) -> tuple[list[Row], frozenset[str]] | None:
    """Read row after row, each with fields of its own."""
    rows: list[Row] = []
    present: frozenset[str] = frozenset()
    for number, chunk in enumerate(chunks):
        before, _, fields = chunk.partition(f"<{record}>")
        read = _alike(fields, (fields,), record, frame=-2)
        if read is None or (number and before.strip(_BLANKS)):
            return None
        rows += read[0]
        present |= read[1]
    return rows, present


def _without_cdata(body: str) -> str | None:
    """Text in CDATA as plain text; None when CDATA stands where it must not, or when there is an entity nobody declared."""
    if "]]>" in body:
        plain = "".join(_CDATA.split(body))
        body = plain if "]]>" not in plain and "<![" not in plain else _hidden(body)
        if "]]>" in body or "<![" in body:
            return None
    return body if "&" not in body or len(_ENTITY.findall(body)) == body.count("&") else None


def _hidden(body: str) -> str:
    """Take CDATA apart that holds markup; what is left of ``<![`` or ``]]>`` stood where it must not."""
    before, *pieces = body.split("<![CDATA[")
    kept = [before]
    for piece in pieces:
        content, end, rest = piece.partition("]]>")
        if not end or not rest.startswith("</") or not kept[-1].endswith(">"):
            return body
        kept += (content.translate(_HIDE), rest)
    return "".join(kept)


def _without_rows(name: str, record: str, text: str) -> Table | None:
    """Read a table whose list is empty, or ends as it begins."""
    opened = _OPENINGS_AND_EMPTY.match(text)
    if opened is None:
        return None
    outer = _NAMES.findall(opened[1])
    if record in outer or opened[2] == record or not _closes(text[opened.end() :], outer):
        return None
    return Table(name, [], frozenset())


def _opened(first: str, record: str) -> tuple[str, ...] | None:
    """The elements that are open when the first record begins."""
    before, opening, _ = first.partition(f"<{record}>")
    if not opening or _OPENINGS.fullmatch(before) is None:
        return None
    return tuple(_NAMES.findall(before))


def _closes(tail: str, outer: Sequence[str]) -> bool:
    """Whether what stands behind the last record closes what was open before the first one."""
    pieces = tail.split("</")
    if len(pieces) != len(outer) + 1 or pieces[0].strip(_BLANKS):
        return False
    return all(piece.rstrip(_BLANKS) == f"{name}>" for piece, name in zip(pieces[1:], reversed(outer), strict=True))


def _learn(names: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]] | None:
    """Keep the names of a row; None when one stands twice, which is worth a finding."""
    present = frozenset(names)
    if len(present) < len(names) or sum(map(len, names)) > _LONGEST_SHAPE:
        return None
    if len(_SHAPES) >= _MOST_SHAPES:
        _SHAPES.clear()
    _SHAPES[names] = shape = (names, present)
    return shape


def _unescaped(value: str) -> str:
    if "&" in value:
        value = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&apos;", "'").replace("&amp;", "&")
    return value.translate(_SHOW)
