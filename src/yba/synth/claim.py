"""One planned visit becomes one claim: all tables as rows of text, ready to be rendered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import legacy, notes, papers, programmes, rarities, services, summary, treatment
from .dates import DAY, calendar, stamp
from .draft import Draft, Row

if TYPE_CHECKING:
    from .dice import Dice
    from .people import Person
    from .places import Facility
    from .plan import Visit

LONG_STAY = 3
"""Days."""
OLD_FAMILY = frozenset(("917", "4210"))


def write(visit: Visit, dice: Dice, *, paid: bool = True) -> Draft:
    """Write the claim of a visit; takes the next numbers of its facility."""
    facility = visit.facility
    facility.visits += 1
    _new_card(visit, dice)
    draft = Draft(visit, dice, link_of(visit, facility.visits), local_number(visit.person, facility))
    draft.scheme = summary.scheme(draft)
    draft.department = summary.department(draft)
    services.consultation(draft)
    services.tests(draft)
    if not draft.end:
        draft.end = max(draft.last, draft.clock) + dice.between(9, 26)
    treatment.medicines(draft)
    notes.notes(draft)
    top = summary.summary(draft, facility.visits, paid=paid)
    draft.rows["XML1"] = [top]
    papers.papers(draft, top)
    programmes.programmes(draft, top)
    rarities.rarities(draft, dice)
    if draft.standard in OLD_FAMILY:
        legacy.convert(draft)
    number_rows(draft.rows)
    return draft


def _new_card(visit: Visit, dice: Dice) -> None:
    """Let the card change in the middle of a long stay now and then: then two cards stand in the claim and the benefit differs by line."""
    cards = visit.person.cards
    first, last = visit.arrive // DAY, visit.leave // DAY
    if last - first < LONG_STAY or not cards or not dice.chance(0.02):
        return
    card = cards[-1]
    if card.number.startswith("TE1") or not card.start <= first <= last <= card.end - LONG_STAY:
        return
    prefix = "GD4" if card.number[2] != "4" else "HN2"
    middle = first + (last - first) // 2
    cards[-1:] = [replace(card, end=middle - 1), replace(card, number=prefix + card.number[3:], start=middle)]


def number_rows(rows: dict[str, list[Row]]) -> None:
    """Number the rows of each table from 1."""
    for table, some in rows.items():
        if table in {"XML2", "XML3", "XML4", "XML5", "XML15"}:
            for number, row in enumerate(some, 1):
                row["STT"] = str(number)


def link_of(visit: Visit, number: int) -> str:
    """Give MA_LK in the form of the facility's software; unique in the facility through its running number."""
    on = calendar(visit.arrive // DAY)
    code = visit.facility.code
    match visit.facility.style.link:
        case 1:
            return f"{on.year % 100:02d}.{number:06d}"
        case 2:
            return f"{number}/{on.year}"
        case 3:
            return f"{code}_{visit.person.bhxh}_{stamp(visit.arrive)}_{visit.kind}_{number:010d}_{visit.icd}".ljust(90, "0")
        case 4:
            return f"{int(code, 36):08x}-{visit.arrive % 65536:04x}-4{visit.arrive % 4096:03x}-8{number % 4096:03x}-{number:012x}"
        case _:
            return f"{code}{number:08d}"


def local_number(person: Person, facility: Facility) -> str:
    """Give the number under which the facility knows the person; the same at every visit."""
    known = person.local.get(facility.code)
    if known is None:
        facility.patients += 1
        number = facility.patients
        known = (f"{number:08d}", f"BN{number:07d}", f"{facility.code}{number:07d}", f"{number + 23000000}")[facility.style.link % 4]
        person.local[facility.code] = known
    return known
