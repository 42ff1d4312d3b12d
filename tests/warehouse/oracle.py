"""Measures answered in plain Python: facts grouped, judged and hidden as the page for statisticians says; `oracle_facts` has the facts."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tests.warehouse.oracle_facts import FACTS, Fact, World, age, band, months_before, residents
from yba.specs.measures import Dimension, Kind, Semantics, measures

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from yba.warehouse import Period

__all__ = ["FACTS", "Told", "World", "answer", "months_before"]


class Told(NamedTuple):
    """A cell, as an answer has it."""

    dimensions: tuple[str | None, ...]
    numerator: float | None
    denominator: float | None
    value: float | None
    state: str
    heard: int
    expected: int


class Heard(NamedTuple):
    """Facilities expected, and whether each was heard; those that each commune's residents went to."""

    facilities: dict[str, bool]
    visited: dict[str | None, set[str]]

    def about(self, known: dict[Dimension, str | None]) -> tuple[int, int]:
        if known.get(Dimension.FACILITY) is not None:
            of = [heard for facility, heard in self.facilities.items() if facility == known[Dimension.FACILITY]]
        elif Dimension.COMMUNE in known:
            of = [heard for facility, heard in self.facilities.items() if facility in self.visited.get(known[Dimension.COMMUNE], set())]
        else:
            of = [*self.facilities.values()]
        return sum(of), len(of)


def who_is_heard(world: World, period: Period, facilities: Collection[str] | None, areas: Collection[str] | None) -> Heard:
    """Facilities that told of a visit in the twelve months to the end, of a resident of these communes; and whether they told of any in the period."""
    since, people = months_before(period.end, 12), residents(world)
    found: dict[str, bool] = {}
    visited: dict[str | None, set[str]] = defaultdict(set)
    for one in world["encounter"]:
        for day in (one["start_date"], one["end_date"]):
            facility = one["row_facility"]
            if facility and (facilities is None or facility in facilities) and day is not None and min(period.start, since) <= day < period.end:
                found[facility] = found.get(facility, False) or day >= period.start
                visited[people[one["row_person"]]["commune_code"] if one["row_person"] in people else None].add(facility)
    if areas is not None:
        reached = {facility for area in areas for facility in visited.get(area, set())}
        found = {facility: heard for facility, heard in found.items() if facility in reached}
    return Heard(found, visited)


def _without_source(world: World, name: str) -> bool:
    return any(not any(world.get(view) for view in either.split("|")) for either in measures()[name].source)


def answer(
    world: World,
    name: str,
    period: Period,
    by: Sequence[Dimension] = (),
    *,
    facilities: Collection[str] | None = None,
    areas: Collection[str] | None = None,
    smallest: int = 1,
) -> list[Told]:
    """What a measure answers: its cells in the order of the dimensions."""
    spec = measures()[name]
    heard = who_is_heard(world, period, facilities, areas)
    if _without_source(world, name):
        return [Told((), None, None, None, "no_source", *heard.about({}))]
    people = residents(world)
    start = {Semantics.FLOW: period.start, Semantics.CUMULATIVE: period.year_start, Semantics.STOCK: date.min}[spec.semantics]
    by = (*by, Dimension.DETAIL) if spec.always_by_detail and Dimension.DETAIL not in by else tuple(by)
    groups: dict[tuple[str | None, ...], list[Fact]] = defaultdict(list)
    for fact in FACTS[name](world, start, period.end):
        who = people.get(fact.person)
        commune = who["commune_code"] if who else None
        own = fact.own or {}
        commune = own.get(Dimension.COMMUNE, commune)
        if (facilities is None or fact.facility in facilities) and (areas is None or commune in areas):
            known = {
                Dimension.FACILITY: fact.facility, Dimension.COMMUNE: commune, Dimension.AGE_BAND: band(age(who, fact.day)),
                Dimension.SEX: who["sex"] if who else None, Dimension.PAYER: fact.payer, Dimension.DETAIL: fact.detail, **own,
            }  # fmt: skip
            groups[tuple(known[one] for one in by)].append(fact)
    if not by and not groups:
        groups[()] = []
    places = [one for one in (Dimension.FACILITY, Dimension.COMMUNE) if one in by]
    if places and spec.semantics is not Semantics.STOCK:
        communes = {commune for commune, of in heard.visited.items() if commune and of & heard.facilities.keys()}
        expected = {*heard.facilities} if places[0] is Dimension.FACILITY else communes
        for code in expected - {key[by.index(places[0])] for key in groups}:
            groups[tuple(code if one is places[0] else None for one in by)] = []
    small = _small(groups, spec.kind, smallest)
    cells = [_cell(spec.kind, spec.semantics, by, key, facts, heard, hide=key in small) for key, facts in groups.items()]
    return sorted(cells, key=lambda one: _order(one.dimensions))


def _small(groups: dict[tuple[str | None, ...], list[Fact]], kind: Kind, smallest: int) -> set[tuple[str | None, ...]]:
    """Cells about few people, in numerator or denominator (of a mean: in the denominator); and those that rows and columns would give them away by."""
    sizes = {}
    for key, facts in groups.items():
        counted = len({one.person for one in facts if one.numerator and one.person is not None})
        asked = len({one.person for one in facts if one.denominator and one.person is not None})
        sizes[key] = asked if kind is Kind.MEAN else min((one for one in (counted, asked) if one), default=0)
    small = {key for key, size in sizes.items() if 0 < size < smallest}
    while small:
        more = set()
        for axis in range(len(next(iter(sizes), ()))):
            for line in {key[:axis] + key[axis + 1 :] for key in sizes}:
                keys = [key for key in sizes if key[:axis] + key[axis + 1 :] == line]
                gone = [key for key in keys if key in small]
                spare = sorted((key for key in keys if key not in small and sizes[key] >= smallest), key=lambda key: (sizes[key], _order(key)))
                while gone and spare and (len(gone) < 2 or sum(sizes[key] for key in gone) < max(smallest, len(gone) + 1)):
                    more.add(spare[0])
                    gone.append(spare.pop(0))
        if not more:
            break
        small |= more
    return small


def _order(key: tuple[str | None, ...]) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in key]


def _cell(
    kind: Kind, semantics: Semantics, by: Sequence[Dimension], key: tuple[str | None, ...], facts: list[Fact], heard: Heard, *, hide: bool
) -> Told:
    numerator, denominator = sum(one.numerator for one in facts), sum(one.denominator or 0 for one in facts)
    told = heard.about(dict(zip(by, key, strict=True)))
    if hide:
        return Told(key, None, None, None, "too_few", *told)
    if kind is Kind.COUNT:
        if not numerator and not told[0] and semantics is not Semantics.STOCK:
            return Told(key, None, None, None, "not_heard", *told)
        return Told(key, numerator, None, numerator, "shown", *told)
    by_nobody = not numerator and not any(one.person is not None for one in facts)  # beds alone say nothing of who lies in them
    if (not denominator or by_nobody) and not told[0] and semantics is not Semantics.STOCK:
        return Told(key, None, None, None, "not_heard", *told)
    value = numerator / denominator * (100 if kind is Kind.SHARE else 1) if denominator else None
    return Told(key, float(numerator), float(denominator), value, "shown", *told)
