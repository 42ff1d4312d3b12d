"""Carrying out a planned merge, split or undo: people, resources, relations and what the rooms above keep, in one transaction."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from yba import access, audit, identity
from yba.access import Right
from yba.audit import Note, Tag
from yba.fhir import search
from yba.identity import ActKind
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.specs.identity.merging import merging

from . import store, visits
from .actions import put_many, tombstone_many
from .followers import followers
from .lines import is_uuid
from .model import Put
from .rows import rows_of
from .store.moving import Chosen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from psycopg import Connection

    from yba.identity import Begun, Plan

    from .followers import Held
    from .store.moving import Moved

# A user's lock reaches the rows of the own facilities; a merge is of everything, and who may merge was asked before.
_WORKER = Actor.system("merging", "administration")


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: the act (for `identity.plan_undo`), who gave and took, and how many resources went."""

    act: int
    giver: UUID
    taker: UUID
    resources: int


def _right(plan: Plan) -> Right:
    if plan.approved is not None:
        return Right.IDENTITY_PERSON_APPROVE
    return Right.IDENTITY_PERSON_SPLIT if plan.kind is ActKind.SPLIT else Right.IDENTITY_PERSON_MERGE


@contextmanager
def _everything(conn: Connection[Any]) -> Iterator[Connection[Any]]:
    with unit_of_work(by=_WORKER):
        yield conn


def weigh(conn: Connection[Any], *, by: Actor, plan: Plan) -> Plan:
    """Return the plan with what only the record knows: its size (a merge), and of an undo what happened since. Raises Denied."""
    access.require(by, _right(plan))
    with _everything(conn) as whole:
        return _weighed(whole, plan)


def _weighed(conn: Connection[Any], plan: Plan) -> Plan:
    rules = merging()
    if plan.kind is ActKind.MERGE and store.moving.size(conn, plan.giver) >= rules.resources:
        return plan.with_guard(rules.guards["large"])
    if plan.kind is not ActKind.UNDO or plan.reverts is None:
        return plan
    before = identity.left_by(conn, by=_WORKER, act=plan.reverts)
    known = {one.code for one in plan.since}
    if known & {"undone", "acts"}:
        return plan
    since = [rules.since[part] for part, mark in _standing(conn, plan).items() if part not in known and before.get(part) != mark]
    return replace(plan, since=(*plan.since, *since))


def carry_out(conn: Connection[Any], *, by: Actor, plan: Plan) -> Done:
    """Do what was planned, all of it or nothing; what arrived since the plan was made is part of it.

    Resources keep their ids and versions; only golden and source Patients, and documents that name the golden one, get a next version. Old
    ids keep answering. Raises Denied, NotFound, identity.NotDone (refused, with every reason), identity.NeedsSecond (propose it).
    """
    access.require(by, _right(plan))
    with _everything(conn) as whole:
        weighed = _weighed(whole, plan)
        identity.check(weighed)
        begun = identity.begin(whole, by=by, plan=weighed)
        identity.check(_weighed(whole, begun.plan) if plan.kind is ActKind.UNDO else begun.plan)
        moved, changed = _give(whole, begun)
        _tell_patients(whole, begun, moved)
        _follow(whole, begun, changed)
        changed["standing"] = _standing(whole, begun.plan)
        identity.complete(whole, by=by, begun=begun, changed=changed)
        note = Note(Tag.RESOURCE_MOVE, "Person", str(begun.plan.giver), begun.plan.giver, None, plan.reason)
        audit.note_many(whole, by=by, rows=[note._replace(detail={"to": str(begun.plan.taker), "resources": len(moved)})])
    return Done(begun.act, begun.plan.giver, begun.plan.taker, len(moved))


def approve(conn: Connection[Any], *, by: Actor, proposal: UUID) -> Done:
    """Carry out what another person proposed, planned again over what is true now. Raises as `carry_out`, and Conflict for the own proposal."""
    access.require(by, Right.IDENTITY_PERSON_APPROVE)
    plan = identity.approval(conn, by=by, proposal=proposal)
    done = carry_out(conn, by=by, plan=plan)
    identity.carried_out(conn, by=by, proposal=proposal, act=done.act)
    return done


def _give(conn: Connection[Any], begun: Begun) -> tuple[list[Moved], dict[str, Any]]:
    """Move rows, secondary places, relations and documents; returns what moved and what an undo needs."""
    access.require(_WORKER, Right.RECORD_RESOURCE_MOVE)
    plan, earlier = begun.plan, begun.earlier
    giver, taker = plan.giver, plan.taker
    store.rest.hold_patients(conn, [giver, taker])
    held = [(one, one.held(conn, giver=giver, moving=plan.moving, staying=plan.staying)) for one in followers()]
    everything = begun.aliases.get(giver) is not None  # its id means the other from now on
    chosen = None if everything else _chosen(begun, [found for _, found in held])
    if chosen is None:
        moved = store.moving.give(conn, giver, taker)
    else:
        moved = store.moving.share(conn, giver, taker, chosen, _tokens(ref.patient for ref in plan.moving if ref.born))
    second = store.moving.give_second(conn, giver, taker, chosen, earlier.get("secondary", ()))
    store.rest.move_rows(conn, taker, [(one.rtype, one.id) for one in moved])
    grounds = [id_ for _, found in held for id_ in (*found.leaving, *found.relations)] + [ref.patient for ref in plan.moving]
    grounds += visits.sources_of((one.rtype, one.id) for one in moved)
    ties = access.give_relations(
        conn, by=_WORKER, giver=giver, taker=taker, sources=None if chosen is None else grounds, ties=earlier.get("relations", ())
    )
    for follower, found in held:
        follower.move(conn, documents=found.leaving, taker=taker)
    access.set_aliases(conn, by=_WORKER, aliases=begun.aliases)
    visits.settle(conn, by=_WORKER, people=[giver, taker])
    return moved, {"resources": [[one.rtype, one.id] for one in moved], "secondary": second, "relations": ties}


def _chosen(begun: Begun, held: Sequence[Held]) -> Chosen:
    """Say which rows leave: what the leaving sources' documents made, what is about their Patients alone, and what had come with them."""
    plan = begun.plan
    staying = {ref.patient for ref in plan.staying}
    own = [ref for ref in plan.moving if ref.has_document or ref.born]
    alone = [ref for ref in own if ref.patient not in staying]  # else another human under a reused number has the same Patient named
    listed = [(str(rtype), str(id_)) for rtype, id_ in begun.earlier.get("resources", ())]
    patients = [ref.patient for ref in own] + list(begun.aliases)
    if plan.kind is ActKind.UNDO:
        patients += [UUID(id_) for rtype, id_ in listed if rtype == "Patient" and is_uuid(id_)]
    return Chosen(
        documents=[id_ for found in held for id_ in found.leaving] + [ref.patient for ref in alone],  # what came as FHIR is its Patient's
        stay=[id_ for found in held for id_ in found.staying],
        tokens=_tokens(ref.patient for ref in alone),
        others=_tokens(ref.patient for ref in plan.staying if ref.born),
        patients=patients,
        listed=[ref for ref in listed if ref[0] != "Patient"],
    )


def _tokens(patients: Iterable[UUID]) -> list[int]:
    """Return the tokens by which resources name these Patients."""
    return [search.token(param, f"Patient/{id_}") for id_ in patients for param in ("subject", "patient")]


def _tell_patients(conn: Connection[Any], begun: Begun, moved: Sequence[Moved]) -> None:
    """Write the golden documents, say of ids that mean somebody else who that is, and let documents name the person they belong to now."""
    plan = begun.plan
    people = {plan.giver, plan.taker, *begun.aliases}
    ids = {str(person) for person in people}
    puts = _renamed(conn, plan, [(one.rtype, one.id) for one in moved if one.names and one.id not in ids])
    rows = store.moving.golden_rows(conn, sorted(people))
    release = next((mapped_by for mapped_by, _ in rows.values()), "")
    gone = []
    for person in sorted(people):
        mapped_by, _ = rows.get(person, (release, False))
        doc = _patient_of(conn, begun, person)
        if doc is not None:
            puts.append(_put(person, begun.aliases.get(person) or person, doc, mapped_by))
        elif person in rows and not rows[person][1]:
            gone.append(("Patient", str(person)))
    put_many(conn, by=_WORKER, puts=puts)
    tombstone_many(conn, by=_WORKER, refs=gone, reason=plan.reason)


def _patient_of(conn: Connection[Any], begun: Begun, person: UUID) -> dict[str, Any] | None:
    """The document of an id: golden, or a pointer to who it means; of a person without sources what it was before the merge."""
    now = begun.aliases.get(person)
    if now is not None:
        link = {"other": {"reference": f"Patient/{now}"}, "type": "replaced-by"}
        return {"resourceType": "Patient", "id": str(person), "active": False, "link": [link]}
    if person in begun.golden:
        return begun.golden[person]
    if person == begun.plan.taker and begun.plan.kind is ActKind.UNDO:
        before = store.moving.golden_before(conn, person)
        return orjson.loads(before) if before is not None else None
    return None


def _put(id_: UUID, person: UUID, doc: dict[str, Any], mapped_by: str) -> Put:
    index = search.index("Patient", doc)
    return Put(
        rtype="Patient", id=str(id_), person_id=person, doc=orjson.dumps(doc), tokens=index.tokens, start=index.start, end=index.end,
        facility_id="", source_id=None, labels=(), mapped_by=mapped_by, rows=rows_of("Patient", index),
    )  # fmt: skip


def _renamed(conn: Connection[Any], plan: Plan, refs: Sequence[tuple[str, str]]) -> list[Put]:
    """The documents that named the person they left, naming the one they came to; the decimals of their numbers stay as text."""
    puts = store.moving.as_puts(conn, plan.taker, refs)
    for put in puts:
        put.doc = put.doc.replace(f'"Patient/{plan.giver}"'.encode(), f'"Patient/{plan.taker}"'.encode())
        put.tokens = search.index(put.rtype, orjson.loads(put.doc)).tokens
    return puts


def _follow(conn: Connection[Any], begun: Begun, changed: dict[str, Any]) -> None:
    """Let the rooms above write what follows; an exact contrary finds people's homes as they were."""
    plan = begun.plan
    people = [plan.giver, plan.taker]
    before, left = access.homes_of(conn, by=_WORKER, person_ids=people), begun.earlier.get("homes", {})
    if plan.reverts is not None and left.get("after") == before:
        access.restore_homes(conn, by=_WORKER, person_ids=people, homes=left["before"], reason=plan.reason)
    else:
        for follower in followers():
            follower.settle(conn, by=_WORKER, begun=begun)
    changed["homes"] = {"before": before, "after": access.homes_of(conn, by=_WORKER, person_ids=people)}


def _standing(conn: Connection[Any], plan: Plan) -> dict[str, str]:
    """Marks of what stands of both people, by reason."""
    people = [plan.giver, plan.taker]
    marks = {"resources": store.moving.standing(conn, people), "relations": access.standing_of_relations(conn, by=_WORKER, person_ids=people)}
    return marks | {one.reason: one.standing(conn, people=people) for one in followers()}
