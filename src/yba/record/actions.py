"""Writes to the record: put, tombstone; each leaves the earlier version in the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba import access, audit
from yba.access import Right
from yba.audit import Note, Tag
from yba.kit import clock
from yba.kit.errors import Forbidden, Invalid

from . import beside, store, visits
from .model import Put, PutCounts, Ref
from .rest_rights import platform
from .rows import has_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

_VISIT: Final = "Encounter"


def put_many(conn: Connection[Any], *, by: Actor, puts: Iterable[Put]) -> PutCounts:
    """Store resources in the order given: new ones by COPY, changed ones as a next version, unchanged ones not at all.

    Of two puts of one resource the later wins and both count, as if put one after the other. Not audited here: the caller writes one
    row for the act (a claim, a request). Raises Forbidden outside the actor's facilities, Invalid for a document with U+0000;
    a put said to be fresh that is not, or two transactions creating one id, is psycopg.errors.UniqueViolation.
    """
    listed = list(puts)
    _within(by, listed)
    counts, moment = PutCounts(), clock.now()
    visited: set[UUID] = set()
    for puts_of_round in _rounds(listed):
        visited.update(_put_round(conn, by, puts_of_round, counts, moment))
    of_two = [put for put in listed if put.also is not None]
    if of_two:
        store.share(conn, of_two)
    _settle_visits(conn, by, visited)
    return counts


def _settle_visits(conn: Connection[Any], by: Actor, people: set[UUID]) -> None:
    """Link what tells of one visit; whose rows the writer does not reach all, the platform does (labels)."""
    if people:
        with platform(conn, by) as (inner, who):
            visits.settle(inner, by=who, people=people)


def _put_round(conn: Connection[Any], by: Actor, puts: list[Put], counts: PutCounts, moment: datetime) -> set[UUID]:
    """Put resources of different ids: one look-up, then one statement for each kind of change. Returns the people whose Encounters changed."""
    asked = [(put.rtype, put.id) for put in puts if not put.fresh]
    found = store.current(conn, asked) if asked else {}
    grown = beside.of_claims(conn, by=by, puts=puts, over=found) if found else []
    new, changes, moves = [], [], []
    for put in puts:
        over = found.get((put.rtype, put.id))
        if over is None:
            new.append(put)
        elif not over.says(put):
            changes.append(store.Change(put, over))
            counts.deleted += over.deleted
        elif over.person_id != put.person_id:
            moves.append(store.Change(put, over))
        else:
            counts.unchanged += 1
    if new:
        store.insert(conn, new, moment)
    store.rest.index_rows(conn, new, over=False)
    if changes:
        _expect(store.replace(conn, changes, moment), len(changes))
        store.rest.index_rows(conn, [change.put for change in changes], over=True)
    if moves:
        _expect(store.relocate(conn, moves), len(moves))
        store.rest.index_rows(conn, [change.put for change in moves], over=True)
        for person in {change.put.person_id for change in moves}:  # of rows that are an operator's
            store.rest.move_rows(conn, person, [(one.put.rtype, one.put.id) for one in moves if one.put.person_id == person])
    counts.created += len(new)
    counts.changed += len(changes) + len(moves)
    told = {put.person_id for put in new if put.rtype == _VISIT} | {row.person_id for row in grown if row.rtype == _VISIT}
    return told.union(*((one.put.person_id, one.over.person_id) for one in (*changes, *moves) if one.put.rtype == _VISIT))


def tombstone_many(conn: Connection[Any], *, by: Actor, refs: Sequence[Ref], reason: str) -> int:
    """Put a tombstone over resources and note each in the trail; return how many lived. Unknown and dead ones are passed over."""
    access.require(by, Right.RECORD_RESOURCE_WRITE)
    found = {ref: one for ref, one in store.current(conn, dict.fromkeys(refs)).items() if not one.deleted}
    if not found:
        return 0
    _expect(store.bury(conn, found, clock.now()), len(found))
    listed = [ref for ref in found if has_rows(ref[0])]
    if listed:
        store.rest.forget_rows(conn, listed)
    notes = [Note(Tag.RESOURCE_TOMBSTONE, rtype, id_, one.person_id, None, reason) for (rtype, id_), one in found.items()]
    audit.note_many(conn, by=by, rows=notes)
    _settle_visits(conn, by, {one.person_id for (rtype, _), one in found.items() if rtype == _VISIT})
    return len(found)


def _within(by: Actor, puts: list[Put]) -> None:
    """COPY into a partition passes no policy: what an actor may write is decided here."""
    access.require(by, Right.RECORD_RESOURCE_WRITE)
    if by.facilities is None:
        return
    facilities = {put.facility_id for put in puts}
    outside = sorted(facilities - by.facilities)
    if outside:
        message = f"{by.name} may not write for facility {', '.join(map(repr, outside))}."
        raise Forbidden(message)
    for facility in facilities:  # of a user's grants not each need allow it
        access.require(by, Right.RECORD_RESOURCE_WRITE, facility=facility)


def _rounds(puts: list[Put]) -> Iterator[list[Put]]:
    """Split puts so that no id comes twice in a round; nearly always there is one round."""
    while puts:
        taken: dict[Ref, Put] = {}
        later = []
        for put in puts:
            if taken.setdefault((put.rtype, put.id), put) is not put:
                put.fresh = False
                later.append(put)
        yield list(taken.values())
        puts = later


def _expect(done: int, expected: int) -> None:
    if done != expected:
        message = f"{expected - done} of {expected} resources are outside the actor's reach."
        raise Invalid(message)
