"""Patient/$everything: one person's record, whichever of the person's Patients is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from yba import record
from yba.access import Right, needs
from yba.api import bundles
from yba.api.call import storable
from yba.api.faults import bad, gone, missing
from yba.api.http import Answer
from yba.fhir import dates

from .parameters import Given

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from yba.api.call import Call
    from yba.api.http import Request
    from yba.api.negotiation import Wish
    from yba.kit import Actor
    from yba.kit.prepared import Ask

MOST = 1000
_KNOWN = frozenset({"_since", "_type", "_count", "start", "end", bundles.CURSOR})


@needs(Right.RECORD_CLINICAL_READ)
def everything(call: Call) -> Answer:
    """``GET|POST /Patient/id/$everything`` with `_since`, `_type`, `_count`, `start`, `end`."""
    given = Given(call.request).only(_KNOWN, lenient=call.wish.lenient)
    return _answer(call.request, given, record.everything(call.conn, by=call.by, person_id=person_of(call), **_asked(given)))


def everything_alone(request: Request, named: dict[str, str], wish: Wish, by: Actor, proof: Ask) -> Callable[[], Answer] | None:
    """The same for a machine only guessed at: the Patient in one message to PostgreSQL, the record in a second one."""
    if request.method == "POST":
        return None
    given = Given(request).only(_KNOWN, lenient=wish.lenient)
    asked = _asked(given)

    def act() -> Answer:
        found = record.read_one(by=by, rtype="Patient", id=named["id"], proof=proof)
        return _answer(request, given, record.everything_one(by=by, person_id=_living(found).person_id, proof=proof, **asked))

    return act


class _Asked(TypedDict):
    since: datetime | None
    types: list[str] | None
    count: int | None
    cursor: str | None
    care: tuple[datetime | None, datetime | None]


def _asked(given: Given) -> _Asked:
    return {
        "since": _moments(given, "_since")[0],
        "types": _types(given),
        "count": given.whole("_count", 0, MOST) or None,
        "cursor": given.text(bundles.CURSOR) or None,
        "care": (_moments(given, "start")[0], _moments(given, "end")[1]),
    }


def _answer(request: Request, given: Given, found: record.Found) -> Answer:
    return Answer(body=bundles.searchset(request, found, asked=[(name, value) for name, values in given.texts.items() for value in values]))


def person_of(call: Call) -> UUID:
    """Return the person a Patient of the address stands for. Raises Refusal 404, 410."""
    return _living(record.get(call.conn, by=call.by, rtype="Patient", id=call.id)).person_id


def _living(found: record.StoredResource | None) -> record.StoredResource:
    if found is None:
        raise missing()
    if found.deleted:
        raise gone()
    return found


def _moments(given: Given, name: str) -> tuple[datetime | None, datetime | None]:
    """First and last moment of a date as precise as it is written. Raises Refusal."""
    text = given.text(name)
    if not text:
        return None, None
    found = dates.point(text.replace(" ", "+"))
    if found[0] is None:
        raise bad(f"{name} là ngày hoặc thời điểm FHIR.", f"{name} is a FHIR date or instant.", code="value", expression=(name,))
    return found


def _types(given: Given) -> list[str] | None:
    named: list[Any] = [name.strip() for text in given.texts.get("_type", ()) for name in text.split(",") if name.strip()]
    if any(name not in storable() for name in named):
        raise bad("_type có loại tài nguyên không có trong R4.", "_type names a type R4 does not have.", code="value", expression=("_type",))
    return named or None
