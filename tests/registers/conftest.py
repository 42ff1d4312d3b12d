"""One database for all tests of registers in a process: emptied before each test, because making it anew takes seconds."""

import pytest

from tests.registers import world
from yba.kit.db import reading

TABLES = (
    "register_query, register_state, register_batch, register_batch_item, health_identifier, temporary_identifier, unknown_patient, review_item,"
    " person, person_source, identifier, identifier_owner, person_event, relation, household, household_member"
)


@pytest.fixture(scope="module")
def fresh(migrated):
    migrated.renew()
    return migrated


@pytest.fixture
def emptied(fresh):
    """The database without people and questions; `world.since` is where its trail begins for this test."""
    with fresh.as_owner() as conn:
        conn.execute(f"TRUNCATE {TABLES}")
    with reading(by=world.OPERATOR) as conn:
        world.since = conn.execute("SELECT coalesce(max(id), 0) FROM audit_event").fetchone()[0]
    return fresh


@pytest.fixture
def folder(tmp_path):
    return tmp_path
