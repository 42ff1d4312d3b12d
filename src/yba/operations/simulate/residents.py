"""The synthetic province as the registers know it: the truth files of `yba synth`, with the errors registers really have, drawn by seed."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from yba.kit.text import fold

if TYPE_CHECKING:
    from pathlib import Path

_NUMBER: Final = 12
_HOUSEHOLD: Final = 8  # "P0000123": the household in a person's id; its first member heads it
_FIRST_MEMBER: Final = "01"
# What registers get wrong, in thousandths: absent, name without marks, year of birth only, day and month swapped, other sex, another commune.
ERRORS: Final = {"absent": 10, "name": 8, "year": 12, "swapped": 6, "sex": 2, "moved": 60}


@dataclass(frozen=True, slots=True)
class Card:
    """One insurance card; days as yyyymmdd."""

    number: str
    registered_at: str
    valid_from: str
    valid_to: str


@dataclass(frozen=True, slots=True)
class Resident:
    """One resident as a register holds them; ``birth`` is yyyymmdd or yyyy, ``sex`` 1 or 2."""

    number: str
    name: str
    birth: str
    sex: str
    commune: str
    insurance: str = ""
    head: str = ""
    error: str = ""
    cards: tuple[Card, ...] = field(default=())


def chance(seed: int, *what: object) -> float:
    """Draw a number of [0, 1) that belongs to these facts, the same in every process."""
    text = "\x1f".join(map(str, (seed, *what)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


def load(truth: Path, *, seed: int, errors: float = 1.0) -> list[Resident]:
    """Read residents.csv and cards.csv of a truth folder; ``errors`` scales ERRORS (0: the registers know the truth)."""
    with (truth / "residents.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cards: dict[str, list[Card]] = {}
    if (truth / "cards.csv").exists():
        with (truth / "cards.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                cards.setdefault(row["person_id"], []).append(Card(row["number"], row["registered_at"], row["valid_from"], row["valid_to"]))
    heads = {row["person_id"][:_HOUSEHOLD]: row["citizen_number"] for row in rows if row["person_id"][_HOUSEHOLD:] == _FIRST_MEMBER}
    communes = sorted({row["commune"] for row in rows})
    return [_resident(row, heads, cards.get(row["person_id"], []), communes, seed, errors) for row in rows]


def _resident(row: dict[str, str], heads: dict[str, str], cards: list[Card], communes: list[str], seed: int, errors: float) -> Resident:
    number = row["citizen_number"] if len(row["citizen_number"]) == _NUMBER and row["citizen_number"].isdigit() else ""
    true = Resident(
        number, row["name"], row["birth"][:8], row["sex"], row["commune"], row["insurance_number"], heads.get(row["person_id"][:_HOUSEHOLD], ""),
        cards=tuple(cards),
    )  # fmt: skip
    drawn = chance(seed, "register", row["person_id"]) * 1000
    for kind, thousandths in ERRORS.items():
        drawn -= thousandths * errors
        if drawn < 0:
            return _wrong(true, kind, communes, chance(seed, "which", row["person_id"]))
    return true


def _wrong(one: Resident, kind: str, communes: list[str], drawn: float) -> Resident:
    birth = one.birth
    match kind:
        case "absent":
            return replace(one, error=kind, number="")
        case "name":
            return replace(one, error=kind, name=fold(one.name).upper())
        case "year":
            return replace(one, error=kind, birth=birth[:4])
        case "swapped":
            return replace(one, error=kind, birth=f"{birth[:4]}{birth[6:]}{birth[4:6]}" if birth[6:] <= "12" else birth[:4])
        case "sex":
            return replace(one, error=kind, sex="2" if one.sex == "1" else "1")
        case _:
            return replace(one, error=kind, commune=communes[int(drawn * len(communes))])
