"""Say what a message is by its root and content, never by its name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from .scanner import ASSESSMENT_MARK, Part, Range, scan

_HEAD_BYTES = 65536
_SKIP = re.compile(rb"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)


class MessageKind(StrEnum):
    """What arrived; CLAIMS and ASSESSMENTs go into the record, only CLAIMS count as claims."""

    CLAIMS = "claims"
    CHECK_IN = "check-in"  # XML0: status only, never a claim
    ASSESSMENT = "assessment"  # XML12: medical assessment, travels alone
    HEALTH_CHECK = "health-check"  # KHAMSUCKHOE of QĐ 1551/2062 (2026): same table names, other tables
    UNKNOWN = "unknown"


_BY_ROOT = {
    b"GIAMDINHHS": MessageKind.CLAIMS,
    b"TONG_HOP": MessageKind.CLAIMS,
    b"HOSO": MessageKind.CLAIMS,  # a claim without an envelope says everything that is needed itself, as a lone TONG_HOP does
    b"CHI_TIEU_TRANG_THAI_KCB": MessageKind.CHECK_IN,
    b"CHI_TIEU_GIAM_DINH_YKHOA": MessageKind.ASSESSMENT,
    b"CHI_TIEU_GIAM_DINH_Y_KHOA": MessageKind.ASSESSMENT,
    b"GIAM_DINH_Y_KHOA": MessageKind.ASSESSMENT,
    b"KHAMSUCKHOE": MessageKind.HEALTH_CHECK,
}


@dataclass(frozen=True, slots=True)
class Head:
    """What the beginning of a message says.

    ``fault`` is a rule id (LAND…) when the whole message must be refused; ``lone`` marks a TONG_HOP without an envelope;
    ``facility``, ``created`` and ``declared`` are the envelope's own words, empty when absent.
    """

    kind: MessageKind
    root: str
    lone: bool = False
    facility: str = ""
    created: str = ""
    declared: str = ""
    fault: str = ""


def ranges(chunks: Iterable[bytes]) -> Iterator[tuple[Head, Range]]:
    """Cut a file into ranges, each with what the head says; a lone TONG_HOP is a claim itself.

    Everything that asks which claims a file holds must ask here: two ways of cutting one file are two opinions on whose claims they are.
    """
    head = Head(MessageKind.UNKNOWN, "", fault="LAND001")
    for number, found in enumerate(scan(chunks)):
        one = found
        if number == 0 or (number == 1 and head.fault == "LAND001"):  # a declaration or a comment may stand before a lone HOSO
            head = read_head(found.data)
            one = Range(Part.CLAIM, found.data) if head.lone else found
            if head.kind is MessageKind.ASSESSMENT and not head.fault:
                yield from ((head, part) for part in _records(found))
                continue
        yield head, one


def _records(whole: Range) -> Iterator[Range]:
    """The assessments of a file (XML12), which has no HOSO; one whose root is the record is cut no further."""
    parts = list(scan([whole.data], ASSESSMENT_MARK))
    told = any(part.part in (Part.CLAIM, Part.UNFINISHED) for part in parts)
    yield from parts if told else [Range(Part.CLAIM, whole.data)]


def read_head(data: bytes) -> Head:
    """Read the head of a message (UTF-8 or a superset of ASCII).

    Faults: LAND001 empty, LAND002 not XML, LAND003 document type declaration, LAND004 unknown root, LAND005 home-made envelope.
    """
    start = data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf")
    position = 0
    while match := _SKIP.match(start, position):
        position = match.end()
    if position == len(start):
        return Head(MessageKind.UNKNOWN, "", fault="LAND001")
    doctype = bool(_DOCTYPE.match(start, position))
    root = _ROOT.search(start, position) if doctype else _ROOT.match(start, position)
    if root is None:
        return Head(MessageKind.UNKNOWN, "", fault="LAND003" if doctype else "LAND002")
    return _classify(start, root, doctype=doctype)


def _classify(start: bytes, root: re.Match[bytes], *, doctype: bool) -> Head:
    name = root.group(1)
    kind = _BY_ROOT.get(name, MessageKind.UNKNOWN)
    fault = "LAND003" if doctype else "LAND004" if kind is MessageKind.UNKNOWN else ""
    if name != b"GIAMDINHHS":
        return Head(kind, name.decode(), lone=name == b"TONG_HOP", fault=fault)
    envelope = _without_comments(start).split(b"<HOSO", 1)[0]
    if not fault and b"<THONGTINHOSO" not in envelope:
        fault = "LAND005"
    return Head(
        kind,
        "GIAMDINHHS",
        facility=_text(envelope, b"MACSKCB"),
        created=_text(envelope, b"NGAYLAP"),
        declared=_text(envelope, b"SOLUONGHOSO"),
        fault=fault,
    )


def _without_comments(data: bytes) -> bytes:
    """What stands outside comments; one that is never closed hides the rest. Not a pattern: many openings would each search to the end."""
    kept, position = [], 0
    while (opening := data.find(b"<!--", position)) >= 0:
        kept.append(data[position:opening])
        closing = data.find(b"-->", opening)
        if closing < 0:
            return b"".join(kept)
        position = closing + 3
    return b"".join((*kept, data[position:]))


def _text(data: bytes, element: bytes) -> str:
    """The text of the first such element, CDATA or not; empty when absent."""
    match = re.search(rb"<%s(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?\s*([^<\]]{0,100})" % element, data)
    return match.group(1).decode("utf-8", "replace").strip() if match else ""
