"""Households and their members: each household is a pure function of (seed, number), so nothing needs to be kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from . import names
from .dates import DAY, calendar, day_number, ymd
from .dice import Dice, Wheel, derive
from .numbers import BENEFIT, card_number, citizen_number, passport, phone
from .tables import Commune, districts, province_names

if TYPE_CHECKING:
    from .conditions import Condition
    from .places import Facility, Province

MERGED_COMMUNES = day_number(date(2025, 7, 1))
FAR = day_number(date(2030, 12, 31))
LONG_AGO = day_number(date(2015, 1, 1))
YEAR = 365.25
RETIRED = 60
EMPLOYED = frozenset(("75", "81", "83", "41", "24", "23", "22", "71"))
"""Occupations whose people have an employer to show a sick note to."""
VILLAGES = (
    "Nà Lơi",
    "Huổi Phạ",
    "Co Cượm",
    "Pá Khôm",
    "Phiêng Ban",
    "Nà Sự",
    "Bản Ten",
    "Hua Nậm",
    "Púng Min",
    "Tà Lèng",
    "Pom Lót",
    "Na Hai",
    "Huổi Múa",
    "Mường Pồn 2",
    "Nậm Ngám",
    "Che Căn",
    "Xốm",
    "Him Lam 2",
    "Kê Nênh",
    "Noong Nhai",
)
BLOOD = ("O+", "O+", "O+", "B+", "B+", "A+", "A+", "AB+", "O", "B", "A")
JOBS_MINORITY = Wheel([("63", 50), ("61", 16), ("92", 12), ("93", 6), ("71", 4), ("52", 4), ("83", 2), ("23", 2), ("14", 2)])
JOBS_KINH = Wheel(
    [("52", 20), ("61", 12), ("63", 6), ("41", 8), ("23", 9), ("22", 4), ("14", 5), ("75", 6), ("81", 6), ("83", 6), ("71", 8), ("95", 5), ("24", 5)]
)


@dataclass(frozen=True, slots=True)
class Card:
    """A stretch of insurance: card, where registered, validity as day numbers."""

    number: str
    registered: str
    start: int
    end: int


@dataclass(slots=True)
class Person:
    """One resident; `birth` in minutes since 1900."""

    uid: str
    name: str
    sex: int
    birth: int
    ethnic: str
    nationality: str
    citizen: str
    bhxh: str
    cards: list[Card]
    phone: str
    commune: int
    place: Commune
    former: int
    village: str
    job: str
    blood: str
    height: float
    weight: float
    employer: str
    facility: Facility
    chronic: list[Condition] = field(default_factory=list)
    partner: Person | None = None
    mother: Person | None = None
    father: Person | None = None
    born_at: Facility | None = None
    local: dict[str, str] = field(default_factory=dict)
    """facility code -> number it gave the person"""
    children: int = 0
    dies: int = 1 << 60
    twin: int = 0

    def age(self, day: int) -> float:
        """Give the age in years on a day."""
        return (day - self.birth // DAY) / YEAR


def household(seed: int, number: int, net: Province, today: int) -> list[Person]:
    """Make household `number`: a couple, their children, sometimes a grandparent; ages as of day `today`."""
    dice = Dice(derive(seed, "household", number))
    commune = net.crowd.spin(dice)
    home = _Home(dice, net, int(str(commune)), today, number)
    age = 23 + dice.betavariate(1.6, 2.6) * 58
    ethnic = str(names.ethnic_mix(net.code).spin(dice))
    father = home.member(names.MALE, age, ethnic)
    people = [father]
    if ethnic == names.FOREIGNER:
        return people
    if dice.chance(0.88):
        own = ethnic if dice.chance(0.85) else str(names.ethnic_mix(net.code).spin(dice))
        mother = home.member(names.FEMALE, max(19.0, age - 3 + dice.gauss(0, 3)), names.KINH if own == names.FOREIGNER else own)
        mother.partner, father.partner = father, mother
        people.append(mother)
        people += _children(dice, home, mother, father, ethnic)
    if age < 52 and dice.chance(0.3):  # noqa: PLR2004 - a parent of the couple still lives
        people.append(home.member(dice.pick((1, 2, 2)), age + 21 + dice.random() * 12, ethnic))
    return people


def _children(dice: Dice, home: _Home, mother: Person, father: Person, ethnic: str) -> list[Person]:
    years = (home.today - mother.birth // DAY) / YEAR - 20
    wanted = min(4, dice.below(2) + int(max(0.0, years) / 6))
    found = []
    for _ in range(wanted):
        age = dice.random() * min(years + 1.5, 45)
        mother.children += 1
        if age > 24 and dice.chance(0.75):  # noqa: PLR2004 - grown children have left
            continue
        child = home.member(dice.pick((1, 1, 2, 2)), age, ethnic, family=father.name.split()[0] if " " in father.name else "")
        child.mother, child.father = mother, father
        found.append(child)
    return found


def newborn(dice: Dice, mother: Person, father: Person | None, born: int, order: int) -> Person:
    """Make a child of the window: no citizen number yet, the temporary card of the place of birth until the real one comes."""
    sex = dice.pick((1, 1, 1, 2, 2))
    family = (father or mother).name.split()[0]
    ethnic = (father or mother).ethnic
    bhxh = dice.digits(10)
    day = born // DAY
    province = mother.facility.code[:2]
    temporary = Card(f"TE1{province}{dice.digits(10)}", f"{province}000", day, day + 60)
    lasting = Card(card_number("TE1", province, bhxh), mother.facility.code, day + 61, day + 6 * 365)
    number = citizen_number(dice, province, sex, calendar(day).year)
    weight = max(1.2, dice.gauss(3.1, 0.42))
    return Person(
        uid=f"{mother.uid}N{day % 10000:04d}{order}",
        name=names.full_name(dice, ethnic, sex, family),
        sex=sex,
        birth=born,
        ethnic=ethnic,
        nationality=mother.nationality,
        citizen=number,
        bhxh=bhxh,
        cards=[temporary, lasting],
        phone=mother.phone,
        commune=mother.commune,
        place=mother.place,
        former=mother.former,
        village=mother.village,
        job="00",
        blood=dice.pick(BLOOD),
        height=50.0,
        weight=weight,
        employer="",
        facility=mother.facility,
        mother=mother,
        father=father,
        twin=order,
    )


@dataclass(slots=True)
class _Home:
    dice: Dice
    net: Province
    commune: int
    today: int
    number: int
    count: int = 0
    former: int = -1
    village: str = ""
    poor: bool = False
    phone: str = ""

    def __post_init__(self) -> None:
        self.former = self.dice.below(len(self.net.communes[self.commune].former))
        ward = self.net.communes[self.commune].name.startswith("Phường")
        self.village = f"Tổ dân phố {self.dice.between(1, 24)}" if ward else f"Bản {self.dice.pick(VILLAGES)}"
        self.poor = self.dice.chance(0.08 if ward else 0.3)
        self.phone = phone(self.dice)

    def member(self, sex: int, age: float, ethnic: str, family: str = "") -> Person:
        """Add one person of a given age."""
        dice, net = self.dice, self.net
        nationality, name = "000", ""
        if ethnic == names.FOREIGNER:
            name, nationality, sex = dice.pick(names.spec_foreign())
        day = self.today - int(age * YEAR)
        birth = day * DAY + (dice.below(DAY) if age < 8 else 0)  # noqa: PLR2004 - hour of birth is known for the young
        year = calendar(day).year
        station, base = net.stations[self.commune], net.hospital_of[self.commune]
        bhxh = dice.digits(10)
        citizen = passport(dice) if nationality != "000" else citizen_number(dice, net.old_province, sex, year)
        self.count += 1
        job = _job(dice, age, ethnic)
        return Person(
            uid=f"P{self.number:07d}{self.count:02d}",
            name=name or names.full_name(dice, ethnic, sex, family or names.surname(dice, ethnic)),
            sex=sex,
            birth=birth,
            ethnic=ethnic,
            nationality=nationality,
            citizen=citizen,
            bhxh=bhxh,
            cards=[]
            if nationality != "000" or dice.chance(0.06)
            else self._cards(day, age, ethnic, bhxh, station.code if dice.chance(0.55) else base.code),
            phone=self.phone if age < 16 or dice.chance(0.3) else phone(dice),  # noqa: PLR2004 - children use a parent's
            commune=self.commune,
            place=self.net.communes[self.commune],
            former=self.former,
            village=self.village,
            job=job,
            blood=dice.pick(BLOOD) if dice.chance(0.3) else "",
            height=163 - (sex - 1) * 10 + dice.gauss(0, 5),
            weight=max(34.0, dice.gauss(58 - (sex - 1) * 7, 8)),
            employer=f"Công ty TNHH {dice.pick(VILLAGES)}" if job in EMPLOYED else "",
            facility=station if dice.chance(0.6) else base,
        )

    def _cards(self, birth: int, age: float, ethnic: str, bhxh: str, registered: str) -> list[Card]:
        """Lay the stretches of insurance end to end: child, pupil, adult, perhaps one change more."""
        dice, area = self.dice, self.net.old_province
        minority = ethnic != names.KINH
        grown = (
            "HN2"
            if self.poor
            else "DT2"
            if minority and dice.chance(0.8)
            else dice.pick(("GD4", "DN4", "HC4", "GD4"))
            if age < RETIRED
            else dice.pick(("HT3", "BT2", "GD4"))
        )
        pupil = grown if grown in {"HN2", "DT2"} else "HS4"
        starts = [(birth, "TE1"), (birth + 6 * 365, pupil), (birth + 18 * 365, grown)]
        if age > 20 and dice.chance(0.12):  # noqa: PLR2004
            starts.append((self.today - dice.below(900), dice.pick(("GD4", "HN2", "DN4", "CN3"))))
        cards: list[Card] = []
        for index, (begin, prefix) in enumerate(starts):
            end = starts[index + 1][0] - 1 if index + 1 < len(starts) else FAR
            start = begin
            if start > FAR:
                break
            number = card_number(prefix, area, bhxh)
            if cards and cards[-1].number == number:
                start = cards.pop().start
            cards.append(Card(number, registered, max(start, birth), end))
        return cards


def _job(dice: Dice, age: float, ethnic: str) -> str:
    if age < 18 or age > 72:  # noqa: PLR2004 - pupils and the old
        return "00"
    return str((JOBS_KINH if ethnic == names.KINH else JOBS_MINORITY).spin(dice))


def cards_between(person: Person, first: int, last: int) -> list[Card]:
    """Give the cards valid on some day of [first, last], each cut to whole years where it is renewed yearly."""
    return [card for card in person.cards if card.start <= last and card.end >= first]


def benefit(card: Card) -> int:
    """Give the benefit level of a card in 1/10 %."""
    return BENEFIT[card.number[2]]


@cache
def address(commune: Commune, former: int, day_is_new: bool) -> tuple[str, str, str, str]:  # noqa: FBT001 - cache key
    """Give (place text, province, district, commune code) as written before or since 2025-07-01."""
    old, new = province_names()
    if day_is_new:
        return f"{commune.name}, {new[commune.province]}", commune.province, "", commune.code
    code, name, district = commune.former[former]
    district_name, province = districts().get(district, ("", commune.province))
    return f"{name}, {district_name}, {old[province]}", province, district, code


def weight_on(person: Person, day: int) -> str:
    """Write the body weight in kg; children by a simple growth curve."""
    age = person.age(day)
    if age < 1:
        kilos = person.weight if person.weight < 6 else 3.2  # noqa: PLR2004 - weight at birth is kept for the newborn
        kilos += 6.2 * age
    elif age < 18:  # noqa: PLR2004
        kilos = min(person.weight if person.weight > 6 else 50.0, 9.3 + 2.4 * (age - 1) + (1.2 * (age - 9) if age > 9 else 0))  # noqa: PLR2004
    else:
        kilos = person.weight
    return f"{kilos:.2f}"


def height_on(person: Person, day: int) -> str:
    """Write the height in cm."""
    age = person.age(day)
    if age < 18:  # noqa: PLR2004
        return f"{min(person.height, 50 + 25 * min(age, 1) + 6.3 * max(0.0, age - 1)):.0f}"
    return f"{person.height:.0f}"


def birth_text(person: Person) -> str:
    """Write the time of birth in 12 digits; hour and minute are zeros where unknown."""
    return ymd(person.birth // DAY) + (f"{person.birth % DAY // 60:02d}{person.birth % 60:02d}" if person.birth % DAY else "0000")
