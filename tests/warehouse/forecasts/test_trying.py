"""Forecasting made-up provinces: what is known of them is how they were drawn. Gaps, outbreaks, Tết, short and small series."""

import math
import random
import sys
from dataclasses import replace
from datetime import date, timedelta

import pytest

from yba.kit import Unavailable
from yba.specs.forecasts import holidays, terms
from yba.warehouse.forecasts import Verdict
from yba.warehouse.forecasts.fitting import design, fit
from yba.warehouse.forecasts.trying import back_test, forecast

np = pytest.importorskip("numpy")
pytest.importorskip("statsmodels")
MONDAY = date(2022, 1, 3)
QUICK = replace(terms(), origins=10)


def drawn(weeks, base=400.0, *, seed=1, season=0.25, tet=-0.6, drift=0.02, gaps=(), odd=None):
    """Poisson counts around a level that wanders, with a season and a Tết of known size."""
    dice, poisson = random.Random(seed), np.random.default_rng(seed)
    level, found = math.log(base), []
    for number, told in enumerate(design([MONDAY + timedelta(weeks=n) for n in range(weeks)], waves=1)):
        level += dice.gauss(0, drift)
        mean = math.exp(level + season * told[0] + tet * told[2]) * (odd or {}).get(number, 1)
        found.append(None if number in gaps else float(poisson.poisson(mean)))
    return found


def test_what_has_a_level_and_a_season_beats_the_year_before_and_keeps_its_intervals():
    made = forecast(drawn(208), MONDAY, QUICK)
    assert made.verdict is Verdict.SHOWN
    assert made.score.ratio < 0.8
    assert made.score.origins == 10
    assert 0.65 <= made.score.covered80 <= 0.95
    assert made.score.covered95 >= 0.85
    assert [one.week for one in made.points] == [MONDAY + timedelta(weeks=208 + n) for n in range(8)]
    assert all(one.low95 <= one.low80 <= one.value <= one.high80 <= one.high95 for one in made.points)
    width = [one.high95 / one.low95 for one in made.points]
    assert width[-1] > width[0]  # further away is less sure


def test_of_many_series_the_intervals_hold_about_what_they_say():
    """Pooled over eight provinces: 80 % and 95 % are measured, not believed."""
    scores = [back_test(drawn(130, seed=seed), MONDAY, QUICK) for seed in range(8)]
    tried = sum(one.tried for one in scores)
    assert 0.7 <= sum(one.covered80 * one.tried for one in scores) / tried <= 0.9
    assert 0.88 <= sum(one.covered95 * one.tried for one in scores) / tried <= 0.99


def test_what_repeats_the_year_before_is_not_shown():
    """A year drawn without any order, again and again: nothing beats the same week of the year before."""
    dice = random.Random(5)
    year = [float(dice.randint(50, 800)) for _ in range(52)]
    made = forecast((year * 4)[:200], MONDAY, QUICK)
    assert (made.verdict, made.points) == (Verdict.NO_BETTER, ())


@pytest.mark.parametrize(("weeks", "verdict"), [(0, Verdict.TOO_FEW), (30, Verdict.TOO_SHORT), (92, Verdict.TOO_SHORT), (100, Verdict.SHOWN)])
def test_short_series(weeks, verdict):
    assert forecast(drawn(weeks), MONDAY, terms()).verdict is verdict


def test_few_people_are_not_forecast():
    assert forecast(drawn(208, base=6, drift=0), MONDAY, terms()).verdict is Verdict.TOO_FEW


def test_a_gap_is_no_zero():
    """Five of the newest twenty weeks were not sent: the level is that of the others; taken for zeros they would pull it down."""
    gaps = {190, 194, 197, 200, 203}
    whole, holes = drawn(208, drift=0.005), drawn(208, drift=0.005, gaps=gaps)
    wrong = [0.0 if one is None else one for one in holes]
    sure, with_gaps, with_zeros = (fit(one, MONDAY, ahead=1).points[0].value for one in (whole, holes, wrong))
    assert with_gaps == pytest.approx(sure, rel=0.1)
    assert with_zeros < 0.8 * sure


def test_a_series_with_gaps_is_tried_on_what_came():
    made = back_test(drawn(160, gaps={60, 61, 100, 120, 121, 150}), MONDAY, QUICK)
    whole = back_test(drawn(160), MONDAY, QUICK)
    assert made.tried < whole.tried
    assert made.error == pytest.approx(whole.error, rel=0.3)


def test_one_odd_week_does_not_move_the_forecast():
    """A file sent twice, a year ago; and the same in the newest weeks, where it may be what happens."""
    calm, odd = (fit(one, MONDAY, ahead=1).points[0] for one in (drawn(208), drawn(208, odd={150: 15})))
    assert odd.value == pytest.approx(calm.value, rel=0.05)
    assert odd.high95 / odd.low95 == pytest.approx(calm.high95 / calm.low95, rel=0.2)
    assert fit(drawn(208, odd=dict.fromkeys(range(203, 208), 3)), MONDAY, ahead=1).points[0].value > 1.8 * calm.value


def test_tet_moves_and_the_forecast_with_it():
    """Of four years of a Tết that halves the week the fifth is foretold, in its own week."""
    weeks = 263  # until before Tết of 2027 (6 February)
    values = drawn(weeks, season=0.0, tet=-1.0, drift=0.0, base=2000)
    points = fit(values, MONDAY, ahead=8).points
    (tet,) = [one.first for one in holidays() if one.kind == "tet" and one.first.year == 2027]
    low = [one for one in points if one.week <= tet + timedelta(days=2) < one.week + timedelta(days=7)]
    others = [one.value for one in points if abs((one.week - tet).days) > 14]
    assert low
    assert low[0].value < 0.7 * sum(others) / len(others)


def test_a_tet_nobody_has_sent_says_nothing():
    """Half a year without one: the weeks of Tết are foretold like others, with numbers."""
    points = fit(drawn(30), date(2022, 4, 4), ahead=45).points
    assert all(math.isfinite(one.high95) for one in points)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.statespace.structural", None)
    with pytest.raises(Unavailable, match=r"yba\[forecast\]"):
        fit(drawn(60), MONDAY, ahead=8)
