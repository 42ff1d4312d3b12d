"""Searching: a type, everything, a compartment; by GET and by POST _search; a page at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from yba import record
from yba.access import Right, needs
from yba.fhir import compartment, query

from . import bodies, builtin, bundles, negotiation
from .call import ALL
from .faults import Issue, Refusal, unknown_type
from .http import Answer, form

if TYPE_CHECKING:
    from collections.abc import Callable

    from yba.kit import Actor
    from yba.kit.prepared import Ask

    from .call import Call
    from .http import Pairs, Request
    from .negotiation import Wish

_OURS: Final = frozenset({"_format", "_pretty"})  # how to answer, not what to find


@needs(Right.RECORD_CLINICAL_SEARCH)
def of_type(call: Call) -> Answer:
    """``GET /Type?…``."""
    return _found(call, call.rtype, call.request.query)


def of_type_alone(request: Request, given: dict[str, str], wish: Wish, by: Actor, proof: Ask) -> Callable[[], Answer] | None:
    """The same for a machine only guessed at, in one message to PostgreSQL, where the index says all of it without a look-up."""
    told = query.parse(given["type"], [pair for pair in request.query if pair[0] not in _OURS], lenient=wish.lenient, base=request.base)
    ask = None if given["type"] in builtin.types() else record.find_one(by=by, query=told)
    return None if ask is None else lambda: _answer(request, ask(proof), told)


@needs(Right.RECORD_CLINICAL_SEARCH)
def of_all(call: Call) -> Answer:
    """``GET /?_type=…&…``."""
    return _found(call, None, call.request.query)


@needs(Right.RECORD_CLINICAL_SEARCH)
def posted(call: Call) -> Answer:
    """``POST /Type/_search`` and ``POST /_search``: the form's parameters together with those of the address."""
    whole = _with_form(call)
    answer = _found(whole, call.given.get("type"), whole.request.query)
    answer.wish = whole.wish
    return answer


@needs(Right.RECORD_CLINICAL_SEARCH)
def of_compartment(call: Call) -> Answer:
    """``GET /Patient/id/Type?…``: the type's resources in a compartment; ``*`` for all its types."""
    return _of_compartment(call, call.request.query)


@needs(Right.RECORD_CLINICAL_SEARCH)
def of_compartment_posted(call: Call) -> Answer:
    """``POST /Patient/id/Type/_search``."""
    whole = _with_form(call)
    answer = _of_compartment(whole, whole.request.query)
    answer.wish = whole.wish
    return answer


def _with_form(call: Call) -> Call:
    """Return the call as if everything stood in its address: a form may say _format, _summary and _elements too. Raises Refusal."""
    request = replace(call.request, query=[*call.request.query, *_form(call)])
    return replace(call, request=request, wish=negotiation.wish(request))


def _form(call: Call) -> Pairs:
    if not call.request.has_body:
        return []
    if call.request.doc is not None or negotiation.sent(call.request) != negotiation.FORM:
        raise negotiation.unsupported("_search nhận application/x-www-form-urlencoded.", "_search takes application/x-www-form-urlencoded.")
    return form(bodies.read(call.request).decode("utf-8", "replace"))


def _of_compartment(call: Call, asked: Pairs) -> Answer:
    kind, rtype = call.given["compartment"], None if call.rtype == ALL else call.rtype
    within: query.Criterion | None = None
    if kind in compartment.kinds():
        within = query.Inside(kind, call.id) if rtype is None else compartment.criterion(kind, call.id, rtype)
    if within is None:
        raise unknown_type()
    read = _read(call, rtype, asked)
    return _page(call, replace(read, criteria=(within, *read.criteria)), read)


def _found(call: Call, rtype: str | None, asked: Pairs) -> Answer:
    read = _read(call, rtype, asked)
    return _page(call, read, read)


def _read(call: Call, rtype: str | None, asked: Pairs) -> query.Query:
    return query.parse(rtype, [(name, value) for name, value in asked if name not in _OURS], lenient=call.wish.lenient, base=call.request.base)


def _page(call: Call, wanted: query.Query, told: query.Query) -> Answer:
    def ask(cursor: str | None) -> record.Found:
        return record.find(call.conn, by=call.by, query=replace(wanted, cursor=cursor), cursor=cursor)

    found = builtin.find(wanted, ask) if wanted.rtype in builtin.types() else ask(wanted.cursor)
    return _answer(call.request, found, told)


def _answer(request: Request, found: record.Found, told: query.Query) -> Answer:
    asked = [*told.pairs(), *((name, value) for name, value in request.query if name in _OURS)]
    if told.summary == "count":
        return Answer(body=bundles.counted(request, found.total, asked=asked))
    return Answer(body=bundles.searchset(request, found, asked=asked, ignored=told.ignored))


def one_that_matches(call: Call, rtype: str, criteria: Pairs) -> record.StoredResource | None:
    """Find what a condition of a write means, locked against a second writer with the same condition. Raises Refusal 412 for several."""
    wanted = query.parse(rtype, [(name, value) for name, value in criteria if name not in _OURS], base=call.request.base)
    if not wanted.criteria:
        raise Refusal(412, Issue("required", "Điều kiện trống: cần ít nhất một tham số.", "The condition is empty: it needs a parameter."))
    record.lock_for(call.conn, by=call.under(Right.RECORD_CLINICAL_WRITE), rtype=rtype, criteria=str(wanted))
    by = call.under(Right.RECORD_CLINICAL_SEARCH)
    rows = record.find(call.conn, by=by, query=replace(wanted, count=2)).rows
    if len(rows) > 1:
        raise Refusal(412, Issue("multiple-matches", "Điều kiện khớp nhiều tài nguyên.", "The condition matches several resources."))
    return rows[0] if rows else None
