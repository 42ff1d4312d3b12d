"""What the SQL of specs finds beside the tables of a lake, whoever asks: empty tables where the lake holds nothing yet, and the lists it joins."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from yba import directory
from yba.kit import clock
from yba.specs import visits
from yba.specs.measures import BASE, base

from .engines import listed
from .lake.engine import COLUMNS
from .views import dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .engines import Engine

Table = tuple[Sequence[str], Sequence[Sequence[str | int | None]]]  # columns, a text unless a type follows the name; rows

_COMMUNES: Final = "list_commune_now"
_CODE: Final = 5  # letters of a commune's code
_TYPE: Final = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in COLUMNS.items())


def furnish(engine: Engine, *, views: Iterable[str] = (), types: Iterable[str] = (), lists: Mapping[str, Table] | None = None) -> set[str]:
    """Lay what is not there: views and side tables empty, ``lake."Type"`` empty, ``list_<name>`` of each list and of the rules of visits.

    What is no table of the dictionary stays missing, for the engine to say. Returns the names of all tables that stand then.
    """
    have = {(schema, name) for schema, name in engine.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()}
    names = {name for _, name in have}
    missing_views = set(views) - names
    for view in sorted(missing_views & _columns().keys() if missing_views else ()):  # the dictionary takes 0.2 s the first time
        engine.execute(f'CREATE TEMP VIEW "{view}" AS SELECT {_columns()[view]} LIMIT 0')
        names.add(view)
    if missing := sorted(one for one in set(types) if ("lake", one) not in have):
        engine.execute("CREATE SCHEMA IF NOT EXISTS lake")
        for rtype in missing:
            engine.execute(f'CREATE VIEW lake."{rtype}" AS SELECT {_TYPE} LIMIT 0')
    for name, (columns, rows) in {**rules_of_visits(), **(lists or {})}.items():
        if f"list_{name}" not in names:
            engine.execute(f"CREATE TEMP VIEW list_{name} AS {listed(columns, rows)}")
            names.add(f"list_{name}")
    if _COMMUNES not in names:
        engine.execute(f"CREATE TEMP TABLE {_COMMUNES} AS {communes()}")
        names.add(_COMMUNES)
    return names


def furnish_question(engine: Engine) -> None:
    """Lay what the printed SQL of measures stands on, for who asks with SQL: every table of the dictionary, the lists, `visit`, `resident`."""
    have = furnish(engine, views=_columns(), types=("Encounter",))
    for name in BASE:
        if name not in have:
            engine.execute(f"CREATE TEMP VIEW {name} AS WITH {base(name)} SELECT * FROM {name}")  # noqa: S608  files of specs


@cache
def rules_of_visits() -> dict[str, Table]:
    """Give the rules of specs/visits.toml as lists: which channel is primary, which classes are one, which states are no visit."""
    rules = visits.rules()
    classes = [(code, one.id, int(one.tolerance.total_seconds() // 60), int(one.open.total_seconds() // 60)) for code, one in rules.groups.items()]
    return {
        "visit_channel": (("mapped_by", "rank INTEGER"), [(value, one.rank) for one in rules.channels for value in one.mapped_by]),
        "visit_class": (("class_code", "class_group", "tolerance_minutes BIGINT", "open_minutes BIGINT"), classes),
        "no_visit": (("status",), [(status,) for status in sorted(rules.no_visit)]),
    }


def communes() -> str:
    """Give the query of (code, commune): the commune in force by every code an address may bear (`directory.communes_now`).

    Ten thousand pairs go as one text: as VALUES they would take DuckDB 0.2 s to read, so they take 5 ms.
    """
    pairs = " ".join(f"{code}{now}" for code, now in directory.communes_now(clock.today()).items())
    return (
        f"SELECT substr(pair, 1, {_CODE}) AS code, substr(pair, {_CODE + 1}) AS commune"  # noqa: S608  packaged codes
        f" FROM (SELECT unnest(string_split('{pairs}', ' ')) AS pair) p"
    )


@cache
def _columns() -> dict[str, str]:
    """Give the columns of each table of the dictionary, as text of an empty one."""
    found: dict[str, list[str]] = {}
    for one in dictionary():
        found.setdefault(one.table, []).append(f'NULL::{one.type} AS "{one.column}"')
    return {table: ", ".join(columns) for table, columns in found.items()}
