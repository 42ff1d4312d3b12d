"""The migration that parts the one table into two stores takes every row along, as it was."""

import importlib
import json

from yba import audit
from yba.audit import Store, Tag
from yba.kit import Actor
from yba.kit.db import unit_of_work

OPERATOR = Actor.operator()
OLD = importlib.import_module("yba.audit.migrations.0001_trail")
NEW = importlib.import_module("yba.audit.migrations.0002_stores")
UNDONE = """
DROP VIEW audit_event, record_access_seen, security_seen;
DROP TABLE record_access, security, audit_seal, audit_anchor, audit_archive;
DROP SEQUENCE audit_number;
DROP FUNCTION audit_prepare_partitions(integer);
DROP FUNCTION audit_make_partition(text, date);
"""
FIELDS = "id, at, transaction, who, actor_kind, purpose, tag, about_type, about_id, person_id, facility, reason, detail"


def test_every_row_goes_to_its_store_unchanged(database, var):
    tags = list(Tag)
    with database.as_owner() as conn:
        conn.execute(UNDONE)
        conn.execute(OLD.CREATE)
        for months in (14, 2, 0):
            for tag in tags:
                conn.execute(
                    "INSERT INTO audit_event (at, who, actor_kind, purpose, tag, about_type, about_id, person_id, facility, reason, detail)"
                    " VALUES (now() - make_interval(months => %s), 'user:x', 'user', 'p', %s, 'Patient', 'a', gen_random_uuid(), NULL, '', %s)",
                    (months, tag.value, json.dumps({"n": months})),
                )
        before = conn.execute(f"SELECT {FIELDS} FROM audit_event ORDER BY id").fetchall()  # noqa: S608  constants
        for operation in NEW.Migration.operations:
            conn.execute(operation.sql)
        conn.execute("SELECT set_config('yba.scope', 'all', false)")
        assert conn.execute(f"SELECT {FIELDS} FROM audit_event ORDER BY id").fetchall() == before  # noqa: S608  same
        assert conn.execute("SELECT count(*) FROM ONLY record_access_default").fetchone() == (0,)
    assert audit.seal(by=OPERATOR).rows == len(before)  # before a new number is drawn
    with unit_of_work(by=OPERATOR) as conn:
        audit.note(conn, by=OPERATOR, tag=Tag.PAGE_READ, about_type="Patient", about_id="new")
        moved = audit.trail(conn, by=OPERATOR, about="a", limit=1000)
        (new,) = audit.trail(conn, by=OPERATOR, about="new")
    known_then = {tag for tag in tags if tag.value in NEW.SECURITY}
    assert {Tag(row.tag) for row in moved if row.store == Store.SECURITY} == known_then
    assert {row.outcome for row in moved if row.tag.endswith("refused") and row.tag in NEW.SECURITY} == {"refused"}
    assert new.id == before[-1][0] + 1
    audit.seal(by=OPERATOR)
    assert audit.verify(by=OPERATOR).troubles == ()


def test_what_belonged_to_security_then_still_does():
    assert {tag.value for tag in Tag if audit.store_of(tag) is Store.SECURITY} >= set(NEW.SECURITY)
