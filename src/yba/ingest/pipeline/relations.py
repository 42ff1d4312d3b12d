"""Relations of care that claims and check-ins carry: past visits, visits under way, and where people live."""

from __future__ import annotations

import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from yba import access, identity
from yba.access import Home, Relation, RelationKind, UnitKind
from yba.ingest import store
from yba.ingest.mapping import facts_of_check_in, moment
from yba.kit import Actor, clock, ids
from yba.kit.db import unit_of_work
from yba.record import commune_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.identity import PersonFacts, Resolution
    from yba.ingest.model import Row

    from .prepare import Prepared

_VISIT: Final = "Claim"
_CHECK_IN: Final = "CheckIn"
_REPLACED: Final = "claim replaced"
_SYSTEM: Final = Actor.system("relations", "claims-intake")


@dataclass(slots=True)
class Carried:
    """What a batch says of who cared for whom; written with its claims."""

    visits: list[Relation] = field(default_factory=list)
    """Of claims never written before."""
    corrected: list[Relation] = field(default_factory=list)
    replaced: list[UUID] = field(default_factory=list)
    homes: list[Home] = field(default_factory=list)
    moves: list[Home] = field(default_factory=list)
    arrived: list[UUID] = field(default_factory=list)

    def take(self, ready: Prepared, found: Resolution, *, known: bool) -> None:
        """Note the visit of a claim, and of each newborn it tells of: relations of their own, so that either can be moved alone."""
        visits = list(_visits(ready, found))
        (self.corrected if known else self.visits).extend(visits)
        if known and ready.claim_id is not None:
            self.replaced.append(ready.claim_id)

    def live(self, resolved: Sequence[Resolution], facts: Sequence[PersonFacts]) -> None:
        """Note where the people live whose golden Patient is new or changed; the last word of a batch counts."""
        homes: dict[UUID, Home] = {}
        new = set()
        for one, fact in zip(resolved, facts, strict=True):
            if one.new:
                new.add(one.person_id)
            if one.golden is not None:
                homes[one.person_id] = Home(one.person_id, commune_of(one.golden, fact.seen_at), min(fact.seen_at, clock.now()))
        for person, home in homes.items():
            (self.homes if person in new else self.moves).append(home)

    def arrive(self, going: Sequence[Prepared], senders: frozenset[str]) -> None:
        """Note which check-ins these claims follow: the visit they told of is over."""
        self.arrived += [checked_in(ready.claim.facility, ready.claim.link) for ready in going if ready.claim.facility in senders]

    def write(self, conn: Connection[Any], *, by: Actor) -> None:
        """Write everything: COPY for what is new, one statement for each kind of the rest, none for what there is none of."""
        if self.visits or self.corrected or self.replaced or self.homes or self.moves or self.arrived:
            with _of_everywhere(conn, by) as (unit, who):
                self._write(unit, who)
        self.visits, self.corrected, self.replaced, self.homes, self.moves, self.arrived = [], [], [], [], [], []

    def _write(self, conn: Connection[Any], by: Actor) -> None:
        if self.arrived:
            access.void_relations(conn, by=by, source_ids=self.arrived, reason="the claim has come")
        if self.replaced:  # the person may be another one now
            access.void_relations(conn, by=by, source_ids=self.replaced, reason=_REPLACED)
        if self.visits:
            access.relate_many(conn, by=by, relations=self.visits, fresh=True)
        if self.corrected:
            access.relate_many(conn, by=by, relations=self.corrected)
        access.reside_many(conn, by=by, homes=self.homes, fresh=True)
        access.reside_many(conn, by=by, homes=self.moves)


@contextmanager
def _of_everywhere(conn: Connection[Any], by: Actor) -> Iterator[tuple[Connection[Any], Actor]]:
    """Relations are the platform's own work: a facility's client reaches none of those that other facilities' claims left behind."""
    if by.facilities is None:
        yield conn, by
        return
    with unit_of_work(by=_SYSTEM) as inner:
        yield inner, _SYSTEM


def take_back(conn: Connection[Any], *, by: Actor, sources: Sequence[UUID], reason: str) -> None:
    """Take back what rests on claims or newborns' Patients that are said no more."""
    if sources:
        with _of_everywhere(conn, by) as (unit, who):
            access.void_relations(unit, by=who, source_ids=sources, reason=reason)


def _visits(ready: Prepared, found: Resolution) -> Iterator[Relation]:
    mapped, facility = ready.mapped, ready.claim.facility
    if mapped is None or mapped.started_at is None or not facility:  # an assessment is no visit; its centre may not be known
        return
    start = mapped.started_at
    end = max(start, mapped.ended_at or start)
    ground = str(ready.claim_id)
    yield Relation(found.person_id, UnitKind.FACILITY, facility, RelationKind.VISIT, start, end, _VISIT, ground, ready.claim_id)
    for birth in mapped.births:
        if birth.resolution is not None and birth.facts is not None and birth.facts.patient is not None:
            child = birth.resolution.person_id
            yield Relation(child, UnitKind.FACILITY, facility, RelationKind.VISIT, start, end, _VISIT, ground, birth.facts.patient)


@cache
def _stay() -> tuple[int, dict[str, int]]:
    told = tomllib.loads(files("yba.specs").joinpath("intake", "check_in.toml").read_text("utf-8"))
    return told["default"], told["days"]


def checked_in(facility: str, link: str) -> UUID:
    """The source of the relation that a check-in opens."""
    return ids.derived("check-in", facility, link)


def check_in(conn: Connection[Any], rows: Iterable[Row], *, by: Actor) -> int:
    """Open a relation for each visit that check-ins (XML0) announce, of people who are known; returns how many.

    Nobody is made here: the claim does that. Whoever a number names but name or birth contradict is not recognised, so that a check-in does
    not open the record of somebody else. A visit whose claim is here already is over.
    """
    visits = {(row.get("MA_CSKCB", "").strip(), row.get("MA_LK", "").strip()): row for row in rows}
    began = {key: _began(row) for key, row in visits.items() if all(key)}
    under_way = {key: start for key, start in began.items() if start is not None and start <= clock.now() + timedelta(days=1)}
    if not under_way:
        return 0
    with _of_everywhere(conn, by) as (unit, who):
        claims = {key: ids.derived("claim", *key) for key in under_way}
        known = store.known_claims(unit, list(claims.values()), lock=False)
        keys = [key for key in under_way if claims[key] not in known]
        people = identity.recognise(unit, by=who, facts=[facts_of_check_in(visits[key], under_way[key]) for key in keys])
        relations = [_under_way(person, key, under_way[key], visits[key]) for key, person in zip(keys, people, strict=True) if person is not None]
        return access.relate_many(unit, by=who, relations=relations)


def _began(row: Row) -> datetime | None:
    return moment(row.get("NGAY_VAO", ""))


def _under_way(person: UUID, key: tuple[str, str], start: datetime, row: Row) -> Relation:
    default, days = _stay()
    end = start + timedelta(days=days.get(row.get("MA_LOAI_KCB", "").strip().zfill(2), default))
    source = checked_in(*key)
    return Relation(person, UnitKind.FACILITY, key[0], RelationKind.VISIT, start, end, _CHECK_IN, str(source), source)
