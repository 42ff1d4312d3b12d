"""The province as a net: communes with their station, district and provincial hospitals, each with staff, software and counters."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, hypot, radians

from . import names
from .dice import Dice, Wheel, derive
from .styles import Style, style
from .tables import Commune, communes, districts

KM_PER_DEGREE = 111.2
BASE_EVERY = 4
"""communes per district hospital, as after 2025 (about 10 in a province like Điện Biên)"""
STATION, BASE, PROVINCIAL = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Doctor:
    """A practitioner: licence number and name."""

    licence: str
    name: str
    bhxh: str


@dataclass(slots=True)
class Facility:
    """One facility; the counters are what make the generator's order matter, so everything runs in one fixed order."""

    code: str
    level: int
    commune: Commune
    style: Style
    doctors: tuple[Doctor, ...]
    technicians: tuple[Doctor, ...]
    head: Doctor
    visits: int = 0
    patients: int = 0
    papers: int = 0
    files: int = 0


@dataclass(slots=True)
class Province:
    """One province with its facilities; `hospital_of[i]` is the district hospital of commune i."""

    code: str
    communes: tuple[Commune, ...]
    crowd: Wheel
    """communes by number of people"""
    stations: tuple[Facility, ...]
    hospital_of: tuple[Facility, ...]
    bases: tuple[Facility, ...]
    provincial: tuple[Facility, ...]
    old_province: str = ""
    by_code: dict[str, Facility] = field(default_factory=dict)

    def kilometres(self, one: int, other: int) -> float:
        """Give the distance between two communes by number."""
        a, b = self.communes[one], self.communes[other]
        return hypot(a.lat - b.lat, (a.lon - b.lon) * cos(radians(a.lat))) * KM_PER_DEGREE


def build(seed: int, code: str) -> Province:
    """Build the province `code` (one of 34): one station per commune, a hospital for every fourth commune, two provincial ones."""
    area = tuple(one for one in communes(code) if one.former)
    if not area:
        raise ValueError(f"unknown province {code}")
    dice = Dice(derive(seed, "province", code))
    sizes = [(number, (2.2 if one.name.startswith("Phường") else 1.0) * (0.6 + dice.random())) for number, one in enumerate(area)]
    stations = tuple(_facility(seed, f"{code}{number + 101}", STATION, one) for number, one in enumerate(area))
    seats = list(range(0, len(area), BASE_EVERY))
    bases = tuple(_facility(seed, f"{code}{index + 10:03d}", BASE, area[number]) for index, number in enumerate(seats))
    top = max(sizes, key=lambda size: size[1])[0]
    provincial = tuple(_facility(seed, f"{code}{index + 1:03d}", PROVINCIAL, area[top]) for index in range(2))
    former = districts().get(area[top].former[0][2], ("", code))[1]
    net = Province(code, area, Wheel(list(sizes)), stations, (), bases, provincial, former)
    net.hospital_of = tuple(bases[min(range(len(seats)), key=lambda index: net.kilometres(number, seats[index]))] for number in range(len(area)))
    net.by_code = {one.code: one for one in (*stations, *bases, *provincial)}
    return net


def _facility(seed: int, code: str, level: int, commune: Commune) -> Facility:
    dice = Dice(derive(seed, "facility", code))
    count = (2, 14, 30)[level]
    doctors = tuple(_doctor(dice, commune.province) for _ in range(count))
    technicians = tuple(_doctor(dice, commune.province) for _ in range(max(2, count // 2)))
    return Facility(code, level, commune, style(derive(seed, "style", code), large=level > STATION), doctors, technicians, doctors[0])


def _doctor(dice: Dice, province: str) -> Doctor:
    sex = dice.between(1, 2)
    ethnic = str(names.ethnic_mix(province).spin(dice))
    ethnic = names.KINH if ethnic == names.FOREIGNER else ethnic
    name = names.full_name(dice, ethnic, sex, names.surname(dice, ethnic))
    kind = "GPHN" if dice.chance(0.4) else "CCHN"
    return Doctor(f"{dice.digits(6)}/{PROVINCE_LETTERS.get(province, 'BYT')}-{kind}", name, dice.digits(10))


PROVINCE_LETTERS = {"01": "HNO", "11": "ĐB", "12": "LCH", "14": "SL", "15": "LCA", "79": "HCM", "92": "CT", "24": "BN", "48": "ĐNA", "31": "HP"}
