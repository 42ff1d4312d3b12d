"""What a report's queries find beside the tables of the lake: the places of the unit, ages, and what every SQL of specs finds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from yba.specs import exports
from yba.specs.measures import BASE
from yba.warehouse.engines import listed
from yba.warehouse.furnishing import furnish

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yba.specs.exports import Query
    from yba.warehouse.engines import Engine
    from yba.warehouse.furnishing import Table

_DAY: Final = "(year({0}) * 10000 + month({0}) * 100 + day({0}))"
# Where only the year of birth is known, up to a year too old: as in measures.
_AGE: Final = f"""CREATE OR REPLACE TEMP MACRO age_on(birth, birth_year, day_) AS CASE WHEN birth IS NOT NULL
  THEN ({_DAY.format("day_")} - {_DAY.format("birth")}) // 10000 ELSE year(day_) - birth_year END"""


@dataclass(frozen=True, slots=True)
class Places:
    """What a unit is made of: facilities (MA_CSKCB) with their commune, "" where the directory does not say; and the communes themselves."""

    facilities: Mapping[str, str]
    communes: tuple[str, ...]


def lay(engine: Engine, places: Places) -> None:
    """Lay the places of a unit and the age of a person on a day."""
    engine.execute(_AGE)
    facilities = [[code, commune] for code, commune in sorted(places.facilities.items())]
    _table(engine, "list_place", ("facility VARCHAR", "commune VARCHAR"), facilities)
    _table(engine, "list_commune", ("commune VARCHAR",), [[code] for code in places.communes])


def shared(query: Query) -> list[str]:
    """Name the steps that measures share and a query reads."""
    return [name for name in BASE if re.search(rf"\b(?:FROM|JOIN)\s+{name}\b", query.sql)]


def stock(engine: Engine, query: Query) -> set[str]:
    """Add what a query reads and the lake holds nothing of, and the lists it joins; returns the names of all tables."""
    lists = {name: _texts(name) for name in query.lists}
    return furnish(engine, views={*query.reads, *(("encounter", "patient") if shared(query) else ())}, types=("Encounter",), lists=lists)


def _table(engine: Engine, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    engine.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {listed(columns, rows)}")


def _texts(name: str) -> Table:
    """Give a list of the reports: every column a text, its name quoted."""
    head, rows = exports.listed(name)
    return [f'"{column}" VARCHAR' for column in head], rows
