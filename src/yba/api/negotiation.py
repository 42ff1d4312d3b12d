"""What the caller wants to be answered in, and how strictly: Accept, _format, _pretty, Prefer, Content-Type."""

from __future__ import annotations

import re
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from .faults import Issue, Refusal
from .http import quality

if TYPE_CHECKING:
    from .http import Request

JSON: Final = "application/fhir+json"
XML: Final = "application/fhir+xml"
_KNOWN: Final = {
    "json": JSON, "application/fhir+json": JSON, "application/json": JSON, "text/json": JSON, "application/json+fhir": JSON,
    "xml": XML, "application/fhir+xml": XML, "application/xml": XML, "text/xml": XML, "application/xml+fhir": XML,
}  # fmt: skip
_RANGES: Final = {"*/*": (JSON, XML), "application/*": (JSON, XML), "text/*": (XML, JSON)}  # what a range means: the first one, where it is wanted
FORM: Final = "application/x-www-form-urlencoded"
JSON_PATCH: Final = "application/json-patch+json"
_CHARSETS: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})
_VERSIONS: Final = frozenset({"", "4.0", "4.0.0", "4.0.1"})
_ONE: Final = frozenset({2, 4})  # parts of the address of a resource, and of one of its versions
_RETURNS: Final = frozenset({"minimal", "representation", "OperationOutcome"})


class Wish(NamedTuple):
    """How to answer: media type, laid out for people or not, what a write gives back, unknown parameters passed over or not, later or now."""

    mime: str
    pretty: bool
    give: str  # minimal | representation | OperationOutcome | "" nothing said
    lenient: bool
    later: bool
    raw: bool = False  # of a Binary: its content, not the resource


def media(value: str) -> tuple[str, dict[str, str]]:
    """Split a media type from its parameters, both in small letters."""
    kind, *rest = value.split(";")
    given = (part.partition("=") for part in rest)
    return kind.strip().lower(), {name.strip().lower(): text.strip().strip('"').lower() for name, _, text in given}


def wish(request: Request) -> Wish:
    """Read the caller's wishes. Raises Refusal 406 for formats that are not spoken here."""
    asked = {name: value for name, value in request.query if name in {"_format", "_pretty"}}
    if request.segments[:1] == ("Binary",) and "_format" not in asked and _is_content(request):
        return _wish(request.header("prefer"), "", None, asked.get("_pretty"))._replace(raw=True)
    return _wish(request.header("prefer"), request.header("accept"), asked.get("_format"), asked.get("_pretty"))


def _is_content(request: Request) -> bool:
    """Whether one Binary is read by somebody who does not ask for FHIR by name: then the content itself is meant (R4, binary.html)."""
    if request.method not in {"GET", "HEAD"} or len(request.segments) not in _ONE:
        return False
    asked = (media(part)[0] for part in request.header("accept").split(","))
    return not any(speaks(kind) for kind in asked)


@lru_cache(maxsize=64)
def _wish(prefer: str, accept: str, form: str | None, pretty: str | None) -> Wish:
    """Of few clients with few habits each: read once."""
    preferred = _preferences(prefer)
    give, handling = preferred.get("return", ""), preferred.get("handling", "")  # what is none of ours is passed over (RFC 7240, 2)
    mime = _format(form) if form is not None else accepted(accept)
    return Wish(mime, pretty == "true", give if give in _RETURNS else "", handling == "lenient", "respond-async" in preferred)


def _preferences(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in re.split("[,;]", header):
        name, _, value = part.strip().partition("=")
        if name:
            found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def _format(value: str) -> str:
    kind, given = media(value.replace(" ", "+"))  # a plus that nobody encoded
    if (kind not in _KNOWN and kind not in _RANGES) or given.get("fhirversion", "") not in _VERSIONS:
        raise _unacceptable()
    return _KNOWN.get(kind) or _RANGES[kind][0]


def accepted(header: str) -> str:
    """Choose the media type of the answer by an Accept header: the one wanted most that is spoken here. Raises Refusal 406."""
    best, found = 0.0, ""
    asked = [media(part) for part in (header or "*/*").split(",")]
    refused = {_KNOWN[kind] for kind, given in asked if kind in _KNOWN and not _weight(given)}
    for kind, given in asked:
        weight = _weight(given)
        means = (_KNOWN[kind],) if kind in _KNOWN else tuple(one for one in _RANGES.get(kind, ()) if one not in refused)
        if means and weight > best and given.get("fhirversion", "") in _VERSIONS:
            best, found = weight, means[0]
    if not found:
        raise _unacceptable()
    return found


def _weight(given: dict[str, str]) -> float:
    return quality(given.get("q", "1"))


def _unacceptable() -> Refusal:
    return Refusal(
        HTTPStatus.NOT_ACCEPTABLE,
        Issue(
            "not-supported",
            "Máy chủ trả lời bằng application/fhir+json hoặc application/fhir+xml, FHIR 4.0.",
            "Spoken here: fhir+json, fhir+xml, FHIR 4.0.",
        ),
    )


def speaks(kind: str) -> bool:
    """Whether a media type is one of FHIR's here."""
    return kind in _KNOWN


def sent(request: Request) -> str:
    """Say in what the body is written: JSON, XML, FORM, JSON_PATCH; JSON where nothing is said. Raises Refusal 415."""
    header = request.header("content-type")
    if not header:
        return JSON
    kind, given = media(header)
    if given.get("charset", "") not in _CHARSETS or given.get("fhirversion", "") not in _VERSIONS:
        raise unsupported("Chỉ nhận bảng mã UTF-8, FHIR 4.0.", "Only UTF-8 and FHIR 4.0 are read here.")
    if kind in {FORM, JSON_PATCH}:
        return kind
    if kind not in _KNOWN:
        raise unsupported(
            "Không đọc được kiểu nội dung này.", "This media type is not read here: send application/fhir+json or application/fhir+xml."
        )
    return _KNOWN[kind]


def unsupported(vi: str, en: str) -> Refusal:
    """A 415."""
    return Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, Issue("not-supported", vi, en))
