"""Fitting one series: a level that wanders, the season of the year, Tết and the other days off, on the logarithm of the counts (statsmodels).

Dynamic harmonic regression as Hyndman, Athanasopoulos, Forecasting: principles and practice (3rd ed.), 10.5 and 12.1, with a local level in the
place of ARIMA errors (Harvey 1989), because a level by the Kalman filter goes over weeks nobody sent without taking them for zeros. The library is
an extra of 269 MB: it is imported when a series is fitted, in the process of the weekly job.
"""

from __future__ import annotations

import importlib
import math
import warnings
from datetime import date, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.kit.errors import Unavailable
from yba.specs.forecasts import holidays

from .model import Point

if TYPE_CHECKING:
    from collections.abc import Sequence

_YEAR: Final = 365.2425
_LONG: Final = 104  # weeks from which on the season has two waves a year
_ZERO: Final = 0.5  # added before the logarithm: a week of zero is a number
_ODD: Final = 6.0  # standard deviations from what was expected: a week that is left out of the fit (a wave of an epidemic climbs more slowly)
_NEW: Final = 8  # the newest weeks always count: what happens now may be no mistake
_SETTLED: Final = 12  # weeks until the filter knows what to expect
_AFTER: Final = 7  # days after Tết in which people come back
_Z80: Final = NormalDist().inv_cdf(0.9)
_Z95: Final = NormalDist().inv_cdf(0.975)


class Fitted(NamedTuple):
    """The weeks to come, and the two variances that were estimated (irregular, level) to fit the same series again at less cost."""

    points: tuple[Point, ...]
    variances: tuple[float, ...]


def fit(values: Sequence[float | None], first: date, *, ahead: int, variances: Sequence[float] | None = None) -> Fitted:
    """Fit weeks beginning on Monday ``first`` (None = a gap) and give ``ahead`` more; with ``variances`` these are taken, not estimated.

    Raises Unavailable where the extra `forecast` is not installed.
    """
    np, structural = _library()
    known = np.array([np.nan if one is None else math.log(one + _ZERO) for one in values])
    weeks = [first + timedelta(weeks=number) for number in range(len(values) + ahead)]
    regressors = np.array(design(weeks, waves=2 if np.isfinite(known).sum() >= _LONG else 1))
    told = regressors[: len(values)][np.isfinite(known)]
    regressors = regressors[:, np.ptp(told, axis=0) > 0]  # a Tết nobody has sent yet says nothing of the next one
    past, coming = regressors[: len(values)], regressors[len(values) :]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of what the back-test judges
        done = _filtered(structural, known, past, variances)
        odd = np.abs(done.filter_results.standardized_forecasts_error[0]) > _ODD
        odd[:_SETTLED] = odd[-_NEW:] = False
        if odd.any():
            known = np.where(odd, np.nan, known)
            done = _filtered(structural, known, past, variances)
        told = done.get_forecast(ahead, exog=coming)
        middles, spreads = told.predicted_mean, told.se_mean
    points = tuple(_point(week, float(middle), float(spread)) for week, middle, spread in zip(weeks[len(values) :], middles, spreads, strict=True))
    return Fitted(points, tuple(map(float, done.params)))


def design(weeks: Sequence[date], *, waves: int) -> list[list[float]]:
    """Give what is known of each week beforehand: the place in the year, the share of days of Tết, of the week after it, of other days off."""
    return [[*_season(week, waves), _share(week, "tet"), _share(week, "tet", after=_AFTER), _share(week, "public")] for week in weeks]


def _season(week: date, waves: int) -> list[float]:
    place = 2 * math.pi * (week.timetuple().tm_yday + 3) / _YEAR
    return [turn(wave * place) for wave in range(1, waves + 1) for turn in (math.sin, math.cos)]


def _share(week: date, kind: str, *, after: int = 0) -> float:
    days = 0
    for one in holidays():
        if one.kind == kind:
            first, last = (one.last + timedelta(days=1), one.last + timedelta(days=after)) if after else (one.first, one.last)
            days += max(0, (min(week + timedelta(days=6), last) - max(week, first)).days + 1)
    return days / 7


def _filtered(structural: Any, known: Any, past: Any, variances: Sequence[float] | None) -> Any:  # noqa: ANN401  the library has no types
    model = structural.UnobservedComponents(known, level="llevel", exog=past if past.shape[1] else None, mle_regression=False)
    return model.fit(disp=0, maxiter=200) if variances is None else model.filter(list(variances))


def _point(week: date, middle: float, spread: float) -> Point:
    low80, high80, low95, high95 = (max(0.0, math.exp(middle + z * spread) - _ZERO) for z in (-_Z80, _Z80, -_Z95, _Z95))
    return Point(week, max(0.0, math.exp(middle) - _ZERO), low80, high80, low95, high95)


def _library() -> tuple[Any, Any]:
    try:
        return importlib.import_module("numpy"), importlib.import_module("statsmodels.tsa.statespace.structural")
    except ImportError:
        raise Unavailable("forecasts need the extra `forecast` (statsmodels).", advice="Install yba[forecast].") from None
