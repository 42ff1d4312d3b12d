"""Running one measure over the tables of a lake: its SQL, the people it is about, grouped by what was asked, small cells hidden."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from yba.kit.errors import Invalid
from yba.specs import visits
from yba.specs.measures import BASE, Dimension, Kind, Semantics, Words, base, code_list
from yba.warehouse.engines import listed
from yba.warehouse.views import dictionary, titles

from .hiding import hidden, order
from .model import NOBODY, UNHEARD, Answer, Cell, Counted, State

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from yba.specs.measures import Measure
    from yba.warehouse.engines import Engine

    from .periods import Period

_LAKE_ENCOUNTER: Final = """CREATE SCHEMA IF NOT EXISTS lake;
CREATE VIEW lake."Encounter" AS SELECT NULL::UUID AS id, NULL::VARCHAR AS given_id, NULL::VARCHAR AS mapped_by LIMIT 0"""
_DAY: Final = "year({day}) * 10000 + month({day}) * 100 + day({day})"
# Where only the year of birth is known, up to a year too old.
_AGE: Final = f"""CASE WHEN r.birth_date IS NOT NULL THEN ({_DAY.format(day="f.day")} - ({_DAY.format(day="r.birth_date")})) // 10000
  ELSE year(f.day) - r.birth_year END"""
_BANDS: Final = ((1, "0"), (5, "1-4"), (15, "5-14"), (25, "15-24"), (40, "25-39"), (60, "40-59"), (80, "60-79"))
_WHEN: Final = " ".join(f"WHEN f.age < {top} THEN '{name}'" for top, name in _BANDS)
_BAND: Final = f"CASE WHEN f.age IS NULL OR f.age < 0 THEN NULL {_WHEN} ELSE '80+' END"
_SOURCE: Final = {
    Dimension.FACILITY: "f.facility", Dimension.COMMUNE: "r.commune_code", Dimension.AGE_BAND: _BAND, Dimension.SEX: "r.sex",
    Dimension.PAYER: "f.payer", Dimension.DETAIL: "f.detail",
}  # fmt: skip
_HEARD: Final = """
WITH sent AS (
  SELECT row_facility AS facility, start_date AS day FROM encounter UNION ALL SELECT row_facility, end_date FROM encounter
)
SELECT facility, bool_or(day >= $start) FROM sent
WHERE facility <> '' AND day < $end AND (day >= $start OR day >= $end::DATE - INTERVAL 12 MONTH) GROUP BY facility"""


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
    _require(measure, period, by, facilities, areas)
    by = (*by, Dimension.DETAIL) if measure.always_by_detail and Dimension.DETAIL not in by else tuple(by)
    _furnish(engine, measure)
    heard = _heard(engine, period, facilities)
    if without := _without(engine, measure):
        told = (sum(heard.values()), len(heard))
        return Counted(measure, period, by, (Cell(period.label, {}, None, None, None, State.NO_SOURCE, *told, without),), ((0, 0),))
    rows = _grouped(engine, measure, period, by, facilities, areas)
    cells = [_cell(measure, period, by, row, heard) for row in rows]
    silent = _silent(measure, period, by, cells, heard)
    return Counted(measure, period, by, (*cells, *silent), (*((row[-2], row[-1]) for row in rows), *[(0, 0)] * len(silent)))


def shown(counted: Counted, smallest: int) -> Answer:
    """Give what was counted as it may be shown: cells of fewer than ``smallest`` people hidden, in the order of the dimensions."""
    cells = hidden(counted.cells, counted.people, counted.measure.kind, smallest)
    return Answer(counted.measure, counted.period, counted.by, tuple(sorted(cells, key=order)))


def _require(measure: Measure, period: Period, by: Sequence[Dimension], facilities: Collection[str] | None, areas: Collection[str] | None) -> None:
    if period.kind not in measure.periods:
        raise Invalid(f"{measure.name} has no {period.kind}.", advice=f"It has {', '.join(measure.periods)}.")
    asked = {*by, *([Dimension.FACILITY] if facilities is not None else ()), *([Dimension.COMMUNE] if areas is not None else ())}
    if unknown := asked - set(measure.dimensions):
        raise Invalid(f"{measure.name} cannot be asked by {', '.join(sorted(unknown))}.", advice=f"It can by {', '.join(measure.dimensions)}.")
    if len(set(by)) != len(by):
        raise Invalid("a dimension is named twice.")


@cache
def _columns() -> dict[str, str]:
    """Give the columns of each view's table, as text of an empty one."""
    found: dict[str, list[str]] = {}
    for one in dictionary():
        found.setdefault(one.table, []).append(f'NULL::{one.type} AS "{one.column}"')
    return {table: ", ".join(columns) for table, columns in found.items()}


def _furnish(engine: Engine, measure: Measure) -> None:
    """Add empty tables for types the lake holds nothing of, and the lists a measure joins."""
    have = {(schema, name) for schema, name in engine.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()}
    names = {name for _, name in have}
    for view in {*measure.reads, "encounter", "patient"} - names:
        engine.execute(f'CREATE TEMP VIEW "{view}" AS SELECT {_columns()[view]} LIMIT 0')
    if ("lake", "Encounter") not in have:
        engine.execute(_LAKE_ENCOUNTER)
    for name, (columns, rows) in (*_rules().items(), *((name, code_list(name)) for name in measure.lists)):
        if f"list_{name}" not in names:
            engine.execute(f"CREATE TEMP VIEW list_{name} AS {listed(columns, rows)}")


@cache
def _rules() -> dict[str, tuple[tuple[str, ...], tuple[tuple[str | int, ...], ...]]]:
    """Give the rules of visits as lists: columns and rows."""
    rules = visits.rules()
    return {
        "visit_channel": (("mapped_by", "rank INTEGER"), tuple((value, one.rank) for one in rules.channels for value in one.mapped_by)),
        "visit_class": (
            ("class_code", "class_group", "tolerance_minutes BIGINT", "open_minutes BIGINT"),
            tuple(
                (code, one.id, int(one.tolerance.total_seconds() // 60), int(one.open.total_seconds() // 60)) for code, one in rules.groups.items()
            ),
        ),
        "no_visit": (("status",), tuple((status,) for status in sorted(rules.no_visit))),
    }


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


def _heard(engine: Engine, period: Period, facilities: Collection[str] | None) -> dict[str, bool]:
    """Give the facilities expected, and of each whether it told of a visit in the period."""
    rows = engine.execute(_HEARD, {"start": period.start, "end": period.end}).fetchall()
    return {facility: bool(heard) for facility, heard in rows if facilities is None or facility in facilities}


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


def _cell(measure: Measure, period: Period, by: Sequence[Dimension], row: tuple[Any, ...], heard: dict[str, bool]) -> Cell:
    dimensions = dict(zip(by, row, strict=False))
    counted, asked = (float(one or 0) for one in row[len(by) : len(by) + 2])
    told = _told(dimensions, heard)
    is_count = measure.kind is Kind.COUNT
    of_nobody = not any(row[-2:]) and not counted  # what a directory says, such as beds, and nothing that was sent
    if not (counted if is_count else asked) or of_nobody:
        if not told[0] and measure.semantics is not Semantics.STOCK:
            return Cell(period.label, dimensions, None, None, None, State.NOT_HEARD, *told, UNHEARD)
        if not is_count and not asked:
            return Cell(period.label, dimensions, counted, 0.0, None, State.SHOWN, *told, NOBODY)
    value = counted if is_count else counted / asked * (100 if measure.kind is Kind.SHARE else 1)
    return Cell(period.label, dimensions, counted, None if is_count else asked, value, State.SHOWN, *told)


def _told(dimensions: dict[Dimension, str | None], heard: dict[str, bool]) -> tuple[int, int]:
    """Count the facilities heard and expected that a cell is about: its own, or all."""
    facility = dimensions.get(Dimension.FACILITY)
    of = heard if facility is None else {facility: heard.get(facility, False)} if facility in heard else {}
    return sum(of.values()), len(of)


def _silent(measure: Measure, period: Period, by: Sequence[Dimension], cells: Sequence[Cell], heard: dict[str, bool]) -> list[Cell]:
    """Give a cell to each facility expected that has none: nothing was sent, or what it sent holds nothing of the measure."""
    if Dimension.FACILITY not in by or measure.semantics is Semantics.STOCK:
        return []
    have = {cell.dimensions[Dimension.FACILITY] for cell in cells}
    found = []
    for facility in sorted(heard.keys() - have):
        dimensions: dict[Dimension, str | None] = {one: facility if one is Dimension.FACILITY else None for one in by}
        row = (*dimensions.values(), 0, 0, 0, 0)
        found.append(_cell(measure, period, by, row, heard))
    return found
