"""Names of people: Kinh, Thái, Hmông and the other peoples of the north-west, single-word names, a few foreigners."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .dice import Wheel
from .tables import name_parts, spec

if TYPE_CHECKING:
    from .dice import Dice

MALE, FEMALE = 1, 2
KINH = "01"
FOREIGNER = "55"


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = spec("names")["people"]
    return found


@cache
def _surnames() -> Wheel:
    return Wheel([(name, share) for name, share in name_parts()["surnames"]])


@cache
def ethnic_mix(province: str) -> Wheel:
    """Give the peoples of a province as a weighted draw of ethnic group codes."""
    mixes = spec("names")["mix"]
    return Wheel(list(mixes.get(province, mixes["other"]).items()))


def surname(dice: Dice, ethnic: str) -> str:
    """Draw a family name."""
    if ethnic in _words():
        return str(dice.pick(_words()[ethnic]["surname"]))
    return str(_surnames().spin(dice))


def given(dice: Dice, ethnic: str, sex: int) -> str:
    """Draw middle and given names ("Văn Hùng", "Thị Lan", "A Dơ")."""
    if ethnic in _words():
        words = _words()[ethnic]
        middle = dice.pick(words["middle_m" if sex == MALE else "middle_f"])
        own = dice.pick(words["given_m" if sex == MALE else "given_f"])
        return f"{middle} {own}".strip()
    parts = name_parts()
    if dice.chance(0.55):
        own = str(dice.pick(parts["given_male" if sex == MALE else "given_female"])[0])
        return ("Văn " if sex == MALE else "Thị ") + own
    return str(dice.pick(parts["male" if sex == MALE else "female"]))


def full_name(dice: Dice, ethnic: str, sex: int, family: str) -> str:
    """Put a name together; one in 150 minority names is a single word, as on real papers."""
    if ethnic == FOREIGNER:
        return dice.pick(spec_foreign())[0]
    own = given(dice, ethnic, sex)
    if ethnic != KINH and dice.chance(0.007):
        return own.split()[-1]
    return f"{family} {own}"


@cache
def spec_foreign() -> list[tuple[str, str, int]]:
    """Give foreign names with nationality code and sex."""
    return [(one[0], one[1], one[2]) for one in spec("names")["foreign"]["people"]]
