"""What measures divide by: population by commune, year, sex and age, beds of facilities by day; read from an operator's CSV, loaded, given out."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba import access
from yba.access import Right
from yba.audit import Tag, note
from yba.kit.errors import Invalid
from yba.specs.age_bands import NAMES, band_of

from . import areas, csv_files
from . import store_counted as store
from .areas import REFORM
from .codes import is_facility_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from psycopg import Connection

    from yba.kit import Actor

    Conn = Connection[tuple[Any, ...]]
    Told = Mapping[str, str]

POPULATION_COLUMNS: Final = ("commune", "year", "sex", "age_band", "people", "source")
BED_COLUMNS: Final = ("facility", "since", "beds", "source")
MOST: Final = 2_000_000  # lines of a file: every commune of the country by single years of age and sex is 670,000 a year
_SHOWN: Final = 20  # faults that are said of one file
_SOURCE: Final = 255
_PEOPLE: Final = 10_000_000
_BEDS: Final = 20_000
_YEARS: Final = range(2025, 2101)


class People(NamedTuple):
    """How many residents of one sex and age a commune (code of 2025) had in a year."""

    commune: str
    year: int
    sex: str
    age_band: str
    people: int
    source: str


class Beds(NamedTuple):
    """How many beds a facility has from a day on, until its next row."""

    facility: str
    since: date
    beds: int
    source: str


class _Fault(Exception):
    """A field and the rule it does not keep, in Vietnamese and English."""


def read_population(data: bytes) -> list[People]:
    """Read a CSV in UTF-8 (columns POPULATION_COLUMNS, in any order): one line a group of ages of one sex in one commune and year.

    Groups of ages may be finer than ours ("37", "5-9", "85+") and are added up. Raises Invalid naming line, field and rule of the first faults.
    """
    summed: Counter[tuple[str, int, str, str, str]] = Counter()
    known: set[tuple[str, ...]] = set()

    def take(row: Told) -> None:
        people = _people(row)
        key = (people.commune, str(people.year), people.sex, row["age_band"])
        if key in known:
            raise _Fault("age_band", "nhóm này đã có ở dòng trên", "the same group stands twice")
        known.add(key)
        summed[people.commune, people.year, people.sex, people.age_band, people.source] += people.people

    _read(data, POPULATION_COLUMNS, take)
    sources: dict[tuple[str, int, str, str], list[str]] = {}
    totals: Counter[tuple[str, int, str, str]] = Counter()
    for (commune, year, sex, band, source), people in summed.items():
        totals[commune, year, sex, band] += people
        sources.setdefault((commune, year, sex, band), []).append(source)
    return [People(*group, people, "; ".join(sources[group])[:_SOURCE]) for group, people in sorted(totals.items())]


def _people(row: Told) -> People:
    commune = row["commune"]
    if areas.commune(commune, REFORM) is None:
        raise _Fault("commune", f"{commune!r} không phải mã xã, phường từ 01/07/2025", "no commune has this code since 2025-07-01")
    year = _whole(row, "year", _YEARS.start, _YEARS.stop - 1)
    if row["sex"] not in {"male", "female"}:
        raise _Fault("sex", "ghi male hoặc female", "is male or female")
    band = band_of(row["age_band"])
    if band is None:
        rule = f"nằm trọn trong một nhóm: {', '.join(NAMES)}"
        raise _Fault("age_band", rule, "lies wholly within one of these bands")
    return People(commune, year, row["sex"], band, _whole(row, "people", 0, _PEOPLE), row["source"])


def read_beds(data: bytes) -> list[Beds]:
    """Read a CSV in UTF-8 (columns BED_COLUMNS, in any order): a facility's beds from a day (2026-01-31) on; 0 = none any more.

    Raises Invalid naming line, field and rule of the first faults.
    """
    found: dict[tuple[str, date], Beds] = {}

    def take(row: Told) -> None:
        if not is_facility_code(row["facility"]):
            raise _Fault("facility", "ghi mã cơ sở, 5 ký tự", "is a facility's five characters")
        try:
            since = date.fromisoformat(row["since"])
        except ValueError:
            raise _Fault("since", "ghi ngày, ví dụ 2026-01-31", "is a day, for example 2026-01-31") from None
        beds = Beds(row["facility"], since, _whole(row, "beds", 0, _BEDS), row["source"])
        if found.setdefault(beds[:2], beds) is not beds:
            raise _Fault("since", "cơ sở này đã có dòng của ngày đó", "the facility has a line of that day already")

    _read(data, BED_COLUMNS, take)
    return [one for _, one in sorted(found.items())]


def _whole(row: Told, field: str, least: int, most: int) -> int:
    text = row[field]
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise _Fault(field, f"ghi số nguyên từ {least} đến {most}, không dấu chấm", f"is a whole number from {least} to {most}, without separators")
    return int(text)


def _read(data: bytes, columns: Sequence[str], take: Callable[[Told], None]) -> None:
    """Hand over each line; collect what is wrong and say the first of it all at once."""
    faults: list[str] = []
    lines = 0
    for number, told in csv_files.lines_of(data, columns):
        lines += 1
        try:
            take(_sourced(told))
        except _Fault as fault:
            field, vi, en = fault.args
            faults.append(f"dòng {number}{f', {field}' if field else ''}: {vi} · {en}")
        if len(faults) > _SHOWN or lines > MOST:
            break
    if faults:
        more = "; …" if len(faults) > _SHOWN else ""
        raise Invalid("; ".join(faults[:_SHOWN]) + more, advice="Nothing was loaded.")
    if not 0 < lines <= MOST:
        raise Invalid(f"Tệp phải có từ 1 đến {MOST} dòng.", advice="An empty file says nothing; load a longer one in parts.")


def _sourced(told: Told | None) -> Told:
    """Hold a line to the cells it has and to naming who counted."""
    if told is None:
        raise _Fault("", "thừa ô", "has too many cells")
    if not told["source"] or len(told["source"]) > _SOURCE:
        raise _Fault("source", "ghi nguồn số liệu", f"names who counted, in at most {_SOURCE} characters")
    return told


def load_population(conn: Conn, *, by: Actor, lines: Sequence[People]) -> int:
    """Let these counts stand in the place of everything known of their communes in their years; audited with a digest. Returns people.

    Raises Denied.
    """
    access.require(by, Right.DIRECTORY_FACILITY_WRITE)
    store.put_population(conn, lines)
    people = sum(one.people for one in lines)
    years = sorted({one.year for one in lines})
    detail = {"lines": len(lines), "communes": len({one.commune for one in lines}), "years": years, "people": people, "digest": _digest(lines)}
    note(conn, by=by, tag=Tag.POPULATION_LOAD, about_type="Location", about_id="*", detail=detail)
    return people


def load_beds(conn: Conn, *, by: Actor, lines: Sequence[Beds]) -> int:
    """Let beds be in force from their days on; a line of the same facility and day is replaced. Audited; returns facilities. Raises Denied."""
    access.require(by, Right.DIRECTORY_FACILITY_WRITE)
    store.put_beds(conn, lines)
    facilities = sorted({one.facility for one in lines})
    detail = {"lines": len(lines), "facilities": len(facilities), "digest": _digest(lines)}
    note(conn, by=by, tag=Tag.BED_LOAD, about_type="Organization", about_id="*", detail=detail)
    return len(facilities)


def _digest(lines: Sequence[People] | Sequence[Beds]) -> str:
    return sha256("\n".join(map(str, lines)).encode()).hexdigest()


def population(conn: Conn, *, by: Actor, year: int | None = None) -> list[tuple[str, int, int, str]]:
    """Return (commune, year, people, source) of a year, or of the newest each commune has. Raises Denied."""
    access.require(by, Right.DIRECTORY_FACILITY_READ)
    return store.population(conn, year)


def beds(conn: Conn, *, by: Actor, facility: str) -> list[Beds]:
    """Return all rows of a facility, oldest first. Raises Denied."""
    access.require(by, Right.DIRECTORY_FACILITY_READ)
    return [Beds(*row) for row in store.beds(conn, facility)]


# What the warehouse takes along, whole: name -> columns.
SIDE_TABLES: Final = {
    "facility": ("code", "valid_from", "valid_to", "name", "level", "kind", "province", "commune"),
    "facility_bed": ("facility", "valid_from", "valid_to", "beds", "source"),
    "area_population": POPULATION_COLUMNS,
    "area": ("code", "name", "type", "province", "province_name", "latitude", "longitude", "area_km2"),
}


def lines_of(conn: Conn, *, by: Actor, table: str) -> Iterator[bytes]:
    """Give out a table of SIDE_TABLES as lines of CSV in a fixed order: dated rows of facilities, beds from day to day, people, communes of today.

    Raises Denied.
    """
    access.require(by, Right.DIRECTORY_FACILITY_READ)
    if table != "area":
        yield from store.copy(conn, table)
        return
    out = io.StringIO(newline="")
    written = csv.writer(out, lineterminator="\n")
    for province in areas.provinces(REFORM):
        for one in areas.communes_of(province.code, REFORM):
            written.writerow((one.code, one.name, one.type, one.province, province.name, one.latitude, one.longitude, one.area_km2))
    yield out.getvalue().encode()
