"""Asking for a measure: the right, the trail, the lake as the platform itself reads it, the cells as the asker may see them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work
from yba.kit.errors import Invalid, NotFound
from yba.specs.measures import Dimension, measures
from yba.warehouse.engines import EngineKind
from yba.warehouse.lake import reader, spark_reader
from yba.warehouse.lake.engine import speaking_of
from yba.warehouse.settings import SMALLEST_CELL
from yba.warehouse.views import known_views

from .disclosing import coarse
from .model import ROUNDED, RUNNING, WITH_RESTRICTED, WITHOUT_RESTRICTED
from .running import count, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from yba.specs.measures import Measure
    from yba.warehouse.lake import Folder

    from .model import Answer
    from .periods import Period


def measure(
    name: str,
    *,
    by: Actor,
    period: Period,
    dimensions: Sequence[Dimension] = (),
    facilities: Collection[str] | None = None,
    areas: Collection[str] | None = None,
    as_of: date | None = None,
    folder: Folder | None = None,
    engine: EngineKind = EngineKind.DUCKDB,
) -> Answer:
    """Answer a measure for a period, by dimensions, of some facilities (MA_CSKCB) and communes (codes of 2025), as the lake stands or stood.

    Restricted categories are counted only for whoever holds warehouse:restricted:read, and a note says which it was. Cells of fewer than
    YBA_SMALLEST_CELL people are hidden from everybody, what is asked freely is rounded (`rounding.is_free`), and a note says so. Whose grants name
    places is answered for these alone. The asking is noted in the trail.
    ``engine``: who computes. Raises Denied, NotFound (no such measure, no lake), Invalid, Unavailable (no Spark here).
    """
    access.require(by, Right.WAREHOUSE_MEASURE_READ)
    spec = measures().get(name)
    if spec is None:
        raise NotFound(f"there is no measure {name[:40]!r}.", advice="See yba measures list.")
    facilities = within_reach(by, spec, facilities)
    restricted = access.holds(by, Right.WAREHOUSE_RESTRICTED_READ)
    detail = {"period": period.label, "by": list(dimensions), "restricted": restricted, "facilities": sorted(facilities or ()) or "all"}
    detail |= {"areas": sorted(areas)} if areas is not None else {}
    with unit_of_work(by=by) as conn:
        audit.note(conn, by=by, tag=Tag.MEASURE_READ, about_type="Measure", about_id=name, detail=detail)
    platform = Actor.system("warehouse:measure:read")  # a reader of aggregates may not read rows: the platform counts for them
    opened = (
        reader(by=platform, restricted=restricted, as_of=as_of, folder=folder)
        if engine is EngineKind.DUCKDB
        else spark_reader(by=platform, restricted=restricted, as_of=as_of, folder=folder, types=_types(spec))
    )
    with opened as found_in, speaking_of(name):
        counted = count(found_in, spec, period, by=dimensions, facilities=facilities, areas=areas)
    reach = access.places(by, Right.WAREHOUSE_MEASURE_READ)
    how = coarse(spec, period, dimensions, reach=reach, facilities=facilities, areas=areas, earlier=as_of is not None)
    return noted(shown(counted, SMALLEST_CELL(), how), restricted=restricted, rounded=how is not None)


def _types(spec: Measure) -> set[str]:
    """Say which resource types a measure reads: Spark takes its time to lay down a table."""
    return {"Encounter", "Patient"} | {view.resource for view in known_views() if view.name in spec.reads}


def within_reach(by: Actor, spec: Measure, facilities: Collection[str] | None) -> frozenset[str] | None:
    """Return the facilities to count for who asks: what he asked for, within the places of his grants; None = all. Raises Denied, Invalid."""
    mine = access.places(by, Right.WAREHOUSE_MEASURE_READ)
    asked = None if facilities is None else frozenset(facilities)
    if mine is None:
        return asked
    if not mine or (asked is not None and not asked & mine):
        raise access.Denied(Right.WAREHOUSE_MEASURE_READ)
    if Dimension.FACILITY not in spec.dimensions:
        raise Invalid(f"{spec.name} is counted for the whole province only.", advice="Ask for a measure that is told apart by facility.")
    return mine if asked is None else asked & mine


def noted(found: Answer, *, restricted: bool, rounded: bool = False) -> Answer:
    """Add what must be said beside the numbers."""
    notes = [WITH_RESTRICTED if restricted else WITHOUT_RESTRICTED, *([RUNNING] if found.period.end > clock.today() else [])]
    notes += [ROUNDED] if rounded else []
    return replace(found, notes=tuple(notes))
