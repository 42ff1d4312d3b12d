"""Judging the rules over what the lake holds: raised once for a rule and place, brought up to date while it lasts, closed when it is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from yba import access, audit, events
from yba.access import Right
from yba.audit import Note, Tag
from yba.events import News
from yba.kit import clock, log
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work
from yba.specs.alerts import Every, Rule, RuleKind, Side, alerts
from yba.specs.measures import PeriodKind, measures
from yba.warehouse.forecasts import Came, came
from yba.warehouse.hearing import WEEK, Hearing, heard
from yba.warehouse.lake import Folder, reader
from yba.warehouse.measures.periods import holding
from yba.warehouse.settings import SMALLEST_CELL

from . import store
from .course import NotCounted, ask, ended
from .model import PROVINCE, Finding, Judged, Place, Reason, RuleStanding, State
from .rules import Channel, channel, endemic
from .rules import judge as judge_place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date
    from typing import Any

    from psycopg import Connection

    from .course import Course
    from .model import Alert

_log = log.get(__name__)
_YEARS: Final = timedelta(weeks=52 * 6)
_AROUND: Final = range(-3, 4)  # weeks of earlier years that make a channel: Farrington's three on each side
_RECENT: Final = range(3, 13)  # weeks before that make one where there are no earlier years; the newest two may be part of the outbreak
_YEAR: Final = 52
OVER: Final = "số đã trở lại trong giới hạn"


def judge(*, by: Actor, every: Collection[Every] = tuple(Every), rules: Collection[Rule] | None = None, folder: Folder | None = None) -> list[Judged]:
    """Judge the rules of specs/alerts (or ``rules``) over the newest export; twice equals once, two at once are one.

    Each rule is one transaction: alerts raised, brought up to date and closed, the trail, the announcements. What cannot be said (nobody heard,
    too few people) neither raises nor closes; a rule whose number cannot be counted is left as it was judged last. Restricted categories are not
    counted. Nothing happens without a lake. Raises Denied.
    """
    access.require(by, Right.WAREHOUSE_ALERT_JUDGE)
    lake = folder or Folder()
    manifest = lake.newest()
    if manifest is None:
        return []
    platform = Actor.system("warehouse:alert:judge")  # counts are the platform's; who asked stands in the trail
    with reader(by=platform, types=[one for one in ("Encounter",) if one in manifest.types()], folder=lake) as engine:
        today = clock.today()
        hearing = heard(engine, today - _YEARS, today)
    done = []
    for rule in alerts().values() if rules is None else rules:
        if rule.every in every and rule.valid_from <= today:
            try:
                findings, state = _findings(rule, hearing, by=platform, folder=lake)
            except NotCounted:  # the other rules are judged; this one says when it was judged last
                _log.warning("warehouse.alert.uncounted", rule=rule.name)
                continue
            if (one := _settle(rule, findings, state, manifest.seq, by=by)) is not None:
                done.append(one)
    return done


def _findings(rule: Rule, hearing: Hearing, *, by: Actor, folder: Folder) -> tuple[list[Finding], State]:
    newest = hearing.newest
    if newest is None:
        return [], State.NOTHING
    if rule.kind is RuleKind.SILENT:
        return list(_silent(rule, hearing, newest)), State.JUDGED
    with unit_of_work(by=by) as conn:
        known = {one.place for one in store.open_of(conn, rule.name)}  # what fell silent is judged too
    if rule.kind is RuleKind.FORECAST:
        return [_against(rule, one) for one in came(rule.series, folder=folder)], State.JUDGED
    if rule.kind is RuleKind.ENDEMIC:
        return _endemic(rule, hearing, newest, known, by=by, folder=folder)
    periods = ended(rule.period, newest - timedelta(days=rule.settle), max(rule.past, 0) + 1)
    course = ask(rule, periods, hearing, by=by, folder=folder)
    if course.no_source or not course.periods:
        return [], State.NO_SOURCE if course.no_source else State.NOTHING
    kind, label = measures()[rule.measure].kind, periods[-1].label
    calm = rule.kind in {RuleKind.LIMITS, RuleKind.RISING, RuleKind.JUMP}
    return [judge_place(rule, kind, one, label, course.points(one, calm=calm)) for one in sorted(course.places | known, key=_order)], State.JUDGED


def _silent(rule: Rule, hearing: Hearing, newest: date) -> Iterable[Finding]:
    """Hold each facility's last day against the day up to which most was told: where most are silent it is the province, told once.

    A facility fires only where in so many days ``least`` visits are usual: a small station is often silent because nobody came.
    """
    whole = (clock.today() - newest).days
    yield Finding(PROVINCE, newest.isoformat(), whole >= rule.days, whole, rule.days, reason=Reason.SILENT)
    for facility, last in hearing.last.items():
        days = max(0, (newest - last).days)
        found = Finding(Place(facility), last.isoformat(), days >= rule.days, days, rule.days, reason=Reason.SILENT)
        gone = days >= rule.past  # closed for good, and no news
        chance = days >= rule.days and hearing.usual[facility] * days / 7 < rule.least
        yield found._replace(fires=None) if gone or chance else found


def _against(rule: Rule, one: Came) -> Finding:
    """Hold a week that came against what was forecast of it."""
    told, label = one.forecast, holding(PeriodKind.WEEK, one.week).label
    found = Finding(Place(one.facility), label, None, one.value, told.value, told.low95, told.high95)
    if one.value is None:
        return found
    above, below = one.value > told.high95, one.value < told.low95
    fires = (above and rule.side is not Side.BELOW) or (below and rule.side is not Side.ABOVE)
    return found._replace(fires=fires, reason=Reason.ABOVE_FORECAST if above else Reason.BELOW_FORECAST)


def _endemic(rule: Rule, hearing: Hearing, newest: date, known: set[Place], *, by: Actor, folder: Folder) -> tuple[list[Finding], State]:
    """Judge the last week that ended and the one under way, which may be over its channel already."""
    now = holding(PeriodKind.WEEK, newest)
    weeks = [now.start - WEEK, now.start]
    wanted = {*weeks}
    for week in weeks:
        wanted |= {week - number * WEEK for number in _RECENT}
        wanted |= {week + (around - _YEAR * year) * WEEK for year in range(1, rule.past + 1) for around in _AROUND}
    course = ask(rule, [holding(PeriodKind.WEEK, week) for week in sorted(wanted)], hearing, by=by, folder=folder)
    if course.no_source or not course.periods:
        return [], State.NO_SOURCE if course.no_source else State.NOTHING
    found = []
    for place in sorted(course.places | known, key=_order):
        ended_, running = (_week(rule, course, place, week) for week in weeks)
        found.append(running if running.fires or ended_.fires is None else ended_)
    return found, State.JUDGED


def _week(rule: Rule, course: Course, place: Place, week: date) -> Finding:
    points = dict(zip((one.start for one in course.periods), course.points(place), strict=True))
    seasons = [points.get(week + (around - _YEAR * year) * WEEK) for year in range(1, rule.past + 1) for around in _AROUND]
    recent = [points.get(week - number * WEEK) for number in _RECENT]
    made: Channel | None = channel(seasons, recent, fewest=rule.fewest, smallest=SMALLEST_CELL())
    return endemic(rule, place, holding(PeriodKind.WEEK, week).label, points.get(week), made)


def _settle(rule: Rule, findings: list[Finding], state: State, seq: int, *, by: Actor) -> Judged | None:
    """Write what a rule found, in one transaction; None: a newer judging was quicker."""
    at = clock.now()
    firing = [one for one in findings if one.fires]
    unknown = sum(one.fires is None for one in findings)
    label = max((one.period for one in findings), default="")
    standing = RuleStanding(rule.name, seq, at, label, state, len(findings) - unknown, unknown, len(firing))
    platform = Actor.system("warehouse:alert:judge")
    with unit_of_work(by=platform) as conn:
        if not store.judge(conn, standing):
            return None
        there = {one.place: one for one in store.open_of(conn, rule.name)}
        answered = store.answered(conn, rule.name, (one.period for one in firing))
        raised = []
        for one in firing:
            if one.place in there:
                store.see(conn, there[one.place].id, one, at)
            elif (one.place, one.period) not in answered and (made := store.add(conn, rule, one, at)) is not None:
                raised.append(made)
        over = [there[one.place] for one in findings if one.fires is False and one.place in there]
        store.close(conn, [one.id for one in over], at=at, who=platform.name, note=OVER)
        _tell(conn, rule, raised, over, standing, by=by, who=platform)
    return Judged(standing, len(raised), len(over))


def _tell(conn: Connection[Any], rule: Rule, raised: list[Alert], over: list[Alert], standing: RuleStanding, *, by: Actor, who: Actor) -> None:
    detail = {"seq": standing.seq, "places": standing.places, "unknown": standing.unknown, "asked_by": by.name}
    notes = [Note(Tag.ALERT_JUDGE, "AlertRule", rule.name, detail=detail)]
    for tag, which in ((Tag.ALERT_RAISE, raised), (Tag.ALERT_CLOSE, over)):
        notes += [Note(tag, "Alert", str(one.id), None, one.place.facility, detail={"rule": rule.name, "period": one.period}) for one in which]
    audit.note_many(conn, by=who, rows=notes, under=Right.WAREHOUSE_ALERT_JUDGE.value)
    events.announce(conn, by=who, news=[news("raised", one) for one in raised] + [news("closed", one) for one in over])


def news(act: str, one: Alert) -> News:
    """Make the announcement of an alert: ids and codes, no numbers."""
    told = {"rule": one.rule, "period": one.period, "severity": one.severity.value, "area": one.place.area, "detail": one.place.detail}
    return News(f"warehouse:alert:{act}", "Alert", str(one.id), None, one.place.facility, told)


def _order(place: Place) -> tuple[str, ...]:
    return tuple(one or "" for one in place)
