"""Rows seen in SQL == rows permitted in plain Python ⊆ what the second lock shows, for random actors, relations and rows, as the app role.

And of labelled rows the second lock alone shows none that the right does not reach: a forgotten predicate tells no restricted category.
"""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from yba import access
from yba.access import RESOURCE, Denied, Held, Right, Row
from yba.access.holding import terms
from yba.kit import PROVINCE, Actor, Grant, clock, db
from yba.kit.db import reading
from yba.specs import access as specs

FACILITIES, AREAS, PERSONS = ("01003", "79001", "00004"), ("00004", "00007"), (UUID(int=0xA), UUID(int=0xB))
ACCOUNTS = (UUID(int=7), UUID(int=8))
TYPES = ("Patient", "Condition", "Observation", "MedicationRequest", "Task")
LABELS = ("hiv", "psychiatry", "tuberculosis", "surrogacy")
UNITS = (
    [f"facility:{code}" for code in FACILITIES] + [f"area:{code}" for code in AREAS] + [f"user:{one}" for one in ACCOUNTS] + ["department:01003/K01"]
)
NOW = clock.now()
ROW_RIGHTS = [right for right in Right if specs.rights()[right.value].about == "resource"]

ROLES = sorted(
    name
    for name, role in specs.roles().items()
    if any({right.value for right in ROW_RIGHTS} & rule.rights for rule in role.may) and role.kind != "machine"
)
rows = st.builds(
    Row, st.sampled_from(PERSONS), st.sampled_from(FACILITIES), st.frozensets(st.sampled_from(LABELS), max_size=1), st.sampled_from(TYPES)
)
grants = st.builds(
    Grant,
    st.sampled_from(ROLES),
    st.frozensets(st.sampled_from(FACILITIES), min_size=1, max_size=2),
    st.frozensets(st.sampled_from((*AREAS, PROVINCE)), max_size=1),
    st.frozensets(st.just("01003/K01")),
    st.none() | st.frozensets(st.sampled_from(PERSONS), max_size=2),
    st.none() | st.integers(-40, 1).map(lambda days: NOW + timedelta(days=days, hours=3)),  # since when the role is held there
)


@st.composite
def helds(draw, units, kinds):
    start = draw(st.integers(-40, 2))
    end = draw(st.none() | st.integers(start, start + 40))
    kind, unit = draw(st.sampled_from(kinds)), draw(st.sampled_from(units))
    return Held(
        draw(st.sampled_from(PERSONS)), kind, unit, NOW + timedelta(days=start, hours=1), None if end is None else NOW + timedelta(days=end, hours=2)
    )


@st.composite
def actors(draw):
    kind = draw(st.sampled_from(("user", "user", "user", "user", "user", "bound", "machine")))
    if kind == "machine":
        return draw(st.sampled_from((Actor.operator(), Actor.system("test"), Actor.facility_client(FACILITIES[0]))))
    held = draw(st.lists(grants, min_size=1, max_size=3))
    purpose = specs.roles()[held[0].role].purpose if draw(st.integers(0, 5)) else draw(st.sampled_from(specs.access().purposes))
    if kind == "bound":
        return Actor.operator().acting_as(held[0], purpose=purpose)
    return Actor.user(draw(st.sampled_from(ACCOUNTS)), held, purpose=purpose, persons=draw(st.frozensets(st.sampled_from(PERSONS), max_size=1)))


@st.composite
def cases(draw):
    """An actor, a right it mostly holds, rows, and relations that mostly name its own units: else nearly every world would be empty."""
    by = draw(actors())
    right = draw(st.sampled_from([right for right in ROW_RIGHTS if access.holds(by, right)] or ROW_RIGHTS))
    own = sorted({unit for term in terms(by, right) for unit in term.units})
    kinds = sorted({kind for term in terms(by, right) for kind in term.rule.kinds})
    units, known = (own or UNITS, kinds or list(specs.KINDS)) if draw(st.integers(0, 3)) else (UNITS, list(specs.KINDS))
    return by, right, draw(st.lists(rows, min_size=1, max_size=6)), draw(st.lists(helds(units, known), max_size=6))


def store(conn, world, relations):
    """Lay rows and relations as the operator: a resource's id is its place in the list."""
    for number, row in enumerate(world):
        conn.execute(
            "INSERT INTO resource (updated, version, person_id, source_id, rtype, id, facility_id, mapped_by, labels, tokens, doc)"
            " VALUES (now(), 1, %s, NULL, %s, %s, %s, 't', %s, '{1}', '{}')",
            (row.person, row.rtype, UUID(int=number), row.facility, sorted(row.labels) or None),
        )
        conn.execute("INSERT INTO locator (key, person_id, facility_id) VALUES (%s, %s, %s)", (UUID(int=number), row.person, row.facility))
    for number, one in enumerate(relations):
        conn.execute(
            "INSERT INTO relation (start_at, end_at, person_id, source_id, unit, kind, ground_type, ground_id) VALUES (%s, %s, %s, %s, %s, %s, '', '')",
            (one.start, one.end, one.person, UUID(int=number), one.unit, one.kind),
        )


def numbers(conn, table, condition, params):
    query = sql.SQL("SELECT id FROM {} WHERE {}").format(sql.SQL(table), condition)
    return {row[0].int for row in conn.execute(query, params)}


def permitted_today(by, right, row, own):
    """Whether a right reaches a row at some moment of the day: the second lock counts a relation for all of it; a machine's is that of its role."""
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = {midnight, NOW, midnight + timedelta(days=1, microseconds=-1)} | {
        one.start for one in own if midnight < one.start < midnight + timedelta(days=1)
    }
    return any(access.permits(by, each, row, own, at=moment) for each in (ROW_RIGHTS if by.standing else [right]) for moment in moments)


EVERYTHING = sql.SQL("true")


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    case=cases(),
    person=st.none() | st.sampled_from(PERSONS),
    table=st.sampled_from(("resource", "resource_seen", "resource AS r", "resource_seen AS r")),
    single=st.booleans(),
)
def test_sql_and_python_agree_and_row_security_is_never_narrower(conn, case, person, table, single):
    by, right, world, relations = case
    with clock.frozen(NOW), conn.transaction(force_rollback=True):
        store(conn, world, relations)
        name, _, alias = table.partition(" AS ")
        columns = RESOURCE.of(alias) if alias else RESOURCE  # plain names must mean the row's too, in every sub-select
        asked = {number for number, row in enumerate(world) if person in {None, row.person}}
        own = {number: [one for one in relations if one.person == row.person] for number, row in enumerate(world)}
        permitted = {number for number in asked if access.permits(by, right, world[number], own[number], at=NOW)}
        masked = {number for number in asked if access.masks(by, right, world[number], own[number], at=NOW)}
        with reading(by=by) as unit:
            assert by.standing or numbers(unit, table, EVERYTHING, {}) == set()  # nothing before a right is asked for
            try:
                seen = access.predicate(unit, by=by, right=right, columns=columns, person=person, single=single)
            except Denied:
                assert not permitted
                return
            assert numbers(unit, table, seen.sql, seen.params) == permitted
            assert access.anything_masked(unit, by=by, seen=seen, table=name, alias=alias) is bool(masked)
            bare = numbers(unit, table, EVERYTHING, {})  # the first lock is forgotten
            assert permitted <= bare
            assert {number for number in bare if world[number].labels} <= {
                n for n, row in enumerate(world) if permitted_today(by, right, row, own[n])
            }
            with reading(by=Actor.system("all")) as open_unit:  # the first lock stands alone
                assert numbers(open_unit, table, seen.sql, seen.params) == permitted
                assert numbers(open_unit, table, seen.masked, seen.params) == masked


def test_an_actor_named_in_by_opens_nothing_for_another_who_acts(conn):
    store(conn, [Row(PERSONS[0], "01003", frozenset(), "Condition")], [Held(PERSONS[0], "visit", "facility:01003", NOW - timedelta(days=1), None)])
    doctor = Actor.user(ACCOUNTS[0], [Grant("doctor", frozenset({"01003"}))], purpose="treatment")
    other = Actor.user(ACCOUNTS[1], [Grant("doctor", frozenset({"79001"}))], purpose="treatment")
    with reading(by=other) as unit:
        seen = access.predicate(unit, by=doctor, right=Right.RECORD_CLINICAL_READ)
        assert unit.execute(sql.SQL("SELECT count(*) FROM resource WHERE {}").format(seen.sql), seen.params).fetchone() == (0,)
    with reading(by=doctor) as unit:
        access.predicate(unit, by=doctor, right=Right.RECORD_CLINICAL_READ)
        assert unit.execute("SELECT count(*) FROM resource").fetchone() == (1,)
        with reading(by=other) as inner:  # a unit inside a unit begins closed, and leaves the outer one as it was
            assert inner.execute("SELECT count(*) FROM resource").fetchone() == (0,)
        assert unit.execute("SELECT count(*) FROM resource").fetchone() == (1,)


def test_a_lock_opened_in_a_savepoint_is_told_again_after_it_rolled_back(conn):
    store(conn, [Row(PERSONS[0], "01003", frozenset(), "Condition")], [])
    own = Actor.user(ACCOUNTS[0], [Grant("citizen")], purpose="own-record", persons=[PERSONS[0]])
    with reading(by=own) as unit:
        with unit.transaction(force_rollback=True):
            access.predicate(unit, by=own, right=Right.RECORD_CLINICAL_READ)
        seen = access.predicate(unit, by=own, right=Right.RECORD_CLINICAL_READ)
        assert unit.execute(sql.SQL("SELECT count(*) FROM resource WHERE {}").format(seen.sql), seen.params).fetchone() == (1,)


def test_a_second_right_costs_one_statement_and_the_same_one_none(conn, monkeypatch):
    doctor = Actor.user(ACCOUNTS[0], [Grant("doctor", frozenset({"01003"}))], purpose="treatment")
    with reading(by=doctor) as unit:
        sent = []
        execute, tell = type(unit).execute, db.tell
        monkeypatch.setattr(type(unit), "execute", lambda self, *a, **k: (sent.append(1), execute(self, *a, **k))[1])
        monkeypatch.setattr(db, "tell", lambda *a: (sent.append(1), tell(*a)))  # row security is told past psycopg's cursors
        for cost in (1, 1):
            access.predicate(unit, by=doctor, right=Right.RECORD_CLINICAL_READ)
            assert len(sent) == cost
        access.predicate(unit, by=doctor, right=Right.IDENTITY_PERSON_FIND)
        assert len(sent) == 2


@pytest.mark.parametrize(
    "table",
    [
        "resource",
        "resource_history",
        "locator",
        "secondary",
        "person",
        "person_source",
        "identifier",
        "identifier_owner",
        "review_item",
        "message",
        "claim",
        "claim_version",
        "outcome",
        "finding",
        "check_in",
        "relation",
        "emergency",
        "notice",
        "form_draft",
        "form_draft_aside",
        "warehouse_alert",
        "warehouse_alert_rule",
        "warehouse_digest",
        "warehouse_report_watch",
    ],
)
def test_every_table_of_the_walls_is_under_row_security_and_its_partitions_are_closed(database, table):
    with database.as_owner() as conn:
        assert conn.execute("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", (table,)).fetchone() == (True,)
        parts = [row[0] for row in conn.execute("SELECT relid::regclass::text FROM pg_partition_tree(%s::regclass) WHERE level > 0", (table,))]
        for part in parts:
            assert conn.execute(
                "SELECT has_table_privilege('yba_app', %(t)s, 'SELECT'), has_table_privilege('yba_app', %(t)s, 'UPDATE'), has_table_privilege('yba_app', %(t)s, 'DELETE')",
                {"t": part},
            ).fetchone() == (False, False, False)
