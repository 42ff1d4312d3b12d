"""What goes wrong in real claims: the kinds and rates of `specs/synth/dirt.toml`, done by the functions of `faults_*`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from . import faults_content, faults_person
from .faults import FAULTS
from .tables import spec

if TYPE_CHECKING:
    from .dice import Dice
    from .draft import Draft


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of dirt: how often, and what a receiver should do with the claim or file."""

    name: str
    rate: float
    outcome: str


@cache
def kinds(level: str) -> tuple[Kind, ...]:
    """Give the kinds of one level: claim, file, stray or resend."""
    return tuple(Kind(name, one["rate"], one["outcome"]) for name, one in spec("dirt")[level].items())


def spoil(draft: Draft, dice: Dice, scale: float) -> list[tuple[str, str]]:
    """Spoil a draft by chance; gives (kind, detail) of everything done to it."""
    done = []
    for kind in kinds("claim"):
        if dice.random() < kind.rate * scale:
            detail = FAULTS[kind.name](draft, dice)
            if detail is not None:
                done.append((kind.name, detail))
    return done


if FAULTS.keys() != spec("dirt")["claim"].keys():
    unmatched = sorted(FAULTS.keys() ^ spec("dirt")["claim"].keys())
    raise ValueError(f"dirt.toml and {faults_person.__name__}, {faults_content.__name__} do not agree on {unmatched}")
