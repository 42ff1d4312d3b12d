"""The rules drawn: a place's periods on one side, what a rule says of the last one on the other."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse.alerts.alert_world import rule
from yba.specs.alerts import Side
from yba.specs.measures import Kind
from yba.warehouse.alerts import Place, Reason
from yba.warehouse.alerts.rules import Channel, Point, channel, endemic, farrington, judge

PLACE = Place("11001")


def counts(drawn: str) -> list[Point | None]:
    """Read a row of counts: - not heard, ~ hidden because small."""
    return [None if one == "-" else Point(None, few=True) if one == "~" else Point(float(one)) for one in drawn.split()]


def shares(drawn: str) -> list[Point | None]:
    """Read events/size."""
    pairs = [None if one == "-" else tuple(map(float, one.split("/"))) for one in drawn.split()]
    return [None if one is None else Point(100 * one[0] / one[1] if one[1] else None, *one) for one in pairs]


def said(found) -> str:
    return {True: found.reason.value, False: "calm", None: "unknown"}[found.fires]


LOW = rule("visits-below-usual", past=8, fewest=4, least=5)


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ("50 52 48 51 49 50 53 47 20", "below-limit"),
        ("50 52 48 51 49 50 53 47 90", "calm"),  # the other side is not this rule's
        ("50 52 48 51 49 50 53 47 -", "unknown"),
        ("50 52 48 51 49 50 53 47 ~", "unknown"),  # a hidden number fires nothing
        ("50 - - - - - 53 47 20", "unknown"),  # too short a past
        ("50 ~ 48 ~ 49 ~ 53 47 20", "below-limit"),
        ("3 4 3 4 3 4 3 4 0", "calm"),  # a small place
        ("60 60 60 60 60 60 60 60 60", "calm"),
    ],
)
def test_limits_of_counts(drawn, expected):
    assert said(judge(LOW, Kind.COUNT, PLACE, "2026-W47", counts(drawn))) == expected


def test_a_run_of_eight_is_told_too():
    points = counts("70 70 71 70 71 70 71 70 69 69 68 69 68 69 68 69 68")
    found = judge(rule("visits-below-usual", past=16, fewest=8), Kind.COUNT, PLACE, "2026-W47", points)
    assert (said(found), found.value) == ("run-below", 68)


DEATHS = rule("hospital-deaths-above-usual", past=6, fewest=3, least=3)


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ("5/500 4/480 6/510 5/490 5/500 5/500 16/500", "above-limit"),
        ("5/500 4/480 6/510 5/490 5/500 5/500 9/500", "calm"),
        ("5/500 4/480 6/510 5/490 5/500 5/500 1/12", "calm"),  # one of twelve is no signal
        ("5/500 4/480 6/510 - - 5/500 0/0", "unknown"),
        ("0/500 0/480 0/510 0/490 0/500 0/500 2/500", "calm"),  # fewer than the rule cares for
    ],
)
def test_limits_of_shares(drawn, expected):
    assert said(judge(DEATHS, Kind.SHARE, PLACE, "2026-10", shares(drawn))) == expected


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [("5 8 9", "calm"), ("6 8 12", "rising"), ("6 9 8 12", "calm"), ("- 8 12", "unknown"), ("~ 8 12", "unknown"), ("6 8 9", "calm")],
)
def test_rising(drawn, expected):
    assert said(judge(rule("notifiable-rising", past=2, least=10, factor=2.0), Kind.COUNT, PLACE, "2026-W47", counts(drawn))) == expected


@pytest.mark.parametrize(
    ("value", "size", "side", "expected"),
    [(49.9, 200, Side.BELOW, True), (50, 200, Side.BELOW, False), (49, 20, Side.BELOW, None), (51, 200, Side.ABOVE, True)],
)
def test_targets(value, size, side, expected):
    found = judge(
        rule("freshness-below-target", value=50.0, least=100.0, side=side), Kind.SHARE, PLACE, "2026-10", [Point(value, value * size / 100, size)]
    )
    assert found.fires is expected


def test_a_share_that_jumps_among_all():
    jump = rule("findings-jump", past=4, fewest=2, least=20, factor=2)
    assert said(judge(jump, Kind.COUNT, PLACE, "2026-10", shares("20/200 22/210 19/190 20/200 60/210"))) == "share-jump"
    assert said(judge(jump, Kind.COUNT, PLACE, "2026-10", shares("20/200 22/210 19/190 20/200 38/210"))) == "calm"  # not doubled


NOTIFIABLE = rule("notifiable-above-channel", fewest=4)


def test_the_channel_is_of_earlier_years_else_of_the_weeks_before():
    years = channel(counts("4 6 5 7 3 5"), counts("90 90 90 90"), fewest=4, smallest=5)
    assert (years.median, years.years) == (5, True)
    weeks = channel(counts("4 - - 6"), counts("9 11 10 10"), fewest=4, smallest=5)
    assert (weeks.median, weeks.years) == (10, False)
    assert channel(counts("4 -"), counts("-"), fewest=4, smallest=5) is None


@pytest.mark.parametrize(
    ("season", "now", "expected"),
    [
        ("4 6 5 7 3 5", "20", "above-channel"),
        ("4 6 5 7 3 5", "9", "calm"),
        ("0 0 0 0 0 0", "~", "few-cases"),  # any case at all is news, how many is not said
        ("4 6 5 7 3 5", "~", "unknown"),
        ("~ ~ ~ ~ ~ ~", "~", "unknown"),
        ("~ ~ ~ ~ ~ ~", "8", "calm"),  # hidden weeks count as four: the threshold is no lower than it ought to be
        ("0 0 0 0 0 0", "0", "calm"),
        ("0 0 0 0 0 0", "-", "unknown"),
    ],
)
def test_endemic_channels(season, now, expected):
    found = endemic(NOTIFIABLE, PLACE, "2026-W47", counts(now)[0], channel(counts(season), [], fewest=4, smallest=5))
    assert said(found) == expected
    if expected == "few-cases":
        assert found.value is None


def test_a_rule_that_cares_for_more_does_not_tell_of_few():
    found = endemic(rule("notifiable-above-channel-commune", fewest=4), PLACE, "2026-W47", Point(None, few=True), Channel(0, 0, 0, years=True))
    assert found.fires is None


@given(st.lists(st.integers(0, 200), min_size=2, max_size=40))
def test_farringtons_threshold_written_out(values):
    """The formula of the paper for a mean alone: U = mean (1 + 2/3 z sqrt((phi + var(mean) / ...) / mean))^(3/2) with var of the mean phi mean / n."""
    mean = statistics.fmean(values)
    if not mean:
        assert farrington(values) == 0
        return
    phi = max(1.0, statistics.variance(values) / mean)
    tau = phi + (phi * mean / len(values)) / mean
    upper = mean * (1 + 2 / 3 * 2.576 * math.sqrt(tau / mean)) ** 1.5
    assert farrington(values) == pytest.approx(upper)
    assert farrington(values) > mean


def test_every_reason_has_words():
    from yba.warehouse.alerts.model import _SAID  # noqa: PLC0415  what is held against the enum

    assert set(_SAID) == set(Reason)
