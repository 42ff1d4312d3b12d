"""What people are compared by: it follows a merge, split or undo, and is made up for people from before it was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access, audit
from yba.access import Right
from yba.audit import Tag

from . import store
from .acts import ActKind
from .likeness import rows_of_sources
from .matching import current, digest, forget, remember

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .acts import Plan
    from .state import State

Held = dict[str, list[int]]
"""Person -> digests of its descriptions."""


def share_descriptions(conn: Connection[Any], after: State, plan: Plan, earlier: dict[str, Any]) -> Held:
    """Give descriptions to the people whose sources say them (``after`` the act); returns who had which before."""
    held = forget(conn, current(), [plan.giver, plan.taker])
    before: Held = {str(plan.giver): [], str(plan.taker): []}
    for person, row in held:
        before[str(person)].append(digest(row))
    if plan.kind is ActKind.MERGE:
        rows = [(plan.taker, row) for _, row in held]
    else:
        known, now = earlier.get("descriptions", {}), _said(after, plan)
        rows = [(person, row) for _, row in held for person in _whose(plan, digest(row), known, now)]
    remember(conn, current(), rows)
    return before


def _said(after: State, plan: Plan) -> dict[UUID, set[int]]:
    people = (after.people.get(person) for person in (plan.giver, plan.taker))
    return {one.id: {digest(row) for row in rows_of_sources(one.sources)} for one in people if one is not None}


def _whose(plan: Plan, mark: int, known: Held, now: dict[UUID, set[int]]) -> list[UUID]:
    """Who a description is of: those who had it before they were one, else those whose sources say it, else who stays."""
    both = (plan.giver, plan.taker)
    had = [person for person in both if mark in known.get(str(person), ())]
    say = [person for person in both if mark in now.get(person, ())]
    return had or say or [plan.giver if plan.staying else plan.taker]


class Described(NamedTuple):
    """A step of `describe_missing`: people looked at, descriptions made, and where the next step begins (None: there is none)."""

    people: int
    descriptions: int
    last: UUID | None


_UNDESCRIBED: Final = """
SELECT p.id FROM person p
 WHERE (%(after)s::uuid IS NULL OR p.id > %(after)s) AND NOT EXISTS (SELECT FROM match_row m WHERE m.person_id = p.id)
   AND EXISTS (SELECT FROM person_source s WHERE s.person_id = p.id AND NOT s.withdrawn)
 ORDER BY p.id LIMIT %(limit)s
"""


def describe_missing(conn: Connection[Any], *, by: Actor, after: UUID | None = None, limit: int = 500) -> Described:
    """Make the descriptions of the next ``limit`` people who have none, from what their sources said last; a step is a transaction of its own.

    People from before migration 0004 have none, and nobody finds them by likeness. Twice is once. Raises Denied.
    """
    access.require(by, Right.IDENTITY_PERSON_RESOLVE)
    people = [row[0] for row in conn.execute(_UNDESCRIBED, {"after": after, "limit": limit})]
    if not people:
        return Described(0, 0, None)
    store.lock_people(conn, people)
    found = store.read(conn, *people).people.values()
    rows = [(one.id, row) for one in found for row in rows_of_sources(one.sources)]
    remember(conn, current(), rows)
    told = {"people": len(people), "described": len(rows)}
    audit.note(conn, by=by, tag=Tag.PERSON_RELINK, about_type="MatchingRelease", about_id=current().release.name, detail=told)
    return Described(len(people), len(rows), people[-1])
