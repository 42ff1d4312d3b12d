"""Carrying out identity's half of a merge, split or undo, inside the transaction in which `record` does the other half."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, NotFound
from yba.specs.identity.merging import Verdict

from . import store, store_acts, store_proposals, store_read
from .acts import ActKind, Begun, NeedsSecond, NotDone
from .describing import share_descriptions
from .merging import divided, holdings, keys_of, united
from .patients import digest, golden_doc
from .plans import goes_with, merge_of, sources_within_reach, split_of, undo_of, whole_gifts, within_reach

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg import Connection

    from yba.kit import Actor

    from .acts import Plan
    from .merging import Holding
    from .state import State

_RIGHT = {ActKind.MERGE: Right.IDENTITY_PERSON_MERGE, ActKind.SPLIT: Right.IDENTITY_PERSON_SPLIT, ActKind.UNDO: Right.IDENTITY_PERSON_MERGE}
_TAG = {ActKind.MERGE: Tag.PERSON_MERGE, ActKind.SPLIT: Tag.PERSON_SPLIT, ActKind.UNDO: Tag.PERSON_UNDO}
_EVENTS = {
    ActKind.MERGE: ("merged-into", "merged-from"),
    ActKind.SPLIT: ("split-into", "split-from"),
    ActKind.UNDO: ("undone", "undone"),
}


def begin(conn: Connection[Any], *, by: Actor, plan: Plan) -> Begun:
    """Hold both people, plan again over what is true now, and give the sources, numbers, kin and conflicts; `record` calls it and goes on.

    Raises Denied, NotFound, NotDone (refused, with every reason), NeedsSecond (propose it). The caller's unit reaches all rows.
    """
    right = _RIGHT[plan.kind] if plan.approved is None else Right.IDENTITY_PERSON_APPROVE
    access.require(by, right)
    for person in (plan.giver,) if plan.fresh else (plan.giver, plan.taker):  # a plan is only a wish
        within_reach(conn, by, person, right)
    if plan.kind is ActKind.SPLIT:
        sources_within_reach(conn, by, plan.giver, (ref.key for ref in plan.moving), right)
    if plan.approved is not None:
        _approved(conn, by, plan)
    state = store_acts.hold(conn, [plan.giver, plan.taker])
    now = replace(_again(conn, state, plan), approved=plan.approved)
    check(now)
    earlier = _earlier(conn, now)
    act = store_acts.add_act(conn, now, by.name)
    if now.fresh:
        store_acts.add_person(conn, now.taker)
    changed, pointers = _give(conn, state, now, earlier, by.name)
    store_acts.point(conn, pointers)
    after = store.read(conn, now.giver, now.taker)
    changed["descriptions"] = share_descriptions(conn, after, now, earlier)
    golden = {person.id: golden_doc(person) for person in after.people.values() if person.sources}
    marks = {person: digest(golden[person]) if person in golden else 0 for person in (now.giver, now.taker)}
    store_acts.set_digests(conn, marks)
    store_acts.add_changed(conn, act, changed)
    _tell(conn, by, now, act)
    seen = {one.id: datetime.fromtimestamp(max(source.stamp[0] for source in one.sources), UTC) for one in after.people.values() if one.sources}
    return Begun(now, act, golden, pointers, earlier, seen)


def complete(conn: Connection[Any], *, by: Actor, begun: Begun, changed: dict[str, Any]) -> None:
    """Add to the act what the record changed, and how everything stands now: what an undo compares. Raises Denied."""
    access.require(by, _RIGHT[begun.plan.kind] if begun.plan.approved is None else Right.IDENTITY_PERSON_APPROVE)
    people = [begun.plan.giver, begun.plan.taker]
    standing = store_acts.standing(conn, people) | changed.pop("standing", {})
    store_acts.add_changed(conn, begun.act, {**changed, "standing": standing})


def left_by(conn: Connection[Any], *, by: Actor, act: int) -> dict[str, str]:
    """Return the marks of how everything stood after an act, by reason of specs/identity/merging.toml. Raises Denied."""
    access.require(by, Right.IDENTITY_PERSON_MERGE)
    return dict(store_acts.changed_by(conn, act).get("standing", {}))


def check(plan: Plan) -> None:
    """Raise NotDone where a guard refuses, NeedsSecond where a second person has to approve and has not."""
    if plan.refused:
        raise NotDone([*plan.since, *(guard for guard in plan.guards if guard.verdict is Verdict.REFUSE)])
    if plan.needs_second and plan.approved is None:
        raise NeedsSecond([guard for guard in plan.guards if guard.verdict is Verdict.SECOND])


def _approved(conn: Connection[Any], by: Actor, plan: Plan) -> None:
    """Make sure that an approval is one: of an open proposal of the same act, by somebody else. Raises Conflict."""
    found = store_proposals.hold(conn, plan.approved.proposal) if plan.approved is not None else None
    if found is None or found.state != "open" or found.who == by.name or (found.kind, found.giver) != (plan.kind, plan.giver):
        raise Conflict("Việc duyệt không khớp với đề nghị nào đang mở của người khác.")


def _again(conn: Connection[Any], state: State, plan: Plan) -> Plan:
    """Plan the same over what is held now; what arrived since is part of it. Guards that only the record knows (its size) stay."""
    if plan.kind is ActKind.MERGE:
        made = merge_of(conn, state, plan.taker, plan.giver, plan.reason)
    elif plan.kind is ActKind.SPLIT:
        made = split_of(conn, state, plan.giver, [ref.key for ref in plan.moving], plan.reason, fresh=plan.taker)
    else:
        done = store_acts.act(conn, plan.reverts or 0)
        if done is None:
            raise NotFound("Không có lần gộp hoặc tách này.")
        made = undo_of(conn, state, done, plan.reason)
        made = replace(made, since=made.since + tuple(one for one in plan.since if one not in made.since))
    for guard in plan.guards:
        made = made.with_guard(guard) if guard.code == "large" else made
    return made


def _earlier(conn: Connection[Any], plan: Plan) -> dict[str, Any]:
    """What the act changed that is taken back; of a split back to an earlier person what its merge changed."""
    act = plan.reverts
    if act is None and plan.kind is ActKind.SPLIT and (gift := whole_gifts(conn, plan.giver).get(plan.taker)):
        act = gift.id
    return store_acts.changed_by(conn, act) if act is not None else {}


def _give(conn: Connection[Any], state: State, plan: Plan, earlier: dict[str, Any], who: str) -> tuple[dict[str, Any], dict[UUID, UUID | None]]:
    """Move identity's rows; returns what an undo needs, and whom ids mean from now on."""
    people = [plan.giver, plan.taker]
    before = store_acts.owners(conn, people)
    pointers = _pointers(conn, plan, earlier)
    was = store_acts.merged_into(conn, list(pointers))
    keys = [ref.key for ref in plan.moving]
    if keys:
        store_acts.give_sources(conn, keys, plan.taker)
        store_acts.move_kin(conn, plan.giver, plan.taker, keys)
    store_acts.set_owners(conn, people, _owners(state, plan, before, earlier))
    only = earlier.get("members", []) if plan.kind is not ActKind.MERGE else None
    changed = {
        "owners": [list(one) for one in before],
        "members": store_acts.move_memberships(conn, plan.giver, plan.taker, only),
        "pointers": {str(id_): str(plan.giver if plan.fresh and id_ == plan.taker else was[id_] or "") for id_ in pointers},
        **_reviews(conn, plan, pointers, earlier, who),
    }
    return changed, pointers


def _pointers(conn: Connection[Any], plan: Plan, earlier: dict[str, Any]) -> dict[UUID, UUID | None]:
    """Say whom ids mean after the act: an id that was merged away follows its sources."""
    if plan.kind is ActKind.UNDO:
        return {UUID(id_): UUID(before) if before else None for id_, before in earlier["pointers"].items()}
    if plan.kind is ActKind.MERGE:
        return dict.fromkeys([plan.giver, *store_acts.earlier_ids(conn, plan.giver)], plan.taker)
    keys = {ref.key for ref in plan.moving}
    gifts = whole_gifts(conn, plan.giver)
    held = keys | {ref.key for ref in plan.staying}
    following = [id_ for id_, gift in gifts.items() if goes_with(gift, keys, held) and id_ != plan.taker]
    return {plan.taker: None, **dict.fromkeys(following, plan.taker)}


def _owners(state: State, plan: Plan, before: list[Holding], earlier: dict[str, Any]) -> list[Holding]:
    if plan.kind is ActKind.UNDO:
        return holdings(earlier["owners"])
    if plan.kind is ActKind.MERGE:
        return united(before, plan.taker)
    leaving = {ref.key for ref in plan.moving}
    sources = [source for places in state.sources.values() for source in places if source.person_id == plan.giver]
    return divided(
        before, plan.giver, plan.taker,
        leaving=keys_of(source for source in sources if source.key in leaving),
        staying=keys_of(source for source in sources if source.key not in leaving),
        now=clock.now().isoformat(), before=holdings(earlier["owners"] if plan.reverts is not None else ()),
    )  # fmt: skip


def _reviews(conn: Connection[Any], plan: Plan, pointers: Iterable[UUID], earlier: dict[str, Any], who: str) -> dict[str, list[str]]:
    """Settle conflicts between people who are one now, open those again that a merge had settled."""
    reopened = list(earlier.get("settled", ()))
    if reopened:  # also of a split: they are two again
        store_acts.reopen_reviews(conn, reopened)
    settled: list[str] = []
    if plan.kind is ActKind.MERGE:
        one = {plan.giver, plan.taker, *pointers, *store_acts.earlier_ids(conn, plan.taker)}
        settled = store_acts.close_reviews(conn, sorted(one), who)
    elif plan.kind is ActKind.UNDO and earlier.get("reopened"):
        settled = store_acts.close_reviews_named(conn, earlier["reopened"], who)
    return {"settled": settled, "reopened": reopened}


def _tell(conn: Connection[Any], by: Actor, plan: Plan, act: int) -> None:
    """Write the act into both histories and the trail."""
    keep, drop = (plan.taker, plan.giver) if plan.kind is ActKind.MERGE else (plan.giver, plan.taker)
    told: dict[str, Any] = {"act": act, "keep": str(keep), "drop": str(drop), "sources": [list(ref.key) for ref in plan.moving]}
    if plan.reverts is not None:
        told["reverts"] = plan.reverts
    if plan.approved is not None:
        told["proposed_by"] = plan.approved.proposed_by
    for person, kind in zip((plan.giver, plan.taker), _EVENTS[plan.kind], strict=True):
        store_read.add_event(conn, by.name, person, kind, plan.reason, told)
    detail = {"act": act, "sources": len(plan.moving)} | ({"proposed_by": plan.approved.proposed_by} if plan.approved else {})
    for about, person in ((drop, keep), (keep, drop)):
        audit.note(conn, by=by, tag=_TAG[plan.kind], about_type="Person", about_id=str(about), person_id=person, reason=plan.reason, detail=detail)
