"""A visit is the ground on which a record opens, for as long as the law says; and what is cut off half-way has not been."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.care.conftest import HOSPITAL, OPERATOR, STATION, doctor, new_person, nurse
from yba import access, care, record
from yba.access import Right
from yba.kit import clock
from yba.kit.db import unit_of_work

PRESSURE = {"systolic": Decimal(150), "diastolic": Decimal(90)}
READ = Right.RECORD_CLINICAL_READ


def reads(by, person):
    """Whether somebody reaches the record, and what they find there."""
    with unit_of_work(by=by) as mine:
        reach = access.reaches(mine, by=by, right=READ, person_id=person)
        assert bool(record.of_person(mine, by=by, person_id=person)) == reach
    return reach


@pytest.mark.law("EMR-R11")
@pytest.mark.parametrize("by", [nurse(), doctor()], ids=["nurse", "doctor"])
def test_the_record_opens_with_the_visit_for_the_place_alone_and_closes_thirty_days_after_it(conn, person, by):
    others = [nurse(HOSPITAL, 40), doctor(HOSPITAL, 41)]
    assert not reads(by, person)
    with unit_of_work(by=by) as mine:
        visit = care.start(mine, by=by, person_id=person, facility=STATION)
    assert reads(by, person)
    assert not any(reads(other, person) for other in others)
    with unit_of_work(by=by) as mine:
        care.close(mine, by=by, visit=visit.id, number=visit.number)
    now = clock.now()
    with clock.frozen(now + timedelta(days=29)):
        assert reads(by, person)
    with clock.frozen(now + timedelta(days=32)):
        assert not reads(by, person)


def test_a_visit_taken_back_opens_nothing(conn, person):
    by = nurse()
    with unit_of_work(by=by) as mine:
        visit = care.queue_up(mine, by=by, person_id=person, facility=STATION)
        care.cancel(mine, by=by, visit=visit.id, number=1, reason="nhầm người")
    assert not reads(by, person)


KILLED = """
import os, sys
from decimal import Decimal
from uuid import UUID
from yba import app, care
app.setup(migrate=False, quiet=True)
from yba.care import following_up
from yba.kit.db import unit_of_work
from tests.care.conftest import STATION, nurse
following_up.begun = lambda *args, **more: os._exit(9)
by = nurse()
with unit_of_work(by=by) as conn:
    care.follow_up(conn, by=by, person_id=UUID(sys.argv[1]), facility=STATION, programme="hypertension",
                   values={"systolic": Decimal(150), "diastolic": Decimal(90)}, next_on=None)
"""


def test_a_process_killed_in_the_last_step_of_a_follow_up_leaves_nothing(database):
    person = new_person()
    before = counted()
    done = subprocess.run([sys.executable, "-c", KILLED, str(person)], env=database.env, check=False, capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    assert counted() == before
    by = nurse()
    with unit_of_work(by=by) as mine:
        assert care.follow_up(mine, by=by, person_id=person, facility=STATION, programme="hypertension", values=PRESSURE, next_on=None).number == 5


def counted():
    """How many rows an act of a desk can leave."""
    tables = ("resource", "relation", "care_visit", "care_act", "care_due", "care_use", "event", "person_source", "record_access_seen")
    with unit_of_work(by=OPERATOR.system("test")) as conn:
        return [conn.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in tables]  # noqa: S608  names above
