"""Laws of the record: put twice is put once; the history is complete, in order and never changes."""

from uuid import UUID

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from yba.record import Put, history, of_person, put_many, tombstone_many

PERSONS = [UUID(int=1), UUID(int=2)]
REFS = [(rtype, str(number)) for rtype in ("Condition", "Slot") for number in range(2)]

PUT = st.tuples(st.sampled_from(REFS), st.sampled_from("abc"), st.sampled_from(PERSONS), st.sampled_from([(), ("HIV",)]))
# The operator who reads the history sees no restricted rows (tests/record proves that), so these have none.
OPEN = PUT.map(lambda put: (*put[:3], ()))
STEP = st.one_of(st.lists(OPEN, min_size=1, max_size=5), st.lists(st.sampled_from(REFS), min_size=1, max_size=3).map(tuple))

lenient = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def make(ref, text, person, labels):
    doc = orjson.dumps({"resourceType": ref[0], "id": ref[1], "language": text})
    return Put(ref[0], ref[1], person, doc, [1, 2], None, None, "01003", None, labels, "t")


def snapshot(conn):
    statement = "SELECT rtype, id, person_id, version, updated, tokens, doc::text, deleted FROM {}"
    return [sorted(conn.execute(sql.SQL(statement).format(sql.Identifier(table)))) for table in ("resource", "resource_history")]


class Model:
    """The obvious record: for each resource the list of its versions."""

    def __init__(self):
        self.versions = {}
        self.persons = {}

    def put(self, ref, text, person, labels):
        versions = self.versions.setdefault(ref, [])
        if not versions or versions[-1] != (text, labels):
            versions.append((text, labels))
        self.persons[ref] = person

    def bury(self, ref):
        if self.versions.get(ref) and self.versions[ref][-1] is not None:
            self.versions[ref].append(None)


@lenient
@given(st.lists(STEP, max_size=6))
def test_history_is_complete_and_in_order(conn, operator, steps):
    with conn.transaction(force_rollback=True):
        model = Model()
        for step in steps:
            if isinstance(step, tuple):
                tombstone_many(conn, by=operator, refs=step, reason="test")
                for ref in step:
                    model.bury(ref)
            else:
                put_many(conn, by=operator, puts=[make(*one) for one in step])
                for one in step:
                    model.put(*one)
        for ref in REFS:
            found = history(conn, by=operator, rtype=ref[0], id=ref[1])
            expected = model.versions.get(ref, [])
            assert [one.version for one in found] == list(range(len(expected), 0, -1))
            assert [None if one.deleted else (one.doc["language"], one.labels) for one in reversed(found)] == expected
        for person in PERSONS:
            living = {ref for ref, versions in model.versions.items() if versions[-1] is not None and model.persons[ref] == person}
            assert {(one.rtype, one.id) for one in of_person(conn, by=operator, person_id=person)} == living


@lenient
@given(st.lists(PUT, min_size=1, max_size=8, unique_by=lambda one: one[0]))
def test_put_twice_is_put_once(conn, operator, puts):
    with conn.transaction(force_rollback=True):
        put_many(conn, by=operator, puts=[make(*one) for one in puts])
        once = snapshot(conn)
        counts = put_many(conn, by=operator, puts=[make(*one) for one in puts])
        assert (counts.created, counts.changed, counts.unchanged) == (0, 0, len(puts))
        assert snapshot(conn) == once


@lenient
@given(st.lists(PUT, min_size=1, max_size=8), st.integers(1, 4))
def test_the_size_of_a_batch_does_not_matter(conn, operator, puts, size):
    found = []
    for step in (len(puts), size):
        with conn.transaction(force_rollback=True):
            for first in range(0, len(puts), step):
                put_many(conn, by=operator, puts=[make(*one) for one in puts[first : first + step]])
            found.append([[row[:4] + row[5:] for row in table] for table in snapshot(conn)])
    assert found[0] == found[1]
