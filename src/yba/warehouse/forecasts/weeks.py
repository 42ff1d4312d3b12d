"""The weeks of a series, as the lake holds them: counted as the measure counts each week, with the people each number is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.specs.measures import BASE, Dimension, PeriodKind, base, measures
from yba.warehouse.hearing import WEEK
from yba.warehouse.measures.periods import holding
from yba.warehouse.measures.running import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from yba.specs.forecasts import Series
    from yba.specs.measures import Measure
    from yba.warehouse.engines import Engine

    Row = tuple[date, str | None, str | None, Any, Any]  # week, facility, detail, value, people; None: of all

_ONCE: Final = """WITH {shared},
fact AS (
{sql})
SELECT date_trunc('week', f.day)::DATE AS week, CASE WHEN grouping(f.facility) = 0 THEN f.facility END AS facility,
  CASE WHEN grouping(f.detail) = 0 THEN f.detail END AS detail, sum(f.numerator), count(DISTINCT f.person) FILTER (WHERE f.numerator <> 0)
FROM fact f
GROUP BY GROUPING SETS ((date_trunc('week', f.day)::DATE), (date_trunc('week', f.day)::DATE, f.detail),
  (date_trunc('week', f.day)::DATE, f.facility), (date_trunc('week', f.day)::DATE, f.facility, f.detail))
HAVING (grouping(f.detail) = 1 OR f.detail IS NOT NULL) AND (grouping(f.facility) = 1 OR f.facility IS NOT NULL)"""


class Week(NamedTuple):
    """What a week counts, and of how many people."""

    value: float
    people: int


NOTHING: Final = Week(0.0, 0)


def weekly(engine: Engine, wanted: Sequence[Series], since: date, until: date) -> dict[tuple[str, str | None], dict[date, Week]]:
    """Count the weeks from Monday ``since`` until before Monday ``until`` of series of one measure, by (series, facility or None = all).

    A week of which nothing was counted is not in it. In one reading where the facts of the measure are those of its weeks (`Series.adds_up`).
    """
    spec = measures()[wanted[0].measure]
    rows = _at_once(engine, spec, since, until) if all(one.adds_up for one in wanted) else _one_by_one(engine, spec, wanted, since, until)
    found: dict[tuple[str, str | None], dict[date, Week]] = {}
    for week, facility, detail, value, people in rows:
        for one in wanted:
            if (one.detail or None) == detail and (facility is None or one.each_facility):
                found.setdefault((one.name, facility), {})[week] = Week(float(value or 0), int(people or 0))
    return found


def _at_once(engine: Engine, spec: Measure, since: date, until: date) -> Iterator[Row]:
    count(engine, spec, holding(PeriodKind.WEEK, since))  # lays the lists and tables the measure joins
    shared = ",\n".join((*map(base, BASE), *spec.steps))
    sql = _ONCE.format(shared=shared, sql=spec.sql)
    yield from engine.execute(sql, {"start": since, "end": until}).fetchall()


def _one_by_one(engine: Engine, spec: Measure, wanted: Sequence[Series], since: date, until: date) -> Iterator[Row]:
    """Ask the measure week by week: whom it counts once in a period may be counted in each of two weeks."""
    asked = {_dimensions(one, each=each) for one in wanted for each in {False, one.each_facility}}
    week = since
    while week < until:
        for by in sorted(asked):
            told = count(engine, spec, holding(PeriodKind.WEEK, week), by=by)
            for cell, people in zip(told.cells, told.people, strict=True):
                if cell.numerator is not None:
                    yield week, cell.dimensions.get(Dimension.FACILITY), cell.dimensions.get(Dimension.DETAIL), cell.numerator, people[0]
        week += WEEK


def _dimensions(one: Series, *, each: bool) -> tuple[Dimension, ...]:
    return (*((Dimension.FACILITY,) if each else ()), *((Dimension.DETAIL,) if one.detail else ()))
