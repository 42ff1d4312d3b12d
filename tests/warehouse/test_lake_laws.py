"""Drawn histories: whatever is created, changed, deleted, moved, restricted, and left open across an export, the lake is what the record is, and was."""

from contextlib import ExitStack
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.builder import tables
from tests.record.test_moving import ONE, TWO
from tests.record.world import OPERATOR, merge, people, split, take, undo
from tests.warehouse.lake_world import AN, BINH, CHI, SYSTEM, TYPES, VIEWS, bury, flat_in_lake, flat_in_record, in_lake, in_record, put, write
from yba import ingest, warehouse
from yba.kit import clock
from yba.kit.db import reading
from yba.warehouse.settings import LAKE

NUMBERS = st.integers(1, 6)
PEOPLE = st.sampled_from((AN, BINH, CHI))
LABELS = st.sampled_from(((), (), ("hiv",), ("hiv", "psychiatry")))
TEXTS = st.sampled_from("abc")
STEP = st.one_of(
    st.tuples(st.just("put"), NUMBERS, PEOPLE, TEXTS, LABELS),
    st.tuples(st.just("long ago"), NUMBERS, PEOPLE, TEXTS, LABELS),
    st.tuples(st.just("bury"), NUMBERS),
    st.tuples(st.just("open"), st.integers(100, 103)),
    st.tuples(st.just("end"), st.booleans()),
    st.tuples(st.just("export"), st.sampled_from((False, False, True))),
    st.tuples(st.just("compact")),
    st.tuples(st.just("anew")),
)
RTYPE = {0: "Condition", 1: "Observation", 2: "QuestionnaireResponse"}
OPENED = """
INSERT INTO resource (updated, version, deleted, person_id, rtype, id, facility_id, mapped_by, tokens, doc)
VALUES (now(), 1, false, %(person)s, 'Condition', %(id)s, '11001', 'test', '{}', '{"status":"final"}')
ON CONFLICT DO NOTHING
"""


class World:
    """The record, a lake, and at most one transaction left open."""

    def __init__(self, migrated):
        self.migrated, self.other, self.kept, self.fewer = migrated, None, {}, 0

    def put(self, number, person, text, labels):
        write(put(number, rtype=RTYPE[number % 3], person=person, text=text, labels=labels))

    def open(self, number):
        """Another session writes, also within a savepoint, and does not end."""
        if self.other is None:
            self.other = self.migrated.as_owner()
        with self.other.transaction():
            known = self.other.execute("UPDATE resource SET version = version + 1, updated = now() WHERE id = %s", (UUID(int=number),)).rowcount
            if not known:
                self.other.execute(OPENED, {"person": AN, "id": UUID(int=number)})

    def end(self, commit):
        if self.other is not None:
            self.other.commit() if commit else self.other.rollback()
            self.other.close()
            self.other = None

    def export(self, everywhere=False, anew=()):
        done = warehouse.refresh(by=SYSTEM, everywhere=everywhere, anew=anew, views=VIEWS[:1] if self.fewer else VIEWS)
        self.kept[done.seq] = in_record()
        if anew:
            self.kept = {done.seq: self.kept[done.seq]}

    def step(self, name, *given):
        if name == "put":
            self.put(*given)
        elif name == "long ago":
            with clock.frozen("2021-05-05T05:05:05"):
                self.put(*given)
        elif name == "bury":
            bury(given[0], RTYPE[given[0] % 3])
        elif name == "open":
            self.open(given[0])
        elif name == "end":
            self.end(given[0])
        elif name == "export":
            self.export(*given)
        elif name == "compact":
            if self.kept:
                warehouse.compact(
                    by=SYSTEM, types=[rtype for rtype in TYPES if any(key[0] == rtype for state in self.kept.values() for key in state)]
                )
        elif self.kept:
            self.export(anew=["all"])

    def judge(self):
        now = in_record()
        assert in_lake() == now
        assert in_lake(restricted=False) == in_record(restricted=False)
        assert flat_in_lake() == flat_in_record(now)
        assert flat_in_lake(restricted=False) == flat_in_record(in_record(restricted=False))
        hidden = {ref for ref, row in now.items() if row[3] is not None}
        for seq, state in self.kept.items():
            assert in_lake(as_of=seq) == state, seq
            assert flat_in_lake(as_of=seq) == flat_in_record(state), seq
            assert in_lake(as_of=seq, restricted=False) == {ref: row for ref, row in state.items() if row[3] is None and ref not in hidden}, seq


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEP, max_size=14))
def test_the_lake_is_what_the_record_is_and_was(migrated, database, tmp_path_factory, steps):
    live(migrated, database, tmp_path_factory, steps)


@pytest.mark.long
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEP, max_size=30))
def test_the_lake_is_what_the_record_is_and_was_for_long(migrated, database, tmp_path_factory, steps):
    live(migrated, database, tmp_path_factory, steps)


def live(migrated, database, tmp_path_factory, steps):
    """Live through a history and judge every moment of it."""
    with ExitStack() as stack:
        stack.enter_context(LAKE.set_to(str(tmp_path_factory.mktemp("lake"))))
        database.renew()
        world = World(migrated)
        world.fewer = len(steps) % 2  # half the time all views but one are new at the end, and caught up
        stack.callback(world.end, commit=False)
        for one in steps:
            world.step(*one)
        world.end(commit=True)
        world.fewer = 0
        world.export()
        world.judge()


def everything():
    """All types there are, as the operator's tests of merges make them."""
    with reading(by=SYSTEM) as conn:
        return sorted(row[0] for row in conn.execute("SELECT DISTINCT rtype FROM resource"))


def same():
    types = everything()
    assert in_lake(types=types) == in_record(types)


def test_merge_split_undo_and_withdrawal(lake):
    """Real claims through the front door: what merges move, and withdrawals take back, the next export has."""
    take(tables("25.000001", **ONE))
    take(tables("25.000002", **TWO))
    done = warehouse.refresh(by=SYSTEM, views=())
    assert sum(done.rows.values()) > 4
    same()
    first = in_record(everything())
    keep, drop = people()
    act = merge(keep, drop).act
    assert sum(warehouse.refresh(by=SYSTEM, views=()).rows.values()) > 0
    same()
    undo(act)
    warehouse.refresh(by=SYSTEM, views=())
    same()
    again = in_record(everything())
    assert {ref: row[1] for ref, row in again.items()} == {ref: row[1] for ref, row in first.items()}
    merge(keep, drop)
    split(keep, [("11002", "B2", 1)])
    warehouse.refresh(by=SYSTEM, views=())
    same()
    landing = take(tables("25.000003", **ONE))
    warehouse.refresh(by=SYSTEM, views=())
    same()
    ingest.withdraw(by=OPERATOR, transaction=landing.transaction, reason="nhầm")
    warehouse.refresh(by=SYSTEM, views=())
    same()
    warehouse.compact(by=SYSTEM, types=everything(), views=())
    same()
    assert in_lake(types=everything(), as_of=done.seq) == first
    assert warehouse.refresh(by=SYSTEM, views=()).rows == {}
