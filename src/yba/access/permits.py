"""The same rules in plain Python: for single objects at hand, and to hold the SQL against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba.kit import clock
from yba.specs.access import ALL, Where

from .holding import limit, terms

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from yba.kit.actor import Actor

    from .holding import Term
    from .model import Held, Row
    from .rights import Right


def permits(by: Actor, right: Right, row: Row, relations: Iterable[Held] = (), *, at: datetime | None = None) -> bool:
    """Whether the actor may see this row under the right; ``relations`` are those of the row's person."""
    return _sees(by, right, row, tuple(relations), at or clock.now(), masked=False)


def masks(by: Actor, right: Right, row: Row, relations: Iterable[Held] = (), *, at: datetime | None = None) -> bool:
    """Whether the row would be seen but for its restricted categories."""
    known, moment = tuple(relations), at or clock.now()
    return _sees(by, right, row, known, moment, masked=True) and not _sees(by, right, row, known, moment, masked=False)


def _sees(by: Actor, right: Right, row: Row, relations: tuple[Held, ...], at: datetime, *, masked: bool) -> bool:
    within = limit(by, right)
    limits = [terms(by, right)] if within is None else [terms(by, right), within]
    return all(any(_shows(term, row, relations, at, masked=masked) for term in held) for held in limits)


def _shows(term: Term, row: Row, relations: tuple[Held, ...], at: datetime, *, masked: bool) -> bool:
    rule = term.rule
    if rule.aggregate or (rule.types and row.rtype not in rule.types) or not _reaches(term, row, relations, at):
        return False
    return masked or ALL in rule.labels or row.labels <= rule.labels


def _reaches(term: Term, row: Row, relations: tuple[Held, ...], at: datetime) -> bool:
    if term.everywhere:
        return True
    match term.rule.where:
        case Where.FACILITY:
            return row.facility in term.grant.facilities
        case Where.OWN_PERSON:
            return row.person in term.persons
        case _:
            since = term.since(at)
            return any(
                one.person == row.person
                and one.unit in term.units
                and one.kind in term.rule.kinds
                and one.start <= at
                and (one.end is None or one.end >= since)
                for one in relations
            )
