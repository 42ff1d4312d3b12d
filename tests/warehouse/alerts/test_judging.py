"""Alerts end to end, over a real lake and database: told once, closed when over, answered by people, seen by who may."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from tests.warehouse.alerts.alert_world import (
    FACILITY,
    HERE,
    MANAGER,
    OPERATOR,
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
)  # fmt: skip
from yba.access import Denied
from yba.kit import Conflict, Invalid, NotFound, clock, new_id
from yba.kit.db import reading, unit_of_work
from yba.specs.measures import Dimension
from yba.warehouse import alerts as room
from yba.warehouse.alerts import store
from yba.warehouse.kept import counting
from yba.warehouse.lake.engine import EngineFailed

CHANNEL = rule("notifiable-above-channel", fewest=4)
SILENT = rule("facility-silent", days=10)
MORNING = "2026-11-23T08:00:00"


def calm_weeks(many=6, code="A90"):
    """Twelve weeks before with visits and so many people with dengue each."""
    return [[*visits(weeks_before(n), 5), *cases(weeks_before(n), many, code=code)] for n in range(1, 13)]


def tags(prefix="warehouse:alert:"):
    with reading(by=SYSTEM) as conn:
        return [row[0] for row in conn.execute("SELECT tag FROM audit_event WHERE tag LIKE %s ORDER BY id", (f"{prefix}%",))]


def test_it_is_told_once_kept_up_to_date_and_closed_when_over(lake):
    with clock.frozen(MORNING):
        told(*calm_weeks(), visits(SUNDAY, 5), cases(SUNDAY, 30))
        assert judge(CHANNEL) == ["notifiable-above-channel +1 -0 =1"]
        assert judge(CHANNEL) == ["notifiable-above-channel +0 -0 =1"]
        (one,) = seen()
        assert (one.place, one.period, one.value, one.reason) == (room.Place(detail="DENGUE"), "2026-W47", 30, room.Reason.ABOVE_RECENT)
        assert one.expected == 6
        assert one.words.vi.startswith("30 người")
    with clock.frozen("2026-11-25T08:00:00"):  # more of the same week
        told(cases(SUNDAY, 10), visits(SUNDAY))
        assert judge(CHANNEL) == ["notifiable-above-channel +0 -0 =1"]
        assert [(again.id, again.value) for again in seen()] == [(one.id, 40)]
    with clock.frozen("2026-12-07T08:00:00"):  # two quiet weeks: what is still high as a whole week is over
        told(*[visits(SUNDAY + timedelta(weeks=n), 5) for n in (1, 2)])
        assert judge(CHANNEL) == ["notifiable-above-channel +0 -1 =0"]
        assert seen() == []
        (over,) = seen(closed=True)
        assert over.closed_by == "system:warehouse:alert:judge"
    assert [one for one in tags() if one != "warehouse:alert:read"] == [
        "warehouse:alert:judge", "warehouse:alert:raise", "warehouse:alert:judge", "warehouse:alert:judge", "warehouse:alert:judge", "warehouse:alert:close",
    ]  # fmt: skip
    with reading(by=SYSTEM) as conn:
        kinds = [row[0] for row in conn.execute("SELECT kind FROM event WHERE kind LIKE 'warehouse:alert:%%' ORDER BY position")]
    assert kinds == ["warehouse:alert:raised", "warehouse:alert:closed"]


def test_a_hidden_small_number_fires_without_it_or_not_at_all(lake):
    with clock.frozen(MORNING):
        told(*[visits(weeks_before(n), 5) for n in range(1, 13)], visits(SUNDAY, 5), cases(SUNDAY, 3, code="A00"))
        limits = rule("notifiable-rising", past=2, least=1)
        assert judge(CHANNEL, limits) == ["notifiable-above-channel +1 -0 =1", "notifiable-rising +0 -0 =0"]
        (one,) = seen()
        assert (one.place.detail, one.value, one.reason) == ("CHOLERA", None, room.Reason.FEW_CASES)
        with reading(by=SYSTEM) as conn:
            (row,) = conn.execute("SELECT warehouse_alert::text FROM warehouse_alert").fetchall()
        assert ",3," not in row[0]
        assert "3" not in one.words.vi


def test_restricted_diagnoses_are_not_counted(lake):
    with clock.frozen(MORNING):
        told(*calm_weeks(), visits(SUNDAY, 5), cases(SUNDAY, 30, labels=("hiv",)))
        assert judge(CHANNEL) == ["notifiable-above-channel +0 -0 =0"]


def test_a_week_nobody_sent_is_no_calm_week(lake):
    """An open alert is not closed by silence."""
    with clock.frozen(MORNING):
        told(*calm_weeks(), visits(SUNDAY, 5), cases(SUNDAY, 30))
        judge(CHANNEL)
    with clock.frozen("2026-12-07T08:00:00"):
        told(visits(SUNDAY + timedelta(weeks=2), 1, facility=OTHER))  # the hospital of the diagnoses sends nothing
        assert judge(CHANNEL) == ["notifiable-above-channel +0 -0 =1"]  # of the last week that was heard
        assert len(seen()) == 1


def test_a_facility_that_fell_silent_and_comes_back(lake):
    with clock.frozen(MORNING):
        told(*[visits(weeks_before(n), 9) for n in range(5)], *[visits(weeks_before(n), 4, facility=OTHER) for n in range(2, 5)])
        assert judge(SILENT) == ["facility-silent +1 -0 =1"]
        assert [(one.place.facility, one.value) for one in seen()] == [(OTHER, 14)]
        assert [one.place.facility for one in seen(THERE)] == [OTHER]
        assert seen(HERE) == []
        told(visits(SUNDAY, facility=OTHER))
        assert judge(SILENT) == ["facility-silent +0 -1 =0"]


def test_a_small_station_is_often_silent(lake):
    with clock.frozen(MORNING):
        told(*[visits(weeks_before(n), 9) for n in range(9)], *[visits(weeks_before(n), facility=OTHER) for n in (2, 4, 6, 8)])
        assert judge(SILENT) == ["facility-silent +0 -0 =0"]


def test_when_nobody_sends_it_is_told_once_of_the_province(lake):
    with clock.frozen("2026-12-20T08:00:00"):
        told(*[visits(weeks_before(n), facility=code) for n in range(4) for code in (FACILITY, OTHER, "01998")])
        assert judge(SILENT) == ["facility-silent +1 -0 =1"]
        assert [one.place for one in seen()] == [room.Place()]
        assert seen(HERE) == []  # of the province is not a facility's


def test_a_facility_sees_and_answers_its_own_only(lake):
    with clock.frozen(MORNING):
        told(
            *[visits(weeks_before(n), 30, facility="01998") for n in range(5)],
            *[visits(weeks_before(n), 4, facility=code) for n in (2, 3) for code in (FACILITY, OTHER)],
        )
        judge(SILENT)
    assert {one.place.facility for one in seen()} == {FACILITY, OTHER}
    (ours,), (theirs,) = seen(HERE), seen(THERE)
    assert (ours.place.facility, theirs.place.facility) == (FACILITY, OTHER)
    with unit_of_work(by=HERE) as conn:
        with pytest.raises(NotFound):
            room.alert(conn, by=HERE, id=theirs.id)
        with pytest.raises(NotFound):
            room.acknowledge(conn, by=HERE, id=theirs.id, note="x")
        taken = room.acknowledge(conn, by=HERE, id=ours.id, note="đang gọi nhà mạng")
        assert (taken.acknowledged_by, taken.note) == (HERE.name, "đang gọi nhà mạng")
        with pytest.raises(Conflict):
            room.acknowledge(conn, by=HERE, id=ours.id)
        with pytest.raises(Invalid):
            room.close(conn, by=HERE, id=ours.id, note="  ")
        assert [(one.open, one.unanswered) for one in room.counts(conn, by=HERE)] == [(0, 0), (1, 0), (0, 0)]
    assert "warehouse:alert:acknowledge" in tags()


def test_what_a_person_closed_is_not_raised_again_for_the_same_period(lake):
    with clock.frozen(MORNING):
        told(*[visits(weeks_before(n), 9) for n in range(5)], *[visits(weeks_before(n), 4, facility=OTHER) for n in (2, 3)])
        judge(SILENT)
        with unit_of_work(by=MANAGER) as conn:
            room.close(conn, by=MANAGER, id=seen()[0].id, note="trạm đóng cửa để sửa")
        assert judge(SILENT) == ["facility-silent +0 -0 =1"]
        assert seen() == []


def test_who_may_not(lake):
    with pytest.raises(Denied):
        room.judge(by=MANAGER)
    nurse = OPERATOR.acting_as(HERE.grants[0]._replace(role="station-nurse"), purpose="treatment")
    with reading(by=nurse) as conn, pytest.raises(Denied):
        room.standing(conn, by=nurse)
    with unit_of_work(by=MANAGER) as conn, pytest.raises(NotFound):
        room.alert(conn, by=MANAGER, id=new_id())


def test_a_forgotten_predicate_shows_a_user_nothing(lake):
    with clock.frozen(MORNING):
        told(*[visits(weeks_before(n), 9) for n in range(5)], *[visits(weeks_before(n), 4, facility=OTHER) for n in (2, 3)])
        judge(SILENT)
    with reading(by=HERE) as conn:
        assert conn.execute("SELECT count(*) FROM warehouse_alert").fetchone() == (0,)


def test_two_judges_at_once_tell_it_once(lake):
    with clock.frozen(MORNING):
        told(*calm_weeks(), visits(SUNDAY, 5), cases(SUNDAY, 30))
        gate, failed = threading.Barrier(2), []

        def one() -> None:
            try:
                gate.wait()
                judge(CHANNEL)
            except Exception as error:  # noqa: BLE001  told below
                failed.append(error)
            finally:
                connections.close_all()

        judges = [threading.Thread(target=one) for _ in range(2)]
        for thread in judges:
            thread.start()
        for thread in judges:
            thread.join()
        assert failed == []
        assert len(seen()) == 1
        assert tags().count("warehouse:alert:raise") == 1


def test_who_looked_at_an_older_export_changes_nothing_unless_the_lake_is_new(lake):
    rows = [
        room.RuleStanding(CHANNEL.name, seq, clock.now() + timedelta(minutes=minutes), "", room.State.JUDGED, 0, 0, 0)
        for seq, minutes in ((5, 0), (4, 9), (5, 10), (1, 80))
    ]
    with unit_of_work(by=SYSTEM) as conn:
        assert [store.judge(conn, one) for one in rows] == [True, False, True, True]


def test_a_rule_without_its_source_says_so_and_nothing_else(lake):
    with clock.frozen(MORNING):
        told(visits(SUNDAY))
        (one,) = room.judge(by=SYSTEM, rules=[rule("freshness-below-target", measure="record-coverage")])
        with reading(by=MANAGER) as conn:
            assert room.judged(conn, by=MANAGER) == [one.standing]
        assert one.standing.state in {room.State.NO_SOURCE, room.State.JUDGED, room.State.NOTHING}
        assert seen() == []


def test_a_rule_whose_number_fails_stands_as_it_was_judged_and_the_others_are_judged(lake, monkeypatch):
    with clock.frozen(MORNING):
        told(*calm_weeks(), visits(SUNDAY, 5), cases(SUNDAY, 30))
        assert judge(CHANNEL) == ["notifiable-above-channel +1 -0 =1"]
    real = counting.count

    def count(engine, measure, *rest, **more):
        if measure.name == CHANNEL.measure:
            raise EngineFailed("no", kind="OutOfMemoryException")
        return real(engine, measure, *rest, **more)

    monkeypatch.setattr(counting, "count", count)
    with clock.frozen("2026-12-10T08:00:00"):
        told(visits(SUNDAY + timedelta(days=15), 5))
        assert judge(CHANNEL, SILENT) == ["facility-silent +0 -0 =0"]
    assert len(seen()) == 1, "what cannot be counted closes nothing"
    with reading(by=SYSTEM) as conn:
        at = {one.rule: one.judged_at for one in room.judged(conn, by=SYSTEM)}
    assert at["notifiable-above-channel"] < at["facility-silent"], "it says when it was judged last"


def test_no_lake_no_judgement(lake):
    assert room.judge(by=SYSTEM, rules=[SILENT]) == []


def test_by_facility_and_week(lake):
    """A facility whose visits fall to a third, in a week in which it was heard."""
    with clock.frozen("2026-12-01T08:00:00"):
        few = rule("visits-below-usual", past=10, fewest=6, least=20, settle=7)
        assert few.by == (Dimension.FACILITY,)
        told(*[visits(weeks_before(n), 30 + n % 3, facility=code) for n in range(1, 11) for code in (FACILITY, OTHER)],
             visits(SUNDAY, 8), visits(SUNDAY, 31, facility=OTHER), *[visits(SUNDAY + timedelta(days=8), facility=code) for code in (FACILITY, OTHER)])  # fmt: skip
        assert judge(few) == ["visits-below-usual +1 -0 =1"]
        assert [(one.place.facility, one.value, one.period) for one in seen()] == [(FACILITY, 8, "2026-W47")]
