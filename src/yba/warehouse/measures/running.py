"""Running one measure over the tables of a lake: its SQL, the people it is about, grouped by what was asked, small cells hidden."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from yba.kit.errors import Invalid
from yba.specs.age_bands import BANDS
from yba.specs.measures import BASE, Dimension, Kind, Semantics, base, code_list
from yba.specs.reading import Words
from yba.warehouse.furnishing import furnish
from yba.warehouse.views import titles

from .heard import heard
from .hiding import hidden, order
from .model import NO_NUMBER, NOBODY, UNHEARD, Answer, Cell, Counted, State
from .rounding import rounded

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from yba.specs.measures import Measure
    from yba.warehouse.engines import Engine

    from .heard import Heard
    from .periods import Period
    from .rounding import Coarse

_DAY: Final = "year({day}) * 10000 + month({day}) * 100 + day({day})"
# Where only the year of birth is known, up to a year too old.
_AGE: Final = f"""CASE WHEN r.birth_date IS NOT NULL THEN ({_DAY.format(day="f.day")} - ({_DAY.format(day="r.birth_date")})) // 10000
  ELSE year(f.day) - r.birth_year END"""
_WHEN: Final = " ".join(f"WHEN f.age < {before} THEN '{name}'" for _, before, name in BANDS[:-1])
_BAND: Final = f"CASE WHEN f.age IS NULL OR f.age < 0 THEN NULL {_WHEN} ELSE '{BANDS[-1][2]}' END"
_SOURCE: Final = {
    Dimension.FACILITY: "f.facility", Dimension.COMMUNE: "r.commune_code", Dimension.AGE_BAND: _BAND, Dimension.SEX: "r.sex",
    Dimension.PAYER: "f.payer", Dimension.DETAIL: "f.detail",
}  # fmt: skip


def answer(
    engine: Engine,
    measure: Measure,
    period: Period,
    *,
    by: Sequence[Dimension] = (),
    facilities: Collection[str] | None = None,
    areas: Collection[str] | None = None,
    smallest: int,
) -> Answer:
    """Run a measure over the tables of ``engine`` (as `warehouse.reader` gives them) and hide cells of fewer than ``smallest`` people.

    ``facilities``: MA_CSKCB, ``areas``: communes of 2025; None = all. What does not add up over its
    details is always told apart by them. Raises Invalid for a period or dimension the measure does not have.
    """
    return shown(count(engine, measure, period, by=by, facilities=facilities, areas=areas), smallest)


def count(
    engine: Engine,
    measure: Measure,
    period: Period,
    *,
    by: Sequence[Dimension] = (),
    facilities: Collection[str] | None = None,
    areas: Collection[str] | None = None,
) -> Counted:
    """Run a measure as `answer` does; every cell stands open, for `shown` to hide the small ones. Raises Invalid."""
    check(measure, period, by, facilities, areas)
    by = (*by, Dimension.DETAIL) if measure.always_by_detail and Dimension.DETAIL not in by else tuple(by)
    _furnish(engine, measure)
    told_by = heard(engine, period, facilities=facilities, areas=areas, by_commune=Dimension.COMMUNE in by)
    if without := _without(engine, measure):
        told = told_by.about({})
        return Counted(measure, period, by, (Cell(period.label, {}, None, None, None, State.NO_SOURCE, *told, without),), ((0, 0),))
    rows = _grouped(engine, measure, period, by, facilities, areas)
    cells = [_cell(measure, period, by, row, told_by) for row in rows]
    silent = _silent(measure, period, by, cells, told_by)
    return Counted(measure, period, by, (*cells, *silent), (*((row[-2], row[-1]) for row in rows), *[(0, 0)] * len(silent)))


def shown(counted: Counted, smallest: int, coarse: Coarse | None = None) -> Answer:
    """Give what was counted as it may be shown: few people hidden, the rest rounded where ``coarse`` says how, in the order of the dimensions."""
    cells = hidden(counted, smallest)
    cells = rounded(cells, counted, coarse) if coarse else cells
    return Answer(counted.measure, counted.period, counted.by, tuple(sorted(cells, key=order)))


def check(measure: Measure, period: Period, by: Sequence[Dimension], facilities: Collection[str] | None, areas: Collection[str] | None) -> None:
    """Refuse a question that a measure does not have an answer to. Raises Invalid."""
    if period.kind not in measure.periods:
        raise Invalid(f"{measure.name} has no {period.kind}.", advice=f"It has {', '.join(measure.periods)}.")
    asked = {*by, *([Dimension.FACILITY] if facilities is not None else ()), *([Dimension.COMMUNE] if areas is not None else ())}
    if unknown := asked - set(measure.dimensions):
        raise Invalid(f"{measure.name} cannot be asked by {', '.join(sorted(unknown))}.", advice=f"It can by {', '.join(measure.dimensions)}.")
    if len(set(by)) != len(by):
        raise Invalid("a dimension is named twice.")


def _furnish(engine: Engine, measure: Measure) -> None:
    """Add empty tables for what the lake holds nothing of, and the lists a measure joins."""
    lists = {name: code_list(name) for name in measure.lists}
    furnish(engine, views={*measure.reads, "encounter", "patient"}, types=("Encounter",), lists=lists)


def _without(engine: Engine, measure: Measure) -> Words | None:
    """Say which source is missing; None: it is all there."""
    if measure.missing:
        return measure.missing
    for either in measure.source:
        asked = (engine.execute(f'SELECT 1 FROM "{view}" LIMIT 1').fetchone() for view in either.split("|"))  # noqa: S608  views of specs
        if not any(asked):
            called = [titles()[name] for name in either.split("|")]
            vi, en = (", ".join(f"“{words}”" for words in some) for some in ((one.vi for one in called), (one.en for one in called)))
            return Words(f"chưa có dữ liệu {vi}", f"there are no data of {en}")
    return None


def statement(measure: Measure, by: Sequence[Dimension] = (), *, facilities: bool = False, areas: bool = False) -> str:
    """Give the whole statement of a measure that has SQL; parameters $start and $end (days, the end not included), $facilities and $areas (lists)."""
    source = _SOURCE | {one: f"coalesce(f.{one}, {_SOURCE[one]})" for one in measure.own}
    chosen = ", ".join(f'{source[one]} AS "{one}"' for one in by)
    keep = [
        *(["f.facility IN (SELECT unnest($facilities))"] if facilities else ()),
        *([f"{source[Dimension.COMMUNE]} IN (SELECT unnest($areas))"] if areas else ()),
    ]
    shared = ",\n".join((*map(base, BASE), *measure.steps))
    return f"""WITH {shared},
fact AS (
{measure.sql}),
aged AS (SELECT f.*, {_AGE} AS age FROM fact f LEFT JOIN resident r ON r.person = f.person)
SELECT {chosen}{", " if chosen else ""}sum(f.numerator) AS numerator, sum(f.denominator) AS denominator,
  count(DISTINCT f.person) FILTER (WHERE f.numerator <> 0) AS people_counted,
  count(DISTINCT f.person) FILTER (WHERE f.denominator <> 0) AS people_asked
FROM aged f
LEFT JOIN resident r ON r.person = f.person
{"WHERE " + " AND ".join(keep) if keep else ""}
{"GROUP BY " + ", ".join(str(place + 1) for place in range(len(by))) if by else ""}"""  # noqa: S608  SQL of specs, names of an enum


def _grouped(
    engine: Engine, measure: Measure, period: Period, by: Sequence[Dimension], facilities: Collection[str] | None, areas: Collection[str] | None
) -> list[tuple[Any, ...]]:
    sql = statement(measure, by, facilities=facilities is not None, areas=areas is not None)
    start, end = period.window(measure.semantics)
    given = {"start": start, "end": end, "facilities": sorted(facilities or ()), "areas": sorted(areas or ())}
    asked = set(re.findall(r"\$([a-z]+)", sql))
    return engine.execute(sql, {name: value for name, value in given.items() if name in asked}).fetchall()


def _cell(measure: Measure, period: Period, by: Sequence[Dimension], row: tuple[Any, ...], told_by: Heard) -> Cell:
    dimensions = dict(zip(by, row, strict=False))
    counted, asked = (float(one or 0) for one in row[len(by) : len(by) + 2])
    told = told_by.about(dimensions)
    if not (isfinite(counted) and isfinite(asked)):
        return Cell(period.label, dimensions, None, None, None, State.FAILED, *told, NO_NUMBER)
    is_count = measure.kind is Kind.COUNT
    of_nobody = not any(row[-2:]) and not counted  # what a directory says, such as beds, and nothing that was sent
    if not (counted if is_count else asked) or of_nobody:
        if not told[0] and measure.semantics is not Semantics.STOCK:
            return Cell(period.label, dimensions, None, None, None, State.NOT_HEARD, *told, UNHEARD)
        if not is_count and not asked:
            return Cell(period.label, dimensions, counted, 0.0, None, State.SHOWN, *told, NOBODY)
    value = counted if is_count else counted / asked * (100 if measure.kind is Kind.SHARE else 1)
    return Cell(period.label, dimensions, counted, None if is_count else asked, value, State.SHOWN, *told)


def _silent(measure: Measure, period: Period, by: Sequence[Dimension], cells: Sequence[Cell], told_by: Heard) -> list[Cell]:
    """Give a cell to each facility expected, else to each commune, that has none: nothing was sent, or what was holds nothing of the measure."""
    place = next((one for one in (Dimension.FACILITY, Dimension.COMMUNE) if one in by), None)
    if place is None or measure.semantics is Semantics.STOCK:
        return []
    expected = told_by.facilities.keys() if place is Dimension.FACILITY else told_by.communes
    found = []
    for code in sorted(expected - {cell.dimensions[place] for cell in cells}):
        row = (*(code if one is place else None for one in by), 0, 0, 0, 0)
        found.append(_cell(measure, period, by, row, told_by))
    return found
