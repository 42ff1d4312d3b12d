"""A read notes itself in its own statement: the row in the trail is the one `audit.note` would have written, and there is none for what was not given out."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from yba import access, audit
from yba.access import Relation, RelationKind, Right, UnitKind
from yba.audit import Tag
from yba.kit import Actor, Grant, clock
from yba.kit.actor import Origin
from yba.kit.db import unit_of_work
from yba.record import get, put_many, tombstone_many

AN, VISIT = UUID(int=0xA), UUID(int=0xC1)
OPERATOR = Actor.operator()
HERE = Origin("10.0.0.1", 50_000, "de'vice\\")
DOCTOR = Actor.user(UUID(int=7), [Grant("doctor", frozenset({"01003"}))], purpose="treatment", origin=HERE)
READERS = {"doctor": DOCTOR, "operator": OPERATOR, "client": Actor.facility_client("01003")}
READS = """
SELECT who, actor_kind, purpose, tag, about_type, about_id, person_id, facility, reason, detail, version, address, port, device, role, under, outcome
  FROM record_access WHERE tag = 'record:resource:read' ORDER BY id
"""


@pytest.fixture
def filled(database, put, condition):
    tie = Relation(AN, UnitKind.FACILITY, "01003", RelationKind.VISIT, clock.now() - timedelta(days=3), None, "Claim", "1", VISIT)
    task = {"resourceType": "Task", "id": "t1", "for": {"reference": f"Patient/{AN}"}}
    with unit_of_work(by=OPERATOR) as conn:
        put_many(conn, by=OPERATOR, puts=[put(condition(1)), put(condition(2, "B20"), labels=("surrogacy",)), put(task), put(condition(3))])
        put_many(conn, by=OPERATOR, puts=[put(condition(1, "I11"))])
        access.relate_many(conn, by=OPERATOR, relations=[tie])
    return database


def trail(database):
    with database.as_owner() as conn:
        return conn.execute(READS).fetchall()


@pytest.mark.law("EMR-R12")
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("rtype", "ident"), [("Condition", "c1"), ("Task", "t1")])
def test_the_row_is_what_note_writes(filled, reader, rtype, ident):
    by = READERS[reader]
    with unit_of_work(by=by) as conn:
        found = get(conn, by=by, rtype=rtype, id=ident)
        audit.note(
            conn, by=by, tag=Tag.RESOURCE_READ, about_type=rtype, about_id=ident, person_id=AN, facility=found.facility_id,
            version=str(found.version), under=Right.RECORD_CLINICAL_READ.value,
        )  # fmt: skip
    read, noted = trail(filled)
    assert read == noted


def test_nothing_given_out_is_nothing_noted_and_a_rolled_back_read_neither(filled):
    hidden = ("Condition", "c2"), ("Condition", "none"), ("Task", "none"), ("Condition", "' OR true --")
    with unit_of_work(by=DOCTOR) as conn:
        assert [get(conn, by=DOCTOR, rtype=rtype, id=ident) for rtype, ident in hidden] == [None] * 4
    with unit_of_work(by=DOCTOR) as conn:
        assert get(conn, by=DOCTOR, rtype="Condition", id="c3") is not None
        transaction.set_rollback(True)
    assert trail(filled) == []


def test_a_type_nobody_knows_is_a_value_and_never_text_of_the_statement(filled):
    with unit_of_work(by=OPERATOR) as conn:
        assert get(conn, by=OPERATOR, rtype="x' OR rtype = 'Condition", id="c1") is None


def test_a_tombstone_is_noted_with_its_version(filled):
    with unit_of_work(by=OPERATOR) as conn:
        tombstone_many(conn, by=OPERATOR, refs=[("Condition", "c3")], reason="test")
        assert get(conn, by=OPERATOR, rtype="Condition", id="c3").deleted
    assert [(row[5], row[10]) for row in trail(filled)] == [("c3", "2")]
