"""Carrying a decision out on the state: person, source, identifiers, ownership, history, conflicts; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.kit.ids import derived

from .deaths import tell
from .kin import of_birth
from .ladder import Decision, Me, contradictions, decide, evidence, short
from .likeness import LIKELY
from .model import IdType, Resolution
from .patients import patient_id
from .state import Happening, IdFact, Owner, Person, Review, Source
from .survive import absorb, of_one_mind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from .likeness import Likely, Likeness
    from .model import Card, PersonFacts
    from .state import Stamp, State

_TEXTS: Final = (
    "local_id", "name", "birth", "sex", "citizen_number", "passport", "old_citizen_number", "phone", "ethnicity", "nationality",
    "occupation", "blood_group", "born_of", "resource_id",
)  # fmt: skip


def as_sent(facts: PersonFacts) -> dict[str, Any]:
    """Return the facts as JSON without what was not said: what the source's Patient document is made of."""
    sent: dict[str, Any] = {name: value for name in _TEXTS if (value := getattr(facts, name))}
    address = [facts.address, facts.province, facts.district, facts.commune]
    if any(address):
        sent["address"] = address
    if facts.cards:
        sent["cards"] = [list(card) for card in facts.cards]
    if facts.insurance_numbers:
        sent["insurance_numbers"] = list(facts.insurance_numbers)
    return sent


def resolve(state: State, prepared: Sequence[Me], likeness: Likeness | None = None) -> list[Resolution]:
    """Decide and carry out one after the other; documents are added by the caller. Without ``likeness`` numbers alone decide."""
    found = []
    for me in prepared:
        found.append(_one(state, me, likeness.of_next() if likeness else None))
        if likeness:
            likeness.decided(found[-1].person_id)
    return found


def _one(state: State, me: Me, likely: Likely | None = None) -> Resolution:
    decision = decide(state, me, likely)
    person, new = decision.person, decision.person is None or not decision.person.sources
    if person is None:
        person = _new_person(state, me)
    stamp = (int(me.facts.seen_at.timestamp()), me.facts.sequence)
    source = decision.source or _new_source(state, me, person, stamp)
    day = me.facts.seen_at.date().isoformat()
    if source.withdrawn:
        _bring_back(state, me, person, source, stamp)
    elif decision.source is not None:
        absorb(source, as_sent(me.facts), stamp)
    for key, card in me.ids.items():
        _note_identifier(source, person, key, card, day)
        _own(state, person, key, me.facts.sequence, claims=key in decision.claims)
    if decision.source is None:
        if me.facts.born_of and (link := of_birth(state, me, source, short(me.facts.born_of))):
            state.links.append(link)
        _happened(state, me, decision, person, source, new=new)
    _review(state, me, decision, person)
    if not person.stale:
        several = len({kind for kind, _ in person.holds}) < len(person.holds)
        person.stale = source.fresh or source.changed or several or not of_one_mind(person.sources)
    resolution = Resolution(person_id=person.id, new=new, review=decision.review, place=_place(source), made=person.fresh)
    tell(state, me, person, source, resolution)
    return resolution


def _place(source: Source) -> str | None:
    _, local_id, variant = source.key
    return f"{variant}/{local_id}" if variant > 1 or local_id.startswith("~") else None


def _new_person(state: State, me: Me) -> Person:
    parts = evidence(me, state) or ("MA_BN", *me.place, str(_next_variant(state, me)))
    person = Person(derived("person", *parts), fresh=True)
    state.people[person.id] = person
    return person


def _next_variant(state: State, me: Me) -> int:
    return len(state.sources.get(me.place, ())) + 1


def _new_source(state: State, me: Me, person: Person, stamp: Stamp) -> Source:
    key = (*me.place, _next_variant(state, me))
    patient = me.facts.patient or patient_id(me.facts.facility, me.facts.local_id)
    source = Source(key, person.id, patient, as_sent(me.facts), {}, stamp, fresh=True, doc_stale=True)
    state.add(source)
    return source


def _bring_back(state: State, me: Me, person: Person, source: Source, stamp: Stamp) -> None:
    """Let a withdrawn source speak again, with nothing but what is sent now."""
    source.withdrawn, source.sent, source.kept, source.told, source.deaths, source.stamp = False, as_sent(me.facts), {}, [], {}, stamp
    source.changed = source.doc_stale = True
    person.sources.append(source)
    state.happenings.append(Happening(person.id, "restored", source.key, "MA_BN", {"sequence": me.facts.sequence}))


def _note_identifier(source: Source, person: Person, key: tuple[str, str], card: Card | None, day: str) -> None:
    fact = source.ids.get(key)
    if fact is None:
        fact = source.ids[key] = IdFact(day, day, fresh=True)
        person.stale = True
        if key[0] == IdType.CITIZEN:
            person.citizens.add(key[1])
    elif day < fact.first or day > fact.last:
        fact.first, fact.last, fact.changed = min(day, fact.first), max(day, fact.last), True
    if card is not None:
        said = (card.valid_to, card.valid_from, card.registered_at)
        if said > fact.card:
            fact.valid_to, fact.valid_from, fact.registered_at = said
            fact.changed = person.stale = True


def _own(state: State, person: Person, key: tuple[str, str], sequence: int, *, claims: bool) -> None:
    owners = state.owners.setdefault(key, [])
    if all(owner.person_id != person.id for owner in owners) and (claims or not owners):
        owners.append(Owner(person.id, sequence, claimed=bool(owners), fresh=True))
        if len(owners) == 1:
            person.holds.add(key)


def _happened(state: State, me: Me, decision: Decision, person: Person, source: Source, *, new: bool) -> None:
    told: dict[str, Any] = {"identifiers": [kind for kind, _ in me.ids], "sequence": me.facts.sequence}
    if decision.verdict.total:
        told |= contradictions(decision.verdict)
    if decision.likely:
        told |= decision.likely.evidence
    if decision.conflicts:
        told["conflicts"] = [[kind, str(other)] for kind, other, _ in decision.conflicts]
    state.happenings.append(Happening(person.id, "created" if new else "linked", source.key, decision.rung, told))


def _review(state: State, me: Me, decision: Decision, person: Person) -> None:
    facts = me.facts
    for kind, other, by in decision.conflicts:
        weighed = decision.likely.evidence if decision.likely and kind == LIKELY else {}
        _open(state, Review(kind, _pair(person.id, other), facts.facility, me.place[1], {"by": by, **weighed}))
    if not decision.conflicts and decision.review:
        told = {"by": decision.rung, **contradictions(decision.verdict)}
        _open(state, Review(decision.review, (person.id,), facts.facility, me.place[1], told))


def _open(state: State, review: Review) -> None:
    review.evidence["sequence"] = max((s.stamp[1] for s in state.sources.get((review.facility, review.local_id), ())), default=0)
    state.reviews.append(review)


def _pair(one: UUID, other: UUID) -> tuple[UUID, ...]:
    return tuple(sorted({one, other}))
