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


def _heard(world: World, period: Period, facilities: Collection[str] | None) -> dict[str, bool]:
    """Facilities that told of a visit in the twelve months to the end, and whether they did in the period."""
    since = months_before(period.end, 12)
    found: dict[str, bool] = {}
    for one in world["encounter"]:
        for day in (one["start_date"], one["end_date"]):
            facility = one["row_facility"]
            if facility and (facilities is None or facility in facilities) and day is not None and min(period.start, since) <= day < period.end:
                found[facility] = found.get(facility, False) or day >= period.start
    return found


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
    heard = _heard(world, period, facilities)
    if _without_source(world, name):
        return [Told((), None, None, None, "no_source", sum(heard.values()), len(heard))]
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
    if Dimension.FACILITY in by and spec.semantics is not Semantics.STOCK:
        for facility in heard.keys() - {key[by.index(Dimension.FACILITY)] for key in groups}:
            groups[tuple(facility if one is Dimension.FACILITY else None for one in by)] = []
    small = _small(groups, spec.kind, smallest)
    cells = [_cell(spec.kind, spec.semantics, by, key, facts, heard, hide=key in small) for key, facts in groups.items()]
    return sorted(cells, key=lambda one: _order(one.dimensions))


def _small(groups: dict[tuple[str | None, ...], list[Fact]], kind: Kind, smallest: int) -> set[tuple[str | None, ...]]:
    """Cells about few people, in numerator or denominator (of a mean: in the denominator); of one alone the next smallest too."""
    sizes = {}
    for key, facts in groups.items():
        counted = len({one.person for one in facts if one.numerator and one.person is not None})
        asked = len({one.person for one in facts if one.denominator and one.person is not None})
        sizes[key] = asked if kind is Kind.MEAN else min((one for one in (counted, asked) if one), default=0)
    small = {key for key, size in sizes.items() if 0 < size < smallest}
    others = [key for key, size in sizes.items() if size >= smallest]
    if len(small) == 1 and others:
        small.add(min(others, key=lambda key: (sizes[key], _order(key))))
    return small


def _order(key: tuple[str | None, ...]) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in key]


def _cell(
    kind: Kind, semantics: Semantics, by: Sequence[Dimension], key: tuple[str | None, ...], facts: list[Fact], heard: dict[str, bool], *, hide: bool
) -> Told:
    numerator, denominator = sum(one.numerator for one in facts), sum(one.denominator or 0 for one in facts)
    facility = key[by.index(Dimension.FACILITY)] if Dimension.FACILITY in by else None
    about = heard if facility is None else {facility: heard[facility]} if facility in heard else {}
    told = (sum(about.values()), len(about))
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
