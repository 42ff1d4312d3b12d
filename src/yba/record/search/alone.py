"""Searches in single messages to PostgreSQL, each a unit of work of its own: no BEGIN, no COMMIT, the last one writes the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .asking import Asking, right_of
from .finding import asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from yba.fhir import query as fq
    from yba.kit.actor import Actor
    from yba.kit.prepared import Ask
    from yba.record.rest_model import Found


def find_one(*, by: Actor, query: fq.Query) -> Callable[[Ask | None], Found] | None:
    """Return what asks a query in single messages (given what proves the actor: `kit.db.one_read`), as many as it has look-ups and one.

    None for people, following pages and several types: `find` does them. What is returned finds and notes what `find` does, or raises
    Unproven where who asks is not proven or where more is needed than single messages can do: then `find` does it, from the beginning.
    Raises Denied.
    """
    if query.rtype is None or query.cursor or not by.standing:
        return None
    right_of(by)
    return lambda proof: asked(Asking.at_once(by, proof), query)
