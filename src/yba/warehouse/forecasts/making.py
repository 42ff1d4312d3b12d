"""Making the forecasts of all series from the newest export: weeks counted, gaps found, tried against the year before, kept."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work
from yba.kit.errors import NotFound
from yba.specs.forecasts import Series, series, terms
from yba.warehouse.hearing import WEEK, Hearing, heard, monday
from yba.warehouse.lake import Folder, reader
from yba.warehouse.lake.engine import speaking_of
from yba.warehouse.settings import SMALLEST_CELL

from .model import Forecast, Past, WeekState
from .shelf import Shelf
from .trying import forecast
from .weeks import NOTHING, Week, weekly

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date

    from yba.warehouse.engines import Engine


def make(
    *, by: Actor, names: Collection[str] | None = None, progress: Callable[[int, int], object] | None = None, folder: Folder | None = None
) -> list[Forecast]:
    """Forecast all series (or ``names``) from the newest export and keep them; twice equals once. Returns those of the province.

    The last week used ended ``settle_days`` before the newest day anybody told of. Restricted categories are not counted. ``progress(done, of)``
    counts series and facilities. Raises Denied, NotFound (no such series, no lake), Unavailable (the extra is not installed).
    """
    access.require(by, Right.WAREHOUSE_LAKE_REFRESH)
    wanted = [one for name, one in series().items() if names is None or name in names]
    if names is not None and len(wanted) < len(set(names)):
        raise NotFound("there is no such series.", advice=f"There are {', '.join(series())}.")
    platform = Actor.system("warehouse:forecast:make")
    counted: dict[tuple[str, str | None], dict[date, Week]] = {}
    with reader(by=platform, folder=folder) as engine:
        hearing, since, until = _window(engine)
        if until is not None:
            for name, group in groupby(sorted(wanted, key=lambda one: one.measure), key=lambda one: one.measure):
                with speaking_of(name):
                    counted.update(weekly(engine, list(group), since, until))
    if until is None:
        return []
    done: list[Forecast] = []
    todo = [(one, sorted((key for key in counted if key[0] == one.name), key=str)) for one in wanted]
    whole, finished = sum(max(1, len(keys)) for _, keys in todo), 0
    for one, keys in todo:
        made = []
        for key in keys or [(one.name, None)]:
            made.append(_forecast(one, key[1], counted.get(key, {}), hearing, since, until))
            finished += 1
            if progress:
                progress(finished, whole)
        Shelf(folder).keep(one.name, until, made)
        done += [forecast_ for forecast_ in made if forecast_.facility is None]
    with unit_of_work(by=by) as conn:
        detail = {"series": [one.name for one in wanted], "until": until.isoformat(), "shown": sum(one.shown for one in done)}
        audit.note(conn, by=by, tag=Tag.FORECAST_MAKE, about_type="Forecast", about_id=until.isoformat(), detail=detail)
    return done


def _window(engine: Engine) -> tuple[Hearing, date, date | None]:
    """Say who was heard, from which Monday on, and before which Monday weeks are taken as told; None: nobody was heard yet."""
    today = clock.today()
    floor = monday(today) - (terms().history + 52) * WEEK
    hearing = heard(engine, floor, today)
    newest, first = hearing.newest, hearing.first
    if newest is None or first is None:
        return hearing, floor, None
    until = monday(newest - timedelta(days=terms().settle_days) + timedelta(days=1))
    since = max(first, until - terms().history * WEEK)
    return hearing, since, until if until > since else None


def _forecast(one: Series, facility: str | None, counted: dict[date, Week], hearing: Hearing, since: date, until: date) -> Forecast:
    smallest = SMALLEST_CELL()
    weeks = [since + number * WEEK for number in range((until - since).days // 7)]
    values = [counted.get(week, NOTHING).value if _was_heard(hearing, week, facility) else None for week in weeks]
    begun = next((place for place, value in enumerate(values) if value is not None), len(values))
    few = {week for week in weeks if week in counted and 0 < counted[week].people < smallest}
    tried = forecast(values[begun:], weeks[begun] if begun < len(weeks) else until, terms())
    history = tuple(
        Past(week, None, WeekState.NOT_HEARD) if value is None
        else Past(week, None, WeekState.TOO_FEW) if week in few
        else Past(week, value, WeekState.SHOWN)
        for week, value in zip(weeks[begun:], values[begun:], strict=True)
    )  # fmt: skip
    return Forecast(one, facility, clock.now(), history, tried.points, tried.score, tried.verdict)


def _was_heard(hearing: Hearing, week: date, facility: str | None) -> bool:
    if facility is not None:
        return hearing.was_heard(facility, week)
    return hearing.share(week) >= terms().heard
