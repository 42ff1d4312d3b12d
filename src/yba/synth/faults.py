"""What all kinds of dirt share: the register of faults and how a person's value is changed in every table that repeats it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .draft import Draft, Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from .dice import Dice
    from .people import Person

NAME, CITIZEN, BIRTH = "HO_TEN", "SO_CCCD", "NGAY_SINH"
FAULTS: dict[str, Callable[[Draft, Dice], str | None]] = {}
"""Kind of dirt.toml -> the function that spoils a draft and says how, None when it does not apply."""


def fault(act: Callable[[Draft, Dice], str | None]) -> Callable[[Draft, Dice], str | None]:
    """Register a fault under its name."""
    FAULTS[act.__name__[1:]] = act
    return act


def everywhere(draft: Draft, field: str, old: str, new: str) -> str | None:
    """Replace a person's value in all tables that repeat it."""
    if not old or old == new:
        return None
    for rows in draft.rows.values():
        for row in rows:
            if row.get(field) == old:
                row[field] = new
    return f"{field}: {old} -> {new}"


def head(draft: Draft) -> Row:
    """Give XML1, an empty row when it is gone."""
    return draft.rows["XML1"][0] if draft.rows.get("XML1") else Row()


def relative(draft: Draft, dice: Dice) -> Person | None:
    """Give somebody of the household."""
    person = draft.person
    some = [one for one in (person.partner, person.mother, person.father) if one is not None]
    return dice.pick(some) if some else None
