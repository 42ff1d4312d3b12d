"""Numbers people carry, as shared/spec/identity.md describes them: citizen numbers, cards, passports, phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .dice import Dice

CENTURY_MALE = {19: 0, 20: 2, 21: 4}
PHONE_STARTS = (
    "032",
    "033",
    "034",
    "035",
    "036",
    "037",
    "038",
    "039",
    "070",
    "077",
    "081",
    "082",
    "083",
    "084",
    "085",
    "086",
    "088",
    "090",
    "091",
    "093",
    "094",
    "096",
    "097",
    "098",
)
FULL, SHARE_95, SHARE_80 = 1000, 950, 800
BENEFIT = {"1": FULL, "2": FULL, "3": SHARE_95, "4": SHARE_80, "5": FULL}
"""MUC_HUONG in 1/10 % by the third character of the card (NĐ 146/2018)."""


def citizen_number(dice: Dice, province: str, sex: int, year: int) -> str:
    """Write PPP S YY NNNNNN: province of registration, century and sex, year, six digits."""
    return f"{int(province):03d}{CENTURY_MALE[year // 100] + sex - 1}{year % 100:02d}{dice.digits(6)}"


def card_number(prefix: str, province: str, bhxh: str) -> str:
    """Write LL B PP NNNNNNNNNN; `prefix` holds letters and benefit digit ("DT2")."""
    return f"{prefix}{province}{bhxh}"


def phone(dice: Dice) -> str:
    """Draw a mobile number in the plan of 2018."""
    return dice.pick(PHONE_STARTS) + dice.digits(7)


def passport(dice: Dice) -> str:
    """Draw a passport number of the form the insurer's portal accepts."""
    return chr(65 + dice.below(26)) + dice.digits(7)
