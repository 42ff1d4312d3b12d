"""Patient/$merge: two people become one by identity's plan; what another person must approve is proposed and said so."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from psycopg import Rollback

from yba import identity, record
from yba.access import Right, needs
from yba.api.faults import Issue, Refusal, bad, missing, outcome
from yba.api.http import Answer
from yba.identity import NeedsSecond, NotDone

from .parameters import Given

if TYPE_CHECKING:
    from uuid import UUID

    from yba.api.call import Call

_LONGEST = 500
_KNOWN = frozenset({"source-patient", "target-patient", "reason", "preview"})


@needs(Right.IDENTITY_PERSON_FIND, Right.IDENTITY_PERSON_MERGE)
def merge(call: Call) -> Answer:
    """``POST /Patient/$merge`` with source-patient, target-patient (references to Patients, source or golden), reason, preview."""
    given = Given(call.request).only(_KNOWN)
    reason = given.text("reason").strip()
    if not reason or len(reason) > _LONGEST:
        raise bad("Cần reason, tối đa 500 ký tự.", "A reason of at most 500 characters is needed.", code="required", expression=("reason",))
    drop, keep = _person(call, given, "source-patient"), _person(call, given, "target-patient")
    by = call.under(Right.IDENTITY_PERSON_MERGE)
    plan = identity.plan_merge(call.conn, by=by, keep=keep, drop=drop, reason=reason)
    plan = record.weigh(call.conn, by=by, plan=plan)
    try:
        with call.conn.transaction():
            done = record.carry_out(call.conn, by=by, plan=plan)
            if given.flag("preview"):
                raise Rollback
    except NeedsSecond as second:
        if given.flag("preview"):
            return Answer(body=_parameters(call, Issue("informational", second.vi, second.en, severity="information")))
        proposal = identity.propose(call.conn, by=by, plan=plan)
        issue = Issue(
            "business-rule",
            f"{second.vi} Đã gửi đề nghị; người thứ hai duyệt.",
            f"{second.en} Proposed: a second person approves.",
            severity="warning",
        )
        return Answer(int(HTTPStatus.ACCEPTED), _parameters(call, issue, ("proposal", str(proposal.id))))
    except NotDone as refused:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, Issue("business-rule", refused.vi, refused.en)) from refused
    if given.flag("preview"):
        would = Issue("informational", "Có thể gộp ngay; chưa làm gì.", "They can be merged; nothing was done.", severity="information")
        return Answer(body=_parameters(call, would, ("result-patient", f"Patient/{done.taker}")))
    told = Issue("informational", "Đã gộp; có thể hoàn tác.", "Merged; it can be undone.", severity="information")
    return Answer(body=_parameters(call, told, ("act", str(done.act)), ("result-patient", f"Patient/{done.taker}")))


def _person(call: Call, given: Given, name: str) -> UUID:
    """The person a Patient of the parameters stands for. Raises Refusal."""
    text = given.text(name).rpartition("Patient/")[2]
    if not text:
        raise bad(f"Thiếu {name}.", f"{name} is missing.", code="required", expression=(name,))
    by = call.under(Right.IDENTITY_PERSON_FIND)
    found = identity.find(call.conn, by=by, id=text)
    if len(found) != 1:
        raise missing()
    return found[0]


def _parameters(call: Call, issue: Issue, *told: tuple[str, str]) -> dict[str, Any]:
    found: list[dict[str, Any]] = [{"name": "outcome", "resource": outcome([issue], call.request.lang)}]
    for name, value in told:
        found.append({"name": name, "valueReference": {"reference": value}} if "/" in value else {"name": name, "valueString": value})
    return {"resourceType": "Parameters", "parameter": found}
