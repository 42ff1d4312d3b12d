"""Who holds what: the rules of the files matched with the grants of an actor; no database."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.kit.actor import PROVINCE, ActorKind, Grant
from yba.specs import access as specs
from yba.specs.access import ALL, Rule, Where

from .model import Denied

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from yba.kit.actor import Actor

    from .rights import Right

_OPERATOR: Final = (Grant(ActorKind.OPERATOR.value),)


class Term(NamedTuple):
    """One rule where one grant holds: rows are seen that satisfy all of it."""

    rule: Rule
    grant: Grant
    units: frozenset[str]  # of relations that count: facility:…, department:…, user:…, area:…
    persons: frozenset[UUID]

    @property
    def everywhere(self) -> bool:
        """Whether no place limits it."""
        return self.rule.where is Where.PROVINCE or (self.rule.where is Where.COMMUNE and PROVINCE in self.grant.areas)

    def since(self, at: datetime) -> datetime:
        """The earliest end of a relation that still counts ``at`` a moment: the rule's days back, and never before the grant began."""
        earliest = at - timedelta(days=self.rule.days)
        began = self.grant.since
        return earliest if began is None or not self.rule.days else max(earliest, began)


@lru_cache(maxsize=4096)
def terms(by: Actor, right: Right) -> tuple[Term, ...]:
    """Return the rules under which an actor holds a right, for its purpose; empty = not at all."""
    return _terms(by, by.grants, right)


@lru_cache(maxsize=4096)
def limit(by: Actor, right: Right) -> tuple[Term, ...] | None:
    """Return what an operator bound to a role may not exceed: his own terms; None = nobody is bound."""
    if by.kind is ActorKind.OPERATOR and not by.standing:
        return _terms(by, _OPERATOR, right, any_purpose=True)
    return None


def _terms(by: Actor, grants: tuple[Grant, ...], right: Right, *, any_purpose: bool = False) -> tuple[Term, ...]:
    known = specs.roles()
    # A machine's purpose names its job in the trail; a person's purpose decides.
    free = any_purpose or by.standing
    if not free and by.purpose not in specs.rights()[right.value].purposes:
        return ()
    return tuple(
        Term(rule, grant, _units(by, grant, rule), by.persons if grant.persons is None else grant.persons)
        for grant in grants
        if grant.role in known
        for rule in known[grant.role].may
        if right.value in rule.rights and (free or not rule.purposes or by.purpose in rule.purposes)
    )


def _units(by: Actor, grant: Grant, rule: Rule) -> frozenset[str]:
    named = {
        "facility": grant.facilities,
        "department": grant.departments,
        "area": grant.areas - {PROVINCE},
        "user": frozenset({str(by.account)}) if by.account else frozenset(),
    }
    return frozenset(f"{kind}:{unit}" for kind in rule.units for unit in named[kind])


def holds(by: Actor, right: Right) -> bool:
    """Whether the actor holds a right anywhere at all, for its purpose: menus, `needs`."""
    within = limit(by, right)
    return bool(terms(by, right)) and (within is None or bool(within))


def opened(by: Actor, right: Right) -> frozenset[str]:
    """Return the restricted categories that some rule of a right opens for somebody, {"*"} for all; which rows, only a predicate says."""
    found = frozenset(label for term in terms(by, right) if not term.rule.aggregate for label in term.rule.labels)
    within = limit(by, right)
    if within is None:
        return found
    held = frozenset(label for term in within for label in term.rule.labels)
    return held if ALL in found else found if ALL in held else found & held


def purpose_for(by: Actor, right: Right) -> Actor:
    """Return the actor working for a purpose of this right: its own where that fits, else that of a role of his that may; else as he is."""
    if holds(by, right):
        return by
    for role in dict.fromkeys(grant.role for grant in by.grants):
        spec = specs.roles().get(role)
        other = by.for_purpose(spec.purpose) if spec else by
        if holds(other, right):
            return other
    return by


def require(by: Actor, right: Right, *, facility: str | None = None, area: str | None = None, person: UUID | None = None) -> None:
    """Raise Denied unless the actor holds the right, at this facility, area or person where one is given; no database.

    A relation cannot be looked up here: for a person a rule by relation or commune never passes (ask `reaches`, or write through a
    predicate); for a facility or area it passes where its grant names it.
    """
    within = limit(by, right)
    for held in (terms(by, right), *(() if within is None else (within,))):
        if not any(_covers(term, facility, area, person) for term in held):
            raise Denied(right)


def _covers(term: Term, facility: str | None, area: str | None, person: UUID | None) -> bool:
    if term.everywhere:
        return True
    where = term.rule.where
    if facility is not None and (where is Where.OWN_PERSON or facility not in term.grant.facilities):
        return False
    if area is not None and (where is Where.OWN_PERSON or area not in term.grant.areas):
        return False
    return person is None or (where is Where.OWN_PERSON and person in term.persons)
