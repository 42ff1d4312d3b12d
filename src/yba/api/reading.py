"""Reading: one resource, one of its versions, and the histories of a resource, a type and the whole."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from yba import record
from yba.access import Right, needs
from yba.fhir import dates

from . import bodies, builtin, bundles, negotiation, subset
from .faults import bad, gone, missing
from .http import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from yba.kit import Actor
    from yba.kit.prepared import Ask
    from yba.record import StoredResource

    from .call import Call
    from .http import Request
    from .negotiation import Wish

_ETAG: Final = re.compile(r'(?:W/)?"?([0-9]{1,9})"?\Z')
_HEADER: Final = re.compile(r"[ -~]{3,200}")
_TAG: Final = re.compile(r'(?:W/)?"[^"\s]*"\Z')
ANY: Final = 0  # of `record.Write.if_match`: whatever version stands
NONE: Final = -1  # no version has this number
_HISTORY: Final = frozenset({"_count", "_since", "_at", "_sort", "_cursor", "_summary", "_elements", "_format", "_pretty"})
_NEWEST: Final = "-_lastUpdated"
PAGE: Final = 50  # versions on a page of history unless _count says otherwise
MOST: Final = 1000


@needs(Right.RECORD_CLINICAL_READ)
def read(call: Call) -> Answer:
    """``GET /Type/id``: the current version; 304 where the caller has it already, 410 where it was deleted."""
    found = builtin.get(call.rtype, call.id) or record.get(call.conn, by=call.by, rtype=call.rtype, id=call.id)
    if found is None:
        raise missing()
    return _one(call.request, found)


def read_alone(request: Request, given: dict[str, str], _wish: Wish, by: Actor, proof: Ask) -> Callable[[], Answer]:
    """The same for a machine only guessed at, in one message to PostgreSQL."""
    return lambda: _read(request, given, by, proof)


def _read(request: Request, given: dict[str, str], by: Actor, proof: Ask) -> Answer:
    found = record.read_one(by=by, rtype=given["type"], id=given["id"], proof=proof)  # asked first: it is what proves who asks
    found = builtin.get(given["type"], given["id"]) or found
    if found is None:
        raise missing()
    return _one(request, found)


@needs(Right.RECORD_CLINICAL_READ)
def vread(call: Call) -> Answer:
    """``GET /Type/id/_history/version``."""
    number = call.given["version"]
    if not number.isdigit() or len(number) > 9:  # noqa: PLR2004  # more than the column holds
        raise missing()
    own = builtin.get(call.rtype, call.id, number)
    found = own or record.version(call.conn, by=call.by, rtype=call.rtype, id=call.id, version=int(number))
    if found is None:
        raise missing()
    return _one(call.request, found)


def _one(request: Request, found: StoredResource) -> Answer:
    if found.deleted:
        raise gone()
    if _has_it(request, found):
        return Answer(int(HTTPStatus.NOT_MODIFIED), etag=found.version, modified=found.updated)
    if found.rtype == "Binary" and negotiation.wish(request).raw:
        return _content(found)
    return Answer(body=subset.shown(request.query, found), etag=found.version, modified=found.updated)


def _content(found: StoredResource) -> Answer:
    """Give what a Binary holds, as its own type; a browser keeps it, and opens nothing of it here."""
    kind = str(found.doc.get("contentType", ""))
    headers = {"Content-Type": kind if _HEADER.fullmatch(kind) else "application/octet-stream", "Content-Disposition": "attachment"}
    return Answer(body=bodies.decoded(found.doc), etag=found.version, modified=found.updated, headers=headers)


def _has_it(request: Request, found: StoredResource) -> bool:
    tags = request.header("if-none-match")
    if tags:
        return tags == "*" or any((match := _ETAG.match(tag.strip())) and int(match[1]) == found.version for tag in tags.split(","))
    since = request.header("if-modified-since")
    try:
        return bool(since) and found.updated.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # a date nobody can read asks for nothing
        return False


def version_wanted(header: str) -> int | None:
    """Read an If-Match header: the version that must be the current one, `ANY` for "*", `NONE` for a tag we never gave. Raises Refusal."""
    if not header:
        return None
    if header == "*":
        return ANY
    match = _ETAG.match(header)
    if match is None and not _TAG.match(header):
        raise bad('If-Match phải có dạng W/"3".', 'If-Match must look like W/"3".', code="value")
    return int(match[1]) if match else NONE


@needs(Right.RECORD_CLINICAL_READ)
def history(call: Call) -> Answer:
    """``GET /Type/id/_history``: every version, newest first, tombstones too."""
    return _history(call, rtype=call.rtype, id_=call.id)


@needs(Right.RECORD_CLINICAL_SEARCH)
def history_of_type(call: Call) -> Answer:
    """``GET /Type/_history``."""
    return _history(call, rtype=call.rtype, id_=None)


@needs(Right.RECORD_CLINICAL_SEARCH)
def history_of_all(call: Call) -> Answer:
    """``GET /_history``."""
    return _history(call, rtype=None, id_=None)


def _history(call: Call, *, rtype: str | None, id_: str | None) -> Answer:
    taken = [(name, value) for name, value in call.request.query if name in _HISTORY]
    asked = dict(taken)
    unknown = sorted({name for name, _ in call.request.query} - _HISTORY)
    if unknown and not call.wish.lenient:
        raise bad("Lịch sử không có tham số này.", "A history has no such parameter.", code="not-supported", expression=tuple(unknown))
    if asked.get("_sort", _NEWEST) != _NEWEST:
        raise bad("Lịch sử luôn từ mới đến cũ.", "A history is told from the newest on.", code="not-supported", expression=("_sort",))
    page = record.history_of(
        call.conn, by=call.by, rtype=rtype, id=id_, since=_range(asked, "_since")[0], at=_at(asked),
        count=count_wanted(asked.get("_count"), PAGE), cursor=asked.get("_cursor"),
    )  # fmt: skip
    return Answer(body=bundles.history(call, page, asked=taken))


def count_wanted(text: str | None, usual: int) -> int:
    """Read _count: as many as asked for, MOST at most. Raises Refusal."""
    if text is None:
        return usual
    if not text.isascii() or not text.isdigit() or len(text) > 18:  # noqa: PLR2004  # a number nobody means
        raise bad("_count phải là số nguyên không âm.", "_count must be a whole number.", code="value", expression=("_count",))
    return min(int(text), MOST)


def _at(asked: dict[str, str]) -> tuple[datetime, datetime] | None:
    low, high = _range(asked, "_at")
    return None if low is None or high is None else (low, high)


def _range(asked: dict[str, str], name: str) -> tuple[datetime | None, datetime | None]:
    if name not in asked:
        return None, None
    found = dates.point(asked[name].replace(" ", "+"))
    if found[0] is None:
        raise bad(f"{name} là thời điểm FHIR.", f"{name} is a FHIR instant or date.", code="value", expression=(name,))
    return found
