"""Drawn reports: rows of views as text, and the numbers a report makes of them, beside each other in one test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.warehouse.measures.drawn import lake, read
from yba.specs.exports import UnitKind
from yba.warehouse.reports.counting import count
from yba.warehouse.reports.furnishing import Places
from yba.warehouse.reports.model import Figures, Unit
from yba.warehouse.reports.periods import named

if TYPE_CHECKING:
    import duckdb

PROVINCE = Unit(UnitKind.PROVINCE, "", "")
PLACES = Places({"01001": "00001", "01002": "00002", "01003": "00002"}, ("00001", "00002"))


def of(facility: str) -> Unit:
    """A facility's own report."""
    return Unit(UnitKind.FACILITY, facility, facility)


def figures(report: str, when: str, unit: Unit = PROVINCE, *, engine: duckdb.DuckDBPyConnection | None = None, **tables: str) -> Figures:
    """Count a report of the house over drawn tables."""
    edition, period = named(report, when)
    places = PLACES if unit.kind is not UnitKind.FACILITY else Places({unit.code: PLACES.facilities.get(unit.code, "")}, ())
    return count(engine or lake(**tables), edition, unit, period, places)


def table(found: Figures, *rows: str, place: str = "") -> list[str]:
    """Draw some rows of a place: name and numbers, a blank by its state."""
    return [" | ".join([row, *(_cell(one) for one in found.cells[place][row])]) for row in rows or tuple(found.cells[place])]


def _cell(number: Any) -> str:
    return str(number.state) if number.value is None else f"{number.value:g}"


def lines(text: str) -> list[str]:
    """Read expected rows."""
    return [" | ".join(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines()]


__all__ = ["PLACES", "PROVINCE", "figures", "lake", "lines", "of", "read", "table"]
