"""A visit before it becomes a claim: who, where, when, why, and what is done; and which standard it is written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from .conditions import Condition, main_code
from .dates import DAY, day_number, working_day
from .places import BASE, STATION, Facility, Province
from .tables import diagnoses, medicines, services

if TYPE_CHECKING:
    from .dice import Dice
    from .people import Person
    from .tables import Medicine, Service

STANDARDS = ("917", "4210", "130", "4750", "3176", "1931")
PERIODS = {
    "917": (day_number(date(2016, 6, 1)), day_number(date(2017, 8, 31))),
    "4210": (day_number(date(2017, 9, 1)), day_number(date(2024, 6, 30))),
    "130": (day_number(date(2023, 3, 1)), day_number(date(2024, 6, 30))),
    "4750": (day_number(date(2024, 7, 1)), day_number(date(2024, 12, 31))),
    "3176": (day_number(date(2025, 1, 1)), day_number(date(2026, 6, 30))),
    "1931": (day_number(date(2026, 7, 1)), day_number(date(2029, 12, 31))),
}
"""First and last day of the end of a visit written in each standard."""
NEW_ICD = day_number(date(2026, 7, 1))
OUTPATIENT, COURSE, INPATIENT, DAYCARE, CHRONIC, LODGED, REFILL, CHRONIC_TESTS, SHORT = "01", "02", "03", "04", "05", "06", "07", "08", "09"
BEDDED = frozenset((INPATIENT, DAYCARE, SHORT))
CURED, BETTER, SAME, WORSE, DEAD, GIVEN_UP = "1", "2", "3", "4", "5", "6"
HOME, MOVED, FLED, ASKED, MOVED_ON_WISH = "1", "2", "3", "4", "5"
ADMISSION_TESTS = ("cbc", "glucose", "urea", "creatinine", "ast", "alt", "electrolyte", "urine", "ecg", "chest_xray", "abdomen_us")
WORK_UP = ("cbc", "glucose", "urea", "creatinine", "ast", "alt", "urine")
ADJUNCTS = ("vitamin_c", "vitamin_b1", "omeprazole", "paracetamol", "alverine", "acetylcysteine")
OPENING, LUNCH, CLOSING = 430, 690, 990
"""Minutes of the day: 07:10, 11:30, 16:30."""


@dataclass(slots=True)
class Visit:
    """One visit as planned; outpatient visits get their end when the claim is built."""

    person: Person
    facility: Facility
    condition: Condition
    kind: str
    arrive: int
    leave: int
    icd: str = ""
    also: list[str] = field(default_factory=list)
    severe: bool = False
    emergency: bool = False
    accident: str = ""
    drugs: list[tuple[Medicine, int]] = field(default_factory=list)
    inside: list[Medicine] = field(default_factory=list)
    tests: list[Service] = field(default_factory=list)
    operation: Service | None = None
    bed: Service | None = None
    outcome: str = BETTER
    discharge: str = HOME
    refer_to: Facility | None = None
    refer_from: str = ""
    letter: str = ""
    revisit: int = 0
    """days to the next appointment, 0 none"""
    slip: bool = False
    sick_leave: int = 0
    antenatal_leave: int = 0
    programme: str = ""
    weeks: int = 0
    loss: bool = False
    """the pregnancy ended in this stay"""
    babies: list[Person] = field(default_factory=list)
    standard: str = ""
    note: str = ""
    """what the truth file says of the visit: chronic, epidemic, birth …"""

    @property
    def new_icd(self) -> bool:
        """Say whether the visit ends under TT 06/2026."""
        return (self.leave or self.arrive) // DAY >= NEW_ICD


def standard_of(day: int, facility: Facility) -> str:
    """Give the standard a facility writes for a visit that ends on `day`; a third piloted 130 from March 2023."""
    if day >= PERIODS["1931"][0]:
        return "1931"
    if day >= PERIODS["3176"][0]:
        return "3176"
    if day >= PERIODS["4750"][0]:
        return "4750"
    if day >= PERIODS["130"][0] and int(facility.code[-2:]) % 3 == 0:
        return "130"
    return "4210" if day >= PERIODS["4210"][0] else "917"


def office_hours(dice: Dice, day: int) -> int:
    """Draw an arrival in working hours, early enough that tests are done before closing."""
    minute = dice.between(OPENING, LUNCH - 60) if dice.chance(0.72) else dice.between(810, 875)
    return working_day(day) * DAY + minute


def any_hour(dice: Dice, day: int) -> int:
    """Draw an arrival at any time of the day."""
    return day * DAY + dice.below(DAY)


def facility_for(dice: Dice, net: Province, person: Person, weights: tuple[float, ...], *, bedded: bool) -> Facility:
    """Draw the level of care and give the person's station, district hospital or a provincial hospital."""
    station, base, province = weights
    total = (0 if bedded else station) + base + province
    draw = dice.random() * total
    if not bedded and draw < station:
        return net.stations[person.commune]
    if draw < (0 if bedded else station) + base:
        return net.hospital_of[person.commune]
    return net.provincial[0 if dice.chance(0.8) else 1]


def acute_visit(dice: Dice, net: Province, person: Person, condition: Condition, day: int) -> Visit:
    """Plan one visit for an acute illness, injury or epidemic disease."""
    age = person.age(day)
    child = age < 15  # noqa: PLR2004 - paediatrics ends at 15
    frail = 1.5 if age < 2 or age > 70 else 1.0  # noqa: PLR2004
    bedded = dice.chance(min(1.0, condition.admit * frail))
    day_care = not bedded and dice.chance(condition.day)
    facility = facility_for(dice, net, person, condition.where, bedded=bedded or day_care)
    emergency = (bedded or facility.level > STATION) and dice.chance(condition.emergency)
    arrive = any_hour(dice, day) if bedded and dice.chance(0.5) else office_hours(dice, day)
    kind = OUTPATIENT
    leave = 0
    if bedded:
        kind, leave = _stay(dice, condition, arrive)
    elif day_care:
        kind, leave = DAYCARE, working_day(arrive // DAY + 4 + dice.below(6)) * DAY + 900
    elif condition.tradition and facility.level > STATION and dice.chance(0.3):
        kind, leave = COURSE, working_day(arrive // DAY + 4 + dice.below(6)) * DAY + 900
    elif facility.level == STATION and condition.admit > 0.1 and dice.chance(0.06):  # noqa: PLR2004 - what stations keep overnight
        kind, leave = LODGED, (arrive // DAY + dice.between(1, 2)) * DAY + dice.between(480, 900)
    visit = Visit(person, facility, condition, kind, arrive, leave, emergency=emergency)
    if condition.accident:
        visit.accident = str(condition.accident.spin(dice))
    _treat(dice, visit, child=child)
    _end(dice, net, visit, age)
    _diagnose(dice, visit)  # last: the edition follows from the end, which a referral brings forward
    return visit


def _stay(dice: Dice, condition: Condition, arrive: int) -> tuple[str, int]:
    if dice.chance(0.02):
        return SHORT, arrive + dice.between(75, 215)
    nights = max(1, round(dice.gauss(condition.los, condition.los * 0.35)))
    return INPATIENT, (arrive // DAY + nights) * DAY + (dice.between(480, 660) if dice.chance(0.5) else dice.between(840, 960))


def _diagnose(dice: Dice, visit: Visit) -> None:
    condition, new = visit.condition, visit.new_icd
    edition = diagnoses()[int(new)]
    visit.severe = visit.kind in BEDDED and condition.kind == "epidemic" and dice.chance(0.3)
    visit.icd = main_code(condition.severe if visit.severe else condition.icd, dice.random(), new=new)
    visit.also = [code for code, share in condition.also if code in edition and dice.chance(share)]


def _treat(dice: Dice, visit: Visit, *, child: bool) -> None:
    condition = visit.condition
    if visit.kind in BEDDED or visit.kind == LODGED:
        visit.inside = [one for one in condition.inside if dice.chance(0.85)] or list(condition.inside[:1])
        visit.bed = condition.bed if not child or condition.bed.key != "bed_general" else None
        visit.operation = condition.operation if visit.kind == INPATIENT else None
    days = dice.pick((3, 5, 5, 7))
    visit.drugs = [(drug, days) for drug, share in (condition.kid if child else condition.drugs) if dice.chance(share)]
    if not child and visit.facility.level > STATION:
        visit.drugs += [(medicines()[key], days) for key in ADJUNCTS[:3] if dice.chance(0.25) and all(drug.key != key for drug, _ in visit.drugs)]
    if not visit.drugs and visit.kind not in BEDDED and condition.drugs:
        visit.drugs = [((condition.kid if child else condition.drugs)[0][0], days)]
    if visit.facility.level > STATION:
        visit.tests = [test for test, share in condition.tests if dice.chance(share)]
        if visit.kind in BEDDED or visit.kind == COURSE:
            visit.tests += [test for test, share in condition.inside_tests if dice.chance(share)]
        if visit.kind in BEDDED:
            _on_admission(dice, visit)
        elif not child and dice.chance(0.55):
            there = {test.key for test in visit.tests}
            visit.tests += [services()[key] for key in WORK_UP if key not in there and dice.chance(0.75)]


def _on_admission(dice: Dice, visit: Visit) -> None:
    """Add what nearly every admitted person gets: basic tests and supporting medicines."""
    there = {test.key for test in visit.tests}
    visit.tests += [services()[key] for key in ADMISSION_TESTS if key not in there and dice.chance(0.75)]
    given = {drug.key for drug in visit.inside}
    visit.inside += [medicines()[key] for key in ADJUNCTS if key not in given and dice.chance(0.3)]


def _end(dice: Dice, net: Province, visit: Visit, age: float) -> None:
    condition, bedded = visit.condition, visit.kind in BEDDED
    visit.outcome = dice.pick((CURED, BETTER, BETTER, BETTER)) if bedded else dice.pick((BETTER, BETTER, SAME))
    if bedded and dice.chance(condition.die * (2.2 if age > 70 else 1.0)):  # noqa: PLR2004
        visit.outcome, visit.drugs = DEAD, []
        visit.person.dies = visit.leave
        return
    if (
        visit.facility.level == BASE
        and condition.kind != "epidemic"
        and dice.chance(condition.refer * (1 if bedded else 0.7) + (0.02 if bedded else 0.008))
    ):
        visit.outcome = WORSE if bedded else SAME
        visit.discharge = MOVED if dice.chance(0.85) else MOVED_ON_WISH
        visit.refer_to = net.provincial[0]
        visit.drugs = []
        if visit.kind == INPATIENT:
            visit.leave = min(visit.leave, (visit.arrive // DAY + dice.between(1, 2)) * DAY + dice.between(480, 960))
        return
    if bedded and dice.chance(0.015):
        visit.discharge = dice.pick((FLED, ASKED))
        visit.outcome = SAME
    working = 18 <= age < 60 and bool(visit.person.employer)  # noqa: PLR2004
    mother = visit.person.mother
    if age < 7 and mother and mother.employer and visit.kind == OUTPATIENT and dice.chance(0.15):  # noqa: PLR2004 - leave to nurse a small child
        visit.sick_leave = dice.between(1, 3)
    if working and visit.kind in {OUTPATIENT, INPATIENT} and dice.chance(0.35) and visit.facility.level > STATION:
        visit.sick_leave = dice.between(1, 7)
    if bedded and dice.chance(0.25):
        visit.revisit = dice.pick((7, 10, 14))


def follow_up(dice: Dice, visit: Visit) -> Visit | None:
    """Plan the visit at the hospital a referral leads to."""
    goal = visit.refer_to
    if goal is None:
        return None
    condition = visit.condition
    leave_first = visit.leave or visit.arrive + 150
    bedded = visit.kind in BEDDED
    arrive = leave_first + dice.between(150, 420) if bedded else office_hours(dice, leave_first // DAY + 1)
    kind, leave = (
        (INPATIENT, (arrive // DAY + max(2, condition.los + dice.between(-2, 3))) * DAY + dice.between(500, 640)) if bedded else (OUTPATIENT, 0)
    )
    after = Visit(visit.person, goal, condition, kind, arrive, leave, emergency=False, accident=visit.accident, refer_from=visit.facility.code)
    _diagnose(dice, after)
    _treat(dice, after, child=visit.person.age(arrive // DAY) < 15)  # noqa: PLR2004
    after.outcome = dice.pick((CURED, BETTER, BETTER))
    if bedded and dice.chance(condition.die * 2):
        after.outcome, after.drugs = DEAD, []
        visit.person.dies = after.leave
    return after
