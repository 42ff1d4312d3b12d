"""One conflict on the clerk's desk: the two records side by side, the ladder in words, what was done, and the decisions there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from yba import access, identity, record
from yba.access import Denied, RelationKind, Right, needs
from yba.identity import Decided, ReviewState
from yba.kit import clock
from yba.kit.errors import NotFound
from yba.specs import identity as specs
from yba.web import shell
from yba.web.facilities import places
from yba.web.words import FIRST

from . import clerk_words as words
from .clerk import asked, common, narrowed, people

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.http import HttpResponse

    from yba.identity import Case, PersonView, Plan, ReviewItem
    from yba.web.edge import Visit

_PAIR: Final = 2
_LATEST: Final = 3
_UNKNOWN: Final = frozenset({"unknown-patient", "unknown-overdue"})  # answered by what is noted of the patient


@dataclass(frozen=True, slots=True)
class Side:
    """One of the people concerned: ``view`` None where out of the reader's reach; visits (None: not his to see), the latest (day, facility)."""

    person: UUID
    view: PersonView | None
    visits: int | None
    latest: tuple[tuple[str, str], ...]

    @property
    def stands(self) -> bool:
        """Whether it can be compared: seen, and not merged into another."""
        return self.view is not None and self.view.merged_into is None


@needs(Right.IDENTITY_REVIEW_READ, Right.IDENTITY_PERSON_READ)
def item(visit: Visit, review: UUID) -> HttpResponse:
    """Show one conflict; opening it opens the people concerned, and the trail says so."""
    kind, facility = narrowed(visit)
    found = identity.desk_case(visit.conn, by=visit.by, review=review, kind=kind, facility=facility)
    sides = [_side(visit, person) for person in found.item.persons[:_PAIR]]
    compared = _compared(sides)
    values: dict[str, Any] = {
        "case": found,
        "item": found.item,
        "open": found.item.state is ReviewState.OPEN,
        "sides": sides,
        "compared": compared,
        "alone": [_of_one_facility(side) for side in (sides if compared else [side for side in sides if side.stands] or sides)],
        "lines": _ordered(compared.lines if compared else _alone(sides)),
        "ladder": words.ladder(visit, compared) if compared else [],
        "zone": _zone(visit, compared),
        "evidence": words.evidence(visit, found.item),
        "agree": words.said(visit, words.AGREE),
        "exactly": words.verdicts(visit, compared),
        "receipt": specs.reviews().get(found.item.kind),
        "days": (clock.now() - found.item.created_at).days,
        "rest": asked(kind, facility),
        "kind": kind,
        "facility": facility,
        "places": places(visit, _codes(found, sides)),
        "people": people(visit, [one.who for one in found.decisions]),
        "why": words.reason_words(visit),
        "ready": words.reasons(visit),
        **_forms(visit, found, sides),
        **common(visit),
    }
    return shell.answer(visit, "clerk_item", **values)


def _side(visit: Visit, person: UUID) -> Side:
    """Open one of the people; one whom only other facilities know is not shown, and nothing is said of it."""
    try:
        view = identity.person(visit.conn, by=visit.by, person_id=person)
    except NotFound:
        return Side(person, None, None, ())
    if view.merged_into is not None or not visit.may(Right.ACCESS_RELATION_READ):
        return Side(person, view, None, ())
    held = access.relations_of(visit.conn, by=visit.by, person_id=person)
    seen = [(one.start.astimezone(clock.VIETNAM).date().isoformat(), one.unit) for one in held if one.kind is RelationKind.VISIT]
    return Side(person, view, len(seen), tuple(sorted(set(seen), reverse=True)[:_LATEST]))


def _of_one_facility(side: Side) -> bool:
    """Whether one facility said all of it: then it stands once, under what it sent."""
    said = {one.facility for one in side.view.sources} | {known.facility for known in side.view.identifiers} if side.view else set()
    return len(said) == 1


def _compared(sides: Sequence[Side]) -> identity.Comparison | None:
    seen = [side.view for side in sides if side.stands]
    return identity.compare_people(seen[0], seen[1]) if len(seen) == _PAIR and seen[0] and seen[1] else None


def _ordered(lines: Sequence[identity.Line]) -> list[identity.Line]:
    """What both sides say first: there is where a clerk decides."""
    return sorted(lines, key=lambda line: line.agreement is identity.Agreement.NOTHING)


def _alone(sides: Sequence[Side]) -> tuple[identity.Line, ...]:
    seen = next((side.view for side in sides if side.view is not None and side.stands), None)
    return identity.lines_of(seen) if seen is not None else ()


def _zone(visit: Visit, compared: identity.Comparison | None) -> dict[str, str]:
    """Say the sum, what it means, and the guard that held it back."""
    if compared is None or compared.weights is None:
        return {}
    weighed = compared.weights
    guard = weighed.guard_vi if visit.lang == FIRST else weighed.guard_en
    return {"sum": words.points(weighed.weight, visit.lang), "words": words.said(visit, words.ZONES).get(weighed.zone, weighed.zone), "guard": guard}


def _codes(found: Case, sides: Sequence[Side]) -> list[str]:
    codes = {found.item.facility}
    for side in sides:
        codes |= {day[1] for day in side.latest}
        if side.view is not None:
            codes |= {one.facility for one in side.view.sources} | {known.facility for known in side.view.identifiers}
    return sorted(codes)


def _forms(visit: Visit, found: Case, sides: Sequence[Side]) -> dict[str, Any]:
    """Which decisions this reader may take here: what he may not is not offered, and why it is not is said once."""
    item_, pair = found.item, len(found.item.persons) >= _PAIR
    settles, whole = visit.may(Right.IDENTITY_REVIEW_SETTLE), all(side.stands for side in sides)
    is_open = item_.state is ReviewState.OPEN and settles
    ours = item_.facility in (visit.by.facilities or ())
    proposed = bool(found.decisions) and found.decisions[-1].kind is Decided.PROPOSED
    plan = _plan(visit, sides) if is_open and pair and whole and not proposed else None
    return {
        "whole": whole,
        "proposed": proposed,
        "plan": plan,
        "merges": plan is not None and not plan.refused,
        "tells_apart": is_open and pair and whole and not proposed,
        "right": is_open and not pair and whole and item_.kind not in _UNKNOWN,
        "splits": [side for side in sides if _divisible(visit, side)] if is_open and not proposed else [],
        "asks": is_open and not ours and not proposed,
        "answers": is_open and ours and not proposed,
        "undoes": settles and item_.state is not ReviewState.OPEN and bool(found.decisions) and visit.may(Right.IDENTITY_PERSON_MERGE),
        "kept": _kept(sides),
    }


def _divisible(visit: Visit, side: Side) -> bool:
    return side.view is not None and side.stands and len(side.view.sources) > 1 and visit.may(Right.IDENTITY_PERSON_SPLIT)


def _plan(visit: Visit, sides: Sequence[Side]) -> Plan | None:
    """What would stand in the way of a merge, said before anybody asks for it; None for who may not merge these two."""
    if not visit.may(Right.IDENTITY_PERSON_MERGE):
        return None
    keep, drop = sides[0].person, sides[1].person
    try:
        with visit.under(Right.IDENTITY_PERSON_MERGE) as (conn, by):
            return record.weigh(conn, by=by, plan=identity.plan_merge(conn, by=by, keep=keep, drop=drop, reason=""))
    except (Denied, NotFound):
        return None


def _kept(sides: Sequence[Side]) -> UUID:
    """Offer the id that more facilities know, then the older one: fewer have to learn another."""
    seen = [side for side in sides if side.view is not None]
    best = max(seen, key=lambda side: (len(side.view.sources), -side.view.created_at.timestamp()) if side.view else (0, 0), default=sides[0])
    return best.person


def is_pair(item_: ReviewItem) -> bool:
    """Whether two people are concerned."""
    return len(item_.persons) >= _PAIR
