"""$validate: everything that is wrong with a resource, at once; nothing is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import fhir, record, terminology
from yba.access import Right, needs
from yba.api.faults import Issue, bad, gone, missing, outcome
from yba.api.http import Answer
from yba.kit import exact
from yba.specs import fhir as national

from .parameters import Given

if TYPE_CHECKING:
    from yba.api.call import Call

_MODES: Final = frozenset({"", "create", "update", "delete", "profile"})
_FINE: Final = Issue("informational", "Không thấy lỗi.", "No problem was found.", severity="information")


@needs(Right.RECORD_CLINICAL_READ)
def validate(call: Call) -> Answer:
    """``POST /Type/$validate``, ``POST /Type/id/$validate``: the resource that is sent, against R4 and its profiles."""
    given = Given(call.request)
    if given.text("mode") not in _MODES:
        raise bad("mode là create, update, delete hoặc profile.", "mode is create, update, delete or profile.", code="value", expression=("mode",))
    doc = given.resources.get("resource")
    if doc is None:
        raise bad("Thiếu tài nguyên cần kiểm tra.", "The resource to validate is missing.", code="required", expression=("resource",))
    return _told(call, doc, given)


@needs(Right.RECORD_CLINICAL_READ)
def validate_stored(call: Call) -> Answer:
    """``GET /Type/id/$validate``: the one that is stored."""
    found = record.get(call.conn, by=call.by, rtype=call.rtype, id=call.id)
    if found is None:
        raise missing()
    if found.deleted:
        raise gone()
    return _told(call, exact.numbers(found.json), Given(call.request))


def _told(call: Call, doc: dict[str, Any], given: Given) -> Answer:
    wanted, said = call.given.get("type"), doc.get("resourceType")
    if wanted is not None and said != wanted:
        return Answer(body=outcome([Issue("structure", f"Nội dung không phải {wanted}.", f"The resource is no {wanted}.")], call.request.lang))
    profiles = tuple(given.texts.get("profile", ()))
    issues = [
        Issue(one.code, one.vi, one.en, (one.expression,) if one.expression else (), severity=one.severity)
        for one in fhir.validate(doc, profiles=profiles, codes=terminology.holds, library=national.profiles())
    ]
    return Answer(body=outcome(issues or [_FINE], call.request.lang))
