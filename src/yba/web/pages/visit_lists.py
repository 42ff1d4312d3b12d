"""The lists a visit picks from: what fits some words, what the station uses most, and the name of what was picked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yba import care, directory, terminology
from yba.kit import Invalid, clock
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from yba.directory import Facility
    from yba.terminology import Concept
    from yba.web.edge import Visit

LISTS: Final = ("icd10", "service", "drug")
PLACES: Final = "place"
MOST: Final = 8


_PIECE: Final = re.compile(r"viên|gói|ống")
_UNIT: Final = _n("%(name)s: chọn đơn vị của liều (ml, giọt, lọ …).")
_PLACE: Final = _n("Chọn một cơ sở trong danh sách: gõ tên rồi bấm Tìm.")
_PICK: Final = _n("Chọn một mục trong danh sách bên dưới ô tìm.")


def concept_of(visit: Visit, list_: str, code: str) -> Concept:
    """Return what was picked. Raises Invalid when nothing was, or nothing that is in force."""
    found = terminology.lookup(list_, code, clock.today()) if code else None
    if found is None or found.abstract:
        raise Invalid(visit.say(_PICK))
    return found


def unit_of(visit: Visit, drug: Concept, chosen: str) -> str:
    """Return the unit of a dose: the one chosen, else the piece a pack holds. Raises Invalid where the pack does not tell (a bottle, a tube)."""
    if chosen:
        return chosen
    told = _PIECE.findall(drug.properties.get("pack", "").lower())
    if not told:
        raise Invalid(visit.say(_UNIT) % {"name": drug.display})
    return str(told[-1])


def place_of_words(visit: Visit, words: str) -> str:
    """Return the code of the facility that was typed: itself a code, or words that only one facility's name has. Raises Invalid."""
    if directory.is_facility_code(words):
        return words
    found = directory.facilities_named(visit.conn, by=visit.by, words=words, on=clock.today(), limit=2)
    if len(found) != 1:
        raise Invalid(visit.say(_PLACE))
    return found[0].code


def facilities(visit: Visit, here: str, words: str) -> list[Facility]:
    """Return at most eight facilities that fit the words, the own one not among them; without words none."""
    found = directory.facilities_named(visit.conn, by=visit.by, words=words, on=clock.today(), limit=MOST + 1) if words else []
    return [one for one in found if one.code != here][:MOST]


def options(visit: Visit, facility: str, list_: str, words: str) -> list[Concept]:
    """Return at most eight entries that fit the words, those the station uses most first; without words these alone."""
    liked = care.favourites(visit.conn, by=visit.by, facility=facility, list_id=list_)
    return terminology.find(list_, words, on=clock.today(), favourites=liked, limit=MOST)
