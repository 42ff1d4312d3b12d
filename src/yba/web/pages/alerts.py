"""Alerts: numbers beyond what a rule allows, who has taken them on, and the word they are closed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponseRedirect

from yba import accounts
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

    from django.http import HttpResponse

    from yba.web.edge import Visit

_PROVINCE: Final = _n("Cả tỉnh")
_USER, _PLATFORM = "user:", "system:"  # how the name of who acted begins
_SEVERITY: Final = {"urgent": _n("khẩn"), "warning": _n("cần xem"), "info": _n("để biết")}
_SIGN: Final = {"urgent": "◆", "warning": "▲", "info": "●"}
_NO_SOURCE: Final = _n("chưa có nguồn")
_NOTHING: Final = _n("kho chưa có kỳ nào để xét")
_BY_ITSELF: Final = _n("số đã trở lại trong giới hạn")
_BY_OPERATOR: Final = _n("người vận hành")
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
    how: str
    period: str
    words: str
    raised: str
    taken: str
    taken_by: str
    note: str
    closed: str
    closed_by: str
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
    names, who = _names(visit, found), _people(visit, found)
    with visit.under(Right.WAREHOUSE_ALERT_READ) as (conn, by):
        judged = [] if alone else room.judged(conn, by=by)
    return shell.answer(
        visit,
        "alerts",
        found=[_told(one, names, who) for one in found],
        closed=closed,
        alone=alone,
        answers=visit.may(Right.WAREHOUSE_ALERT_ACKNOWLEDGE),
        rules=[_rule(one, names) for one in judged if one.rule in rules()],
    )


def _names(visit: Visit, found: Sequence[room.Alert]) -> view.Names:
    communes = {code: commune_name(visit, code) for one in found if (code := one.place.area)}
    known: Mapping[str, str] = places(visit, [one.place.facility or "" for one in found])
    return view.Names(known, communes, visit.say, visit.lang, lambda spec, value: named(visit, spec, ())(Dimension.DETAIL, value))


def _people(visit: Visit, found: Sequence[room.Alert]) -> dict[str, str]:
    """Return what those who answered alerts are called, by the name the alert keeps of them; "" for the platform itself."""
    said = {name for one in found for name in (one.acknowledged_by, one.closed_by) if name}
    known = {name: UUID(name.partition(":")[2]) for name in said if name.startswith(_USER)}
    called = accounts.names_of(visit.conn, by=visit.by, accounts=known.values()) if known else {}
    others = {name: "" if name.startswith(_PLATFORM) else visit.say(_BY_OPERATOR) for name in said - known.keys()}
    return {name: called.get(account, "") for name, account in known.items()} | others


def _told(one: room.Alert, names: view.Names, who: Mapping[str, str]) -> Told:
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
        _how(one, dimension, code), view.period_words(one.period, names), names.in_(one.words), _at(one.raised_at),
        _at(one.acknowledged_at), who.get(one.acknowledged_by or "", ""), one.note, _at(one.closed_at), who.get(one.closed_by or "", ""),
        names.say(_BY_ITSELF) if (one.closed_by or "").startswith(_PLATFORM) else one.closing,
    )  # fmt: skip


def _how(one: room.Alert, dimension: Dimension | None, code: str) -> str:
    """Return the way to how the number is made, of the alert's own period and place; "" where it is about none (silence)."""
    if not one.about:
        return ""
    only = {"area" if dimension is Dimension.COMMUNE else str(dimension): code} if dimension else {}
    return f"/measures/{one.measure}?{urlencode({'period': one.period, **only})}"


def _rule(one: room.RuleStanding, names: view.Names) -> Rule:
    spec = rules()[one.rule]
    words = names.say({"no_source": _NO_SOURCE, "nothing": _NOTHING}.get(one.state, _JUDGED))
    told = words % {"places": one.places, "unknown": one.unknown, "firing": one.firing} if one.state == "judged" else words
    return Rule(names.in_(spec.title), names.in_(spec.why), told, _at(one.judged_at), spec.source if names.lang == FIRST else "")


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}" if moment else ""
