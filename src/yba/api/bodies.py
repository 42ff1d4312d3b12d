"""Reading what a caller sends: bounded in bytes, depth, length of texts and entries before anything is made of it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.fhir import from_xml
from yba.kit import Invalid, exact, settings
from yba.specs.edge import class_of

from . import negotiation
from .faults import Issue, Refusal, bad
from .http import ROOT

if TYPE_CHECKING:
    from .http import Request

MOST_ENTRIES: Final = settings.declare(
    "YBA_FHIR_ENTRIES",
    settings.whole,
    default="5000",
    meaning="Entries a FHIR batch or transaction may have; more are refused before they are read.",
    write="a whole number, for example 5000",
)
DEEPEST: Final = 100  # levels of objects and arrays; the deepest official example has 19
LONGEST_TEXT: Final = 1 << 20  # characters of one string, as R4 says; base64 and narrative may fill the body
_FREE: Final = frozenset({"data", "div"})
_NESTING: Final[frozenset[Any]] = frozenset({dict, list})
_BOM: Final = b"\xef\xbb\xbf"  # RFC 8259 lets readers pass over it; .NET writes it
_REQUESTS: Final = frozenset({"batch", "transaction"})
_MEDIA: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_DECIMAL: Final = re.compile(rb"[0-9](?:\.|[eE])[-+0-9]|[0-9]{19}")


def read(request: Request) -> bytes:
    """Read the body, no more than its class of addresses may send. Raises Refusal 413."""
    largest = class_of(ROOT).largest_body
    data = request.read()
    if len(data) > largest:
        raise too_large(largest)
    return data


def too_large(largest: int) -> Refusal:
    """A 413 for bytes."""
    return Refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Issue("too-long", f"Nội dung quá lớn: tối đa {largest} byte.", f"The body is too large: at most {largest} bytes."),
    )


def document(request: Request) -> dict[str, Any]:
    """Read the body as one FHIR document, numbers with their decimals. Raises Refusal 400, 413, 415."""
    if request.doc is not None:
        return request.doc
    kind, data = negotiation.sent(request), read(request)
    if kind == negotiation.XML:
        found = _xml(data)
    elif kind == negotiation.JSON:
        found = json(data)
    else:
        raise negotiation.unsupported("Ở đây cần tài liệu FHIR.", "A FHIR document is wanted here.")
    if not isinstance(found, dict):
        raise bad("Tài liệu FHIR là một đối tượng JSON.", "A FHIR document is a JSON object.", code="structure")
    if request.base.encode() in data or b"\\/" in data:  # some writers of JSON write http:\/\/ (PHP does unless told not to)
        _make_relative(found, f"{request.base}/")
    return found


def _make_relative(doc: dict[str, Any], base: str) -> None:
    """Write references to this server's own address as Type/id: they mean the same, and a record is found by one of them.

    What a Bundle holds that is no request stays: there an address is looked for among the entries first.
    """
    stack: list[Any] = [doc]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            if here.get("resourceType") == "Bundle" and here.get("type") not in _REQUESTS:
                continue
            target = here.get("reference")
            if isinstance(target, str) and target.startswith(base):
                here["reference"] = target.removeprefix(base)
            here = here.values()
        stack += [one for one in here if isinstance(one, (dict, list))]


def json(data: bytes) -> Any:  # noqa: ANN401  # any JSON
    """Read JSON within the limits; a number with a fraction becomes a Decimal. Raises Refusal."""
    data = data.removeprefix(_BOM)
    if not data.strip():
        raise bad("Thiếu nội dung.", "The body is empty.", code="required")
    if b"\0" in data or (b"\\u0000" in data and b"\\u0000" in data.replace(b"\\\\", b"")):
        raise bad("Nội dung có ký tự U+0000.", "The body holds the character U+0000.", code="value")
    if data.count(b'"method"') > 2 * MOST_ENTRIES():
        raise too_many()
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        where = f" (dòng {error.lineno}, cột {error.colno})"
        raise bad(f"JSON không đọc được{where}.", f"The JSON cannot be read (line {error.lineno}, column {error.colno}).", code="structure") from None
    if len(data) > LONGEST_TEXT:
        _inspect(found)
    elif data.count(b"{") + data.count(b"[") > DEEPEST:
        _measure(found)
    try:
        return exact.numbers(data) if _DECIMAL.search(data) else found
    except ValueError:  # a whole number of thousands of digits
        raise bad("Có số quá dài.", "A number is too long.", code="value") from None


def decoded(binary: dict[str, Any]) -> bytes:
    """Return the content of a Binary. Raises Refusal."""
    try:
        return base64.b64decode("".join(str(binary.get("data", "")).split()), validate=True)  # R4: lines may be broken
    except binascii.Error:
        raise bad("Binary.data không phải base64.", "Binary.data is not base64.", code="value", expression=("Binary.data",)) from None


def binary(request: Request, id_: str | None) -> dict[str, Any]:
    """Read the body as a Binary: the resource, or (whatever else is sent) its content, with X-Security-Context. Raises Refusal 413, 415."""
    data = read(request)
    kind, _ = negotiation.media(request.header("content-type"))
    if not kind or negotiation.speaks(kind):
        try:
            doc = document(replace(request, read=lambda: data))
        except Refusal:
            if not kind:
                raise
            doc = {}
        if doc.get("resourceType") == "Binary":
            return doc
    if not _MEDIA.fullmatch(kind):
        raise negotiation.unsupported("Binary cần Content-Type của nội dung.", "A Binary needs the Content-Type of what it holds.")
    made: dict[str, Any] = {"resourceType": "Binary", **({"id": id_} if id_ else {}), "contentType": " ".join(request.header("content-type").split())}
    if context := request.header("x-security-context"):
        made["securityContext"] = {"reference": context}
    return {**made, **({"data": base64.b64encode(data).decode()} if data else {})}


def _xml(data: bytes) -> dict[str, Any]:
    if not data.strip():
        raise bad("Thiếu nội dung.", "The body is empty.", code="required")
    if data.count(b"<method") > MOST_ENTRIES():
        raise too_many()
    try:
        found = from_xml(data)
    except Invalid as error:
        raise bad(f"XML không đọc được: {error.message}", f"The XML cannot be read: {error.message}", code="structure") from None
    _inspect(found)
    return found


def _measure(found: object) -> None:
    """Walk through a document too short for a text that is too long: how deep it goes."""
    level: list[Any] = [found]
    for _ in range(DEEPEST + 1):
        values = [one.values() if one.__class__ is dict else one for one in level if one.__class__ in _NESTING]
        level = [inner for below in values for inner in below if inner.__class__ in _NESTING]
        if not level:
            return
    raise _too_deep()


def _inspect(found: object) -> None:
    """Walk through a document without recursion: how deep it goes, how long its texts are."""
    level: list[object] = [found]
    for _ in range(DEEPEST + 1):
        below: list[object] = []
        for one in level:
            if isinstance(one, dict):
                for key, value in one.items():
                    if isinstance(value, str):
                        if len(value) > LONGEST_TEXT and key not in _FREE:
                            raise bad("Một chuỗi dài quá 1.048.576 ký tự.", "A string is longer than 1,048,576 characters.", code="too-long")
                    else:
                        below.append(value)
            elif isinstance(one, list):
                below += one
            elif isinstance(one, str) and len(one) > LONGEST_TEXT:
                raise bad("Một chuỗi dài quá 1.048.576 ký tự.", "A string is longer than 1,048,576 characters.", code="too-long")
        if not below:
            return
        level = below
    raise _too_deep()


def _too_deep() -> Refusal:
    return bad(f"Tài liệu lồng quá {DEEPEST} tầng.", f"The document is nested more than {DEEPEST} levels deep.", code="structure")


def too_many() -> Refusal:
    """A 413 for entries."""
    most = MOST_ENTRIES()
    return Refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Issue("too-costly", f"Bundle có quá {most} mục; hãy chia nhỏ.", f"The Bundle has more than {most} entries: split it.", ("Bundle.entry",)),
    )
