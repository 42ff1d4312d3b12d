"""Locked reports that late data would change: found by a job, told to who may see them, never changed themselves."""

from __future__ import annotations

import pytest

from tests.warehouse.lake_world import OPERATOR, SYSTEM, bury, write
from tests.warehouse.reports.test_acts import (
    CDC,
    CLERK,
    FORM,
    HEAD,
    HERE,
    MANAGER,
    OTHER,
    PROGRAMME,
    PROVINCE,
    THERE,
    UNIT,
    condition,
    lock,
    october,  # noqa: F401  # a fixture
    visit,
)
from yba import warehouse
from yba.access import Denied
from yba.kit import clock
from yba.kit.db import reading, unit_of_work
from yba.warehouse import jobs, reports
from yba.warehouse.reports import watching

DECEMBER = "2026-12-20T09:00:00"


def told(by):
    """What a reader is told of: report, unit, period, numbers that differ."""
    return [(one.report, str(one.unit), one.period, one.differs) for one in reports.changed(by=by)]


def export():
    warehouse.refresh(by=SYSTEM)
    return reports.watch(by=SYSTEM)


def test_late_data_are_told_to_who_may_see_the_report_and_what_is_locked_stays(october):  # noqa: F811
    kept = lock()
    assert reports.watch(by=SYSTEM) == (1, 0, 0)
    assert reports.watch(by=SYSTEM) == (0, 0, 0), "twice equals once"
    with clock.frozen("2026-11-20T09:00:00"):
        write(visit(30), visit(31, THERE))
        assert export() == (1, 1, 0)
        here = (FORM, f"facility:{HERE}", "2026-10", 3)
        for by in (CLERK, HEAD, MANAGER):
            assert told(by) == [here]
        assert told(OTHER) == []
        assert [(one.differs, one.state) for one in reports.standing(by=HEAD, unit=UNIT) if one.period.label == "2026-10" and one.report == FORM] == [
            (3, reports.Step.LOCKED)
        ]
        again = reports.report(kept.id, by=CLERK)
        assert (again.figures, again.sha256, again.steps) == (kept.figures, kept.sha256, kept.steps)
        bury(30, "Encounter")
        assert export().changed == 0
        assert told(MANAGER) == [], "what came and was taken back changed nothing"
    with reading(by=OPERATOR) as conn:
        notes = conn.execute("SELECT detail ->> 'differs' FROM audit_event WHERE tag = 'warehouse:report:late' ORDER BY id").fetchall()
    assert notes == [("3",), ("0",)], "each change once"


def test_a_correction_under_way_takes_the_word_away_and_a_returned_one_brings_it_back(october):  # noqa: F811
    lock()
    with clock.frozen("2026-11-20T09:00:00"):
        write(visit(30))
        export()
        fixed = reports.correct(FORM, by=CLERK, unit=UNIT, period="2026-10", words="trạm gửi muộn một lượt")
        assert told(HEAD) == []
        reports.give_back(fixed.id, by=HEAD, words="kiểm tra lại ngày khám")
        assert told(HEAD) == [(FORM, f"facility:{HERE}", "2026-10", 3)]
        fixed = reports.correct(FORM, by=CLERK, unit=UNIT, period="2026-10", words="trạm gửi muộn một lượt")
        reports.approve(fixed.id, by=HEAD)
        reports.lock(fixed.id, by=HEAD)
        assert told(HEAD) == []
        assert reports.watch(by=SYSTEM).changed == 0, "the correction is held against the lake, not what it corrected"
        write(visit(31))
        assert export().changed == 1
        assert [(one.number, one.differs) for one in reports.changed(by=HEAD)] == [(1, 3)]


def test_those_that_were_touched_come_first_and_the_others_later(october, monkeypatch):  # noqa: F811
    for maker, unit in ((CLERK, UNIT), (OTHER, reports.unit(f"facility:{THERE}"))):
        made = reports.make(FORM, by=maker, unit=unit, period="2026-10")
        reports.approve(made.id, by=OPERATOR)
        reports.lock(made.id, by=OPERATOR)
    assert reports.watch(by=SYSTEM).looked == 2
    looked = []
    real = watching._look
    monkeypatch.setattr(watching, "_look", lambda one, folder: looked.append(str(one.unit)) or real(one, folder))
    with clock.frozen("2026-11-20T09:00:00"):
        write(visit(30, THERE))
        warehouse.refresh(by=SYSTEM)
        assert reports.watch(by=SYSTEM, most=1) == (1, 1, 1)
        assert reports.watch(by=SYSTEM, most=1) == (1, 0, 0)
    assert looked == [f"facility:{THERE}", f"facility:{HERE}"]


def test_one_that_cannot_be_counted_keeps_nobody_waiting(october, monkeypatch):  # noqa: F811
    lock()
    lock(PROVINCE, maker=CDC, signer=MANAGER)
    real = watching.counted

    def counted(edition, unit, when, *, folder=None):
        if unit == UNIT:
            raise warehouse.LakeDamaged("a file")
        return real(edition, unit, when, folder=folder)

    monkeypatch.setattr(watching, "counted", counted)
    with clock.frozen("2026-11-20T09:00:00"):
        write(visit(30))
        assert export().looked == 2
        assert [one[1] for one in told(MANAGER)] == ["province"]
        monkeypatch.undo()
        with clock.frozen("2026-11-21T09:00:00"):
            write(visit(31))
            export()
            assert {one[1] for one in told(MANAGER)} == {"province", f"facility:{HERE}"}


def test_of_a_restricted_report_only_its_own_people_are_told(october):  # noqa: F811
    with clock.frozen(DECEMBER):
        write(condition(20, "F20.0", person=1, labels=("psychiatry",)))
        warehouse.refresh(by=SYSTEM)
        made = reports.make("mental-health", by=PROGRAMME, unit=UNIT, period="2026-10")
        signer = next(by for by in (MANAGER,) if reports.report(made.id, by=by))
        reports.approve(made.id, by=signer)
        reports.lock(made.id, by=signer)
        write(condition(22, "F20.0", person=2, labels=("psychiatry",)))
        export()
        assert told(MANAGER) != []
        assert told(PROGRAMME) == told(MANAGER)
        for by in (CLERK, HEAD):
            assert told(by) == []
            with reading(by=by) as conn:
                assert conn.execute("SELECT count(*) FROM warehouse_report_watch").fetchone() == (0,)


def test_only_the_platform_watches_and_the_job_does(october):  # noqa: F811
    lock()
    with pytest.raises(Denied):
        reports.watch(by=CLERK)
    jobs.recount(by=SYSTEM)
    with unit_of_work(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM warehouse_report_watch").fetchone() == (1,)
