"""Documents as they leave: stored ones with version and time put into their text, numbers with the decimals they were sent with; JSON or XML."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.fhir import to_xml
from yba.kit import Invalid, exact
from yba.kit.clock import VIETNAM

from .faults import Issue, Refusal
from .negotiation import JSON, XML

if TYPE_CHECKING:
    from datetime import datetime

    from yba.record import Saved, StoredResource

    from .negotiation import Wish

Doc = dict[str, Any]
_META: Final = '"meta":'


def text(stored: StoredResource | Saved) -> str:
    """Write a stored resource as JSON with meta.versionId and meta.lastUpdated; nothing is parsed where it says no meta of its own."""
    head = f'{{"resourceType":"{stored.rtype}","id":"{stored.id}"'
    if _META not in stored.json and stored.json.startswith(head):
        return f'{head},"meta":{{"versionId":"{stored.version}","lastUpdated":"{moment(stored.updated)}"}}{stored.json[len(head) :]}'
    return dumps(_with_meta(exact.fragments(stored.json), stored)).decode()


def doc(stored: StoredResource | Saved) -> Doc:
    """Read a stored resource with its meta; numbers as fragments of their digits."""
    return _with_meta(exact.fragments(stored.json), stored)


def _with_meta(found: Doc, stored: StoredResource | Saved) -> Doc:
    meta = {**found.get("meta", {}), "versionId": str(stored.version), "lastUpdated": moment(stored.updated)}
    return {
        "resourceType": found.get("resourceType", stored.rtype),
        "id": stored.id,
        "meta": meta,
        **{k: v for k, v in found.items() if k not in _HEAD},
    }


_HEAD: Final = frozenset({"resourceType", "id", "meta"})


def moment(at: datetime) -> str:
    """Write a moment as an instant of Vietnam's time."""
    return at.astimezone(VIETNAM).isoformat()


def dumps(found: object, *, pretty: bool = False) -> bytes:
    """Write JSON; Decimals and fragments keep their digits."""
    return orjson.dumps(found, default=_digits, option=orjson.OPT_INDENT_2 if pretty else 0)


def _digits(value: object) -> orjson.Fragment:
    return orjson.Fragment(str(value))


def part(found: str | Doc | StoredResource | Saved) -> orjson.Fragment | Doc:
    """Give what stands in a Bundle for a resource: its text as it is."""
    if isinstance(found, dict):
        return found
    return orjson.Fragment(found if isinstance(found, str) else text(found))


def written(body: str | Doc, wish: Wish) -> tuple[bytes, str]:
    """Write an answer's body in the form that was asked for; returns it with its Content-Type."""
    if wish.mime == XML:
        found = exact.numbers(body if isinstance(body, str) else dumps(body))
        try:
            return to_xml(found, pretty=wish.pretty), f"{XML};charset=utf-8"
        except Invalid:  # kept from elsewhere with a character that XML does not have
            words = "Nội dung này không viết được bằng XML; hãy lấy JSON.", "This cannot be written as XML: ask for JSON."
            raise Refusal(HTTPStatus.NOT_ACCEPTABLE, Issue("not-supported", *words)) from None
    kind = f"{JSON};charset=utf-8"
    if wish.pretty:
        return dumps(exact.fragments(body) if isinstance(body, str) else exact.fragments(dumps(body)), pretty=True), kind
    return body.encode() if isinstance(body, str) else dumps(body), kind
