"""Control limits, funnel limits and run rules: plain numbers in, plain numbers out.

Sources: Shewhart charts as ISO 7870-2:2023 has them (XmR and p charts, 3 sigma); run rules of the Western Electric Statistical Quality Control
Handbook (1956); funnel limits as Spiegelhalter, Funnel plots for comparing institutional performance, Stat Med 2005;24:1185-1202, appendix A.1.
"""

from __future__ import annotations

import math
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PER_RANGE: Final = 2.66  # 3 / d2, d2 = 1.128 for ranges of two
_TAIL: Final = 0.00135  # what lies beyond 3 sigma on one side
_FEW: Final = 10  # expected events (or others) below which the normal curve is not trusted and exact quantiles are taken
_RUN: Final = 8  # points in a row on one side: Western Electric rule 4
_TINY: Final = -600.0  # logarithm of what is nothing, and of what a float still holds with all its digits
_REACH: Final = 12  # standard deviations within which a distribution is summed: what lies beyond is below 1e-30
_LEVELS: Final = (0.001, 0.025, 0.975, 0.999)
_FEWEST: Final = 2  # values a moving range needs


class Limits(NamedTuple):
    """Of one point: the centre line and the limits beyond which chance seldom goes, in the unit of the values; None where nothing can be said."""

    centre: float | None
    lower: float | None
    upper: float | None


NONE: Final = Limits(None, None, None)


class Band(NamedTuple):
    """Funnel limits of one unit at the 95 % and the 99.8 % level, as proportions (0 to 1)."""

    low998: float
    low95: float
    high95: float
    high998: float


class RunRule(StrEnum):
    """Why a point is a signal; the names of the Western Electric handbook."""

    BEYOND_LIMITS = "western-electric-1"  # one point beyond 3 sigma
    RUN_OF_EIGHT = "western-electric-4"  # eight points in a row on one side of the centre


def individuals(values: Sequence[float | None], *, baseline: int | None = None) -> list[Limits]:
    """Give the limits of an XmR chart, one for each value: mean ± 2.66 × mean moving range.

    None is a gap: it has no part in the mean, and no moving range goes across it. ``baseline``: only the first so many values make the limits.
    """
    base = values[:baseline]
    known = [one for one in base if one is not None]
    ranges = [abs(one - two) for one, two in pairwise(base) if one is not None and two is not None]
    if len(known) < _FEWEST or not ranges:
        return [NONE] * len(values)
    centre, reach = math.fsum(known) / len(known), _PER_RANGE * math.fsum(ranges) / len(ranges)
    return [Limits(centre, centre - reach, centre + reach)] * len(values)


def proportions(events: Sequence[float | None], totals: Sequence[float | None], *, baseline: int | None = None) -> list[Limits]:
    """Give the limits of a p chart (0 to 1), wider where the total is small; exact binomial where few events, or few others, are expected.

    Where events or total are not known (None, a total of 0) nothing goes into the centre; without a total there are no limits around it.
    """
    base = [(x, n) for x, n in zip(events[:baseline], totals[:baseline], strict=True) if x is not None and n]
    whole = math.fsum(n for _, n in base)
    if not whole:
        return [NONE] * len(events)
    centre = math.fsum(x for x, _ in base) / whole
    return [_about(centre, *_proportion_limits(centre, n)) if n else Limits(centre, None, None) for n in totals]


def funnel_proportions(target: float, totals: Sequence[int]) -> list[Band]:
    """Give the funnel around a proportion (0 to 1) for units of these sizes; exact binomial, interpolated. A size of 0 has the limits 0 and 1."""
    return [Band(*(_interpolated(_binomial(n, target), p) / n for p in _LEVELS)) if n else Band(0.0, 0.0, 1.0, 1.0) for n in totals]


def signals(values: Sequence[float | None], limits: Sequence[Limits]) -> list[tuple[RunRule, ...]]:
    """Say of each value which run rules it breaks; a gap ends a run, a value on the centre line too."""
    found: list[tuple[RunRule, ...]] = []
    run, side = 0, 0
    for value, limit in zip(values, limits, strict=True):
        if value is None or limit.centre is None:
            run, side = 0, 0
            found.append(())
            continue
        here = (value > limit.centre) - (value < limit.centre)
        run, side = (run + 1 if here == side else 1) if here else 0, here
        beyond = (limit.lower is not None and value < limit.lower) or (limit.upper is not None and value > limit.upper)
        found.append((*((RunRule.BEYOND_LIMITS,) if beyond else ()), *((RunRule.RUN_OF_EIGHT,) if run >= _RUN else ())))
    return found


def binomial_quantile(total: int, share: float, probability: float) -> int:
    """Give the smallest count whose cumulative probability reaches ``probability`` under a binomial distribution."""
    return _at(_binomial(total, share), probability)[0]


def _about(centre: float, lower: float, upper: float) -> Limits:
    """Keep the centre within: of a few cases the highest count that is common may be none at all."""
    return Limits(centre, min(lower, centre), max(upper, centre))


def _proportion_limits(centre: float, total: float) -> tuple[float, float]:
    if min(centre, 1 - centre) * total >= _FEW:
        reach = 3 * math.sqrt(centre * (1 - centre) / total)
        return max(0.0, centre - reach), min(1.0, centre + reach)
    whole = round(total)
    return binomial_quantile(whole, centre, _TAIL) / whole, binomial_quantile(whole, centre, 1 - _TAIL) / whole


def _interpolated(steps: Iterator[tuple[int, float, float]], probability: float) -> float:
    """Interpolate between the counts, so that the funnel has no stairs: r - (P(R <= r) - p) / P(R = r)."""
    count, below, here = _at(steps, probability)
    return max(0.0, count - ((below + here - probability) / here if here else 0.0))


def _at(steps: Iterator[tuple[int, float, float]], probability: float) -> tuple[int, float, float]:
    """Walk (count, probability below it, its own) to the first count whose cumulative probability reaches the one asked."""
    one = (0, 0.0, 1.0)
    for one in steps:
        if one[1] + one[2] >= probability:
            break
    return one


def _binomial(total: int, share: float) -> Iterator[tuple[int, float, float]]:
    if not 0 < share < 1 or not total:
        yield (total if share >= 1 else 0), 0.0, 1.0
        return
    spread = _REACH * math.sqrt(total * share * (1 - share))
    count = max(0, int(total * share - spread - _REACH**2))  # near 1 the counts below the mean have the long tail of a Poisson
    while (logged := _logged(total, share, count)) < _TINY:
        count += 1
    here, below = math.exp(logged), 0.0
    while count <= total:
        yield count, below, here
        here_next = here * (total - count) / (count + 1) * share / (1 - share)
        count, below, here = count + 1, below + here, here_next


def _logged(total: int, share: float, count: int) -> float:
    """The logarithm of a count's binomial probability."""
    chosen = math.lgamma(total + 1) - math.lgamma(count + 1) - math.lgamma(total - count + 1)
    return chosen + count * math.log(share) + (total - count) * math.log1p(-share)
