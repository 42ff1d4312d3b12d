"""The second lock, tried as the app role itself: what the database refuses, whatever the program says."""

import psycopg
import pytest
from psycopg import sql

from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.record import coverage_of_data, get, history, of_person, of_source, put_many, refs_of_sources, tombstone_many, with_tokens
from yba.record.lines import locator_key
from yba.record.store import PARTITIONED, partition

TABLES = ("resource", "resource_history", "locator")


@pytest.fixture
def filled(database, operator, put, condition):
    """Two facilities' resources of one person, each with a version in the history; committed."""
    for code in ("I10", "I11"):
        with unit_of_work(by=operator) as conn:
            puts = [put(condition(1, code=code)), put(condition(2, code=code), facility="79001"), put(condition(3, code=code), facility="")]
            put_many(conn, by=operator, puts=puts)
    return database


def test_the_locators_key_is_the_same_in_both_languages(conn):
    for rtype, id_ in [("Patient", "1"), ("Observation", "é'\\ \U0001f600")]:
        assert conn.execute("SELECT locator_key(%s, %s)::text", (rtype, id_)).fetchone()[0].replace("-", "") == locator_key(rtype, id_)


def rows(database, table, scope=None, facilities=None):
    with database.connect() as conn:
        if scope is not None:
            conn.execute("SELECT set_config('yba.scope', %s, true), set_config('yba.facilities', %s, true)", (scope, facilities))
        return sorted(row[0] for row in conn.execute(sql.SQL("SELECT facility_id FROM {}").format(sql.Identifier(table))))


@pytest.mark.parametrize("table", [*TABLES, "resource_seen"])
def test_who_sees_what(filled, table):
    assert rows(filled, table) == []
    assert rows(filled, table, "", "") == []
    assert rows(filled, table, "", "{01003}") == []
    assert rows(filled, table, "bound", "") == []
    assert rows(filled, table, "bound", "{}") == []
    assert rows(filled, table, "bound", "{01003}") == ["01003"]
    assert rows(filled, table, "bound", "{01003,79001}") == ["01003", "79001"]
    assert rows(filled, table, "all", "{}") == ["", "01003", "79001"]


def test_settings_do_not_outlive_their_transaction(filled, operator):
    with filled.connect() as conn:
        with conn.transaction():
            conn.execute("SELECT set_config('yba.scope', 'all', true)")
        assert conn.execute("SELECT count(*) FROM resource").fetchone() == (0,)


def partitions(database):
    with database.as_owner() as conn:
        statement = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent::regclass::text = ANY(%s)"
        return [row[0] for row in conn.execute(statement, (list(TABLES),))]


def test_the_app_role_adds_to_partitions_and_nothing_else(database):
    found = partitions(database)
    assert {partition(rtype) for rtype in PARTITIONED} | {"resource_other", "resource_history_other", "locator_all"} <= set(found)
    with database.connect() as conn:
        statement = """SELECT name, has_table_privilege(name, 'SELECT'), has_table_privilege(name, 'INSERT'), has_table_privilege(name, 'UPDATE'),
            has_table_privilege(name, 'DELETE'), has_table_privilege(name, 'TRUNCATE') FROM unnest(%s::text[]) AS name"""
        rights = {row[0]: row[1:] for row in conn.execute(statement, ([*found, *TABLES, "resource_seen"],))}
    assert {rights[name] for name in found} == {(False, True, False, False, False)}
    assert rights["resource"] == rights["locator"] == (True, True, True, False, False)
    assert rights["resource_history"] == (True, True, False, False, False)
    assert rights["resource_seen"] == (True, False, False, False, False)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM resource_condition",
        "SELECT 1 FROM locator_all",
        "SELECT 1 FROM resource_history_condition",
        "UPDATE resource_condition SET facility_id = '01003'",
        "DELETE FROM resource",
        "DELETE FROM resource_condition",
        "UPDATE resource_history SET version = 9",
        "DELETE FROM resource_history",
        "TRUNCATE resource",
        "DROP POLICY within_reach ON resource",
        "ALTER TABLE resource DISABLE ROW LEVEL SECURITY",
        "UPDATE resource_seen SET facility_id = '01003'",
    ],
)
def test_refused_to_the_app_role(filled, statement):
    with filled.connect() as conn:
        conn.execute("SELECT set_config('yba.scope', 'all', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(statement)


def test_a_client_cannot_take_or_give_away_rows(filled):
    with filled.connect() as conn:
        conn.execute("SELECT set_config('yba.scope', 'bound', true), set_config('yba.facilities', '{01003}', true)")
        assert conn.execute("UPDATE resource SET deleted = true WHERE facility_id = '79001'").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("UPDATE resource SET facility_id = '79001' WHERE facility_id = '01003'")


def test_no_public_query_shows_a_client_another_facility(filled, operator, an):
    client = Actor.facility_client("01003")
    with unit_of_work(by=operator) as conn:
        (one,) = [stored for stored in of_person(conn, by=operator, person_id=an) if stored.id == "c2"]
    for told in (client, operator):  # row security told the truth, or told nothing useful: each lock holds alone
        with unit_of_work(by=told) as conn:
            assert get(conn, by=client, rtype="Condition", id="c2") is None
            assert history(conn, by=client, rtype="Condition", id="c2") == []
            assert {stored.id for stored in of_person(conn, by=client, person_id=an)} == {"c1"}
            assert {stored.id for stored in of_source(conn, by=client, source_id=one.source_id)} == {"c1"}
            assert refs_of_sources(conn, by=client, source_ids=[one.source_id]) == {one.source_id: {("Condition", "c1")}}
            assert {stored.id for stored in with_tokens(conn, by=client, rtype="Condition", tokens=[])} == {"c1"}
            assert [part.facility_id for part in coverage_of_data(conn, by=client, person_id=an).facilities] == ["01003"]
    with unit_of_work(by=client) as conn:  # the other way round: by= says more than the session may see
        assert get(conn, by=operator, rtype="Condition", id="c2") is None
        assert {stored.id for stored in of_person(conn, by=operator, person_id=an)} == {"c1"}
        assert {stored.id for stored in with_tokens(conn, by=operator, rtype="Condition", tokens=[])} == {"c1"}
        assert tombstone_many(conn, by=client, refs=[("Condition", "c2")], reason="x") == 0


def test_a_client_cannot_overwrite_another_facilitys_resource(filled, put, condition):
    client = Actor.facility_client("01003")
    with pytest.raises(psycopg.errors.UniqueViolation), unit_of_work(by=client) as conn:
        put_many(conn, by=client, puts=[put(condition(2, code="Z99"))])
