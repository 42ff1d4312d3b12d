"""The last rung of the ladder: whom the weights say a claim speaks of when no number tells, and what later claims are compared with."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.kit.clock import VIETNAM
from yba.kit.settings import LIKENESS

from .matching import Asked, Description, ask_shared, candidates, choose, current, features, is_shared, remember

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.db import Ask, Coming

    from .ladder import Me
    from .matching import Features, Model, Scored
    from .model import PersonFacts, Resolution
    from .state import Source, State
    from .store import Near

LIKELY: Final = "likely-duplicate"  # the kind of doubt: specs/identity/reviews.toml
RUNG: Final = "weights"


class Likely(NamedTuple):
    """What the weights make of one claim: link or review, the person meant, and the figures a clerk is shown."""

    zone: str
    person_id: UUID
    evidence: dict[str, Any]


class Likeness:
    """The candidates of a batch; who an earlier claim of the batch belongs to is known only while it is decided.

    ``rows``: how the claims describe their people, where that was asked.
    """

    def __init__(self, model: Model, found: Sequence[Sequence[Scored]], rows: Sequence[Features] = ()) -> None:
        self._model, self._found = model, found
        self._decided: list[UUID] = []
        self.rows = rows

    @property
    def people(self) -> set[UUID]:
        """The people of the database among the candidates: to be held and read before the batch is decided."""
        return {one.person_id for found in self._found for one in found if one.person_id is not None}

    def decided(self, person_id: UUID) -> None:
        """Note whose the next claim of the batch is."""
        self._decided.append(person_id)

    def of_next(self) -> Likely | None:
        """Say what the weights make of the claim that is decided now; None: nobody like it is known."""
        best: dict[UUID, Scored] = {}
        for one in self._found[len(self._decided)]:
            person = one.person_id or self._decided[one.earlier or 0]
            if person not in best or one.weight > best[person].weight:  # one human, however many descriptions
                best[person] = one
        people = sorted(best, key=lambda person: (-best[person].weight, person))
        choice = choose(self._model, [best[person] for person in people])
        if choice.best is None or choice.zone == "new":
            return None
        return Likely("review" if LIKENESS() == "review" else choice.zone, people[0], self._evidence(choice.best))

    def _evidence(self, scored: Scored) -> dict[str, Any]:
        compared = self._model.set.comparisons
        levels = {each.name: each.levels[level].name for each, level in zip(compared, scored.levels, strict=True)}
        guard = self._model.set.guards[scored.guard - 1].name if scored.guard else ""
        return {"release": self._model.release.name, "weight": scored.weight, "levels": levels, "guard": guard}


def ask_look(prepared: Sequence[Me]) -> tuple[list[Ask], list[Features]]:
    """Return what may spare `look` its statement, to be asked with `store.ask_near`, and how the claim describes its person.

    Nothing where several claims may describe one human.
    """
    if len(prepared) > 1 or LIKENESS() == "off" or prepared[0].facts.born_of:
        return [], []
    row = row_of(prepared[0].facts)
    return [ask_shared(current(), row)], [row]


def look(conn: Connection[Any], prepared: Sequence[Me], near: Near, asked: Sequence[Coming] = (), rows: Sequence[Features] = ()) -> Likeness:
    """Ask for the candidates of the claims that no number and no patient number leads anywhere: one round trip, none when there are no such.

    ``asked``, ``rows``: what came of `ask_look`: where nobody shares a block with the claim, nobody is a candidate.
    """
    model = current()
    wants = [_nobody(me, near) for me in prepared]
    if LIKENESS() == "off" or not any(wants):
        return Likeness(model, [()] * len(prepared), rows)
    rows = rows or [row_of(me.facts) for me in prepared]
    if asked and not is_shared(conn, asked[0]):
        return Likeness(model, [()], rows)
    return Likeness(model, candidates(conn, model, list(map(Asked, rows, wants))), rows)


def _nobody(me: Me, near: Near) -> bool:
    """Whether nobody is known by what this claim shows; a newborn is found through its mother and never by likeness."""
    return not me.facts.born_of and me.place not in near.places and near.ids.isdisjoint(me.ids)


def keep(conn: Connection[Any], state: State, prepared: Sequence[Me], resolutions: Sequence[Resolution], likeness: Likeness) -> None:
    """Keep for later claims how this batch describes its people: what is new or was said anew."""
    told = {source.key[:2] for places in state.sources.values() for source in places if source.fresh or source.changed}
    rows = [
        (one.person_id, likeness.rows[place] if likeness.rows else row_of(me.facts))
        for place, (me, one) in enumerate(zip(prepared, resolutions, strict=True))
        if me.place in told and not me.facts.born_of
    ]
    if rows:
        remember(conn, current(), rows)


def row_of(facts: PersonFacts) -> Features:
    """Return what a claim says of its person as it is compared."""
    insurance = next((number for number in (*facts.insurance_numbers, *(card.number for card in facts.cards)) if number), "")
    said = (facts.name, facts.birth, facts.sex, facts.citizen_number, facts.old_citizen_number, insurance, facts.phone, facts.commune, facts.address)
    return features(Description(*said, written=facts.seen_at.astimezone(VIETNAM).date()))


def rows_of_sources(sources: Iterable[Source]) -> list[Features]:
    """Return the same of what sources keep of their last claims: after a merge or a split people are compared by these."""
    return [_row_of(source.sent, datetime.fromtimestamp(source.stamp[0], VIETNAM).date()) for source in sources if "born_of" not in source.sent]


def _row_of(sent: Mapping[str, Any], day: date) -> Features:
    insurance = next((number for number in (*sent.get("insurance_numbers", ()), *(card[0] for card in sent.get("cards", ()))) if number), "")
    text, *_, commune = sent.get("address") or ("", "", "", "")
    name, birth, sex, citizen, old, phone = (sent.get(key, "") for key in ("name", "birth", "sex", "citizen_number", "old_citizen_number", "phone"))
    return features(Description(name, birth, sex, citizen, old, insurance, phone, commune, text, written=day))
