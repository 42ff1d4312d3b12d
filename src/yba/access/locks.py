"""The second lock of a right: how far row security opens for it, and for whom its restricted categories."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from yba.kit.reach import CLOSED, EVERY, Lock, Opening
from yba.specs.access import ALL, Where

from . import store
from .holding import limit, terms

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .holding import Term
    from .rights import Right


@lru_cache(maxsize=4096)
def reach_of(by: Actor, right: Right, day: datetime) -> Lock:
    """Return how far row security opens for a right on a day, whoever is asked for."""
    lock = CLOSED
    within = limit(by, right)
    for term in terms(by, right):
        if not term.rule.aggregate:
            lock = lock.wider(_lock_of(term, day, within))
    return lock


def narrowed(conn: Connection[Any], lock: Lock, person: UUID | None, now: Lock) -> Lock:
    """Narrow a lock to one person where one is asked for by name, so that no other row is ever within reach."""
    if person is None or not lock.scope:
        return lock
    known = lock.scope == "province" or person in lock.persons
    known = known or person in now.persons or (bool(lock.units) and store.is_related(conn, person, sorted(lock.units), lock.since))
    persons = {person} if known else ()
    return Lock("bound", lock.facilities, frozenset(persons), openings=lock.openings, types=lock.types)


def _lock_of(term: Term, day: datetime, within: tuple[Term, ...] | None) -> Lock:
    rule = term.rule
    openings = _openings(term, day, within)
    if term.everywhere:
        return Lock("province", openings=openings, types=rule.types)
    match rule.where:
        case Where.FACILITY:
            return Lock("bound", facilities=term.grant.facilities, openings=openings, types=rule.types)
        case Where.OWN_PERSON:
            return Lock("bound", persons=term.persons, openings=openings, types=rule.types)
        case _:
            return Lock("bound", units=term.units, since=term.since(day), openings=openings, types=rule.types)


def _openings(term: Term, day: datetime, within: tuple[Term, ...] | None) -> frozenset[Opening]:
    """Return for whom a term opens its restricted categories: as exactly as the first lock, but that a relation counts all day."""
    labels = _labels(term.rule.labels, within)
    if not labels:
        return frozenset()
    types = term.rule.types
    if term.everywhere:
        return frozenset({Opening(labels, everywhere=True, types=types)})
    match term.rule.where:
        case Where.FACILITY:
            return frozenset({Opening(labels, facilities=term.grant.facilities, types=types)})
        case Where.OWN_PERSON:
            return frozenset({Opening(labels, persons=term.persons, types=types)})
        case _:
            until = day + timedelta(days=1)
            return frozenset({Opening(labels, units=term.units, kinds=term.rule.kinds, since=term.since(day), until=until, types=types)})


def _labels(own: frozenset[str], within: tuple[Term, ...] | None) -> frozenset[str]:
    """Return the labels of a rule, of an operator bound to a role those that are the operator's own too."""
    held = frozenset({EVERY}) if ALL in own else own
    for other in (frozenset[str]().union(*(term.rule.labels for term in within)),) if within is not None else ():
        held = held if ALL in other else other if EVERY in held else held & other
    return held
