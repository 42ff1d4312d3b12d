"""Counting a report over the tables of a lake: its queries by place, its measures, rows made of rows, and the checks. Pure: any engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from yba.specs import exports, measures
from yba.specs.exports import UnitKind
from yba.specs.measures import Dimension, Semantics, base
from yba.warehouse.measures import State, answer
from yba.warehouse.measures.heard import heard

from .checking import judged
from .furnishing import lay, shared, stock
from .model import WHOLE, CellState, Figures, Number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yba.specs.exports import Edition, Query
    from yba.specs.exports_rows import Row
    from yba.warehouse.engines import Engine
    from yba.warehouse.measures import Period

    from .furnishing import Places
    from .model import Unit

_NO: Final = {state: Number(None, state) for state in CellState}
# By whether a query names communes: how places are joined, what is grouped, and how a place is called.
_PLACED: Final = {
    False: (
        "JOIN list_place u ON u.facility = f.facility",
        "((line, col), (line, col, u.commune), (line, col, f.facility))",
        "CASE WHEN grouping(f.facility) = 0 THEN 'facility:' || f.facility WHEN grouping(u.commune) = 0 THEN 'commune:' || u.commune ELSE '' END",
    ),
    True: (
        "JOIN list_commune u ON u.commune = f.commune",
        "((line, col), (line, col, u.commune))",
        "CASE WHEN grouping(u.commune) = 0 THEN 'commune:' || u.commune ELSE '' END",
    ),
}


@dataclass(slots=True)
class _Told:
    """What one query said in one window: (sum, people) by place, line and column; places it has a row of, and those that were heard."""

    cells: dict[tuple[str, str, str], tuple[Any, int]] = field(default_factory=dict)
    of: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)


def count(engine: Engine, edition: Edition, unit: Unit, period: Period, places: Places) -> Figures:
    """Count a report over the tables of ``engine`` (as `warehouse.reader` gives them, with restricted rows) for the places of a unit.

    What has no source is said row by row; 0 is said only of a place that was heard from. Raises what the engine raises.
    """
    lay(engine, places)
    have = {name for (name,) in engine.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    sent = _sent(engine, period, have, places)
    told = {
        (query.name, meaning): _ask(engine, query, period, meaning, have, places, sent)
        for query in edition.queries.values()
        for meaning in exports.semantics_of(edition.rows, query.name)
    }
    shown = _shown(edition, unit, places)
    cells: dict[str, dict[str, tuple[Number, ...]]] = {place: {} for place in shown}
    for row in edition.rows:
        measured = _measured(engine, row, period, places, have) if row.measure else {}
        for place in shown:
            cells[place][row.id] = tuple(
                _cell(row, place, column.id, told, measured, cells[place], at) if not row.only or column.id in row.only else _NO[CellState.NONE]
                for at, column in enumerate(edition.columns)
            )
    return Figures(cells, shown, sum(sent.values()), len(sent), judged(edition, cells))


def _shown(edition: Edition, unit: Unit, places: Places) -> tuple[str, ...]:
    """Name the places of a report: the whole, and within a commune or the province its parts."""
    if unit.kind is UnitKind.FACILITY:
        return (WHOLE,)
    by_commune = any(query.by_commune for query in edition.queries.values())
    communes = [f"commune:{code}" for code in places.communes] if unit.kind is UnitKind.PROVINCE else []
    return (WHOLE, *communes, *([] if by_commune else [f"facility:{code}" for code in sorted(places.facilities)]))


def _sent(engine: Engine, period: Period, have: set[str], places: Places) -> dict[str, bool]:
    """Give the facilities of which something is expected, and whether each told of a visit in the period."""
    return heard(engine, period, facilities=places.facilities).facilities if "encounter" in have else {}


def _ask(engine: Engine, query: Query, period: Period, meaning: Semantics, have: set[str], places: Places, sent: Mapping[str, bool]) -> _Told | None:
    """Run one query; None where it has no source."""
    have |= stock(engine, query)
    for either in query.source:
        named = [one for one in either.split("|") if one in have]
        if not any(engine.execute(f'SELECT 1 FROM "{one}" LIMIT 1').fetchone() for one in named):  # noqa: S608  tables of specs
            return None
    start, end = period.window(meaning)
    joined, sets, place = _PLACED[query.by_commune]
    steps = "".join(f"{base(name)},\n" for name in shared(query))
    sql = f"""WITH {steps}fact AS ({query.sql})
SELECT {place} AS place, line, col, sum(f.amount), count(DISTINCT f.person) FILTER (WHERE f.amount <> 0)
FROM fact f {joined} WHERE f.line IS NOT NULL AND f.col IS NOT NULL GROUP BY GROUPING SETS {sets}"""  # noqa: S608  SQL of specs
    given = {name: value for name, value in {"start": start, "end": end}.items() if f"${name}" in sql}
    told = _Told()
    for at, line, col, amount, people in engine.execute(sql, given).fetchall():
        told.cells[at, line, col] = (amount, people)
        told.of.add(at)
    told.heard = set(told.of)
    if not query.told_only:
        spoke = {code for code, heard in sent.items() if heard or meaning is not Semantics.FLOW}
        told.heard |= (
            {f"facility:{code}" for code in spoke} | {f"commune:{places.facilities[code]}" for code in spoke} | ({WHOLE} if spoke else set())
        )
    return told


def _measured(engine: Engine, row: Row, period: Period, places: Places, have: set[str]) -> dict[str, Number]:
    """Ask a measure for the whole and for each facility; communes are not asked one by one."""
    spec = measures.measures()[row.measure]
    by = [Dimension.DETAIL] if row.detail else []
    found: dict[str, Number] = {}
    for dimensions in (by, [Dimension.FACILITY, *by]):
        for cell in answer(engine, spec, period, by=dimensions, facilities=places.facilities, smallest=1).cells:
            if row.detail and cell.dimensions.get(Dimension.DETAIL) != row.detail and cell.state is State.SHOWN:
                continue
            facility = cell.dimensions.get(Dimension.FACILITY)
            place = f"facility:{facility}" if facility else WHOLE
            if facility is None and Dimension.FACILITY in dimensions and cell.state is not State.NO_SOURCE:
                continue
            found.setdefault(place, _of_measure(getattr(cell, row.part), cell.state))
    have |= {name for (name,) in engine.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    return found


def _of_measure(value: float | None, state: State) -> Number:
    if value is not None:
        return Number(exact(value), CellState.SHOWN)
    known = {State.NO_SOURCE: CellState.NO_SOURCE, State.NOT_HEARD: CellState.NOT_HEARD}
    return Number(None, known.get(state, CellState.UNDEFINED))


def _cell(
    row: Row, place: str, column: str, told: Mapping[tuple[str, Semantics], _Told | None], measured: Mapping[str, Number],
    above: Mapping[str, tuple[Number, ...]], at: int,
) -> Number:  # fmt: skip
    """Give one number, or why there is none."""
    if row.missing is not None:
        return _NO[CellState.NO_SOURCE]
    if row.formula is not None:
        return _made(row, [above[name][at] for name in row.formula.plus], [above[name][at] for name in row.formula.minus], above, at)
    if row.measure:
        return _shown_by(measured, place)
    said = told[row.query, row.semantics]
    if said is None:
        return _NO[CellState.NO_SOURCE]
    found = said.cells.get((place, row.line, column))
    if found is not None:
        return Number(found[1] if row.people else exact(found[0]), CellState.SHOWN)
    return Number(0, CellState.SHOWN) if place in said.heard else _NO[CellState.NOT_HEARD]


def _shown_by(measured: Mapping[str, Number], place: str) -> Number:
    """Give a measure's number at a place; communes are not asked, and without a source there is none anywhere."""
    whole = measured.get(WHOLE)
    if whole is not None and whole.state is CellState.NO_SOURCE:
        return whole
    return measured.get(place, _NO[CellState.NONE if place.startswith("commune:") else CellState.NOT_HEARD])


def _made(row: Row, plus: list[Number], minus: list[Number], above: Mapping[str, tuple[Number, ...]], at: int) -> Number:
    """Make a number of numbers: a blank among them makes a blank, and nothing is divided by 0."""
    formula = row.formula
    parts = [*plus, *minus, *([above[formula.by][at]] if formula is not None and formula.by else [])]
    if formula is None or any(one.value is None for one in parts):
        return next((one for one in parts if one.value is None), _NO[CellState.UNDEFINED])
    total = sum(one.value or 0 for one in plus) - sum(one.value or 0 for one in minus)
    if not formula.by:
        return Number(exact(total), CellState.SHOWN)
    divisor = parts[-1].value
    return Number(exact(total / divisor * formula.times), CellState.SHOWN) if divisor else _NO[CellState.UNDEFINED]


def exact(value: Any) -> float | int:  # noqa: ANN401  a number of the engine
    """Give a number as it is kept: whole where it is whole, else to two places."""
    number = float(value or 0)
    return int(number) if number.is_integer() else round(number, 2)
