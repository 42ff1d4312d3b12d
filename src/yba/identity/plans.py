"""Planning a merge, a split or an undo: what would move, what stands against it; nothing is written, nothing is held."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from yba import access
from yba.access import Denied, Right
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.kit.errors import NotFound
from yba.kit.ids import new_id
from yba.specs.identity.merging import Guard, Since, merging

from . import store, store_acts, store_read
from .acts import ActKind, Plan, SourceRef
from .merging import guards_of_merge, keys_of
from .queries import PERSON, SAID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from psycopg import Connection

    from .acts import PersonAct
    from .state import Person, Source, SourceKey, State

# What is known of both is read whole: a clerk who sees half of it would plan a merge over a contradiction.
WORKER: Final = Actor.system("merging", "administration")


@contextmanager
def everything(conn: Connection[Any]) -> Iterator[Connection[Any]]:
    """Open all rows for what a right was asked for before: a savepoint of the caller's transaction, worked by the platform itself."""
    with unit_of_work(by=WORKER):
        yield conn


def plan_merge(conn: Connection[Any], *, by: Actor, keep: UUID, drop: UUID, reason: str) -> Plan:
    """Plan to give ``keep`` everything that is known of ``drop``, whose id will mean ``keep`` for ever.

    The plan carries the guards that fire (specs/identity/merging.toml); `record.carry_out` does it. Raises Denied, NotFound.
    """
    access.require(by, Right.IDENTITY_PERSON_MERGE)
    for person in {keep, drop}:
        within_reach(conn, by, person, Right.IDENTITY_PERSON_MERGE)
    with everything(conn) as whole:
        return merge_of(whole, store.read(whole, keep, drop), keep, drop, reason)


def plan_split(conn: Connection[Any], *, by: Actor, person: UUID, sources: Sequence[SourceKey], reason: str) -> Plan:
    """Plan to take sources out of a person: back to the person they were merged in from, else to a new one.

    Raises Denied, NotFound.
    """
    access.require(by, Right.IDENTITY_PERSON_SPLIT)
    within_reach(conn, by, person, Right.IDENTITY_PERSON_SPLIT)
    with everything(conn) as whole:
        plan = split_of(whole, store.read(whole, person), person, sources, reason, fresh=new_id())
    sources_within_reach(conn, by, person, (ref.key for ref in plan.moving), Right.IDENTITY_PERSON_SPLIT)
    return plan


def plan_undo(conn: Connection[Any], *, by: Actor, act: int, reason: str) -> Plan:
    """Plan to take a merge or split back exactly; ``since`` says what happened since and stands in the way. Raises Denied, NotFound."""
    access.require(by, Right.IDENTITY_PERSON_MERGE)
    with everything(conn) as whole:
        done = store_acts.act(whole, act)
        if done is None:
            raise NotFound("Không có lần gộp hoặc tách này.")
        plan = undo_of(whole, store.read(whole, done.giver, done.taker), done, reason)
    within_reach(conn, by, plan.giver, Right.IDENTITY_PERSON_MERGE)
    return plan


def acts_of(conn: Connection[Any], *, by: Actor, person_id: UUID) -> list[PersonAct]:
    """Return the merges, splits and undos a person was part of under any of its ids, newest first. Raises Denied, NotFound."""
    within_reach(conn, by, person_id, Right.IDENTITY_PERSON_READ)
    with everything(conn) as whole:
        return store_acts.acts_of(whole, sorted(access.persons_of(whole, by=WORKER, person_ids=[person_id])))


def within_reach(conn: Connection[Any], by: Actor, person: UUID, right: Right) -> None:
    """Raise NotFound for a person the actor does not reach under a right; one that was merged away is there for everybody."""
    seen = access.predicate(conn, by=by, right=right, columns=PERSON, person=person)
    if store_read.seen_head(conn, person, seen) is None:
        raise NotFound("Không có người này.")


def sources_within_reach(conn: Connection[Any], by: Actor, person: UUID, keys: Iterable[SourceKey], right: Right) -> None:
    """Raise Denied where a source that would leave was sent by a facility the actor does not speak for."""
    seen = access.predicate(conn, by=by, right=right, columns=SAID, person=person)
    said = store_acts.sources_seen(conn, person, seen)
    if any(key not in said for key in keys):
        raise Denied(right)


def merge_of(conn: Connection[Any], state: State, keep: UUID, drop: UUID, reason: str) -> Plan:
    """Plan a merge over what was read of both."""
    heads = store_acts.merged_into(conn, [keep, drop])
    if len(heads) < len({keep, drop}):
        raise NotFound("Không có người này.")
    rules, fired = merging(), list[Guard]()
    if keep == drop:
        fired.append(rules.guards["same-person"])
    elif any(heads.values()):
        fired.append(rules.guards["merged-already"])
    else:
        fired += guards_of_merge(_person(state, keep), _person(state, drop), store_acts.owners(conn, [keep, drop]))
    moving, there = _refs(state, drop), _refs(state, keep)
    return Plan(
        kind=ActKind.MERGE, giver=drop, taker=keep, moving=moving, staying=(), identifiers=_held(conn, drop), guards=tuple(fired), reason=reason,
        facilities=len({ref.facility for ref in (*moving, *there)}),
    )  # fmt: skip


def split_of(conn: Connection[Any], state: State, person: UUID, sources: Iterable[SourceKey], reason: str, *, fresh: UUID) -> Plan:
    """Plan a split over what was read of the person; ``fresh`` is the id of a new one, if there must be one."""
    if not (heads := store_acts.merged_into(conn, [person])):
        raise NotFound("Không có người này.")
    rules, wanted = merging(), set(sources)
    refs = _refs(state, person)
    moving, staying = tuple(ref for ref in refs if ref.key in wanted), tuple(ref for ref in refs if ref.key not in wanted)
    fired = list[Guard]()
    if heads[person] is not None:
        fired.append(rules.guards["merged-already"])
    if not moving or len(moving) < len(wanted):
        fired.append(rules.guards["nothing-moves"])
    elif not staying:
        fired.append(rules.guards["nothing-stays"])
    leaving, left = _said(state, moving), _said(state, staying)
    if leaving & left:
        fired.append(rules.guards["shared-number"])
    came = _came_from(conn, person, wanted, {ref.key for ref in refs})
    return Plan(
        kind=ActKind.SPLIT, giver=person, taker=came.giver if came else fresh, moving=moving, staying=staying, identifiers=tuple(sorted(leaving)),
        guards=tuple(fired), reason=reason, facilities=len({ref.facility for ref in refs}), fresh=came is None,
        reverts=came.id if came and _is_contrary(conn, came, person, wanted) else None,
    )  # fmt: skip


def undo_of(conn: Connection[Any], state: State, done: PersonAct, reason: str) -> Plan:
    """Plan to take an act back: what it gave goes the other way."""
    giver, taker = done.taker, done.giver
    moved = set(done.sources)
    refs = _refs(state, giver)
    since = list[Since]()
    words = merging().since
    if done.reverted_by is not None or done.kind is ActKind.UNDO:
        since.append(words["undone"])
    elif store_acts.acts_of(conn, [giver, taker])[0].id != done.id:
        since.append(words["acts"])
    before, now = store_acts.changed_by(conn, done.id).get("standing", {}), store_acts.standing(conn, [giver, taker])
    since += [words[part] for part, mark in now.items() if not since and before.get(part) != mark]
    return Plan(
        kind=ActKind.UNDO, giver=giver, taker=taker, moving=tuple(ref for ref in refs if ref.key in moved),
        staying=tuple(ref for ref in refs if ref.key not in moved), identifiers=_held(conn, giver), guards=(), reason=reason,
        facilities=len({ref.facility for ref in refs}), reverts=done.id, since=tuple(since),
    )  # fmt: skip


def _came_from(conn: Connection[Any], person: UUID, leaving: set[SourceKey], held: set[SourceKey]) -> PersonAct | None:
    """Find the act by which the largest part of what leaves had come: its person takes it back."""
    found = [one for one in whole_gifts(conn, person).values() if goes_with(one, leaving, held)]
    return max(found, key=lambda one: (len(held & set(one.sources)), one.id), default=None)


def goes_with(gift: PersonAct, leaving: set[SourceKey], held: set[SourceKey]) -> bool:
    """Whether an id that was merged away goes with what leaves: all that is still ``held`` of what it gave does."""
    left = held & set(gift.sources)
    return bool(left) and left <= leaving


def whole_gifts(conn: Connection[Any], person: UUID) -> dict[UUID, PersonAct]:
    """Return, by earlier id that means a person now, the act by which it gave all it had."""
    earlier = store_acts.earlier_ids(conn, person)
    found: dict[UUID, PersonAct] = {}
    for one in store_acts.acts_of(conn, earlier) if earlier else ():
        if one.giver in earlier and one.kind is not ActKind.SPLIT:
            found.setdefault(one.giver, one)
    return found


def _is_contrary(conn: Connection[Any], came: PersonAct, person: UUID, leaving: set[SourceKey]) -> bool:
    """Whether the split is just what the merge did, the other way, and nothing else was done to either since."""
    exact = came.kind is ActKind.MERGE and came.taker == person and set(came.sources) == leaving
    return exact and store_acts.acts_of(conn, [person, came.giver])[0].id == came.id


def _person(state: State, id_: UUID) -> Person:
    return state.people[id_]


def _of(state: State, person: UUID) -> list[Source]:
    """All sources of a person, those that say nothing now too, in order."""
    found = [source for places in state.sources.values() for source in places if source.person_id == person]
    return sorted(found, key=lambda source: source.key)


def _refs(state: State, person: UUID) -> tuple[SourceRef, ...]:
    return tuple(SourceRef(*source.key, source.patient, "born_of" in source.sent) for source in _of(state, person))


def _said(state: State, refs: Iterable[SourceRef]) -> set[tuple[str, str]]:
    wanted = {ref.key for ref in refs}
    return keys_of(source for places in state.sources.values() for source in places if source.key in wanted)


def _held(conn: Connection[Any], person: UUID) -> tuple[tuple[str, str], ...]:
    return tuple(one.key for one in store_acts.owners(conn, [person]))
