"""Why a person is within reach: the rules and relations that open the rows, for the line "opened under the right …"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from yba.kit import clock
from yba.specs.access import Where

from . import store
from .holding import limit, terms
from .predicate import predicate
from .relations import PERSON

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .rights import Right


class Reason(NamedTuple):
    """One rule that reaches the person; ``kind``, ``unit``, ``until`` are of the relation it rests on (None, "", None: it rests on none)."""

    role: str
    where: Where
    kind: str | None
    unit: str
    until: datetime | None


def reasons(conn: Connection[Any], *, by: Actor, right: Right, person_id: UUID) -> list[Reason]:
    """Return under which rules by person the right reaches this one, those resting on a relation in force first; empty = it does not.

    The same as `reaches`, with the why. Rules by facility are not about a person and are not told. Raises Denied when it is not held at all.
    """
    predicate(conn, by=by, right=right, columns=PERSON, person=person_id)  # opens row security as far as this right reaches
    found: list[Reason] = []
    held = terms(by, right)
    ties = store.ties(conn, person_id, sorted(frozenset[str]().union(*(term.units for term in held)))) if any(t.units for t in held) else []
    now = clock.now()
    for term in held:
        rule = term.rule
        if rule.aggregate or rule.where is Where.FACILITY:
            continue
        if rule.where is Where.OWN_PERSON:
            found += [Reason(term.grant.role, rule.where, None, "", None)] if person_id in term.persons else []
        elif term.everywhere:
            found.append(Reason(term.grant.role, rule.where, None, "", None))
        else:
            since = term.since(now)
            found += [
                Reason(term.grant.role, rule.where, kind, unit, end)
                for unit, kind, start, end in ties
                if unit in term.units and kind in rule.kinds and start <= now and (end is None or end >= since)
            ]
    if limit(by, right) == ():
        return []
    return sorted(dict.fromkeys(found), key=lambda one: (one.until is not None and one.until < now, one.kind == "emergency"))
