"""Forecasts over a real lake: the numbers are the measure's, gaps are gaps, small ones hidden, and who may sees what is his."""

from datetime import timedelta

import pytest

from tests.warehouse.alerts.alert_world import (
    FACILITY,
    HERE,
    MANAGER,
    OTHER,
    SUNDAY,
    SYSTEM,
    THERE,
    cases,
    judge,
    rule,
    seen,
    told,
    visits,
    weeks_before,
)
from yba import warehouse
from yba.access import Denied
from yba.kit import Invalid, NotFound, clock
from yba.kit.db import reading
from yba.specs.alerts import Side
from yba.specs.forecasts import series
from yba.specs.measures import Dimension, measures
from yba.warehouse import forecasts as room
from yba.warehouse.forecasts import Verdict, WeekState
from yba.warehouse.forecasts.shelf import Shelf
from yba.warehouse.forecasts.weeks import weekly
from yba.warehouse.hearing import heard
from yba.warehouse.measures.periods import period
from yba.warehouse.measures.running import count

pytest.importorskip("statsmodels")
TUESDAY = "2026-12-01T08:00:00"  # the week until 22 November is told


def forecast(name, by=MANAGER, **asked):
    return room.forecast(name, by=by, **asked)


def test_weeks_are_the_measures_own_in_one_reading_or_week_by_week(lake):
    """What adds up is counted at once: each week must be what the measure answers for it."""
    told(*[[*visits(weeks_before(n), 3 + n % 4, facility=code), *cases(weeks_before(n), n)] for n in range(6) for code in (FACILITY, OTHER)])
    with warehouse.reader(by=SYSTEM) as engine:
        since, until = weeks_before(5) - timedelta(days=6), SUNDAY + timedelta(days=1)
        for measure in {one.measure for one in series().values()}:
            wanted = [one for one in series().values() if one.measure == measure]
            found = weekly(engine, wanted, since, until)
            week = since
            while week < until:
                iso = week.isocalendar()
                when = period(f"{iso.year}-W{iso.week:02}")
                for one in wanted:
                    by = (*((Dimension.DETAIL,) if one.detail else ()), *((Dimension.FACILITY,) if one.each_facility else ()))
                    answer = count(engine, measures()[measure], when, by=by)
                    expected = {
                        cell.dimensions.get(Dimension.FACILITY): cell.numerator
                        for cell in answer.cells
                        if cell.numerator and cell.dimensions.get(Dimension.DETAIL) == (one.detail or None)
                    }
                    if one.each_facility and expected:
                        expected[None] = sum(expected.values())
                    assert {code: weeks[week].value for (name, code), weeks in found.items() if name == one.name and week in weeks} == expected
                week += timedelta(weeks=1)


def test_who_was_heard_is_weighed_by_what_is_usually_told(lake):
    told(*[visits(weeks_before(n), 20) for n in (1, 3, 4, 5)], *[visits(weeks_before(n), 1, facility=OTHER) for n in (1, 2, 4, 5)])
    with warehouse.reader(by=SYSTEM) as engine:
        found = heard(engine, weeks_before(60), SUNDAY)
    monday = SUNDAY - timedelta(days=6)
    assert [round(found.share(monday - timedelta(weeks=n)), 2) for n in (1, 2, 3, 4)] == [1.0, 0.05, 0.97, 1.0]
    assert found.share(monday + timedelta(weeks=30)) == 0
    assert not found.was_heard(FACILITY, monday - timedelta(weeks=2))  # twenty a week do not stay away
    assert found.was_heard(OTHER, monday - timedelta(weeks=3))  # one a week may
    assert found.newest == weeks_before(1)


@pytest.fixture
def province(lake):
    """Ninety-nine weeks of two facilities, one of them small; one week was not sent by the large one."""
    told(*[visits(weeks_before(n), 14 + (n * 7) % 5) for n in range(99) if n != 40], *[visits(weeks_before(n), 2, facility=OTHER) for n in range(99)])
    with clock.frozen(TUESDAY):
        told(visits(SUNDAY + timedelta(days=8)))
        room.make(by=SYSTEM, names=["visits", "admissions"])
        yield lake


def test_it_is_made_kept_and_shown_as_far_as_it_may(province):
    whole = forecast("visits")
    assert whole.verdict in {Verdict.SHOWN, Verdict.NO_BETTER}
    assert whole.tested.tried > 0
    assert whole.score == whole.tested.error
    assert "lần cách lấy tuần cùng kỳ năm trước" in whole.words.vi
    assert whole.history[-1].week == SUNDAY - timedelta(days=6)
    states = {one.week: one.state for one in whole.history}
    assert states[SUNDAY - timedelta(days=6, weeks=40)] is WeekState.NOT_HEARD
    ours, theirs = (forecast("visits", dimensions={Dimension.FACILITY: code}) for code in (FACILITY, OTHER))
    assert ours.history[-1].value == 14
    assert (theirs.verdict, theirs.points) == (Verdict.TOO_FEW, ())
    assert {(one.value, one.state) for one in theirs.history} == {(None, WeekState.TOO_FEW)}
    if whole.shown:
        assert len(whole.points) == 8
        assert len(forecast("visits", weeks=3).points) == 3
    assert not forecast("admissions").shown
    for path in (province.parent / "forecasts").rglob("*.json"):  # what is hidden is not written either
        assert b'"too_few"' not in path.read_bytes() or b",2.0," not in path.read_bytes()


def test_a_facility_reads_its_own(province):
    assert forecast("visits", HERE).facility == FACILITY
    assert forecast("visits", THERE).facility == OTHER
    with pytest.raises(Denied):
        forecast("visits", HERE, dimensions={Dimension.FACILITY: OTHER})
    with pytest.raises(Invalid):
        forecast("visits", dimensions={Dimension.SEX: "female"})
    with pytest.raises(NotFound):
        forecast("visit")
    with pytest.raises(NotFound):
        forecast("dengue")  # none was made
    with pytest.raises(Denied):
        room.make(by=MANAGER)
    with reading(by=SYSTEM) as conn:
        told_ = conn.execute(
            "SELECT about_id, facility FROM audit_event WHERE about_type = 'Forecast' AND tag = 'warehouse:measure:read' ORDER BY id"
        ).fetchall()
    assert told_[:2] == [("visits", FACILITY), ("visits", OTHER)]


def test_a_week_beyond_its_forecast_is_an_alert(province):
    outside = rule("visits-outside-forecast", side=Side.ABOVE)
    assert judge(outside) == ["visits-outside-forecast +0 -0 =0"]  # nothing came yet
    if not forecast("visits").shown:
        pytest.skip("this series is not shown, so nothing is held against it")
    with clock.frozen("2026-12-08T08:00:00"):
        told(visits(SUNDAY + timedelta(days=5), 60), visits(SUNDAY + timedelta(days=15)))
        room.make(by=SYSTEM, names=["visits"])
        assert judge(outside)[0].startswith("visits-outside-forecast +")
        (province_,) = [one for one in seen() if one.place.facility is None]
        assert province_.value > province_.high
        assert province_.period == "2026-W48"


def test_without_a_lake_there_is_nothing_to_make(lake):
    with pytest.raises(NotFound):
        room.make(by=SYSTEM)
    told(cases(SUNDAY, 3))
    assert room.make(by=SYSTEM) == []


def test_the_shelf_keeps_the_newest_and_none_that_knew_too_much(lake):
    shelf, made = Shelf(), room.Forecast(series()["visits"], None, clock.now(), (), (), None, Verdict.TOO_SHORT)
    for number in range(20):
        shelf.keep("visits", SUNDAY + timedelta(weeks=number), [made])
    assert [path.stem for path in shelf.paths("visits")] == [f"{SUNDAY + timedelta(weeks=number)}" for number in range(7, 20)]
    shelf.keep("visits", SUNDAY + timedelta(weeks=15), [made])
    assert shelf.paths("visits")[-1].stem == f"{SUNDAY + timedelta(weeks=15)}"
    shelf.paths("visits")[-1].write_bytes(b"{")
    assert shelf.newest("visits") == {}
