"""Judging one place by one rule: plain numbers in, a finding out; nothing of the lake, nothing of the database.

Endemic channel: median and upper quartile of the same weeks of earlier years (Bortman, Rev Panam Salud Publica 1999;5:1-8), and above it the
threshold of Farrington et al. (J R Stat Soc A 1996;159:547-563) without trend and without reweighting of past outbreaks: 2/3 power, quasi-Poisson.
"""

from __future__ import annotations

import math
import statistics
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.specs.alerts import RuleKind, Side
from yba.specs.measures import Kind
from yba.warehouse.limits import RunRule, individuals, proportions, signals

from .model import Finding, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yba.specs.alerts import Rule

    from .model import Place

_Z: Final = 2.576  # 99.5 % on one side, as Farrington took it
_SHARE: Final = 100


class Point(NamedTuple):
    """One period of a place: the value in the measure's unit, and whether it was too small to be told (then there is no number).

    Of a share ``events`` of ``size``, of a mean ``size`` alone, of a count neither.
    """

    value: float | None
    events: float | None = None
    size: float | None = None
    few: bool = False


def judge(rule: Rule, kind: Kind, place: Place, period: str, points: Sequence[Point | None]) -> Finding:
    """Judge the last of ``points`` (oldest first, None = not heard) by a rule of targets, limits, rising or jumps."""
    now = points[-1]
    unknown = Finding(place, period, None)
    if now is None or now.few or now.value is None:
        return unknown
    match rule.kind:
        case RuleKind.TARGET:
            return _target(rule, unknown, now)
        case RuleKind.RISING:
            return _rising(rule, unknown, points)
        case RuleKind.JUMP:
            return _limits(rule, Kind.SHARE, unknown, points)
        case _:
            return _limits(rule, kind, unknown, points)


def _target(rule: Rule, unknown: Finding, now: Point) -> Finding:
    if rule.value is None or now.value is None or (now.size is not None and now.size < rule.least):
        return unknown
    worse = now.value > rule.value if rule.side is Side.ABOVE else now.value < rule.value
    return unknown._replace(fires=worse, value=now.value, expected=rule.value, reason=Reason.WORSE_THAN_TARGET)


def _rising(rule: Rule, unknown: Finding, points: Sequence[Point | None]) -> Finding:
    values = [one.value for one in points[-rule.past - 1 :] if one is not None and one.value is not None]
    if len(values) <= rule.past:
        return unknown
    rises = all(one < two for one, two in pairwise(values))
    fires = rises and values[-1] >= rule.least and values[-1] >= rule.factor * values[0]
    return unknown._replace(fires=fires, value=values[-1], expected=values[0], reason=Reason.RISING)


def _limits(rule: Rule, kind: Kind, unknown: Finding, points: Sequence[Point | None]) -> Finding:
    known = [Point(None) if one is None or one.few else one for one in points]
    past = len(known) - 1
    if sum(one.value is not None for one in known[:past]) < max(2, rule.fewest):
        return unknown
    if kind is Kind.SHARE:
        limits = proportions([one.events for one in known], [one.size for one in known], baseline=past)
        values = [one.events / one.size if one.events is not None and one.size else None for one in known]
        scale = _SHARE
    else:
        values, scale = [one.value for one in known], 1
        limits = individuals(values, baseline=past)
    now, limit, told = values[-1], limits[-1], signals(values, limits)[-1]
    if now is None or limit.centre is None or limit.lower is None or limit.upper is None:
        return unknown
    found = unknown._replace(value=now * scale, expected=limit.centre * scale, low=limit.lower * scale, high=limit.upper * scale, fires=False)
    above = now > limit.centre
    if not told or rule.side is (Side.BELOW if above else Side.ABOVE) or _too_small(rule, known[-1], limit.centre):
        return found
    if rule.kind is RuleKind.JUMP:
        jumps = RunRule.BEYOND_LIMITS in told and now >= rule.factor * limit.centre
        return found._replace(fires=jumps, reason=Reason.SHARE_JUMP)
    beyond = RunRule.BEYOND_LIMITS in told
    reason = (Reason.ABOVE_LIMIT if beyond else Reason.RUN_ABOVE) if above else (Reason.BELOW_LIMIT if beyond else Reason.RUN_BELOW)
    return found._replace(fires=True, reason=reason)


def _too_small(rule: Rule, now: Point, centre: float) -> bool:
    """Whether it is less than a rule cares for: of a share its events or those expected, of a mean what it is the mean of, else value or centre."""
    if now.size is not None:
        return (now.size if now.events is None else max(now.events, centre * now.size)) < rule.least
    return max(now.value or 0.0, centre) < rule.least


class Channel(NamedTuple):
    """An endemic channel: its middle, lower quartile and the threshold; ``years`` False: made of the weeks before, not of earlier years."""

    median: float
    low: float
    high: float
    years: bool


def channel(seasons: Sequence[Point | None], recent: Sequence[Point | None], *, fewest: int, smallest: int) -> Channel | None:
    """Make the channel of a week from the same weeks of earlier years, of the weeks before where these are fewer than ``fewest``; None: of neither.

    A week whose number was too small to be told counts as ``smallest`` - 1: the threshold is then no lower than it ought to be.
    """
    for points, years in ((seasons, True), (recent, False)):
        values = [float(smallest - 1) if one.few else one.value for one in points if one is not None and (one.few or one.value is not None)]
        counts = [one for one in values if one is not None]
        if len(counts) >= fewest:
            low, median, high = statistics.quantiles(counts, n=4, method="inclusive")
            return Channel(median, low, max(high, farrington(counts)), years)
    return None


def farrington(counts: Sequence[float]) -> float:
    """Give the count beyond which a week is unusual, by the counts of comparable weeks (two at least): mean and dispersion, 2/3 power."""
    mean = statistics.fmean(counts)
    if not mean:
        return 0.0
    spread = max(1.0, statistics.variance(counts) / mean)
    return mean * float((1 + 2 / 3 * _Z * math.sqrt(spread * (1 + 1 / len(counts)) / mean)) ** 1.5)


def endemic(rule: Rule, place: Place, period: str, now: Point | None, made: Channel | None) -> Finding:
    """Judge one week by its channel; a hidden small number fires only where any case at all would, and without its number."""
    found = Finding(place, period, None)
    if now is None or made is None:
        return found
    found = found._replace(expected=made.median, low=made.low, high=made.high)
    if now.few:
        return found._replace(fires=True, reason=Reason.FEW_CASES) if made.high < 1 and rule.least <= 1 else found
    if now.value is None:
        return found
    fires = now.value > made.high and now.value >= rule.least
    return found._replace(fires=fires, value=now.value, reason=Reason.ABOVE_CHANNEL if made.years else Reason.ABOVE_RECENT)
