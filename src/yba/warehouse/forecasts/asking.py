"""Asking for a forecast that was kept: the right, where it reaches, one row in the trail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from yba import access, audit
from yba.access import Denied, Right
from yba.audit import Tag
from yba.kit.db import unit_of_work
from yba.kit.errors import Invalid, NotFound
from yba.specs.forecasts import series
from yba.specs.measures import Dimension

from .shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from psycopg import Connection

    from yba.kit.actor import Actor
    from yba.warehouse.lake import Folder

    from .model import Forecast, Point


def forecast(
    name: str,
    *,
    by: Actor,
    weeks: int = 8,
    dimensions: Mapping[Dimension, str] | None = None,
    conn: Connection[Any] | None = None,
    folder: Folder | None = None,
) -> Forecast:
    """Give the newest forecast of a series, of the province or (``dimensions={Dimension.FACILITY: code}``) of a facility, at most ``weeks`` ahead.

    Who holds warehouse:measure:read at one facility is given its own. ``conn``: a unit of work of the asker, for the trail. Raises Denied, NotFound
    (no such series, none made yet, or not of this facility), Invalid (another dimension than the facility).
    """
    if name not in series():
        raise NotFound(f"there is no series {name[:40]!r}.", advice=f"There are {', '.join(series())}.")
    asked = dict(dimensions or {})
    facility = _within_reach(by, asked.pop(Dimension.FACILITY, None))
    if asked:
        raise Invalid("a series is of the province or of a facility.", advice="Ask by facility, or by nothing.")
    found = Shelf(folder).newest(name).get(facility)
    if found is None:
        raise NotFound("there is no such forecast yet.", advice="Make it: yba warehouse forecast --make.")
    detail = {"weeks": weeks, "facilities": [facility] if facility else "all", "restricted": False}
    if conn is not None:
        audit.note(conn, by=by, tag=Tag.MEASURE_READ, about_type="Forecast", about_id=name, facility=facility, detail=detail)
    else:
        with unit_of_work(by=by) as own:
            audit.note(own, by=by, tag=Tag.MEASURE_READ, about_type="Forecast", about_id=name, facility=facility, detail=detail)
    return replace(found, points=found.points[:weeks])


def _within_reach(by: Actor, facility: str | None) -> str | None:
    access.require(by, Right.WAREHOUSE_MEASURE_READ)
    within = access.places(by, Right.WAREHOUSE_MEASURE_READ)
    if within is None or facility in within:
        return facility
    if facility is None and len(within) == 1:
        return next(iter(within))
    raise Denied(Right.WAREHOUSE_MEASURE_READ)


class Came(NamedTuple):
    """A week that came, and what had been forecast of it before it ended."""

    facility: str | None
    week: date
    value: float | None
    forecast: Point


def came(name: str, *, folder: Folder | None = None) -> list[Came]:
    """Hold the newest week of each series' places against the newest forecast that was shown before: for the alert rules, as the platform."""
    shelf = Shelf(folder)
    paths = shelf.paths(name)
    if len(paths) < 2:  # noqa: PLR2004  one that was made before, and one that knows what came
        return []
    newest, before = shelf.read(paths[-1]), [shelf.read(path) for path in reversed(paths[:-1])]
    found = []
    for facility, now in newest.items():
        if not now.history:
            continue
        last = now.history[-1]
        made = [one[facility] for one in before if facility in one and one[facility].shown]
        points = (point for one in made for point in one.points if point.week == last.week)
        if (point := next(points, None)) is not None:
            found.append(Came(facility, last.week, last.value, point))
    return found
