"""Provinces, districts and communes by day, and the way from the trees before 2025-07-01 to the one since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from yba.terminology import all_lists, codes, edition_on, lists, lookup, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yba.terminology import Concept

REFORM: Final = date(2025, 7, 1)  # two tiers, 34 provinces
EVE: Final = date(2025, 6, 30)
# Relations of the conversion table that leave nobody behind: who lived in the old commune lives in the new one.
WHOLE: Final = frozenset({"whole", "unchanged", "renamed_or_retyped", "part_area_all_population"})
# A piece of land without its people: never where a resident went.
LAND_ONLY: Final = frozenset({"part_area"})


@dataclass(frozen=True, slots=True)
class Area:
    """A province, district or commune as it was on a day; codes "" where the tree has no such tier.

    ``tree`` is the edition (such as "2025-07-01"); latitude and longitude (degrees) of the centroid and area (km²) are
    known for communes since the reform.
    """

    code: str
    name: str
    type: str
    province: str
    district: str
    tree: str
    latitude: float | None
    longitude: float | None
    area_km2: float | None


@dataclass(frozen=True, slots=True)
class Successor:
    """One new commune of an old one, with the word of the conversion table ("whole", "part", "part_area", …)."""

    area: Area
    relation: str


_areas: dict[tuple[str, str, str], Area] = {}


def province(code: str, on: date) -> Area | None:
    """The province of a code on a day; None when there was none."""
    return _area(lists.PROVINCE, code, on)


def provinces(on: date) -> tuple[Area, ...]:
    """All provinces on a day, in the order of their codes."""
    edition = edition_on(lists.PROVINCE, on)
    found = (province(c.code, on) for c in sorted(edition.all(), key=lambda concept: concept.code)) if edition else ()
    return tuple(area for area in found if area is not None)


def district(code: str, on: date) -> Area | None:
    """The district of a code on a day; None since 2025-07-01."""
    return _area(lists.DISTRICT, code, on)


def commune(code: str, on: date) -> Area | None:
    """The commune, ward or special zone of a code on a day; None when there was none.

    3,310 codes name another place before the reform than since: the day must be that of the address.
    """
    return _area(lists.COMMUNE, code, on)


def communes_of(province_code: str, on: date) -> tuple[Area, ...]:
    """All communes of a province on a day, in the order of their codes."""
    edition = edition_on(lists.COMMUNE, on)
    found = [] if edition is None else [c.code for c in edition.all()]
    areas = (commune(code, on) for code in sorted(found))
    return tuple(area for area in areas if area is not None and area.province == province_code)


def successors(old_commune: str) -> tuple[Successor, ...]:
    """Where an old commune went on 2025-07-01, whole ones first; () for the gaps of the conversion table."""
    found = [(commune(target.code, REFORM), target.relation) for target in translate(lists.COMMUNE_2025, old_commune)]
    held = [Successor(area, relation) for area, relation in found if area is not None]
    return tuple(sorted(held, key=lambda successor: successor.relation not in WHOLE))


def district_successors(old_district: str) -> tuple[Successor, ...]:
    """Where one of the five island districts without communes went; () for every other district."""
    return successors(f"district:{old_district}")


def province_now(old_province: str) -> Area | None:
    """The province since 2025-07-01 that holds (nearly) all of an old one."""
    targets = translate(lists.PROVINCE_2025, old_province)
    return province(targets[0].code, REFORM) if targets else None


def commune_of(code: str, on: date, *, written: date | None = None) -> Area | None:
    """The commune in force on ``on`` for a code written down on ``written`` (default: the same day).

    A code of the tree before the reform is followed to its successor when that is beyond doubt: all of its people went
    to one commune. Divided communes give None (see ``successors``). A code that is of no use on the day it was written
    is tried as a code of the old tree, because old codes went on being written for months.
    """
    day = written or on
    here = commune(code, day)
    if here is not None and (day >= REFORM or on < REFORM):
        return here
    if on < REFORM:
        return commune(code, on)
    return _where_the_people_went(code)


@lru_cache(maxsize=2)
def communes_now(on: date) -> Mapping[str, str]:
    """The commune in force on ``on`` by every code, of its own tree or an earlier one, that leads to one as `commune_of` follows what is written now.

    117 codes of communes that were divided in 2025 are codes of today too: they are read as those of today. 0.1 s, then remembered.
    """
    editions = next(one.editions for one in all_lists() if one.id == lists.COMMUNE)
    known = dict.fromkeys(code for edition in editions for code in codes(lists.COMMUNE, edition.id))
    return MappingProxyType({code: area.code for code in known if (area := commune_of(code, on)) is not None})


def _where_the_people_went(old: str) -> Area | None:
    found = successors(old)
    went = [s for s in found if s.relation not in LAND_ONLY] or found
    whole = [s for s in went if s.relation in WHOLE]
    chosen = whole or went
    return chosen[0].area if len(chosen) == 1 else None


def _area(system: str, code: str, on: date) -> Area | None:
    concept = lookup(system, code, on)
    if concept is None:
        return None
    key = (system, concept.edition, concept.code)
    return _areas.get(key) or _areas.setdefault(key, _made(system, concept))


def _made(system: str, concept: Concept) -> Area:
    said = concept.properties
    above = concept.parent
    is_province = system == lists.PROVINCE
    return Area(
        code=concept.code,
        name=concept.display,
        type=said.get("type", ""),
        province=concept.code if is_province else said.get("province", above),
        district=concept.code if system == lists.DISTRICT else said.get("district", ""),
        tree=concept.edition,
        latitude=_number(said.get("lat")),
        longitude=_number(said.get("lon")),
        area_km2=_number(said.get("area_km2")),
    )


def _number(text: str | None) -> float | None:
    return float(text) if text else None
