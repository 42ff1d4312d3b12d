"""Limits against scipy's distributions and against tables drawn by hand; gaps and small denominators."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yba.warehouse import limits
from yba.warehouse.limits import RunRule

stats = pytest.importorskip("scipy.stats")
TAIL = 0.00135
SHARES = st.floats(0.0005, 0.9995)
QUANTILES = st.sampled_from([0.001, TAIL, 0.025, 0.5, 0.975, 1 - TAIL, 0.999])


@given(total=st.integers(1, 5000), share=SHARES, probability=QUANTILES)
@example(total=1_000_000, share=0.5, probability=0.999)
def test_quantiles_of_binomial_are_scipys(total, share, probability):
    ours, theirs = limits.binomial_quantile(total, share, probability), stats.binom.ppf(probability, total, share)
    assert ours == theirs or math.isclose(stats.binom.cdf(min(ours, theirs), total, share), probability)


def spiegelhalter(cdf, ppf, probability, size):
    """Appendix A.1 of the paper, written out over scipy."""
    r = ppf(probability)
    alpha = (cdf(r) - probability) / (cdf(r) - cdf(r - 1))
    return max(0.0, (r - alpha) / size)


@given(total=st.integers(1, 2000), share=SHARES)
@example(total=2, share=0.998046875)
@example(total=107, share=0.999)
def test_funnel_of_proportions_is_the_papers(total, share):
    (band,) = limits.funnel_proportions(share, [total])
    made = [
        spiegelhalter(lambda r: stats.binom.cdf(r, total, share), lambda p: stats.binom.ppf(p, total, share), p, total)
        for p in (0.001, 0.025, 0.975, 0.999)
    ]
    assert list(band) == pytest.approx(made, abs=1e-7)
    assert list(band) == sorted(band)


def test_a_funnel_of_nobody_excludes_nothing():
    assert limits.funnel_proportions(0.2, [0]) == [(0.0, 0.0, 1.0, 1.0)]


def test_a_wider_unit_has_a_narrower_funnel():
    small, large = limits.funnel_proportions(0.1, [50, 5000])
    assert small.low95 <= large.low95 < 0.1 < large.high95 < small.high95


def test_individuals_as_drawn_by_hand():
    """Moving ranges 2, 1, 4 of 10, 12, 11, 15: mean 7/3, centre 12."""
    found = limits.individuals([10, 12, 11, 15])
    assert found[0] == pytest.approx((12, 12 - 2.66 * 7 / 3, 12 + 2.66 * 7 / 3))
    assert len(set(found)) == 1


def test_a_gap_is_no_zero_and_no_range_crosses_it():
    assert limits.individuals([10, 12, None, 100, 102])[0] == pytest.approx((56, 56 - 2.66 * 2, 56 + 2.66 * 2))
    assert limits.individuals([10, None, 12]) == [limits.NONE] * 3
    assert limits.individuals([]) == []


def test_the_baseline_alone_makes_the_limits():
    calm = [10.0, 12.0, 11.0, 9.0]
    assert limits.individuals([*calm, 500.0], baseline=4)[4] == limits.individuals(calm)[0]
    assert limits.proportions([1, 1, 9], [10, 10, 10], baseline=2)[2].centre == pytest.approx(0.1)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 2000)), min_size=1, max_size=12))
@example([(0, 740), (1, 1)])
def test_a_p_chart_holds_what_chance_does(pairs):
    events, sizes = [min(x, n) for x, n in pairs], [n for _, n in pairs]
    centre = sum(events) / sum(sizes)
    for place, limit in enumerate(limits.proportions(events, sizes)):
        assert limit.centre == pytest.approx(centre)
        assert 0 <= limit.lower <= centre + 1e-12
        assert centre - 1e-12 <= limit.upper <= 1
        if min(centre, 1 - centre) * sizes[place] < 10 and 0 < centre < 1:  # exact: no more than the tail lies beyond
            assert stats.binom.sf(round(limit.upper * sizes[place]), sizes[place], centre) <= TAIL + 1e-9


def test_a_small_denominator_is_not_alarmed_by_one_event():
    """One death among 8 where 1 % die is beyond the normal curve's 3 sigma (11.6 %); chance does it more often than they say, and exactly it is no signal."""
    found = limits.proportions([100, 1], [10_000, 8], baseline=1)
    assert 0.01 + 3 * math.sqrt(0.01 * 0.99 / 8) < 1 / 8 <= found[1].upper
    assert limits.signals([0.01, 1 / 8], found) == [(), ()]
    assert limits.signals([0.01, 3 / 8], found) == [(), (RunRule.BEYOND_LIMITS,)]


def test_nothing_is_said_of_nothing():
    assert limits.proportions([], []) == []
    assert limits.proportions([None, 0], [None, 0]) == [limits.NONE, limits.NONE]
    assert limits.proportions([1, 0], [2, 0])[1] == limits.Limits(0.5, None, None)


def rules(drawn):
    """Values around a centre of 0 with limits ±3; - is a gap."""
    values = [None if one == "-" else float(one) for one in drawn.split()]
    return [
        "".join({RunRule.BEYOND_LIMITS: "1", RunRule.RUN_OF_EIGHT: "4"}[rule] for rule in told) or "."
        for told in limits.signals(values, [limits.Limits(0, -3, 3)] * len(values))
    ]


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ("1 2 3.1 1", ". . 1 ."),
        ("1 1 1 1 1 1 1 1 1", ". . . . . . . 4 4"),
        ("1 1 1 1 1 1 1 -1 1", ". . . . . . . . ."),
        ("1 1 1 1 0 1 1 1 1", ". . . . . . . . ."),
        ("-1 -1 -1 -1 -1 -1 -1 -4", ". . . . . . . 14"),
        ("1 1 1 1 - 1 1 1 1", ". . . . . . . . ."),
    ],
)
def test_run_rules_as_drawn(drawn, expected):
    assert rules(drawn) == expected.split()
