"""What a province's registers would say beside its claims: residents by commune, sex and age, beds of hospitals; as `yba directory` loads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.specs.age_bands import band_of

from .places import BASE

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from .people import Person
    from .places import Province

POPULATION: Final = ("commune", "year", "sex", "age_band", "people", "source")
BEDS: Final = ("facility", "since", "beds", "source")
_SOURCE: Final = "synthetic"
_SEXES: Final = {1: "male", 2: "female"}
_PER_THOUSAND: Final = 3  # beds: about what Vietnam has
_LARGE: Final = 3  # a provincial hospital has as many beds as so many district ones


def group_of(person: Person, day: int) -> tuple[str, str, str]:
    """Return commune, sex and age band of a resident on a day (number of a day)."""
    return person.place.code, _SEXES.get(person.sex, "male"), band_of(str(int(max(0.0, person.age(day))))) or ""


def population_rows(counted: Counter[tuple[str, str, str]], year: int) -> Iterator[tuple[str, int, str, str, int, str]]:
    """Give the rows of population.csv out of how many residents each group has."""
    for (commune, sex, band), people in sorted(counted.items()):
        yield commune, year, sex, band, people, _SOURCE


def bed_rows(net: Province, people: int, since: str) -> Iterator[tuple[str, str, int, str]]:
    """Give the rows of beds.csv: hospitals share what so many people have, the provincial ones more; stations have none."""
    hospitals = (*net.bases, *net.provincial)
    shares = {one.code: 1 if one.level == BASE else _LARGE for one in hospitals}
    beds = people * _PER_THOUSAND / 1000
    for code, share in sorted(shares.items()):
        yield code, since, max(2, round(beds * share / sum(shares.values()))), _SOURCE
