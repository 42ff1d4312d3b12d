"""How many statements an act of a desk costs: each is a round trip somebody at a desk waits for; and that what costs fewer says the same."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections

from tests.care.conftest import OPERATOR, STATION, new_person, nurse
from yba import care, record
from yba.kit import clock
from yba.kit.db import unit_of_work
from yba.kit.ids import new_id
from yba.operations.bench_web import counted

VALUES = {"systolic": Decimal(150), "diastolic": Decimal(90), "weight": Decimal(61), "height": Decimal(160)}
# (statements, by cursors and by the pipeline; messages PostgreSQL answers: those, the units of work, what is prepared anew). What needs more says why here.
MOST = {
    "follow_up": (15, 28), "start": (15, 28), "measure": (9, 16), "diagnose": (14, 22), "close": (19, 32), "follow_up under way": (23, 36),
    "first start": (36, 54),
}  # fmt: skip
KINDS = ("start", "measure", "diagnose", "appoint", "close")


@contextmanager
def costs(act):
    """Hold an act to its number of statements and of messages."""
    pgconn = connections["default"].connection.pgconn
    with tempfile.TemporaryFile() as told, counted() as sent:
        pgconn.trace(told.fileno())
        try:
            yield
        finally:
            pgconn.untrace()
        told.seek(0)
        lines = told.read().split(b"\n")
    messages = sum(b"\tReadyForQuery\t" in line for line in lines)
    statements = sum(b"\tF\t" in line and b"\tExecute\t" in line for line in lines)  # by cursors and by the pipeline
    assert (statements <= MOST[act][0], messages <= MOST[act][1]) == (True, True), (act, statements, messages, sent)


def follow(conn, by, person, **more):
    return care.follow_up(conn, by=by, person_id=person, facility=STATION, programme="hypertension", values=VALUES, next_on=None, **more)


def desk(by, person, held):
    """Each act once, in a unit of its own, under ``held``."""
    with unit_of_work(by=by) as conn, held("follow_up"):
        follow(conn, by, person, key=str(new_id()))
    with unit_of_work(by=by) as conn, held("start"):
        visit = care.start(conn, by=by, person_id=person, facility=STATION)
    with unit_of_work(by=by) as conn, held("measure"):
        care.measure(conn, by=by, visit=visit.id, number=1, values=VALUES, key="m")
    with unit_of_work(by=by) as conn, held("diagnose"):
        care.diagnose(conn, by=by, visit=visit.id, number=2, diagnoses=[care.Diagnosis("I10"), care.Diagnosis("E11.9")])
    with unit_of_work(by=by) as conn, held("close"):
        care.close(conn, by=by, visit=visit.id, number=3, key="c")
    with unit_of_work(by=by) as conn:
        care.start(conn, by=by, person_id=person, facility=STATION)
    with unit_of_work(by=by) as conn, held("follow_up under way"):
        follow(conn, by, person, key=str(new_id()))


def test_what_each_act_costs(database):
    by, person = nurse(), new_person()
    desk(by, person, nullcontext)  # makes the Patient of this facility, and prepares what is prepared
    desk(by, person, costs)
    other = new_person("H-2", "001159000002", "Trần Văn Tư")
    with unit_of_work(by=by) as conn, costs("first start"):
        care.start(conn, by=by, person_id=other, facility=STATION)


def stepwise(conn, by, person):
    """The same follow-up, each step an act of its own."""
    visit = care.start(
        conn, by=by, person_id=person, facility=STATION, kind="follow-up", programme="hypertension", reason="Tái khám tăng huyết áp"
    ).id
    care.measure(conn, by=by, visit=visit, number=1, values=VALUES)
    care.diagnose(conn, by=by, visit=visit, number=2, diagnoses=[care.Diagnosis("I10")])
    care.appoint(conn, by=by, visit=visit, number=3, on=clock.today() + timedelta(days=14), programme="hypertension")
    return care.close(conn, by=by, visit=visit, number=4).visit


def left(by, person, visit):
    """What a follow-up leaves, without ids and moments."""
    own = {str(visit.id): "visit"}
    with unit_of_work(by=by) as conn:
        refs = {ref for act in care.acts_of(conn, by=by, visit=visit.id) for ref in act.refs}
        docs = [one.doc for one in record.of_person(conn, by=by, person_id=person) if f"{one.rtype}/{one.doc['id']}" in refs]
        acts = [(one.number, one.who, one.kind, [ref.split("/")[0] for ref in one.refs]) for one in care.acts_of(conn, by=by, visit=visit.id)]
        claim = care.claim(conn, by=by, visit=visit.id)
    with unit_of_work(by=OPERATOR.system("test")) as conn:
        relations = conn.execute(
            "SELECT unit, kind, ground_type, end_at = %s FROM relation WHERE ground_id = %s AND void_at IS NULL ORDER BY unit",
            (visit.closed_at, str(visit.id)),
        ).fetchall()
        trail = conn.execute(
            "SELECT tag, who, actor_kind, purpose, person_id = %s, facility, detail, role, under, outcome FROM audit_event"
            " WHERE about_id = %s AND tag LIKE 'care:visit:%%' ORDER BY id",
            (person, str(visit.id)),
        ).fetchall()
        news = conn.execute(
            "SELECT who, kind, person_id = %s, facility, payload FROM event WHERE about_id = %s ORDER BY position", (person, str(visit.id))
        ).fetchall()
        due = conn.execute("SELECT kind, programme, due, state FROM care_due WHERE visit = %s", (visit.id,)).fetchall()
    shapes = sorted((doc["resourceType"], doc.get("status", ""), doc.get("code", {}).get("text", ""), sorted(doc)) for doc in docs)
    encounter = next(doc for doc in docs if doc["id"] in own)
    told = [encounter[name] for name in ("status", "class", "type", "reasonCode", "period")] + [len(encounter["diagnosis"])]
    return shapes, told, acts, relations, trail, news, due, len(claim)


def test_one_save_leaves_what_the_steps_leave(database):
    by, person = nurse(), new_person()
    with clock.frozen(clock.now()):
        found = []
        for act in (follow, stepwise):
            with unit_of_work(by=by) as conn:
                visit = act(conn, by, person)
            found.append(left(by, person, visit))
    for one, other in zip(*found, strict=True):
        assert one == other
    assert [act[2] for act in found[0][2]] == list(reversed(KINDS))
    trail, news = found[0][4], found[0][5]
    who = (by.name, "user", "treatment", True, STATION)
    assert trail[0] == ("care:visit:start", *who, '{"act": "start", "number": 1}', "station-nurse", "care:visit:write", "done")
    assert [row[0] for row in trail] == ["care:visit:start", *["care:visit:write"] * 3, "care:visit:close"]
    assert [row[1] for row in news] == ["care:visit:started", *["care:visit:written"] * 3, "care:visit:closed"]
    assert json.loads(news[-1][4]) == {"act": "close", "number": 5, "state": "closed"}


@pytest.mark.parametrize("begin", [care.queue_up, care.start], ids=["waits", "open"])
def test_a_follow_up_goes_on_in_the_visit_of_today(conn, person, begin):
    by = nurse()
    with unit_of_work(by=by) as mine:
        visit = begin(mine, by=by, person_id=person, facility=STATION)
        done = follow(mine, by, person, key="k")
        assert (done.id, done.state) == (visit.id, care.State.CLOSED)
        assert follow(mine, by, person, key="k") == done
        kinds = [one.kind for one in care.acts_of(mine, by=by, visit=visit.id)][::-1]
        assert kinds == (["queue", "start"] if begin is care.queue_up else ["start"]) + ["measure", "diagnose", "appoint", "close"]
        assert care.visits_of(mine, by=by, person_id=person) == [done]


def test_a_follow_up_leaves_what_others_diagnosed_in_the_visit_and_does_not_code_it_twice(conn, person):
    by, other = nurse(), nurse(account=22)
    with unit_of_work(by=by) as mine:
        visit = care.start(mine, by=by, person_id=person, facility=STATION)
    with unit_of_work(by=other) as theirs:
        care.diagnose(theirs, by=other, visit=visit.id, number=1, diagnoses=[care.Diagnosis("J06.9"), care.Diagnosis("I10")])
    with unit_of_work(by=by) as mine:
        follow(mine, by, person, key="k")
        docs = [one.doc for one in record.of_person(mine, by=by, person_id=person)]
        assert sorted(one["code"]["coding"][0]["code"] for one in docs if one["resourceType"] == "Condition") == ["I10", "J06.9"]
        encounter = next(one for one in docs if one["id"] == visit.encounter)
        assert (len(encounter["diagnosis"]), encounter["status"], "end" in encounter["period"]) == (2, "finished", True)
        again = care.start(mine, by=by, person_id=person, facility=STATION)
        care.diagnose(mine, by=by, visit=again.id, number=1, diagnoses=[care.Diagnosis("J06.9")])
        done = follow(mine, by, person, key="l")
        named = record.get(mine, by=by, rtype="Encounter", id=done.encounter).doc["diagnosis"]
        assert [one.get("rank") for one in named] == [1, None], "the first stays the main one"
