"""What claims say of a death: kept claim by claim, so that a corrected or withdrawn claim takes it away again; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit.clock import VIETNAM

from .state import Review

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from .ladder import Me
    from .model import Resolution
    from .state import Person, Source, State

UNDATED: Final = "?"
"""A death without a date that could be read."""
_DAY: Final = len("2026-03-01")


def tell(state: State, me: Me, person: Person, source: Source, resolution: Resolution) -> None:
    """Keep what a claim says of a death, take away what its earlier version said, and report what contradicts."""
    claim = str(me.facts.claim or "")
    if not claim:
        return
    for one in state.sources[me.place]:
        said = me.facts.died if one is source else ""
        if one.deaths.get(claim, "") != said:
            _set(one, claim, said)
            state.people[one.person_id].stale = True
            state.beside.add(one.person_id)
    others = [died for one in person.sources for other, died in one.deaths.items() if other != claim]
    if not others:
        return
    place = me.facts.facility, me.place[1]
    began = next((died for died in sorted(others) if begins_after(me.facts.started_at, died)), "")
    if began:
        resolution.after_death = began
        state.reviews.append(Review("visit-after-death", (person.id,), *place, {"died": began, "sequence": me.facts.sequence}))
    if me.facts.died and any(_another_day(me.facts.died, died) for died in others):
        resolution.review = resolution.review or "death-dates-differ"
        told = {"died": sorted({me.facts.died, *others}), "sequence": me.facts.sequence}
        state.reviews.append(Review("death-dates-differ", (person.id,), *place, told))


def _set(source: Source, claim: str, died: str) -> None:
    source.changed = True
    if died:
        source.deaths[claim] = died
    else:
        del source.deaths[claim]


def begins_after(started: datetime | None, died: str) -> bool:
    """Whether a visit began after a death, as precisely as the death is known."""
    return started is not None and died != UNDATED and started.astimezone(VIETNAM).isoformat()[: len(died)] > died


def _another_day(one: str, other: str) -> bool:
    return UNDATED not in (one, other) and one[:_DAY] != other[:_DAY]


def death_of(person: Person) -> str:
    """Return when a person died: the earliest day any claim tells, as precisely as told of that day; UNDATED, or "" for nobody's word."""
    said = list(_said(person))
    dated = [died for died in said if died != UNDATED]
    return min(dated, key=lambda died: (died[:_DAY], -len(died), died)) if dated else UNDATED if said else ""


def _said(person: Person) -> Iterator[str]:
    for source in person.sources:
        yield from source.deaths.values()
