"""Reading what a client posts: bounded, tolerant of the forms the known clients use, never more in memory than allowed."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO
from urllib.parse import parse_qsl

import orjson
from django.core.files.uploadhandler import MemoryFileUploadHandler, SkipFile, UploadFileException
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from .faults import Fault, GatewayFault

_CHUNK = 1 << 16
# URL-encoded base64 of a file: 4/3, and "+", "/" (2 of 64 signs) grow to three characters; line ends and the other fields.
_FORM_GROWTH = 1.6
_MAX_FIELDS = 64
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")


@dataclass(slots=True)
class Posted:
    """What was posted: text fields by name, JSON as it came, files in order as (file name, bytes)."""

    fields: dict[str, str] = field(default_factory=dict)
    document: Mapping[str, object] = field(default_factory=dict)
    files: list[tuple[str, bytes]] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Give a field's text without outer blanks, "" when absent; JSON numbers and strings are the same to a client."""
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """Give a field's text as it came: an outer blank of base64 was a plus sign."""
        value: object = self.fields.get(name)
        if value is None:
            value = self.document.get(name)
        return str(value) if isinstance(value, str | int) else ""


def read_body(request: HttpRequest, *, max_file: int) -> bytes:
    """Read the body of a request, at most what a file of ``max_file`` bytes needs in any form; else a 413."""
    limit = int(max_file * _FORM_GROWTH) + _CHUNK
    declared = request.META.get("CONTENT_LENGTH") or ""
    if declared.isdigit() and int(declared) > limit:
        raise GatewayFault(Fault.TOO_BIG)
    stream = request if declared else request.META.get("wsgi.input", BytesIO())  # no length: sent in chunks
    parts, size = [], 0
    while chunk := _piece(stream):
        size += len(chunk)
        if size > limit:
            raise GatewayFault(Fault.TOO_BIG)
        parts.append(chunk)
    if declared.isdigit() and size < int(declared):
        raise GatewayFault(Fault.CUT_SHORT)
    return b"".join(parts)


def _piece(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(_CHUNK)
    except UnreadablePostError as wrong:  # the line broke
        raise GatewayFault(Fault.CUT_SHORT) from wrong


def parse(content_type: str, body: bytes) -> Posted:
    """Take a body apart by its content type, and by its look where the type says nothing useful."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _multipart(content_type, body)
    if kind.endswith("json") or body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json(body)
    return _form(body)


def unpack_base64(text: str) -> bytes:
    """Decode a file's base64; blanks are "+" that a form lost (traps 4 of the insurer's interface), wrapping is ignored.

    Raises GatewayFault EMPTY or NOT_BASE64. A BOM written before the base64 itself is dropped.
    """
    raw = text.lstrip("\ufeff").encode("utf-8", "replace")
    if raw.startswith(b"data:"):
        raw = raw.partition(b",")[2]
    if not raw.strip():
        raise GatewayFault(Fault.EMPTY)
    raw = _whole_groups(raw.translate(_URL_SAFE))
    if _NOT_BASE64.search(raw):
        raise GatewayFault(Fault.NOT_BASE64)
    raw = raw.rstrip(b"=")
    try:
        data = base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
    except binascii.Error as wrong:
        raise GatewayFault(Fault.NOT_BASE64) from wrong
    if not data:
        raise GatewayFault(Fault.EMPTY)
    return data


def _whole_groups(raw: bytes) -> bytes:
    """Undo what travelling did to base64: wrapping and indentation go, blanks inside a line were plus signs.

    Where that does not give whole groups of four and dropping every blank does, the blanks were layout.
    """
    lines = raw.replace(b"\t", b" ").strip(b"\r\n").splitlines()
    if len(lines) > 1 and all(line.startswith(b"  ") or not line.strip() for line in lines[1:]):
        lines = [line.strip() for line in lines]
    joined = b"".join(lines)
    restored, dropped = joined.replace(b" ", b"+"), joined.replace(b" ", b"")
    return dropped if len(restored) % 4 and not len(dropped) % 4 else restored


def _form(body: bytes) -> Posted:
    try:
        # keep_blank_values off: an empty field and a missing one are the same to every known client.
        pairs = parse_qsl(body, max_num_fields=_MAX_FIELDS)
    except ValueError as wrong:
        raise GatewayFault(Fault.BAD_FORM) from wrong
    return Posted(fields={_utf8(name): _utf8(value) for name, value in pairs})


def _json(body: bytes) -> Posted:
    try:
        document = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as wrong:
        raise GatewayFault(Fault.BAD_FORM) from wrong
    if not isinstance(document, dict):
        raise GatewayFault(Fault.BAD_FORM)
    return Posted(document=document)


class _Held(MemoryFileUploadHandler):  # type: ignore[misc]  # Django has no types of its own
    """Keep uploaded files in memory: the body is bounded already."""

    def handle_raw_input(self, *_args: object, **_kwargs: object) -> None:
        self.activated = True


def _multipart(content_type: str, body: bytes) -> Posted:
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
    try:
        fields, files = MultiPartParser(meta, BytesIO(body), [_Held()], "utf-8").parse()
    except (MultiPartParserError, UploadFileException, SkipFile) as wrong:
        raise GatewayFault(Fault.BAD_FORM) from wrong
    held = [(each.name or "", each.read()) for name in files for each in files.getlist(name)]
    return Posted(fields={name: str(fields.get(name, "")) for name in fields}, files=held)


def _utf8(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
