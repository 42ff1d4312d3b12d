"""Sealing: everything committed is chained once, in order, whoever writes meanwhile and whatever dies in between."""

# ruff: noqa: S608  tables and attacks are spelled here
import itertools
import os
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from django.db import connections

from yba import audit
from yba.audit import Note, Store, Tag, TroubleKind, heads, jobs, sealing
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.kit.ids import new_id

OPERATOR = Actor.operator()


def write(count=1, tag=Tag.PAGE_READ, **more):
    with unit_of_work(by=OPERATOR) as conn:
        audit.note_many(conn, by=OPERATOR, rows=[Note(tag, "Patient", str(i), **more) for i in range(count)])


def seal_into(got):
    try:
        got.append(audit.seal(by=OPERATOR))
    finally:
        connections.close_all()  # a thread's own


def kinds(verdict):
    return [trouble.kind for trouble in verdict.troubles]


def seals(database, columns="store, number, first_id, last_id, rows"):
    with database.as_owner() as conn:
        return conn.execute(f"SELECT {columns} FROM audit_seal ORDER BY store, number").fetchall()


def test_an_empty_store_is_whole(database, var):
    assert audit.seal(by=OPERATOR).seals == 0
    verdict = audit.verify(by=OPERATOR)
    assert verdict.is_whole
    assert verdict.rows == 0
    assert kinds(verdict) == []


def test_every_row_is_sealed_once_and_in_order(database, var):
    for each in range(3):
        write(10 + each)
        write(2, Tag.ACCOUNT_ADD)
        assert audit.seal(by=OPERATOR).rows == 12 + each
    assert audit.seal(by=OPERATOR) == (0, 0, pytest.approx(0, abs=5), False)
    verdict = audit.verify(by=OPERATOR)
    assert kinds(verdict) == []
    assert {one.store: one.rows for one in verdict.checked} == {"record_access": 33, "security": 6}
    spans = [(first, last) for store, _, first, last, _ in seals(database) if store == "security"]
    assert spans[0][0] == 1
    assert all(after[0] == before[1] + 1 for before, after in itertools.pairwise(spans))


def test_what_verifying_did_is_in_the_security_store(database, var):
    audit.verify(by=OPERATOR)
    with unit_of_work(by=OPERATOR) as conn:
        (row,) = audit.trail(conn, by=OPERATOR, tag=Tag.STORE_VERIFY)
    assert (row.store, row.detail["whole"]) == ("security", True)


def test_a_backlog_becomes_many_seals(database, var, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 7)
    write(50)
    assert audit.seal(by=OPERATOR).rows == 50
    assert [row[4] for row in seals(database) if row[0] == "record_access"] == [7] * 7 + [1]
    assert kinds(audit.verify(by=OPERATOR)) == []


def test_an_act_still_being_written_is_waited_for_and_never_left_out(database, var):
    """Its numbers are lower than those of acts that end before it."""
    with database.connect() as slow:
        slow.execute("INSERT INTO record_access (who, actor_kind, purpose, tag, about_type, about_id) VALUES ('a', 'system', 'p', 't', 'x', 'slow')")
        write(5)
        done = []
        sealer = threading.Thread(target=seal_into, args=(done,))
        sealer.start()
        time.sleep(0.5)
        assert done == []
        slow.commit()
        sealer.join(30)
    assert done[0].rows == 6
    assert kinds(audit.verify(by=OPERATOR)) == []


def test_an_act_that_never_ends_puts_sealing_off_and_is_told(database, var, monkeypatch):
    monkeypatch.setattr(sealing, "_PATIENCE", 0.2)
    monkeypatch.setattr("yba.audit.verifying.MAX_AGE", 0)
    with database.connect() as slow:
        slow.execute("INSERT INTO record_access (who, actor_kind, purpose, tag, about_type, about_id) VALUES ('a', 'system', 'p', 't', 'x', 'slow')")
        write(5)
        assert audit.seal(by=OPERATOR).put_off
        assert kinds(audit.verify(by=OPERATOR, stores=(Store.RECORD_ACCESS,))) == [TroubleKind.SEALING_LATE]
    assert audit.seal(by=OPERATOR).rows == 7  # the slow act has ended; verifying left a row too


def test_a_rolled_back_act_leaves_a_gap_that_is_no_trouble(database, var):
    write(2)
    with pytest.raises(ZeroDivisionError), unit_of_work(by=OPERATOR) as conn:  # noqa: PT012
        audit.note(conn, by=OPERATOR, tag=Tag.PAGE_READ, about_type="Patient", about_id="gone")
        1 / 0  # noqa: B018
    write(2)
    assert audit.seal(by=OPERATOR).rows == 4
    assert kinds(audit.verify(by=OPERATOR)) == []


WRITER = """
import os, sys, time, psycopg, uuid
with psycopg.connect(os.environ["YBA_DATABASE_URL"]) as conn:
    end = time.time() + float(sys.argv[1])
    while time.time() < end:
        with conn.transaction():
            for _ in range(int(sys.argv[2])):
                conn.execute("INSERT INTO record_access (who, actor_kind, purpose, tag, about_type, about_id, person_id)"
                             " VALUES ('w', 'system', 'p', 't', 'x', %s, %s)", (str(uuid.uuid4()), uuid.uuid4()))
            time.sleep(0.01)
"""


def test_nothing_is_missed_while_four_write(database, var):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, "4", str(n)], env=database.env) for n in (1, 3, 10, 40)]
    sealed = 0
    while any(writer.poll() is None for writer in writers):
        sealed += audit.seal(by=OPERATOR).rows
    sealed += audit.seal(by=OPERATOR).rows
    with database.as_owner() as conn:
        (count,) = conn.execute("SELECT count(*) FROM record_access").fetchone()
    assert sealed == count > 100
    verdict = audit.verify(by=OPERATOR)
    assert kinds(verdict) == []
    assert sum(one.unsealed for one in verdict.checked) == 0


def test_two_sealers_do_not_seal_twice(database, var):
    write(3000)
    got = []
    both = [threading.Thread(target=seal_into, args=(got,)) for _ in range(3)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    audit.seal(by=OPERATOR)
    assert sum(each.rows for each in got) == 3000
    assert kinds(audit.verify(by=OPERATOR)) == []


SEALER = """
from yba import app
app.setup(migrate=False, quiet=True)
from yba import audit
from yba.kit import Actor
while True:
    audit.seal(by=Actor.operator())
"""


def test_a_sealer_killed_at_any_moment_leaves_a_whole_chain(database, var):
    env = {**database.env, "YBA_VAR": str(var)}
    audit.seal(by=OPERATOR)
    for pause in (2.0, 2.2, 2.35):
        sealer = subprocess.Popen([sys.executable, "-c", SEALER], env=env)
        end = time.time() + pause
        while time.time() < end:
            write(200)
        os.kill(sealer.pid, signal.SIGKILL)
        sealer.wait()
        audit.seal(by=OPERATOR)
        verdict = audit.verify(by=OPERATOR)
        assert kinds(verdict) == []
        assert sum(one.unsealed for one in verdict.checked if one.store == "record_access") == 0


def test_a_crash_between_commit_and_heads_log_is_made_good(database, var, monkeypatch):
    write(3)
    audit.seal(by=OPERATOR)
    write(3)
    with monkeypatch.context() as crash:
        crash.setattr(heads, "append", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            audit.seal(by=OPERATOR)
    assert kinds(audit.verify(by=OPERATOR, stores=(Store.RECORD_ACCESS,))) == [TroubleKind.HEADS_BEHIND]
    with heads.path().open("ab") as file:
        file.write(b"record_access 2 0a0b")  # torn by a power cut
    audit.seal(by=OPERATOR)
    assert kinds(audit.verify(by=OPERATOR)) == []
    assert [head.number for head in heads.read() if head.store == "record_access"] == [1, 2]


def test_a_clock_set_back_is_recorded_and_told(database, var):
    write(2)
    audit.seal(by=OPERATOR)
    with database.as_owner() as conn:  # as if the clock had stood an hour ahead until now
        for table in ("record_access", f"record_access_{time.strftime('%Y_%m', time.gmtime())}"):
            conn.execute(f"ALTER TABLE {table} ALTER COLUMN at SET DEFAULT clock_timestamp() - interval '1 hour'")
    write(2)
    audit.seal(by=OPERATOR)
    verdict = audit.verify(by=OPERATOR, stores=(Store.RECORD_ACCESS,))
    assert TroubleKind.CLOCK_WENT_BACK in kinds(verdict)
    assert verdict.is_whole  # told, and not taken for tampering


def test_the_job_seals_and_the_months_are_made_ahead(database, var):
    by = Actor.system("audit:store:seal")
    write(4)
    jobs.seal_stores(by=by)
    jobs.prepare_partitions(by=by)
    assert sum(row[4] for row in seals(database)) == 4
    with database.as_owner() as conn:
        months = conn.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'record_access'::regclass").fetchone()[0]
    assert months == 1 + jobs.AHEAD + 1


def test_months_are_made_although_rows_wait_in_the_default_partition(database, var):
    with database.as_owner() as conn:
        part = conn.execute("SELECT 'record_access_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')").fetchone()[0]
        conn.execute(f"DROP TABLE {part}")
    write(3)
    audit.seal(by=OPERATOR)
    with unit_of_work(by=OPERATOR) as conn:
        assert conn.execute("SELECT audit_prepare_partitions(3)").fetchone() == (1,)
    with database.as_owner() as conn:
        assert conn.execute("SELECT tableoid::regclass::text, count(*) FROM record_access GROUP BY 1").fetchall() == [(part, 3)]
    with database.connect() as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(f"SELECT 1 FROM {part}")
    assert kinds(audit.verify(by=OPERATOR)) == []


def test_who_does_not_see_everything_may_not_judge(database, var):
    client = Actor.facility_client("01234")
    with pytest.raises(Exception, match="toàn bộ nhật ký"):
        audit.verify(by=client)


def test_the_unsealed_age_is_that_of_the_oldest_row(database, var):
    write(1, person_id=new_id())
    with unit_of_work(by=OPERATOR) as conn:
        assert 0 < audit.unsealed_age(conn, by=OPERATOR) < 60
    audit.seal(by=OPERATOR)
    with unit_of_work(by=OPERATOR) as conn:
        assert audit.unsealed_age(conn, by=OPERATOR) == 0
