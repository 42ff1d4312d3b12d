"""Observation/$lastn: the newest observations of each kind of one person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from yba import record
from yba.access import Right, needs
from yba.api import bundles
from yba.api.faults import bad
from yba.api.http import Answer
from yba.fhir import query

from .parameters import Given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yba.api.call import Call
    from yba.record import StoredResource

_PAGE: Final = 1000
_PAGES: Final = 10  # of one person: with more, the newest of a kind could be missed, so the answer is refused
_WHO: Final = frozenset({"patient", "subject"})
_MOST: Final = 100


@needs(Right.RECORD_CLINICAL_SEARCH)
def lastn(call: Call) -> Answer:
    """``GET|POST /Observation/$lastn?patient=…&category=…&code=…&max=n``: n of each code, newest first; ties by date all come."""
    given = Given(call.request)
    asked = [(name, value) for name, values in given.texts.items() for value in values if name not in {"max", "_format", "_pretty"}]
    if not any(name.partition(":")[0] in _WHO for name, _ in asked):
        raise bad("$lastn cần patient hoặc subject.", "$lastn needs patient or subject.", code="required", expression=("patient",))
    most = given.whole("max", 1, _MOST)
    wanted = replace(query.parse("Observation", asked, base=call.request.base), sort=(query.Sort("date", descending=True),), count=_PAGE)
    kept: list[StoredResource] = []
    counts: dict[frozenset[str], list[Any]] = {}
    masked = False
    for found in _pages(call, wanted):
        masked = masked or found.masked
        for one in found.rows:
            kind = _kind(one.doc)
            times = counts.setdefault(kind, [])
            if len(times) < most or times[-1] == one.start:
                times.append(one.start)
                kept.append(one)
    return Answer(body=bundles.searchset(call.request, record.Found(kept, total=len(kept), masked=masked), asked=[*asked, ("max", str(most))]))


def _pages(call: Call, wanted: query.Query) -> Iterator[record.Found]:
    cursor = None
    for _ in range(_PAGES):
        found = record.find(call.conn, by=call.by, query=wanted, cursor=cursor)
        yield found
        cursor = found.next
        if cursor is None:
            return
    raise record.TooCostly(
        f"Có hơn {_PAGE * _PAGES} kết quả: hãy thêm code, category hoặc date.",
        advice=f"More than {_PAGE * _PAGES} observations: add a code, a category or a date.",
    )


def _kind(doc: dict[str, Any]) -> frozenset[str]:
    """What an observation is of: its first code, else its words."""
    code = doc.get("code", {})
    coded = [f"{one.get('system', '')}|{one['code']}" for one in code.get("coding", ()) if one.get("code")]
    return frozenset(coded[:1] or [str(code.get("text", ""))])
