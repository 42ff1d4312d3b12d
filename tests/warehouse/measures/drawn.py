"""Drawn tables: rows of views as text, and the cells a measure makes of them, beside each other in one test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import duckdb

from tests.warehouse.worlds import columns_of
from yba.specs.measures import Dimension, measures
from yba.warehouse import Answer, period
from yba.warehouse.measures import answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PEOPLE = {name: UUID(int=place + 1) for place, name in enumerate(("An", "Binh", "Chi", "Dung", "Em", "Phuc", "Giang", "Hoa", "Y", "Khanh"))}


def read(drawn: str) -> list[dict[str, str]]:
    """Read a table drawn with | between its cells; empty cells are left out."""
    lines = [line for line in drawn.strip().splitlines() if line.strip()]
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [{name: cell for name, cell in zip(head, row, strict=True) if cell} for row in rows]


def _person(name: str) -> UUID:
    return PEOPLE.setdefault(name, UUID(int=1000 + len(PEOPLE)))


def _row(view: str, told: dict[str, str], place: int) -> dict[str, Any]:
    row: dict[str, Any] = dict(told)
    row["row_person"] = _person(row.pop("who")) if "who" in row else None
    row["row_facility"] = row.pop("at", "" if view == "patient" else "01001")
    row.setdefault("row_seq", 1)
    for day in [key for key in row if key.endswith("_date")]:
        if day[:-5] in {"start", "end"} and view == "encounter":
            row.setdefault(f"{day[:-5]}_at", f"{row[day]} 08:00:00+07")
    if view == "encounter":
        row.setdefault("status", "finished")
        row.setdefault("class_code", "AMB")
    row.setdefault("id", f"{view}/{place}")
    return row


def lake(**tables: str) -> duckdb.DuckDBPyConnection:
    """Make a lake in memory of drawn tables; columns as the dictionary has them; `who` a name, `at` a facility, `via` a visit's channel."""
    return lake_of({view: read(told) for view, told in tables.items()})


def lake_of(tables: Mapping[str, Sequence[dict[str, Any]]]) -> duckdb.DuckDBPyConnection:
    """Make a lake of rows, written as in drawn tables."""
    engine = duckdb.connect(config={"threads": 1})
    engine.execute("SET TimeZone = 'UTC'; CREATE SCHEMA lake")
    engine.execute('CREATE TABLE lake."Encounter" (id UUID, given_id VARCHAR, mapped_by VARCHAR)')
    for view, rows in tables.items():
        columns = columns_of(view)
        engine.execute(f"CREATE TABLE {view} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        for place, told in enumerate(rows):
            row = {name: value for name, value in _row(view, told, place).items() if name in columns}
            if view == "encounter":
                row["id"] = f"Encounter/{row['id'].removeprefix('encounter/')}"
                engine.execute('INSERT INTO lake."Encounter" VALUES (NULL, ?, ?)', [row["id"].removeprefix("Encounter/"), told.get("via", "1")])
            for key in [key for key in row if key.endswith("encounter_id")]:
                row[key] = f"Encounter/{row[key]}"
            marks = ", ".join("?" * len(row))
            engine.execute(f"INSERT INTO {view} ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608  names of columns
    return engine


def ask(name: str, when: str, by: str = "", *, smallest: int = 1, engine: duckdb.DuckDBPyConnection, **only: Any) -> Answer:
    """Ask a measure of the house; small cells are shown unless a test says otherwise."""
    dimensions = [Dimension(one) for one in by.split()]
    return answer(engine, measures()[name], period(when), by=dimensions, smallest=smallest, **only)


def cells(found: Answer) -> list[str]:
    """Draw the cells: dimensions, numerator, denominator, value, state."""

    def number(value: float | None) -> str:
        return "-" if value is None else f"{value:.4g}"

    return [
        " | ".join([*(value or "?" for value in one.dimensions.values()), *map(number, (one.numerator, one.denominator, one.value)), one.state])
        for one in found.cells
    ]


def drawn(text: str) -> list[str]:
    """Read expected cells."""
    return [" | ".join(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines()]
