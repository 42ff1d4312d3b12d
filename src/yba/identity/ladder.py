"""Who is it? The exact ladder over prefetched state: pure, in the given order, the same for every way to cut a batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from yba.kit.ids import derived_text
from yba.specs import identity as specs

from .compare import PART, Level, Verdict, Who, a_year_apart, compare, name_level
from .likeness import LIKELY, RUNG
from .model import IdType
from .normalise import identifiers, name_parts
from .survive import NAME_LENGTH, description

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from .likeness import Likely
    from .model import Card, PersonFacts
    from .normalise import Key
    from .state import Owner, Person, Source, State

_KINDS: Final = {kind.type: kind for kind in specs.identifiers().kinds}
_RANK: Final = {kind.type: rank for rank, kind in enumerate(specs.identifiers().kinds)}
_LOCAL_PARTS_AT: Final = 2  # as for numbers given for life: one difference is a slip, two are another human
_TEMPORARY: Final = IdType.TEMPORARY.value
_CARD: Final = IdType.CARD.value
_KEY_LENGTH: Final = 200  # characters; MA_BN has 100 by decision, an index row takes 2,700 bytes
_FULL: Final = len("2026-01-31")


@dataclass(slots=True)
class Me:
    """The facts of one claim, ready to be compared; ``ids`` in the order in which they decide."""

    facts: PersonFacts
    who: Who
    ids: dict[Key, Card | None]
    citizen: str
    place: tuple[str, str]
    """(facility, patient number); without a number the strongest identifier, else the message stands for it."""

    @classmethod
    def of(cls, facts: PersonFacts) -> Me:
        """Prepare facts."""
        found = identifiers(facts)
        ids = dict(sorted(found.items(), key=lambda item: (_RANK[item[0][0]], item[0][1]))) if len(found) > 1 else found
        citizen = next((value for kind, value in ids if kind == IdType.CITIZEN), "")
        local_id = facts.local_id
        if not local_id:
            first = next(iter(ids), None)
            local_id = f"~{first[0]}:{first[1]}" if first else f"~{facts.sequence}"
        who = Who(facts.name[:NAME_LENGTH], facts.birth, facts.sex, facts.seen_at.year)
        return cls(facts, who, ids, citizen, (short(facts.facility), short(local_id)))


def short(text: str) -> str:
    """Return a key that fits an index, whatever was typed: long texts keep their beginning and a hash of the whole."""
    return text if len(text) <= _KEY_LENGTH else f"{text[:_KEY_LENGTH]}…{derived_text('key', text)}"


@dataclass(slots=True)
class Decision:
    """What was decided: the source it continues (or None) or the person it joins (or None: a new one), and why."""

    source: Source | None = None
    person: Person | None = None
    rung: str = "new"
    verdict: Verdict = field(default_factory=lambda: Verdict(0, ()))
    conflicts: list[tuple[str, UUID, str]] = field(default_factory=list)
    """(kind of review, other person, identifier type), strongest first."""
    claims: set[Key] = field(default_factory=set)
    """Identifiers somebody else holds who is certainly another human: held by this person too from now on."""
    likely: Likely | None = None
    """What the weights made of it, where no number led to anybody."""

    @property
    def review(self) -> str | None:
        """The kind of conflict to tell: the strongest, or a contradiction within the person it was given to."""
        if self.conflicts:
            return self.conflicts[0][0]
        if not self.verdict.total:
            return None
        return "citizen-number-changed" if "citizen" in self.verdict.what else "demographics-differ"


def decide(state: State, me: Me, likely: Likely | None = None) -> Decision:
    """Find the person of one claim.

    A patient number known at its facility stays with its person as long as the facts agree; then citizen number,
    insurance number, card, passport, old card and temporary card are asked in this order. Holders that contradict
    are passed over and reported; the first rung with a holder that agrees decides. Where no number leads to anybody,
    the weights (``likely``) may link, or open a doubt beside a new person.
    """
    known = state.sources.get(me.place, [])
    decision = _stay(state, me, known) if known else Decision()
    if decision.person is None:
        decision = _climb(state, me)
        there = decision.person.id if decision.person else None
        decision.source = next((source for source in known if source.person_id == there), None)
    _look_around(state, me, decision)
    if known and decision.source is None and me.facts.local_id:
        decision.conflicts.insert(0, ("local-number-reused", known[0].person_id, "MA_BN"))
    if likely is not None and decision.person is None and not decision.conflicts:
        _weigh(state, me, decision, likely)
    return decision


def _weigh(state: State, me: Me, decision: Decision, likely: Likely) -> None:
    person = state.people.get(likely.person_id)
    if person is None or not person.sources or _kin(me, person):
        return
    decision.likely = likely
    if likely.zone == "link":
        decision.person, decision.rung, decision.verdict = person, RUNG, against(me, person)
    else:
        decision.conflicts.append((LIKELY, person.id, RUNG))


def against(me: Me, person: Person) -> Verdict:
    """Compare with what every source of a person says and take the kindest answer."""
    differs = bool(me.citizen and person.citizens and me.citizen not in person.citizens)
    best: Verdict | None = None
    for who in _descriptions(person):
        verdict = compare(me.who, who, citizen_differs=differs)
        if best is None or (verdict.total, not verdict.exact) < (best.total, not best.exact):
            best = verdict
            if not verdict.total and verdict.exact:
                break
    best = best or Verdict(0, ())
    return _tolerant(me, person, best) if best.what == ("birth",) and best.total == 1 else best


def _descriptions(person: Person) -> Iterator[Who]:
    for source in person.sources:
        year = _year_of(source)
        for name, birth, sex in (description(source.sent), *source.told):
            yield Who(name, birth, sex, year)


def _year_of(source: Source) -> int:
    return 1970 + int(source.stamp[0] / 31_556_952)  # seconds of a mean year: exact enough for the age of an infant


def _tolerant(me: Me, person: Person, verdict: Verdict) -> Verdict:
    near = any(a_year_apart(me.who.birth, who.birth) and name_level(me.who.name, who.name) is Level.SAME for who in _descriptions(person))
    return Verdict(0, ()) if near else verdict


def _stay(state: State, me: Me, known: list[Source]) -> Decision:
    """Take the human of a known patient number that contradicts least, among equals the one of whom just this was said."""
    best: Decision | None = None
    rank: tuple[int, bool] = (PART, True)
    mine = [me.who.name, me.who.birth, me.who.sex]
    for source in known:
        person = state.people[source.person_id]
        verdict = against(me, person)
        if me.facts.born_of:  # the row of a certificate is one child, however it is corrected
            return Decision(source=source, person=person, rung="MA_BN", verdict=verdict)
        if verdict.total >= _LOCAL_PARTS_AT and not _corrected(me, source, verdict):
            continue
        said_before = mine == description(source.sent) or mine in source.told
        if (verdict.total, not said_before) < rank:
            rank = (verdict.total, not said_before)
            best = Decision(source=source, person=person, rung="MA_BN", verdict=verdict)
    return best or Decision()


def _corrected(me: Me, source: Source, verdict: Verdict) -> bool:
    """Whether two contradictions are a correction: the same patient number and the same citizen number, one human still."""
    same_number = bool(me.citizen) and ("SDDCN", me.citizen) in source.ids
    return same_number and verdict.total == _LOCAL_PARTS_AT and "name" not in verdict.what


def _climb(state: State, me: Me) -> Decision:
    for key in me.ids:
        holders, kind = _holders(state, key)
        found: Person | None = None
        agreed: Verdict | None = None
        for owner in holders:
            person = state.people[owner.person_id]
            verdict = against(me, person)
            if _another(me, kind, verdict, person):
                continue
            if agreed is None or (verdict.total, not verdict.exact) < (agreed.total, not agreed.exact):
                found, agreed = person, verdict
        if found is not None and agreed is not None:
            return Decision(person=found, verdict=agreed, rung=key[0])
    return Decision()


def _holders(state: State, key: Key) -> tuple[list[Owner], str]:
    """Return the holders of an identifier and as what; a child's lasting card may be known as its temporary one."""
    holders = state.owners.get(key)
    if not holders and key[0] == _CARD and key[1].startswith("TE"):
        return state.owners.get((_TEMPORARY, key[1]), []), _TEMPORARY
    return holders or [], key[0]


def _another(me: Me, kind: str, verdict: Verdict, person: Person) -> bool:
    """Whether a holder of our identifier is another human.

    A temporary card links only an equal full birth, and never two newborns that have no names: they may be twins.
    """
    if verdict.total >= _KINDS[kind].part_at or _kin(me, person):
        return True
    if kind != _TEMPORARY:
        return False
    if name_parts(me.who.name).placeholder and all(name_parts(s.sent.get("name", "")).placeholder for s in person.sources):
        return True
    births = {s.sent.get("birth", "")[:_FULL] for s in person.sources}
    return len(me.who.birth) < _FULL or me.who.birth[:_FULL] not in births


def _kin(me: Me, person: Person) -> bool:
    """Whether one is told to be the child of the other, or both are told to be born: kin is never one human."""
    place, mother = me.place, me.facts.born_of
    for source in person.sources:
        born_of = source.sent.get("born_of", "")
        if mother and (born_of or source.key[:2] == (place[0], short(mother))):
            return True
        if born_of and not mother and source.key[0] == place[0] and short(born_of) == place[1]:
            return True
    return False


def _look_around(state: State, me: Me, decision: Decision) -> None:
    """Compare with the other holders of every identifier: each is a conflict, and says whether we hold it too.

    What we hold and others hold as well stays in question until a clerk has settled it.
    """
    mine = decision.person.id if decision.person else None
    seen: set[tuple[str, UUID]] = set()
    for key in me.ids:
        holders, kind = _holders(state, key)
        ours = any(owner.person_id == mine for owner in holders)
        for owner in holders:
            if owner.person_id == mine:
                continue
            person = state.people[owner.person_id]
            other = ours or _another(me, kind, against(me, person), person)
            code = _KINDS[kind].review if other else "identifiers-disagree"
            if other and not ours:
                decision.claims.add(key)
            if (code, owner.person_id) not in seen:
                seen.add((code, owner.person_id))
                decision.conflicts.append((code, owner.person_id, kind))


def evidence(me: Me, state: State) -> Key | None:
    """Return the strongest identifier nobody holds: what a new person's id is derived from."""
    return next((key for key in me.ids if key[0] != _TEMPORARY and not state.owners.get(key)), None)


def contradictions(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as evidence for a clerk."""
    return {"contradicts": list(verdict.what), "certain": verdict.total >= PART}
