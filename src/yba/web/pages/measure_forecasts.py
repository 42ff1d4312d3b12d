"""The weeks to come beside a measure: its series drawn with their intervals, and in words how they did when they were tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yba import warehouse
from yba.access import Denied
from yba.kit.errors import NotFound
from yba.specs.forecasts import series
from yba.specs.measures import Dimension
from yba.warehouse import forecasts
from yba.web import charts
from yba.web.words import marked as _n

from .measure_words import said

if TYPE_CHECKING:
    from datetime import date

    from markupsafe import Markup

    from yba.warehouse import Forecast
    from yba.web.edge import Visit

    from .measure_asking import Asked

PAST: Final = 52  # weeks drawn before those to come
_WHY: Final = {forecasts.WeekState.TOO_FEW: _n("quá ít người, được che"), forecasts.WeekState.NOT_HEARD: _n("gửi thiếu")}
_TITLE: Final = _n("Dự báo %(title)s")


class Card(NamedTuple):
    """One series: its title, the chart (None where it is not shown), its weeks as a table, and how good it is or why it is not shown."""

    title: str
    chart: Markup | None
    weeks: tuple[tuple[str, str, str, str], ...]
    words: str
    until: str


def cards(visit: Visit, asked: Asked) -> list[Card]:
    """Give the forecasts that belong to a question: of the measure's series, of the province or the one facility it is narrowed to."""
    return [_card(visit, one, said(asked.spec.unit, visit.lang)) for one in _all(visit, asked)]


def weeks(visit: Visit, asked: Asked) -> list[list[object]]:
    """Give the same as lines of a file: the weeks that were (a value, or why there is none) and those to come with their intervals."""
    lines: list[list[object]] = [["series", "facility", "week", "kind", "value", "low80", "high80", "low95", "high95", "unit", "words"]]
    for one in _all(visit, asked):
        if not one.shown:
            continue
        head, unit = [one.series.name, one.facility or ""], said(asked.spec.unit, visit.lang)
        lines += [[*head, w.week, "known", w.value, *[None] * 4, unit, visit.say(_WHY[w.state]) if w.state in _WHY else ""] for w in one.history]
        lines += [[*head, *w[:1], "forecast", *w[1:], unit, ""] for w in one.points]
    return lines


def _all(visit: Visit, asked: Asked) -> list[Forecast]:
    if Dimension.COMMUNE in asked.only:
        return []
    made = (_made(visit, one.name, asked.only) for one in series().values() if one.measure == asked.spec.name)
    return [one for one in made if one is not None]


def _made(visit: Visit, name: str, only: dict[Dimension, str]) -> Forecast | None:
    try:
        return warehouse.forecast(name, by=visit.by, dimensions=only, conn=visit.conn)
    except (NotFound, Denied):  # none was made of it, or it is the whole province's and the reader's reach is a facility
        return None


def _card(visit: Visit, made: Forecast, unit: str) -> Card:
    lang, title = visit.lang, said(made.series.title, visit.lang)
    until = f"{made.history[-1].week:%d/%m/%Y}" if made.history else ""
    if not made.shown:
        return Card(title, None, (), said(made.words, lang), until)
    past = [charts.Point(_day(one.week), one.value, visit.say(_WHY[one.state]) if one.state in _WHY else "") for one in made.history[-PAST:]]
    coming = [charts.Coming(_day(one.week), *one[1:]) for one in made.points]
    drawn = charts.fan(past, coming, title=visit.say(_TITLE) % {"title": title}, desc=said(made.words, lang), unit=unit, lang=lang)
    weeks = tuple(
        (f"{one.week:%d/%m/%Y}", _whole(lang, one.value), _whole(lang, one.low80, one.high80), _whole(lang, one.low95, one.high95))
        for one in made.points
    )
    return Card(title, drawn, weeks, said(made.words, lang), until)


def _day(week: date) -> str:
    return f"{week:%d/%m}"


def _whole(lang: str, *values: float) -> str:
    return "–".join(charts.number(round(value), lang) for value in values)
