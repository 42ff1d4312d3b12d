"""What people are compared by follows a merge, split or undo: each description goes where the source that said it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .acts import ActKind
from .likeness import rows_of_sources
from .matching import current, digest, forget, remember

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

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
