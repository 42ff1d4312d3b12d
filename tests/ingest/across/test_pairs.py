"""The decisions about pairs of claims: the same for either order, and quiet where nothing is shared."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.ingest.across.pairs import faults, span
from yba.ingest.across.store import Other
from yba.ingest.across.traits import CHRONIC, DIALYSIS, STAY
from yba.kit.clock import VIETNAM

MOMENT = datetime(2026, 3, 10, 8, 0, tzinfo=VIETNAM)
I10, E11 = (CHRONIC | number << 8 for number in (811, 412))


def claim(number, traits, day=0, *, days=0, minutes=0, facility="11001"):
    start = MOMENT + timedelta(days=day, minutes=minutes)
    return Other(UUID(int=number), facility, f"L{number}", start, start + timedelta(days=days, hours=1), traits)


def rules(one, *others):
    return [rule for rule, _ in faults(one, others)]


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (claim(2, STAY, 2, days=5, facility="11002"), True),
        (claim(2, STAY, -3, days=30, facility="11002"), True),
        (claim(2, STAY, 2, days=5), False),  # one facility: two departments, its own affair
        (claim(2, STAY, 4, minutes=60, facility="11002"), False),  # begins in the minute the other ends: a transfer
        (claim(2, STAY, 4, minutes=59, facility="11002"), True),
        (claim(2, STAY, 9, facility="11002"), False),
        (claim(2, I10, 2, facility="11002"), False),  # an examination elsewhere during a stay
    ],
)
def test_overlapping_stays(other, told):
    one = claim(1, STAY, days=4)
    assert rules(one, other) == ["VR180"] * told
    assert rules(other, one) == ["VR180"] * told


def test_the_other_facility_is_not_named():
    one = claim(1, STAY, days=4)
    ((_, fault),) = faults(one, [claim(2, STAY, 2, days=5, facility="99999")])
    assert fault.expected == "không nằm viện ở cơ sở khác trong 202603120800-202603140900"
    ((_, fault),) = faults(claim(1, I10), [claim(2, I10, 7, facility="99999")])
    assert "99999" not in fault.expected
    assert "L2" not in fault.expected


@pytest.mark.parametrize(("day", "told"), [(0, True), (1, True), (29, True), (30, False), (31, False), (-29, True), (-30, False)])
def test_chronic_visits_of_one_disease(day, told):
    assert rules(claim(1, I10), claim(2, I10, day)) == ["VR080"] * told
    assert rules(claim(1, I10), claim(2, E11, day)) == []


def test_the_nearest_visit_is_named():
    ((_, fault),) = faults(claim(1, I10), [claim(2, I10, -28), claim(3, I10, -7), claim(4, I10, 9)])
    assert fault.expected == "cách lượt MA_LK L3 từ 30 ngày trở lên (hiện 7 ngày, bệnh I10)"


def test_calendar_days_count_not_hours():
    late = claim(1, I10, 0, minutes=15 * 60)  # 23:00
    early = claim(2, I10, 30, minutes=-7 * 60)  # 01:00, 29 days and two hours later
    assert rules(late, early) == []


@pytest.mark.parametrize(("count", "told"), [(11, False), (12, True), (13, True)])
def test_dialysis_of_a_year(count, told):
    others = [claim(number, DIALYSIS, number) for number in range(2, 2 + count)]
    assert rules(claim(1, DIALYSIS), *others) == ["VR179"] * told
    last_year = [claim(100 + number, DIALYSIS, -90 - number) for number in range(20)]
    assert rules(claim(1, DIALYSIS), *others, *last_year) == ["VR179"] * told


@given(
    st.sampled_from([STAY, I10, DIALYSIS, I10 | DIALYSIS]),
    st.lists(
        st.tuples(st.sampled_from([STAY, I10, E11, DIALYSIS]), st.integers(-400, 400), st.integers(0, 40)),
        max_size=30,
    ),
)
def test_nothing_outside_the_span_matters(traits, drawn):
    """The look-up asks for claims that touch the span: what it leaves out must not change the decision."""
    one = claim(1, traits, days=3 if traits == STAY else 0)
    others = [claim(number, kind, day, days=days, facility="11002") for number, (kind, day, days) in enumerate(drawn, 2)]
    first, last = span(one)
    near = [other for other in others if other.start <= last and other.end >= first]
    assert list(faults(one, others)) == list(faults(one, near))
