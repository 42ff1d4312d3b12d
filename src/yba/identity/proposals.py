"""A second person: what one proposes, another carries out or declines; nobody approves the own proposal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.ids import new_id
from yba.specs.identity.merging import Verdict

from . import store_proposals
from .acts import ActKind, Approval, NotDone
from .plans import WORKER, everything, plan_merge, plan_split, plan_undo
from .queries import LIMIT, PERSON

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit import Actor

    from .acts import Plan, Proposal


def propose(conn: Connection[Any], *, by: Actor, plan: Plan) -> Proposal:
    """Write a plan down for a second person; the same one is proposed once. Raises Denied, Invalid (no reason), NotDone (nobody may do it)."""
    access.require(by, Right.IDENTITY_PERSON_SPLIT if plan.kind is ActKind.SPLIT else Right.IDENTITY_PERSON_MERGE)
    if plan.refused:
        raise NotDone([*plan.since, *(guard for guard in plan.guards if guard.verdict is Verdict.REFUSE)])
    if not plan.reason.strip():
        raise Invalid("Cần lý do của đề nghị.")
    with everything(conn) as whole:
        made = store_proposals.add(whole, new_id(), plan, by.name)
        detail = {"kind": plan.kind.value, "proposal": str(made.id)}
        for person in (plan.giver, plan.taker):
            audit.note(
                whole, by=by, tag=Tag.PERSON_PROPOSE, about_type="Person", about_id=str(person), person_id=person, reason=plan.reason, detail=detail
            )
    return made


def proposals(conn: Connection[Any], *, by: Actor, state: str | None = "open", limit: int = LIMIT) -> list[Proposal]:
    """List proposals about people within reach, oldest first. Raises Denied."""
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_PERSON_MERGE, columns=PERSON)
    with everything(conn) as whole:
        return store_proposals.listed(whole, seen, state, limit)


def decline(conn: Connection[Any], *, by: Actor, proposal: UUID, words: str) -> None:
    """Close a proposal without doing it, with words; who proposed may take it back. Raises Denied, NotFound, Conflict, Invalid."""
    if not words.strip():
        raise Invalid("Cần lý do không duyệt.")
    with everything(conn) as whole:
        found = _open(whole, proposal)
        access.require(by, Right.IDENTITY_PERSON_MERGE if found.who == by.name else Right.IDENTITY_PERSON_APPROVE)
        store_proposals.close(whole, proposal, "declined", by.name, words, None)
        audit.note(
            whole, by=by, tag=Tag.PERSON_DECLINE, about_type="Person", about_id=str(found.giver), person_id=found.taker, reason=words,
            detail={"proposal": str(proposal)},
        )  # fmt: skip


def approval(conn: Connection[Any], *, by: Actor, proposal: UUID) -> Plan:
    """Hold a proposal and plan it again over what is true now, approved by this second person; `record.approve` goes on.

    Raises Denied, NotFound, Conflict: closed already, or the own one.
    """
    access.require(by, Right.IDENTITY_PERSON_APPROVE)
    with everything(conn) as whole:
        found = _open(whole, proposal)
    if found.who == by.name:
        raise Conflict("Người đề nghị không tự duyệt đề nghị của mình.", advice="(Nobody approves the own proposal.)")
    with everything(conn) as whole:
        plan = _planned(whole, found)
    return replace(plan, approved=Approval(found.id, found.who))


def _planned(conn: Connection[Any], found: Proposal) -> Plan:
    if found.kind is ActKind.MERGE:
        return plan_merge(conn, by=WORKER, keep=found.taker, drop=found.giver, reason=found.reason)
    if found.kind is ActKind.SPLIT:
        sources = [(facility, local_id, variant) for facility, local_id, variant in found.request["sources"]]
        return plan_split(conn, by=WORKER, person=found.giver, sources=sources, reason=found.reason)
    return plan_undo(conn, by=WORKER, act=int(found.request["reverts"]), reason=found.reason)


def _open(conn: Connection[Any], proposal: UUID) -> Proposal:
    found = store_proposals.hold(conn, proposal)
    if found is None:
        raise NotFound("Không có đề nghị này.")
    if found.state != "open":
        raise Conflict("Đề nghị này đã được giải quyết.")
    return found


def carried_out(conn: Connection[Any], *, by: Actor, proposal: UUID, act: int) -> None:
    """Close a proposal by the act that was done; `record.approve` calls it. Raises Denied."""
    access.require(by, Right.IDENTITY_PERSON_APPROVE)
    with everything(conn) as whole:
        store_proposals.close(whole, proposal, "carried-out", by.name, "", act)
