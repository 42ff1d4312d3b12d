"""A person's visits over the window: chronic care month by month, acute illness, epidemics, pregnancy and birth, old visits sent again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp
from typing import TYPE_CHECKING

from .conditions import Condition, band, chronic, epidemics, main_code, monthly
from .dates import DAY, calendar, day_number, months_back
from .dice import Dice, derive
from .names import FEMALE, MALE
from .places import STATION
from .plan import (
    CHRONIC,
    CHRONIC_TESTS,
    DEAD,
    INPATIENT,
    PERIODS,
    REFILL,
    STANDARDS,
    Visit,
    acute_visit,
    facility_for,
    follow_up,
    office_hours,
    standard_of,
)
from .pregnancy import pregnancy_visits
from .tables import diagnoses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .people import Person
    from .places import Facility, Province
    from .tables import Medicine

ARCHIVE = {"917": 0.02, "4210": 0.05, "130": 0.03, "4750": 0.03, "3176": 0.04}
"""Share of residents with one visit of an older standard in the files, for every six months of the window."""


@dataclass(slots=True)
class Window:
    """The time the files are about, in day numbers, both ends included."""

    seed: int
    start: int
    end: int
    archive: bool
    """also send some visits of older standards"""
    standard: str = ""
    """the standard all visits are written in; empty = by date and facility"""


def life(dice: Dice, person: Person, net: Province, window: Window) -> tuple[list[Visit], list[Person]]:
    """Plan all visits of one resident in order of time; also give the children born in the window."""
    visits: list[Visit] = []
    babies: list[Person] = []
    for condition in _chronic_of(dice, person, window.start):
        person.chronic.append(condition)
        visits += long_care(dice, person, net, condition, window)
    visits += _acute(dice, person, net, window)
    visits += _epidemic(dice, person, net, window)
    if person.sex == FEMALE:
        found, babies = pregnancy_visits(dice, person, net, window.start, window.end)
        visits += found
    if window.archive:
        visits += _archive(dice, person, net, window)
    return _in_order(visits, window), babies


def early_life(dice: Dice, child: Person, net: Province, window: Window, first: list[Visit]) -> list[Visit]:
    """Plan the visits of a child born in the window; `first` are those right after birth."""
    start = child.birth // DAY + 20
    visits = list(first)
    if start < window.end and child.dies > start * DAY:
        visits += _acute(dice, child, net, Window(window.seed, start, window.end, archive=False, standard=window.standard))
        visits += _epidemic(dice, child, net, Window(window.seed, start, window.end, archive=False, standard=window.standard))
    return _in_order(visits, window)


def _chronic_of(dice: Dice, person: Person, day: int) -> list[Condition]:
    age_band = band(max(0.0, person.age(day)))
    found = []
    for one in chronic():
        factor = 2 * one.male / (1 + one.male) if person.sex == MALE else 2 / (1 + one.male)
        if dice.chance(one.rate[age_band] * factor):
            found.append(one)
    return found


def long_care(dice: Dice, person: Person, net: Province, condition: Condition, window: Window) -> list[Visit]:
    """Plan monthly visits at one place, now and then a refill only, a missed month, a flare with admission."""
    visits: list[Visit] = []
    home = facility_for(dice, net, person, condition.where, bedded=False)
    lines = [(drug, 30) for drug, share in condition.drugs if dice.chance(share)] or [(condition.drugs[0][0], 30)]
    day = window.start + dice.below(condition.every)
    while day <= window.end:
        if dice.chance(0.88):
            visits.append(_chronic_visit(dice, person, condition, home, lines, day))
        if condition.flare and dice.chance(condition.flare[1]):
            visits.append(_flare(dice, net, person, condition, day + dice.between(8, 20)))
        day += condition.every + dice.below(4)
    return visits


def _chronic_visit(dice: Dice, person: Person, condition: Condition, home: Facility, lines: list[tuple[Medicine, int]], day: int) -> Visit:
    arrive = office_hours(dice, day)
    visit = Visit(person, home, condition, CHRONIC, arrive, 0)
    visit.icd = main_code(condition.icd, (person.birth % 97) / 97, new=visit.new_icd)
    edition = diagnoses()[int(visit.new_icd)]
    visit.also = [
        code for index, (code, share) in enumerate(condition.also) if code in edition and (person.birth // 7 + index * 31) % 100 < share * 100
    ]
    visit.drugs = list(lines)
    if visit.facility.level > STATION:
        visit.tests = [test for test, share in condition.tests if dice.chance(share)]
        if visit.tests:
            visit.kind = CHRONIC_TESTS
    if not visit.tests and dice.chance(0.04) and not condition.programme:
        visit.kind = REFILL
    visit.revisit = 30 if dice.chance(0.7) else 0
    visit.slip = dice.chance(0.6)
    visit.programme = condition.programme
    visit.note = condition.key
    return visit


def _flare(dice: Dice, net: Province, person: Person, condition: Condition, day: int) -> Visit:
    if condition.flare is None:
        raise ValueError(f"{condition.key} has no flare")
    code, _, bed, drugs = condition.flare
    facility = facility_for(dice, net, person, (0.0, 6.0, 3.0), bedded=True)
    arrive = day * DAY + dice.below(DAY)
    leave = (arrive // DAY + dice.between(4, 10)) * DAY + dice.between(490, 950)
    visit = Visit(person, facility, condition, INPATIENT, arrive, leave, emergency=dice.chance(0.5))
    visit.icd = main_code((code, *condition.icd), 0.0, new=visit.new_icd)
    visit.inside, visit.bed = list(drugs), bed
    visit.drugs = [(drug, 7) for drug, _ in condition.drugs[:2]]
    visit.tests = [test for test, _ in condition.tests]
    if dice.chance(0.03 if person.age(day) > 65 else 0.005):  # noqa: PLR2004
        visit.outcome, visit.drugs = DEAD, []
        person.dies = leave
    visit.note = condition.key
    return visit


def _acute(dice: Dice, person: Person, net: Province, window: Window) -> list[Visit]:
    visits: list[Visit] = []
    on = calendar(window.start)
    while (first := day_number(on)) <= window.end:
        low = max(first, window.start)
        after = day_number(months_back(on, -1))
        high = min(after - 1, window.end)
        wheel = monthly(person.sex, band(max(0.0, person.age(low))), on.month)
        gap = dice.expovariate(wheel.total * (high - low + 1) / 30)
        while gap < 1:
            condition = wheel.spin(dice)
            if isinstance(condition, Condition):
                visits += _with_follow_up(dice, net, person, condition, low + int(gap * (high - low + 1)))
            gap += dice.expovariate(wheel.total * (high - low + 1) / 30)
        on = months_back(on, -1)
    return visits


def _with_follow_up(dice: Dice, net: Province, person: Person, condition: Condition, day: int) -> list[Visit]:
    visit = acute_visit(dice, net, person, condition, day)
    visit.note = condition.key
    after = follow_up(dice, visit)
    if after is None:
        return [visit]
    after.note = visit.note
    return [visit, after]


@lru_cache(maxsize=20_000)
def _peak(seed: int, key: str, year: int, commune: int, net_code: str, kilometres: float, travel: float, month_day: tuple[int, int]) -> int:
    """Give the day a wave peaks in a commune: later with distance from where it began that year."""
    dice = Dice(derive(seed, "wave", key, year, net_code, commune))
    base = day_number(calendar(0).replace(year=year, month=month_day[0], day=month_day[1]))
    return base + int(kilometres * travel / 100 + dice.gauss(0, 6))


def _epidemic(dice: Dice, person: Person, net: Province, window: Window) -> list[Visit]:
    visits: list[Visit] = []
    for condition, every in epidemics():
        for year in range(calendar(window.start).year, calendar(window.end).year + 1):
            wave = Dice(derive(window.seed, "season", condition.key, year, net.code))
            origin = wave.below(len(net.communes))
            strength = (1.6 if (year + len(condition.key)) % every == 0 else 0.35) * exp(wave.gauss(0, 0.35))
            age_band = band(max(0.0, person.age(window.start)))
            if not dice.chance(min(0.6, condition.rate[age_band] * strength)):
                continue
            away = net.kilometres(person.commune, origin)
            peak = _peak(window.seed, condition.key, year, person.commune, net.code, away, condition.travel, condition.peak)
            day = peak + round(dice.gauss(0, condition.sigma))
            if window.start <= day <= window.end:
                wave_visits = _with_follow_up(dice, net, person, condition, day)
                for one in wave_visits:
                    one.note = f"epidemic:{condition.key}"
                visits += wave_visits
    return visits


def _archive(dice: Dice, person: Person, net: Province, window: Window) -> list[Visit]:
    """Plan single visits of older standards, as facilities send them again after an audit."""
    visits: list[Visit] = []
    times = max(1.0, (window.end - window.start) / 183)
    for standard in STANDARDS[:-1]:
        first, last = PERIODS[standard]
        last = min(last - 25, window.start - 25)
        if last <= first or not dice.chance(min(0.5, ARCHIVE[standard] * times)):
            continue
        day = dice.between(first, last)
        if person.age(day) < 0.2:  # noqa: PLR2004 - not born yet
            continue
        wheel = monthly(person.sex, band(person.age(day)), calendar(day).month)
        condition = wheel.spin(dice)
        if isinstance(condition, Condition):
            visit = acute_visit(dice, net, person, condition, day)
            if visit.outcome == DEAD:
                visit.outcome, person.dies = "2", 1 << 60
            visit.refer_to = None
            if visit.discharge in "25":
                visit.discharge = "1"
            visit.standard = standard if (visit.leave or visit.arrive) // DAY <= PERIODS[standard][1] else ""
            visit.note = f"archive:{condition.key}"
            visits.append(visit)
    return visits


def _in_order(visits: Iterable[Visit], window: Window) -> list[Visit]:
    """Sort by time, drop what overlaps or follows death or ends after the window, and settle each standard."""
    kept: list[Visit] = []
    free, dies, last = 0, 1 << 60, (window.end + 1) * DAY
    for visit in sorted(visits, key=lambda one: (one.arrive, one.leave)):
        if visit.arrive < visit.person.birth + 45:
            continue
        leave = visit.leave or visit.arrive + 240
        referred = bool(visit.refer_from)
        if referred and not (kept and kept[-1].refer_to is visit.facility):
            continue
        if visit.arrive < (free if referred else (free // DAY + 1) * DAY) or leave > last or leave > dies + 1 or visit.arrive > dies:
            continue
        if visit.outcome == DEAD:
            dies = leave
        kept.append(visit)
        free = leave
        if not visit.standard:
            visit.standard = window.standard or standard_of(leave // DAY, visit.facility)
    return kept
