"""Who was heard, of drawn provinces: large and small facilities, one silent, all silent but one, closed for good."""

import random
from datetime import date, timedelta

import pytest

from yba.warehouse.hearing import WEEK, Hearing

MONDAY = date(2026, 1, 5)


def province(usual: dict[str, float], weeks: int = 60, silent: dict[str, range] | None = None) -> Hearing:
    """Facilities with so many visits a week, by chance; ``silent``: weeks in which nothing was sent."""
    dice, told = random.Random(7), {}
    for facility, mean in usual.items():
        for number in range(weeks):
            count = sum(dice.random() < mean / 100 for _ in range(100))
            if count and number not in (silent or {}).get(facility, ()):
                told.setdefault(facility, {})[MONDAY + number * WEEK] = count
    return Hearing(told, {facility: max(weeks_) + timedelta(days=2) for facility, weeks_ in told.items()})


SMALL = {f"s{number}": 0.7 for number in range(60)}


def test_small_stations_are_silent_by_chance():
    found = province(SMALL)
    shares = [found.share(MONDAY + number * WEEK) for number in range(10, 60)]
    assert min(shares) > 0.7
    assert sum(shares) / len(shares) > 0.93
    assert found.newest == MONDAY + 59 * WEEK + timedelta(days=2)


def test_but_not_all_at_once():
    """Three weeks in which one of sixty small stations sent: nobody knows what happened at the others."""
    silent = {name: range(57, 60) for name in SMALL if name != "s0"}
    found = province({**SMALL, "s0": 5}, silent=silent)
    assert found.share(MONDAY + 58 * WEEK) < 0.2
    assert found.newest < MONDAY + 57 * WEEK  # what the one told of later does not move it


@pytest.mark.parametrize(("gap", "part"), [(range(30, 31), 0.5), (range(57, 60), 0.5)])
def test_a_hospital_weighs_what_it_usually_tells(gap, part):
    found = province({"big": 40, "a": 15, "b": 15, "c": 10}, silent={"big": gap})
    assert found.share(MONDAY + gap[0] * WEEK) == pytest.approx(part, abs=0.06)
    assert not found.was_heard("big", MONDAY + gap[0] * WEEK)
    assert found.was_heard("big", MONDAY + 20 * WEEK)


def test_who_is_gone_for_half_a_year_is_not_waited_for():
    found = province({"big": 40, "a": 40}, weeks=90, silent={"big": range(40, 90)})
    assert found.share(MONDAY + 50 * WEEK) == pytest.approx(0.5, abs=0.05)
    assert found.share(MONDAY + 80 * WEEK) == pytest.approx(1.0, abs=0.01)
    assert not found.was_heard("big", MONDAY - WEEK)


def test_nobody():
    nobody = Hearing({}, {})
    assert (nobody.first, nobody.newest, nobody.share(MONDAY), nobody.was_heard("x", MONDAY)) == (None, None, 0.0, False)
