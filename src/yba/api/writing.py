"""Writing one resource: create, update, patch, delete, each also by a condition."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from yba import record
from yba.access import Right, needs
from yba.fhir import patch
from yba.kit import Invalid, exact
from yba.record import Write

from . import bodies, builtin, negotiation, reasons, subset
from .faults import Issue, Refusal, bad, failed, fine, gone, missing
from .http import Answer, pairs
from .reading import version_wanted
from .searching import one_that_matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.record import Saved, StoredResource

    from .call import Call
    from .http import Request

_WORDS: Final = {
    "created": ("Đã tạo.", "Created."),
    "updated": ("Đã cập nhật.", "Updated."),
    "unchanged": ("Không có gì thay đổi.", "Nothing changed."),
    "deleted": ("Đã xóa.", "Deleted."),
}
_PATCHES: Final = f"{negotiation.JSON_PATCH}, {negotiation.JSON}, {negotiation.XML}"


@needs(Right.RECORD_CLINICAL_WRITE)
def create(call: Call) -> Answer:
    """``POST /Type``; with If-None-Exist only where nothing matches: two at once make one."""
    doc = call.resource()
    condition = call.request.header("if-none-exist")
    found = one_that_matches(call, call.rtype, pairs(condition.lstrip("?"))) if condition else None
    if found is not None:
        return _there(call, found)
    return _saved(call, save(call, [Write(call.rtype, None, doc)])[0])


def _there(call: Call, found: StoredResource) -> Answer:
    return given(call, found, "unchanged", HTTPStatus.OK)


@needs(Right.RECORD_CLINICAL_WRITE)
def update(call: Call) -> Answer:
    """``PUT /Type/id``; If-Match names the version that must be the current one, If-None-Match: * allows creating only."""
    return _saved(call, save(call, [update_write(call)])[0])


def update_write(call: Call) -> Write:
    """Read an update by id. Raises Refusal."""
    doc = call.resource()
    if doc.get("id") != call.id:
        raise bad("id trong nội dung phải là id trong địa chỉ.", "The resource's id must be that of the address.", expression=(f"{call.rtype}.id",))
    return _write(call, call.id, doc)


def _write(call: Call, id_: str | None, doc: dict[str, Any]) -> Write:
    wanted = version_wanted(call.request.header("if-match"))
    return Write(call.rtype, id_, doc, if_match=wanted, only_if_new=call.request.header("if-none-match") == "*")


@needs(Right.RECORD_CLINICAL_WRITE)
def update_where(call: Call) -> Answer:
    """``PUT /Type?…``: updates the one that matches, creates where none does."""
    return _saved(call, save(call, [update_where_write(call)])[0])


def update_where_write(call: Call) -> Write:
    """Read an update by condition: of the one that matches, else a new one, under the id the document brings if nothing has it. Raises Refusal."""
    doc = call.resource()
    found, own = one_that_matches(call, call.rtype, call.request.query), doc.get("id")
    if found is None:
        return _write(call, own, doc)._replace(only_if_new=True)
    if own is not None and own != found.id:
        raise bad("id trong nội dung không phải của tài nguyên khớp điều kiện.", "The id is not that of the resource that matches.", code="value")
    doc["id"] = found.id
    return _write(call, found.id, doc)


@needs(Right.RECORD_CLINICAL_WRITE)
def change(call: Call) -> Answer:
    """``PATCH /Type/id``: JSON Patch, or FHIRPath Patch in a Parameters resource."""
    return _saved(call, save(call, [patch_write(call, by_condition=False)])[0])


@needs(Right.RECORD_CLINICAL_WRITE)
def change_where(call: Call) -> Answer:
    """``PATCH /Type?…``."""
    return _saved(call, save(call, [patch_write(call, by_condition=True)])[0])


def patch_write(call: Call, *, by_condition: bool) -> Write:
    """Read a patch and apply it to the resource of the address, or to the one that matches. Raises Refusal."""
    if by_condition:
        found = one_that_matches(call, call.rtype, call.request.query)
    else:
        found = record.get(call.conn, by=call.under(Right.RECORD_CLINICAL_READ), rtype=call.rtype, id=call.id)
    if found is None:
        raise missing()
    return patched(call, found)


def patched(call: Call, found: StoredResource) -> Write:
    """Apply the body's patch to the current version; nobody may have written in between. Raises Refusal."""
    if found.deleted:
        raise gone()
    wanted = version_wanted(call.request.header("if-match"))
    if wanted and wanted != found.version:
        raise failed("Phiên bản đã khác.", "It is another version by now.")
    before = exact.numbers(found.json)
    try:
        after = _patched(call, before)
    except Invalid as error:
        words = f"Bản vá không áp dụng được: {error.message}", f"The patch cannot be applied: {error.message}"
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, Issue("processing", *words)) from error
    if after.get("resourceType") != found.rtype or after.get("id") != found.id:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, Issue("business-rule", "Không được đổi loại và id.", "Type and id cannot be changed."))
    return Write(found.rtype, found.id, after, if_match=found.version)


def _patched(call: Call, before: dict[str, Any]) -> dict[str, Any]:
    try:
        return _patched_by(call.request, before)
    except Refusal as refused:
        if refused.status != HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            raise
        raise Refusal(refused.status, *refused.issues, headers={"Accept-Patch": _PATCHES}) from refused  # RFC 5789, 2.2


def _patched_by(request: Request, before: dict[str, Any]) -> dict[str, Any]:
    if request.doc is None and negotiation.sent(request) == negotiation.JSON_PATCH:
        return patch.json_patch(before, bodies.json(bodies.read(request)))
    if request.doc is None:
        data = bodies.read(request)
        if data.lstrip()[:1] == b"[":  # what many send as application/json
            raise negotiation.unsupported("JSON Patch gửi bằng application/json-patch+json.", "Send a JSON Patch as application/json-patch+json.")
        request = replace(request, read=lambda: data)
    doc = bodies.document(request)
    if doc.get("resourceType") == "Binary":  # how a bundle carries a JSON Patch
        return patch.json_patch(before, bodies.json(bodies.decoded(doc)))
    if doc.get("resourceType") != "Parameters":
        raise negotiation.unsupported(
            "PATCH nhận application/json-patch+json hoặc Parameters (FHIRPath Patch).", "PATCH takes JSON Patch or a FHIRPath Patch."
        )
    return patch.fhirpath_patch(before, doc)


@needs(Right.RECORD_CLINICAL_WRITE)
def remove(call: Call) -> Answer:
    """``DELETE /Type/id``: a tombstone; earlier versions stay. Deleting twice is as deleting once."""
    return _removed(call, bury_one(call, (call.rtype, call.id)))


@needs(Right.RECORD_CLINICAL_WRITE)
def remove_where(call: Call) -> Answer:
    """``DELETE /Type?…``: the one that matches."""
    found = one_that_matches(call, call.rtype, call.request.query)
    return _removed(call, bury_one(call, (call.rtype, found.id)) if found is not None else [])


def bury_one(call: Call, ref: record.Ref, *, docs: Sequence[dict[str, Any]] = ()) -> list[Saved]:
    """Delete one resource, of the version that If-Match names. Raises Refusal 412 where that is not the current one."""
    wanted = version_wanted(call.request.header("if-match"))
    done = bury(call, [ref], if_match=wanted, docs=docs)
    if wanted is not None and not any(one.outcome == "deleted" for one in done):
        raise failed("Không có phiên bản nào hiện hành.", "There is no current version.")
    return done


def bury(call: Call, refs: Sequence[record.Ref], *, if_match: int | None = None, docs: Sequence[dict[str, Any]] = ()) -> list[Saved]:
    """Delete in one act, with the reason that is given. Raises Refusal without one where one is needed."""
    reason = reasons.said(call, docs)
    done = record.delete(call.conn, by=call.by, refs=refs, if_match=if_match, reason=reason)
    reasons.needed(reason, changes=any(one.outcome == "deleted" for one in done))
    return done


def _removed(call: Call, done: Sequence[Saved]) -> Answer:
    made = removed(done)
    if call.wish.give == "OperationOutcome" and call.outer is None:  # 204 has no room for words
        made.status, made.body = int(HTTPStatus.OK), made.outcome
    return made


def removed(done: Sequence[Saved]) -> Answer:
    """Say what a deletion did."""
    return Answer(int(HTTPStatus.NO_CONTENT), etag=done[0].version if done else None, outcome=_words("deleted"))


def save(call: Call, writes: Sequence[Write]) -> list[Saved]:
    """Write in one act. Raises Refusal over what is built in, and errors of the record."""
    builtin.refuse((write.rtype, write.id) for write in writes)
    reason = reasons.said(call, [write.doc for write in writes])
    done = record.save(call.conn, by=call.by, writes=writes, reason=reason)
    reasons.needed(reason, changes=any(one.outcome == "updated" and one.rtype != "Patient" for one in done))
    return done


def _saved(call: Call, saved: Saved) -> Answer:
    return given(call, saved, saved.outcome, HTTPStatus.CREATED if saved.outcome == "created" else HTTPStatus.OK)


@cache
def _words(became: str) -> dict[str, Any]:
    return fine(*_WORDS[became])


def given(call: Call, one: Saved | StoredResource, became: str, status: int) -> Answer:
    """Answer a write as `Prefer: return` wants it."""
    words = _words(became)
    wanted = call.wish.give
    silent = wanted == "minimal" or (wanted != "representation" and call.request.doc is not None)  # an entry of a bundle gives nothing back
    body: str | dict[str, Any] | None = words if wanted == "OperationOutcome" else None if silent else ""
    return Answer(
        int(status),
        subset.shown(call.request.query, one) if body == "" else body,
        etag=one.version,
        modified=one.updated,
        location=f"{one.rtype}/{one.id}/_history/{one.version}",
        outcome=words,
    )
