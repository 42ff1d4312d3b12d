"""$validate: everything that is wrong with a resource, at once; nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from psycopg import Rollback

from yba import fhir, record, terminology
from yba.access import Right, needs
from yba.api import writing
from yba.api.faults import Issue, Refusal, bad, gone, missing, outcome, told
from yba.api.http import Answer
from yba.kit import YbaError, exact
from yba.record import Write
from yba.specs import fhir as national

from .parameters import Given

if TYPE_CHECKING:
    from yba.api.call import Call

_MODES: Final = frozenset({"", "create", "update", "delete", "profile"})
_KNOWN: Final = frozenset({"resource", "mode", "profile"})
_FINE: Final = Issue("informational", "Không thấy lỗi.", "No problem was found.", severity="information")


@needs(Right.RECORD_CLINICAL_READ)
def validate(call: Call) -> Answer:
    """``POST /Type/$validate``, ``POST /Type/id/$validate``: the resource that is sent, against R4 and its profiles.

    ``mode`` create, update, delete: the act is tried and undone; profile: with an id and no resource, the one that is stored.
    """
    given = Given(call.request, itself=call.given.get("type") == "Parameters" and "id" not in call.given)
    given.only(_KNOWN, lenient=call.wish.lenient)
    mode = given.text("mode")
    if mode not in _MODES:
        raise bad("mode là create, update, delete hoặc profile.", "mode is create, update, delete or profile.", code="value", expression=("mode",))
    doc = given.resources.get("resource")
    if mode == "delete":
        return _answer(call, _tried(call, mode, {}))
    if doc is None and mode == "profile" and "id" in call.given:
        return _answer(call, _issues(call, exact.numbers(_stored(call).json), given))
    if doc is None:
        raise bad("Thiếu tài nguyên cần kiểm tra.", "The resource to validate is missing.", code="required", expression=("resource",))
    found = _issues(call, doc, given)
    if mode in {"create", "update"} and not any(one.severity == "error" for one in found):
        found += _tried(call, mode, doc)
    return _answer(call, found)


@needs(Right.RECORD_CLINICAL_READ)
def validate_stored(call: Call) -> Answer:
    """``GET /Type/id/$validate``: the one that is stored."""
    given = Given(call.request).only(_KNOWN, lenient=call.wish.lenient)
    return _answer(call, _issues(call, exact.numbers(_stored(call).json), given))


def _stored(call: Call) -> record.StoredResource:
    found = record.get(call.conn, by=call.by, rtype=call.rtype, id=call.id)
    if found is None:
        raise missing()
    if found.deleted:
        raise gone()
    return found


def _issues(call: Call, doc: dict[str, Any], given: Given) -> list[Issue]:
    wanted, said = call.given.get("type"), doc.get("resourceType")
    if wanted is not None and said != wanted:
        return [Issue("structure", f"Nội dung không phải {wanted}.", f"The resource is no {wanted}.")]
    profiles = tuple(given.texts.get("profile", ()))
    return [
        Issue(one.code, one.vi, one.en, (one.expression,) if one.expression else (), severity=one.severity)
        for one in fhir.validate(doc, profiles=profiles, codes=terminology.holds, library=national.profiles())
    ]


def _tried(call: Call, mode: str, doc: dict[str, Any]) -> list[Issue]:
    """Do what the mode says and undo it: what stands in its way is said as the act itself would say it."""
    own = replace(call, given={**call.given, "type": str(call.given.get("type") or doc.get("resourceType"))})
    if mode != "create" and "id" not in own.given:
        if not doc.get("id"):
            return [Issue("required", f"{mode} cần id.", f"{mode} needs an id.", ("id",))]
        own.given["id"] = str(doc["id"])
    try:
        own.by = own.under(Right.RECORD_CLINICAL_WRITE)
        _rehearse(own, mode, doc)
    except Refusal as refused:
        return list(refused.issues)
    except YbaError as error:
        return list(told(error).issues)
    return []


def _rehearse(own: Call, mode: str, doc: dict[str, Any]) -> None:
    with own.conn.transaction():
        _act(own, mode, doc)
        raise Rollback


def _act(own: Call, mode: str, doc: dict[str, Any]) -> None:
    if mode == "delete":
        if not writing.bury(own, [(own.rtype, own.id)]):
            raise missing()
    elif mode == "create":
        writing.save(own, [Write(own.rtype, None, doc)])
    else:
        writing.save(own, [writing.update_write(replace(own, request=replace(own.request, doc=doc)))])


def _answer(call: Call, issues: list[Issue]) -> Answer:
    return Answer(body=outcome(issues or [_FINE], call.request.lang))
