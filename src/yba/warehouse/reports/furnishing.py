"""What a report's queries find beside the tables of the lake: the places of the unit, lists, the rules of visits, ages, and empty views."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from yba.specs import exports, visits
from yba.specs.measures import BASE
from yba.warehouse.engines import listed
from yba.warehouse.views import dictionary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yba.specs.exports import Query
    from yba.warehouse.engines import Engine

    Table = tuple[Sequence[str], Sequence[Sequence[Any]]]  # columns with their types, rows

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


def furnish(engine: Engine, query: Query, have: set[str]) -> None:
    """Add the lists a query joins, the rules of visits, and empty tables for views the lake holds nothing of; what is no view stays missing."""
    wanted = set(query.reads) | ({"encounter", "patient"} if shared(query) else set())
    for view in sorted((wanted & set(_views())) - have):
        engine.execute(f'CREATE TEMP VIEW "{view}" AS SELECT {_views()[view]} LIMIT 0')
        have.add(view)
    if not engine.execute("SELECT 1 FROM information_schema.tables WHERE table_schema = 'lake' AND table_name = 'Encounter'").fetchone():
        engine.execute("CREATE SCHEMA IF NOT EXISTS lake")
        engine.execute('CREATE VIEW lake."Encounter" AS SELECT NULL::UUID AS id, NULL::VARCHAR AS given_id, NULL::VARCHAR AS mapped_by LIMIT 0')
    for name, (columns, rows) in {**_rules_of_visits(), **{name: _texts(name) for name in query.lists}}.items():
        if f"list_{name}" not in have:
            _table(engine, f"list_{name}", columns, rows)
            have.add(f"list_{name}")


def _table(engine: Engine, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    engine.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {listed(columns, rows)}")


def _texts(name: str) -> Table:
    head, rows = exports.listed(name)
    return [f'"{column}" VARCHAR' for column in head], rows


def _rules_of_visits() -> dict[str, Table]:
    """As measures have them: which channel is primary, which classes are one, which states are no visit (specs/visits.toml)."""
    rules = visits.rules()
    classes = [(code, one.id, int(one.tolerance.total_seconds() // 60), int(one.open.total_seconds() // 60)) for code, one in rules.groups.items()]
    return {
        "visit_channel": (("mapped_by VARCHAR", "rank INTEGER"), [(value, one.rank) for one in rules.channels for value in one.mapped_by]),
        "visit_class": (("class_code VARCHAR", "class_group VARCHAR", "tolerance_minutes BIGINT", "open_minutes BIGINT"), classes),
        "no_visit": (("status VARCHAR",), [(status,) for status in sorted(rules.no_visit)]),
    }


@cache
def _views() -> dict[str, str]:
    """Give the columns of each view's table, as text of an empty one."""
    found: dict[str, list[str]] = {}
    for one in dictionary():
        found.setdefault(one.table, []).append(f'NULL::{one.type} AS "{one.column}"')
    return {table: ", ".join(columns) for table, columns in found.items()}
