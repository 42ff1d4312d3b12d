"""Alerts: numbers beyond what a rule allows, who has taken them on, and the word they are closed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from django.http import HttpResponseRedirect

from yba.access import Right, needs
from yba.kit import clock
from yba.specs.alerts import alerts as rules
from yba.specs.measures import Dimension, measures
from yba.warehouse import alerts as room
from yba.web import board as view
from yba.web import shell
from yba.web.facilities import commune_name, places
from yba.web.words import FIRST
from yba.web.words import marked as _n

from .measure_words import named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.http import HttpResponse

    from yba.web.edge import Visit

_PROVINCE: Final = _n("Cả tỉnh")
_SEVERITY: Final = {"urgent": _n("khẩn"), "warning": _n("cần xem"), "info": _n("để biết")}
_SIGN: Final = {"urgent": "◆", "warning": "▲", "info": "●"}
_NO_SOURCE: Final = _n("chưa có nguồn")
_NOTHING: Final = _n("kho chưa có kỳ nào để xét")
_JUDGED: Final = _n("xét %(places)s nơi, %(unknown)s nơi chưa nói được, %(firing)s nơi vượt ngưỡng")


class Told(NamedTuple):
    """An alert in the reader's words."""

    id: UUID
    severity: str
    severity_words: str
    sign: str
    title: str
    place: str
    way: str
    measure: str
    period: str
    words: str
    raised: str
    taken: str
    note: str
    closed: str
    closing: str


class Rule(NamedTuple):
    """How a rule stands, in words."""

    title: str
    why: str
    words: str
    at: str
    source: str


@needs(Right.WAREHOUSE_ALERT_READ)
def listed(visit: Visit) -> HttpResponse:
    """Show the open alerts, the most urgent first, or those that are over (``state`` = closed); and how each rule was judged last."""
    closed = visit.asked("state", 10) == "closed"
    found = room.standing(visit.conn, by=visit.by, closed=closed)
    return _page(visit, found, closed=closed)


@needs(Right.WAREHOUSE_ALERT_ACKNOWLEDGE)
def answered(visit: Visit, alert: UUID) -> HttpResponse:
    """Take an alert on (``act`` = take) or close it with a word (``act`` = close); without an act show it alone."""
    if visit.posted:
        word = visit.text("note", 1000)
        if visit.text("act", 10) == "close":
            room.close(visit.conn, by=visit.by, id=alert, note=word)
            return HttpResponseRedirect("/alerts?done=closed")
        room.acknowledge(visit.conn, by=visit.by, id=alert, note=word)
        return HttpResponseRedirect("/alerts?done=taken")
    with visit.under(Right.WAREHOUSE_ALERT_READ) as (conn, by):
        return _page(visit, [room.alert(conn, by=by, id=alert)], alone=True)


def _page(visit: Visit, found: Sequence[room.Alert], *, closed: bool = False, alone: bool = False) -> HttpResponse:
    names = _names(visit, found)
    with visit.under(Right.WAREHOUSE_ALERT_READ) as (conn, by):
        judged = [] if alone else room.judged(conn, by=by)
    return shell.answer(
        visit,
        "alerts",
        found=[_told(one, names) for one in found],
        closed=closed,
        alone=alone,
        answers=visit.may(Right.WAREHOUSE_ALERT_ACKNOWLEDGE),
        rules=[_rule(one, names) for one in judged if one.rule in rules()],
    )


def _names(visit: Visit, found: Sequence[room.Alert]) -> view.Names:
    communes = {code: commune_name(visit, code) for one in found if (code := one.place.area)}
    known: Mapping[str, str] = places(visit, [one.place.facility or "" for one in found])
    return view.Names(known, communes, visit.say, visit.lang, lambda spec, value: named(visit, spec, ())(Dimension.DETAIL, value))


def _told(one: room.Alert, names: view.Names) -> Told:
    place, dimension, code = one.place, None, ""
    if place.facility:
        dimension, code = Dimension.FACILITY, place.facility
    elif place.area:
        dimension, code = Dimension.COMMUNE, place.area
    where = names.of(dimension, code) if dimension else names.say(_PROVINCE)
    about = names.of(Dimension.DETAIL, place.detail, measures().get(one.measure))
    return Told(
        one.id, one.severity, names.say(_SEVERITY[one.severity]), _SIGN[one.severity], names.in_(one.title),
        f"{where} – {about}" if place.detail else where, f"/director?{dimension}={code}" if dimension else "/director",
        one.measure if one.about else "", view.period_words(one.period, names), names.in_(one.words), _at(one.raised_at),
        _at(one.acknowledged_at), one.note, _at(one.closed_at), one.closing,
    )  # fmt: skip


def _rule(one: room.RuleStanding, names: view.Names) -> Rule:
    spec = rules()[one.rule]
    words = names.say({"no_source": _NO_SOURCE, "nothing": _NOTHING}.get(one.state, _JUDGED))
    told = words % {"places": one.places, "unknown": one.unknown, "firing": one.firing} if one.state == "judged" else words
    return Rule(names.in_(spec.title), names.in_(spec.why), told, _at(one.judged_at), spec.source if names.lang == FIRST else "")


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}" if moment else ""
