"""Two runs that want the same people in another order: one gives way, begins again, and both come out whole."""

import threading
import time

import psycopg

from tests.ingest.builder import tables
from tests.record.world import OPERATOR, people, take
from yba.identity import store
from yba.kit.db import reading
from yba.kit.holding import buckets

NUMBER = ("MA_BN", "11001", "BN77")
LOCK = "SELECT pg_advisory_xact_lock(%s, %s)"
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = %s"


def visit(link):
    return tables(link, HO_TEN="Lò Văn Pánh", MA_BN="BN77", SO_CCCD=None, MA_THE_BHYT=None)


def test_a_batch_that_had_to_give_way_is_written_all_the_same(database):
    take(visit("25.000001"))
    (person,) = people()
    held = threading.Event()
    other = threading.Thread(target=hold_in_another_order, args=(database, person, held))
    other.start()
    assert held.wait(20)
    take(visit("25.000002"))  # holds the patient number, then wants the person
    other.join(60)
    with reading(by=OPERATOR) as conn:
        assert conn.execute("SELECT count(*), count(DISTINCT person_id) FROM claim").fetchone() == (2, 1)
        assert conn.execute("SELECT count(*) FROM outcome WHERE outcome = 1").fetchone() == (2,)


def hold_in_another_order(database, person, held):
    """Hold a person; once a batch waits for it, want the number that the batch holds."""
    with psycopg.connect(database.url()) as conn:
        conn.execute(LOCK, (store._PEOPLE, buckets([str(person)])[0]))
        held.set()
        until = time.monotonic() + 30
        while not conn.execute(WAITING, (store._PEOPLE,)).fetchone()[0] and time.monotonic() < until:
            time.sleep(0.01)
        try:  # whoever waits longer is asked first to give way: the batch
            conn.execute(LOCK, (store._IDENTIFIERS, buckets(["\0".join(NUMBER)])[0]))
        except psycopg.errors.DeadlockDetected:
            conn.rollback()
