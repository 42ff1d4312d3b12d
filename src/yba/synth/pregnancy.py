"""Pregnancy: antenatal visits, threatened loss with leave, birth with its certificate, and the newborn who falls ill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .conditions import acute, main_code, newborn, pregnancy
from .dates import DAY
from .people import newborn as make_newborn
from .places import STATION
from .plan import BETTER, CURED, DEAD, INPATIENT, OUTPATIENT, Visit, facility_for, office_hours
from .tables import diagnoses, medicines, services

if TYPE_CHECKING:
    from .conditions import Condition
    from .dice import Dice
    from .people import Person
    from .places import Facility, Province

TERM = 280
LOST_AT = 68
FIRST_TRIMESTER, BOOKING = 90, 130
"""Days of gestation: early scan until, blood tests until."""
FERTILE = (18, 42)


def pregnancy_visits(dice: Dice, woman: Person, net: Province, start: int, end: int) -> tuple[list[Visit], list[Person]]:
    """Plan what a pregnancy that touches the window brings; also give the children born in it."""
    told = pregnancy()
    if not FERTILE[0] <= woman.age(start) < FERTILE[1]:
        return [], []
    span = end + TERM - start
    if not dice.chance(told["births_per_woman_year"] * span / 365):
        return [], []
    term = start + dice.below(span)
    early = dice.chance(told["preterm_32"])
    gestation = dice.between(196, 222) if early else dice.between(262, 287)
    birth_day = term - TERM + gestation
    visits = []
    if dice.chance(told["loss"]) and start <= term - TERM + LOST_AT <= end:
        return [_loss(dice, woman, net, term - TERM + LOST_AT)], []
    clinic = facility_for(dice, net, woman, (4.0, 5.0, 2.0), bedded=False)
    for days in told["antenatal_days"]:
        day = term - TERM + days
        if start <= day <= min(end, birth_day - 4) and dice.chance(told["come"]):
            visits.append(_antenatal(dice, woman, clinic, net, day, days))
    if not start <= birth_day <= end:
        return visits, []
    stay, babies = _birth(dice, woman, net, birth_day, gestation)
    return [*visits, stay], babies


def _some_condition() -> Condition:
    return next(one for one in acute() if one.key == "vaginitis")


def _antenatal(dice: Dice, woman: Person, clinic: Facility, net: Province, day: int, days: int) -> Visit:
    told, known = pregnancy(), services()
    threat = dice.chance(told["threat"])
    facility = net.hospital_of[woman.commune] if threat else clinic
    visit = Visit(woman, facility, _some_condition(), OUTPATIENT, office_hours(dice, day), 0)
    codes = ("O20.0",) if threat and days < 140 else ("O47.0", "O20.0") if threat else told["icd_antenatal"]  # noqa: PLR2004 - weeks
    visit.icd = main_code(tuple(codes), 0.0 if threat else dice.random(), new=visit.new_icd)
    if facility.level > STATION:
        visit.tests = [known["early_us" if days < FIRST_TRIMESTER else "fetal_us"], known["urine"]] + (
            [known["cbc"], known["hiv_test"], known["hbsag"]] if days < BOOKING else []
        )
    visit.drugs = [(medicines()[key], 30) for key in (("folic_acid", "calcium") if dice.chance(0.8) else ("folic_acid",))]
    visit.weeks = days // 7
    visit.revisit = 28 if dice.chance(0.5) else 0
    visit.antenatal_leave = dice.between(7, 30) if threat and (woman.employer or dice.chance(0.5)) else 0
    visit.note = "antenatal"
    return visit


def _loss(dice: Dice, woman: Person, net: Province, day: int) -> Visit:
    """Plan the stay in which an early pregnancy ends by itself."""
    told, known = pregnancy(), services()
    arrive = day * DAY + dice.below(1200)
    leave = (arrive // DAY + dice.between(1, 3)) * DAY + dice.between(490, 640)
    visit = Visit(woman, net.hospital_of[woman.commune], _some_condition(), INPATIENT, arrive, leave)
    visit.icd = main_code(tuple(told["icd_loss"]), dice.random(), new=visit.new_icd)
    visit.tests = [known[key] for key in ("cbc", "abo", "pt", "early_us", "urine")]
    visit.inside = [medicines()[key] for key in ("misoprostol", "oxytocin", "saline")]
    visit.bed, visit.outcome, visit.weeks, visit.loss, visit.note = known["bed_obstetric"], CURED, LOST_AT // 7, True, "pregnancy_loss"
    visit.sick_leave = dice.between(7, 20) if woman.employer else 0
    return visit


def _birth(dice: Dice, woman: Person, net: Province, day: int, gestation: int) -> tuple[Visit, list[Person]]:
    told, known = pregnancy(), services()
    caesarean = dice.chance(told["caesarean"])
    facility = facility_for(dice, net, woman, (0.0, 6.0, 4.0), bedded=True)
    arrive = day * DAY + dice.below(1200)
    born = arrive + dice.between(70, 700)
    born += born % DAY == 0  # midnight would read as "hour unknown"
    visit = Visit(woman, facility, _some_condition(), INPATIENT, arrive, (born // DAY + (6 if caesarean else 3)) * DAY + dice.between(490, 640))
    visit.icd = main_code(tuple(told["icd_caesarean" if caesarean else "icd_normal"]), dice.random(), new=visit.new_icd)
    edition = diagnoses()[int(visit.new_icd)]
    visit.also = [code for code in told["icd_also"] if code in edition and dice.chance(0.15)]
    visit.operation = known["caesarean"] if caesarean else None
    visit.tests = [known[key] for key in ("cbc", "abo", "pt", "glucose", "urine", "hbsag", "hiv_test", "ctg", "fetal_us")] + (
        [] if caesarean else [known["delivery"]]
    )
    visit.inside = [
        medicines()[key]
        for key in (("bupivacaine", "ceftriaxone", "oxytocin", "paracetamol_iv", "saline") if caesarean else ("oxytocin", "paracetamol"))
    ]
    visit.bed, visit.outcome, visit.weeks, visit.note = known["bed_obstetric"], CURED, gestation // 7, "birth"
    visit.emergency = dice.chance(0.5)
    twins = 2 if dice.chance(told["twins"]) else 1
    for order in range(1, twins + 1):
        child = make_newborn(dice, woman, woman.partner, born + (order - 1) * dice.between(4, 16), order)
        child.born_at = facility
        visit.babies.append(child)
    if gestation < 230:  # noqa: PLR2004 - preterm children are light
        for child in visit.babies:
            child.weight = max(0.9, child.weight - 1.4)
    woman.children += twins
    return visit, visit.babies


def first_days(dice: Dice, child: Person) -> list[Visit]:
    """Plan the newborn's own stay right after birth, for about a quarter of them."""
    facility = child.born_at
    if facility is None:
        return []
    draw = dice.random()
    for condition, share in newborn():
        draw -= share
        if draw < 0:
            arrive = child.birth + dice.between(60, 1500)
            leave = (arrive // DAY + max(2, condition.los + dice.between(-1, 3))) * DAY + dice.between(500, 640)
            visit = Visit(child, facility, condition, INPATIENT, arrive, leave)
            visit.icd = main_code(condition.icd, dice.random(), new=visit.new_icd)
            visit.inside, visit.bed = list(condition.inside), services()["bed_child"]
            visit.tests = [test for test, chance in condition.tests if dice.chance(chance)]
            visit.outcome, visit.note = BETTER, f"newborn:{condition.key}"
            if dice.chance(condition.die):
                visit.outcome = DEAD
                child.dies = leave
            return [visit]
    return []
