"""Who a described human may be: by the numbers of the ladder and by the weights, best first; nothing is written, nobody is made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access
from yba.access import Right
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work

from . import store_read
from .actions import recognise
from .likeness import row_of
from .matching import Asked, candidates, current
from .queries import PERSON

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg import Connection

    from .model import PersonFacts

_PLATFORM: Final = Actor.system("identity:match")
_WEIGHTIEST: Final = 3000  # hundredths of a bit: beyond it every share is 1


class Candidate(NamedTuple):
    """One person who may be meant. ``grade``: certain (a number says so), probable (the weights would link), possible (a clerk would look).

    ``score``: 0 to 1, the probability by the release's weights; 1 where a number says so.
    """

    person_id: UUID
    grade: str
    score: float


def candidates_for(conn: Connection[Any], *, by: Actor, facts: PersonFacts) -> list[Candidate]:
    """Say who may be meant, best first, at most 20: only people the actor may find. The caller writes the audit row. Raises Denied.

    The whole province is compared, as when a claim arrives; what the actor may not find is then left out.
    """
    seen = access.predicate(conn, by=by, right=Right.IDENTITY_PERSON_FIND, columns=PERSON)
    who = replace(_PLATFORM, name=by.name, origin=by.origin)
    with unit_of_work(by=who) as inner:
        (known,) = recognise(inner, by=who, facts=[facts])
        (scored,) = candidates(inner, current(), [Asked(row_of(facts))])
    found = [Candidate(known, "certain", 1.0)] if known is not None else []
    found += [
        Candidate(one.person_id, "probable" if one.zone == "link" else "possible", _share(one.weight))
        for one in scored
        if one.person_id is not None and one.person_id != known
    ]
    return [one for one in found if store_read.by_id(conn, one.person_id, seen)]


def _share(weight: int) -> float:
    odds = float(2.0 ** (min(weight, _WEIGHTIEST) / 100))
    return round(odds / (1 + odds), 4)
