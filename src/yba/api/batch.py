"""Bundles that are asked for at once: a batch, each entry by itself; a transaction, all or nothing (transaction.py)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit
from yba.access import Denied, Right, needs
from yba.audit import Tag
from yba.kit import Forbidden, YbaError

from . import bodies, bundles, documents, references
from .edge import admit
from .faults import Refusal, bad, outcome, told
from .http import Answer, Request
from .transaction import at_entry, carry_out

if TYPE_CHECKING:
    from .call import Call, Route, Table

_CONDITIONS: Final = {"ifMatch": "if-match", "ifNoneMatch": "if-none-match", "ifNoneExist": "if-none-exist", "ifModifiedSince": "if-modified-since"}


class Batch:
    """``POST /fhir``: knows the table, because every entry is an interaction of its own."""

    def __init__(self, table: Table) -> None:
        """Take the interactions."""
        self.table = table

    @needs(Right.RECORD_CLINICAL_READ)
    def post(self, call: Call) -> Answer:
        """Carry out a batch or a transaction."""
        doc = bodies.document(call.request)
        kind, listed = doc.get("type"), doc.get("entry", [])
        if doc.get("resourceType") != "Bundle" or kind not in {"batch", "transaction"}:
            raise bad(
                "Ở đây cần Bundle loại batch hoặc transaction.", "A Bundle of type batch or transaction is wanted.", expression=("Bundle.type",)
            )
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise bad("Bundle.entry phải là danh sách.", "Bundle.entry must be a list.", code="structure", expression=("Bundle.entry",))
        if len(listed) > bodies.MOST_ENTRIES():
            raise bodies.too_many()
        if kind == "batch":
            return self._batch(call, listed)
        calls = []
        for place, one in enumerate(listed):
            with at_entry(place):
                calls.append(self._call(call, one, place))
        answers = carry_out(call, calls, [str(one.get("fullUrl", "")) for one in listed])
        told = [response(call, own.request, answer) for (own, _), answer in zip(calls, answers, strict=True)]
        return Answer(body=bundles.bundle("transaction-response", told))

    def _batch(self, call: Call, listed: list[dict[str, Any]]) -> Answer:
        """Carry out entries by themselves. None may refer to what another one makes: that is what transactions are for."""
        made = {url for one in listed if (url := str(one.get("fullUrl", ""))).startswith("urn:")}
        refused = {place for place, one in enumerate(listed) if made and (made - {one.get("fullUrl")}) & references.targets(one.get("resource"))}
        told = [
            _refused(_refers(place), call.request.lang) if place in refused else self._alone(call, one, place) for place, one in enumerate(listed)
        ]
        return Answer(body=bundles.bundle("batch-response", told))

    def _alone(self, call: Call, entry: dict[str, Any], place: int) -> dict[str, Any]:
        """Carry out one entry of a batch in a savepoint; what is wrong with it is its own answer."""
        try:
            own, route = self._call(call, entry, place)
            with call.conn.transaction():
                return response(call, own.request, route.act(own))
        except Refusal as refused:
            return _refused(refused, call.request.lang)
        except Forbidden as refused:
            right = refused.right.value if isinstance(refused, Denied) else ""
            audit.note(call.conn, by=call.by, tag=Tag.RIGHT_REFUSED, about_type="Right", about_id=right, detail={"fhir": "batch"})
            return _refused(told(refused), call.request.lang)
        except YbaError as error:
            return _refused(told(error), call.request.lang)

    def _call(self, call: Call, entry: dict[str, Any], place: int) -> tuple[Call, Route]:
        """Read an entry as a call of its own and admit it. Raises Refusal, Denied."""
        where = f"Bundle.entry[{place}]"
        asked, doc = entry.get("request"), entry.get("resource")
        if not isinstance(asked, dict) or not isinstance(asked.get("url"), str) or not isinstance(asked.get("method"), str):
            raise bad("Thiếu request.method hoặc request.url.", "request.method and request.url are needed.", code="required", expression=(where,))
        if doc is not None and not isinstance(doc, dict):
            raise bad("resource phải là một đối tượng.", "resource must be an object.", code="structure", expression=(where,))
        headers = {name: str(asked[key]) for key, name in _CONDITIONS.items() if key in asked}
        request = call.request.entry(asked["method"].upper(), asked["url"], doc=doc, headers=headers)
        route, given = self.table.find(request.method, request.segments)
        if route.anonymous or route.name in {"batch", "transaction"}:
            raise bad("Mục này không dùng được trong Bundle.", "This cannot be asked for in a Bundle.", code="not-supported", expression=(where,))
        if request.method in {"POST", "PUT", "PATCH"} and doc is None and not route.parts[-1:] == ("_search",) and "$" not in route.address:
            raise bad("Thiếu resource.", "A resource is needed.", code="required", expression=(where,))
        own = call.at(request, given)
        if route.declaration.rights:
            own.by = access.purpose_for(call.by, route.declaration.rights[0])
        admit(own, route)
        return own, route


def response(call: Call, request: Request, answer: Answer) -> dict[str, Any]:
    """Write the answer of an entry."""
    status = HTTPStatus(answer.status)
    told: dict[str, Any] = {"status": f"{status.value} {status.phrase}"}
    if answer.location:
        told["location"] = answer.location
    if answer.etag is not None:
        told["etag"] = f'W/"{answer.etag}"'
    if answer.modified is not None:
        told["lastModified"] = documents.moment(answer.modified)
    reads = request.method in {"GET", "HEAD"} or "_search" in request.segments or any(part.startswith("$") for part in request.segments)
    made: dict[str, Any] = {}
    if request.method == "HEAD":
        return {"response": told}
    if answer.body is not None and not isinstance(answer.body, bytes) and (reads or call.wish.give == "representation"):
        made["resource"] = documents.part(answer.body)
    elif answer.outcome is not None and call.wish.give == "OperationOutcome":
        told["outcome"] = answer.outcome
    made["response"] = told
    return made


def _refers(place: int) -> Refusal:
    words = "Mục của batch không được trỏ tới mục khác: hãy gửi transaction.", "Entries of a batch may not refer to each other: send a transaction."
    return bad(*words, expression=(f"Bundle.entry[{place}]",))


def _refused(refused: Refusal, lang: str) -> dict[str, Any]:
    status = HTTPStatus(refused.status)
    return {"response": {"status": f"{status.value} {status.phrase}", "outcome": outcome(refused.issues, lang)}}
