"""What a province's registers would say beside its claims: residents by commune, sex and age, beds of hospitals, what facilities are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.specs.age_bands import band_of

from .places import BASE, STATION

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from .people import Person
    from .places import Province

POPULATION: Final = ("commune", "year", "sex", "age_band", "people", "source")
FACILITIES: Final = ("facility", "name", "commune")
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


def facility_rows(net: Province) -> Iterator[tuple[str, str, str]]:
    """Give the rows of facilities.csv: what each is called, after where it stands."""
    for code, one in sorted(net.by_code.items()):
        place = one.commune.name[:1].lower() + one.commune.name[1:]
        number = 1 + [each.code for each in net.provincial].index(code) if one in net.provincial else 0
        station, base = f"Trạm Y tế {place}", f"Bệnh viện Đa khoa khu vực {one.commune.name.partition(' ')[2]}"
        yield code, station if one.level == STATION else base if one.level == BASE else f"Bệnh viện Đa khoa tỉnh số {number}", one.commune.code
