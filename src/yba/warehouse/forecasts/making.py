"""Making the forecasts of all series from the newest export: weeks counted, gaps found, tried against the year before, kept."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

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
    from collections.abc import Callable, Collection, Sequence
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
    if unknown := set(names or ()) - series().keys():
        raise NotFound(f"there is no series {', '.join(sorted(unknown))[:40]!r}.", advice=f"There are {', '.join(series())}.")
    wanted = [one for name, one in series().items() if names is None or name in names]
    told = _told(wanted, folder)
    if told is None:
        return []
    facilities = {one.name: sorted((facility for name, facility in told.weeks if name == one.name), key=str) or [None] for one in wanted}
    whole, finished = sum(map(len, facilities.values())), 0
    done: list[Forecast] = []
    for one in wanted:
        made = []
        for facility in facilities[one.name]:
            made.append(_forecast(one, facility, told))
            finished += 1
            if progress:
                progress(finished, whole)
        Shelf(folder).keep(one.name, told.until, made)
        done += [each for each in made if each.facility is None]
    with unit_of_work(by=by) as conn:
        detail = {"series": [one.name for one in wanted], "until": told.until.isoformat(), "shown": sum(one.shown for one in done)}
        audit.note(conn, by=by, tag=Tag.FORECAST_MAKE, about_type="Forecast", about_id=told.until.isoformat(), detail=detail)
    return done


class _Told(NamedTuple):
    """What the lake told: who was heard, from Monday ``since`` until before Monday ``until``, and the weeks by (series, facility or None = all)."""

    hearing: Hearing
    since: date
    until: date
    weeks: dict[tuple[str, str | None], dict[date, Week]]


def _told(wanted: Sequence[Series], folder: Folder | None) -> _Told | None:
    """Count the weeks of series, those of one measure in one reading; None: nobody was heard yet."""
    with reader(by=Actor.system("warehouse:forecast:make"), folder=folder) as engine:
        hearing, since, until = _window(engine)
        if until is None:
            return None
        weeks: dict[tuple[str, str | None], dict[date, Week]] = {}
        for measure, group in groupby(sorted(wanted, key=lambda one: one.measure), key=lambda one: one.measure):
            with speaking_of(measure):
                weeks.update(weekly(engine, list(group), since, until))
    return _Told(hearing, since, until, weeks)


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


def _forecast(one: Series, facility: str | None, told: _Told) -> Forecast:
    smallest, counted = SMALLEST_CELL(), told.weeks.get((one.name, facility), {})
    weeks = [told.since + number * WEEK for number in range((told.until - told.since).days // 7)]
    values = [counted.get(week, NOTHING).value if _was_heard(told.hearing, week, facility) else None for week in weeks]
    begun = next((place for place, value in enumerate(values) if value is not None), len(values))
    few = {week for week in weeks if week in counted and 0 < counted[week].people < smallest}
    tried = forecast(values[begun:], weeks[begun] if begun < len(weeks) else told.until, terms())
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
