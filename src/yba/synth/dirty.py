"""Residents as rows of a register, and dirty second records of some of them: what linkage is measured on; holds no real person."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from . import names
from .dice import Dice, Wheel, derive
from .faults_person import plain
from .numbers import citizen_number, phone
from .tables import communes, spec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TODAY: Final = date(2026, 1, 1)
_YEAR: Final = 365.25
_GROWN, _AT_HOME, _CHILD = 16, 27, 15
_MONTHS: Final = 12
_TELEX: Final = {"à": "af", "á": "as", "ả": "ar", "ạ": "aj", "ấ": "aas", "ầ": "aaf", "ậ": "aaj", "ễ": "eex", "ị": "ij", "ố": "oos", "ồ": "oof"}


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One row of a register; ``person`` is the truth and no evidence. ``birth`` is an ISO date or a year."""

    id: str
    person: int
    name: str
    birth: str
    sex: str
    citizen: str
    phone: str
    commune: str


COLUMNS: Final = tuple(field.name for field in fields(RegisterRow))


@cache
def rates() -> dict[str, dict[str, float]]:
    """Give the shares of specs/synth/records.toml by group: people, copies."""
    found = spec("records")
    return {"people": found["people"], "copies": found["copies"]}


def residents(seed: int, count: int, province: str = "24") -> Iterator[RegisterRow]:
    """Make residents, household by household: members share commune and often the phone, children the father's family name."""
    crowd = _crowd(seed, province)
    made = 0
    household = 0
    while made < count:
        for row in _household(Dice(derive(seed, "register", household)), crowd, province, made)[: count - made]:
            yield row
            made += 1
        household += 1


@cache
def _crowd(seed: int, province: str) -> Wheel:
    dice = Dice(derive(seed, "register", province))
    return Wheel([(one.code, 0.6 + dice.random()) for one in communes(province)])


def _household(dice: Dice, crowd: Wheel, province: str, first: int) -> list[RegisterRow]:
    """Make a couple (sometimes one alone), their children, sometimes a grandparent; numbered from ``first``."""
    rates_ = rates()["people"]
    commune = str(crowd.spin(dice))
    ethnic = str(names.ethnic_mix(province).spin(dice))
    ethnic = names.KINH if ethnic == names.FOREIGNER else ethnic
    age = 20 + dice.betavariate(1.5, 2.4) * 62
    line = phone(dice)
    family = names.surname(dice, ethnic)
    head = names.full_name(dice, ethnic, names.MALE, family)
    members = [(head, names.MALE, age)]
    if dice.chance(0.85):
        members.append(
            (
                names.full_name(dice, ethnic, names.FEMALE, names.surname(dice, ethnic)),
                names.FEMALE,
                max(18.0 + dice.random() * 2, age + dice.gauss(-3, 3)),
            )
        )
        for _ in range(dice.pick((0, 1, 1, 2, 2, 2, 3))):
            young = age - 21 - dice.random() * 14
            if not 0 < young < _AT_HOME:
                continue
            sex = dice.pick((names.MALE, names.FEMALE))
            name = names.full_name(dice, ethnic, sex, family)
            if sex == names.MALE and dice.chance(rates_["same_name_as_parent"]):
                name = head
            members.append((name, sex, young))
            if dice.chance(rates_["twins"]):
                front = name.rsplit(" ", 1)[0]
                members.append((f"{front} {names.given(dice, ethnic, sex).split()[-1]}", sex, young))
    if dice.chance(0.15):
        members.append(
            (
                names.full_name(dice, ethnic, names.FEMALE, names.surname(dice, ethnic)),
                names.FEMALE,
                min(age + 20 + dice.random() * 15, 96 + dice.random() * 8),
            )
        )
    return [_resident(dice, province, first + at, member, commune, line) for at, member in enumerate(members)]


def _resident(dice: Dice, province: str, number: int, member: tuple[str, int, float], commune: str, line: str) -> RegisterRow:
    name, sex, age = member
    shares = rates()["people"]
    birth = _TODAY - timedelta(days=int(age * _YEAR))
    own = line if age < _GROWN or dice.chance(0.2) else phone(dice)
    return RegisterRow(
        id=f"A{number}",
        person=number,
        name=name,
        birth=birth.isoformat(),
        sex="male" if sex == names.MALE else "female",
        citizen="" if dice.chance(shares["no_number"]) else citizen_number(dice, province, sex, birth.year),
        phone="" if dice.chance(shares["no_phone"]) else own,
        commune=commune,
    )


def copies(
    seed: int, rows: Iterator[RegisterRow] | list[RegisterRow], province: str = "24", share: float | None = None
) -> Iterator[tuple[RegisterRow, frozenset[str]]]:
    """Make dirty second records of a share of the rows; gives each with the kinds of dirt that were done to it."""
    shares = rates()["copies"]
    crowd = _crowd(seed, province)
    for row in rows:
        dice = Dice(derive(seed, "copy", row.person))
        if dice.random() < (shares["share"] if share is None else share):
            yield _copy(dice, row, crowd, shares)


def _copy(dice: Dice, row: RegisterRow, crowd: Wheel, shares: dict[str, float]) -> tuple[RegisterRow, frozenset[str]]:
    changed: dict[str, Any] = {"id": f"B{row.person}"}
    done: set[str] = set()
    for kind, spoil in _SPOILS.items():
        if dice.random() < shares[kind] / _POSSIBLE.get(kind, 1.0):
            new = spoil(dice, replace(row, **changed), crowd)
            if new is not None:
                changed |= new
                done.add(kind)
    return replace(row, **changed), frozenset(done)


def _other_given(dice: Dice, row: RegisterRow, _crowd: Wheel) -> dict[str, str] | None:
    front, _, given = row.name.rpartition(" ")
    new = names.given(dice, names.KINH, names.MALE if row.sex == "male" else names.FEMALE).split()[-1]
    return {"name": f"{front} {new}"} if front and new != given else None


def _letter(dice: Dice, row: RegisterRow, _crowd: Wheel) -> dict[str, str] | None:
    at = 1 + dice.below(max(1, len(row.name) - 2))
    if row.name[at : at + 1] in {"", " "}:
        return None
    return {"name": row.name[:at] + dice.pick(("", row.name[at] * 2, dice.pick("aeinhgtc"))) + row.name[at + 1 :]}


def _year_only(_dice: Dice, row: RegisterRow, _crowd: Wheel) -> dict[str, str]:
    return {"birth": row.birth[:4]}


def _swapped(_dice: Dice, row: RegisterRow, _crowd: Wheel) -> dict[str, str] | None:
    year, month, day = row.birth.split("-") if row.birth.count("-") == 2 else ("", "", "")  # noqa: PLR2004  # year-month-day
    return {"birth": f"{year}-{day}-{month}"} if year and int(day) <= _MONTHS and day != month else None


def _digit(dice: Dice, row: RegisterRow, _crowd: Wheel) -> dict[str, str] | None:
    if not row.citizen:
        return None
    at = 6 + dice.below(6)
    return {"citizen": row.citizen[:at] + str((int(row.citizen[at]) + 1 + dice.below(9)) % 10) + row.citizen[at + 1 :]}


def _written(dice: Dice, row: RegisterRow, _crowd: Wheel) -> dict[str, str] | None:
    value = row.phone
    return {"phone": dice.pick((f"+84{value[1:]}", f"{value[:4]}.{value[4:7]}.{value[7:]}", f" {value[:4]} {value[4:]} "))} if value else None


def _middle_lost(_dice: Dice, row: RegisterRow, _crowd: Wheel) -> dict[str, str] | None:
    words = row.name.split()
    return {"name": f"{words[0]} {words[-1]}"} if len(words) > 2 else None  # noqa: PLR2004  # family, middle, given


def _telex(_dice: Dice, row: RegisterRow, _crowd: Wheel) -> dict[str, str] | None:
    typed = "".join(_TELEX.get(letter, letter) for letter in row.name.lower())
    return {"name": typed} if typed != row.name.lower() else None


_POSSIBLE: Final = {"swapped_day": 0.36 * 0.85}
"""The share of births that can be swapped visibly, so that the rate holds for all copies."""
_SPOILS: Final = {
    "lost_number": lambda _dice, _row, _crowd: {"citizen": ""},
    "number_digit": _digit,
    "other_given": _other_given,
    "letter": _letter,
    "middle_lost": _middle_lost,
    "order": lambda _dice, row, _crowd: {"name": " ".join([row.name.split()[-1], *row.name.split()[:-1]])},
    "telex": _telex,
    "lost_marks": lambda _dice, row, _crowd: {"name": plain(row.name)},
    "year_only": _year_only,
    "swapped_day": _swapped,
    "new_year": lambda _dice, row, _crowd: {"birth": f"{row.birth[:4]}-01-01"},
    "other_sex": lambda _dice, row, _crowd: {"sex": "female" if row.sex == "male" else "male"},
    "other_commune": lambda dice, _row, crowd: {"commune": str(crowd.spin(dice))},
    "other_phone": lambda dice, _row, _crowd: {"phone": phone(dice)},
    "lost_phone": lambda _dice, _row, _crowd: {"phone": ""},
    "phone_written": _written,
}


def write_register(path: Path, seed: int, count: int, province: str = "24") -> int:
    """Write residents and, after them, their second records as one CSV; gives the number of rows. The column ``person`` is the truth."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, (*COLUMNS, "dirt"), lineterminator="\n")
        writer.writeheader()
        for row in residents(seed, count, province):
            writer.writerow(asdict(row) | {"dirt": ""})
            written += 1
        for row, dirt in copies(seed, residents(seed, count, province), province):
            writer.writerow(asdict(row) | {"dirt": " ".join(sorted(dirt))})
            written += 1
    return written
