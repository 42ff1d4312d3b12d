"""The back-test: the same way of forecasting, begun at earlier weeks with what was known then, against the same week of the year before."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from .fitting import fit
from .model import Point, Score, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from yba.specs.forecasts import Terms

YEAR: Final = 52  # weeks: the same week of the year before
_ANEW: Final = 6  # origins after which variances are estimated again, with what is known by then


class Tried(NamedTuple):
    """The weeks to come (none unless the verdict is SHOWN), the score, and the verdict."""

    points: tuple[Point, ...]
    score: Score | None
    verdict: Verdict


def forecast(values: Sequence[float | None], first: date, terms: Terms) -> Tried:
    """Try a series of weeks (from Monday ``first``, None = a gap) and forecast it if it beats the same week of the year before."""
    recent = [one for one in values[-YEAR:] if one is not None]
    if not recent or median(recent) < terms.least:
        return Tried((), None, Verdict.TOO_FEW)
    score = back_test(values, first, terms)
    if score is None:
        return Tried((), None, Verdict.TOO_SHORT)
    if score.ratio >= 1:
        return Tried((), score, Verdict.NO_BETTER)
    if score.covered95 < terms.coverage:
        return Tried((), score, Verdict.NOT_COVERED)
    return Tried(fit(values, first, ahead=terms.ahead).points, score, Verdict.SHOWN)


def back_test(values: Sequence[float | None], first: date, terms: Terms) -> Score | None:
    """Score the way of forecasting over its origins; None where there are too few, or the year before cannot be compared."""
    places = list(range(len(values) - terms.ahead, max(terms.first_origin, YEAR) - 1, -terms.step))[: terms.origins][::-1]
    errors: list[float] = []
    naive: list[float] = []
    within80 = within95 = origins = 0
    variances: tuple[float, ...] | None = None
    for number, place in enumerate(places):
        compared = [
            (h, now, before)
            for h in range(terms.ahead)
            if (now := values[place + h]) is not None and (before := values[place + h - YEAR]) is not None
        ]
        if not compared or all(one is None for one in values[place - terms.ahead : place]):
            continue
        made = fit(values[:place], first, ahead=terms.ahead, variances=None if number % _ANEW == 0 else variances)
        variances, origins = made.variances, origins + 1
        for h, now, before in compared:
            point = made.points[h]
            errors.append(abs(now - point.value))
            naive.append(abs(now - before))
            within80 += point.low80 <= now <= point.high80
            within95 += point.low95 <= now <= point.high95
    if origins < terms.fewest_origins:
        return None
    tried = len(errors)
    return Score(sum(errors) / tried, sum(naive) / tried, within80 / tried, within95 / tried, tried, origins)
