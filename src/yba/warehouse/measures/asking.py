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
from yba.kit.errors import NotFound
from yba.specs.measures import measures
from yba.warehouse.lake import reader
from yba.warehouse.lake.engine import speaking_of
from yba.warehouse.settings import SMALLEST_CELL

from .model import RUNNING, WITH_RESTRICTED, WITHOUT_RESTRICTED
from .running import answer

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from yba.specs.measures import Dimension
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
) -> Answer:
    """Answer a measure for a period, by dimensions, of some facilities (MA_CSKCB) and communes (codes of 2025), as the lake stands or stood.

    Restricted categories are counted only for whoever holds warehouse:restricted:read, and a note says which it was. Cells of fewer than
    YBA_SMALLEST_CELL people are hidden from everybody. The asking is noted in the trail. Raises Denied, NotFound (no such measure, no lake), Invalid.
    """
    access.require(by, Right.WAREHOUSE_MEASURE_READ)
    spec = measures().get(name)
    if spec is None:
        raise NotFound(f"there is no measure {name[:40]!r}.", advice="See yba measures list.")
    restricted = access.holds(by, Right.WAREHOUSE_RESTRICTED_READ)
    detail = {"period": period.label, "by": list(dimensions), "restricted": restricted}
    with unit_of_work(by=by) as conn:
        audit.note(conn, by=by, tag=Tag.MEASURE_READ, about_type="Measure", about_id=name, detail=detail)
    platform = Actor.system("warehouse:measure:read")  # a reader of aggregates may not read rows: the platform counts for them
    with reader(by=platform, restricted=restricted, as_of=as_of, folder=folder) as engine, speaking_of(name):
        found = answer(engine, spec, period, by=dimensions, facilities=facilities, areas=areas, smallest=SMALLEST_CELL())
    notes = [WITH_RESTRICTED if restricted else WITHOUT_RESTRICTED, *([RUNNING] if period.end > clock.today() else [])]
    return replace(found, notes=tuple(notes))
