"""What a rule takes for a zero: of a commune only where a facility was heard that its residents go to."""

from datetime import timedelta

from yba.specs.alerts import alerts
from yba.specs.measures import Dimension, Kind
from yba.warehouse import Cell, State, period
from yba.warehouse.alerts.course import Course
from yba.warehouse.alerts.model import Place, Reason
from yba.warehouse.alerts.rules import Point, judge
from yba.warehouse.hearing import Hearing

WEEK = period("2026-W40")
# The province was heard whole in that week.
HEARING = Hearing({"01001": {WEEK.start - timedelta(weeks=back): 40 for back in range(10)}}, {"01001": WEEK.end - timedelta(days=1)})


def cell(area, detail, value, heard, expected):
    state = State.NOT_HEARD if value is None else State.SHOWN
    return Cell(WEEK.label, {Dimension.COMMUNE: area, Dimension.DETAIL: detail}, value, None, value, state, heard, expected)


def points(place, *cells):
    known = {Place(area=one.dimensions[Dimension.COMMUNE], detail=one.dimensions[Dimension.DETAIL]): one for one in cells}
    return Course(alerts()["notifiable-above-channel-commune"], (WEEK,), (known,), HEARING, no_source=False).points(place)


DENGUE = Place(area="00004", detail="DENGUE")


def test_a_commune_that_was_heard_and_tells_of_nobody_is_a_zero():
    assert points(DENGUE, cell("00004", None, 0.0, 1, 2)) == [Point(0.0)]
    assert points(DENGUE, cell("00004", "MEASLES", 2.0, 1, 2)) == [Point(0.0)]


def test_a_commune_of_which_nobody_told_is_no_zero_however_well_the_province_was_heard():
    assert points(DENGUE, cell("00004", None, None, 0, 2)) == [None]
    assert points(DENGUE, cell("00008", "DENGUE", 3.0, 1, 1)) == [None]


def test_what_was_counted_stands_whoever_was_heard():
    """A diagnosis without a visit is a diagnosis: it must not be kept from an alert."""
    assert points(DENGUE, cell("00004", "DENGUE", 6.0, 0, 0)) == [Point(6.0)]


def test_a_cause_that_was_never_there_before_is_a_jump():
    """A month with findings but none of this cause is nought of them, not a month nobody knows of."""
    jump, months = alerts()["findings-jump"], tuple(period(f"2026-{month:02}") for month in range(5, 11))

    def told(when, **causes):
        return {Place(facility="01001", detail=one): Cell(when.label, {}, float(n), None, float(n), State.SHOWN, 1, 1) for one, n in causes.items()}

    cells = (*(told(when, format=190 + n, coding=10) for n, when in enumerate(months[:-1])), told(months[-1], format=150, money=60))
    course = Course(jump, months, cells, HEARING, no_source=False)
    money, coding = (course.points(Place(facility="01001", detail=one)) for one in ("money", "coding"))
    assert money[0] == Point(0.0, 0.0, 200.0)
    found = judge(jump, Kind.COUNT, Place(facility="01001", detail="money"), months[-1].label, money)
    assert (found.fires, found.reason, found.expected) == (True, Reason.SHARE_JUMP, 0.0)
    assert judge(jump, Kind.COUNT, Place(facility="01001", detail="coding"), months[-1].label, coding).fires is False
