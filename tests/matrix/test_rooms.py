"""Random actors and data through the rooms' own queries: every row that comes back is permitted in plain Python, and no permitted row is missing."""

from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access.test_seen import FACILITIES, NOW, PERSONS, TYPES, cases, store
from yba import access, audit, identity, ingest, record
from yba.access import Columns, Denied, Held, Right, Row
from yba.fhir import search
from yba.kit import Actor, Conflict, Forbidden, NotFound, clock
from yba.kit.db import reading
from yba.kit.reach import UNMASKED, Lock, Opening, told_openings
from yba.record.lines import locator_key

TRAIL = Columns(person="person_id", facility="facility", labels=None, rtype=None)


def ids(found):
    return {UUID(one.id).int for one in found}


def permitted(by, right, world, relations, rows):
    own = {number: [one for one in relations if one.person == world[number].person] for number in rows}
    return {number for number in rows if access.permits(by, right, world[number], own[number], at=NOW)}


def ask(by, question):
    """What a room answers, nothing where it refuses or says that there is nothing."""
    try:
        with reading(by=by) as conn:
            return question(conn)
    except (Forbidden, NotFound, Conflict):
        return []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases(), person=st.sampled_from(PERSONS), rtype=st.sampled_from(TYPES))
def test_the_record_shows_what_is_permitted_and_nothing_else(conn, case, person, rtype):
    by, _, world, relations = case
    everything, hers = set(range(len(world))), {number for number, row in enumerate(world) if row.person == person}
    with clock.frozen(NOW), conn.transaction(force_rollback=True):
        store(conn, world, relations)
        for number, row in enumerate(world):
            where = (locator_key(row.rtype, str(UUID(int=number))), row.person, row.facility)
            conn.execute("INSERT INTO locator (key, person_id, facility_id) VALUES (%s, %s, %s)", where)
        conn.execute("UPDATE resource SET tokens = %s", ([search.token("code", "x")],))
        reads = permitted(by, Right.RECORD_CLINICAL_READ, world, relations, everything)
        seeks = permitted(by, Right.RECORD_CLINICAL_SEARCH, world, relations, everything)
        sources = permitted(by, Right.RECORD_SOURCE_READ, world, relations, everything)
        got = {
            number
            for number, row in enumerate(world)
            if ask(
                by, lambda unit, number=number, row=row: [one] if (one := record.get(unit, by=by, rtype=row.rtype, id=str(UUID(int=number)))) else []
            )
        }
        assert got == reads
        assert ids(ask(by, lambda unit: record.of_person(unit, by=by, person_id=person))) == reads & hers
        found = ids(ask(by, lambda unit: record.with_tokens(unit, by=by, rtype=rtype, tokens=[search.token("code", "x")])))
        assert found == {number for number in seeks if world[number].rtype == rtype}
        assert ids(ask(by, lambda unit: record.of_source(unit, by=by, source_id=UUID(int=1)))) <= sources
        books = permitted(by, Right.WAREHOUSE_ROW_READ, world, relations, everything)
        refs = [(row.rtype, str(UUID(int=number))) for number, row in enumerate(world)]
        under = {"by": by, "right": Right.WAREHOUSE_ROW_READ, "refs": refs}
        assert {UUID(id_).int for _, id_ in ask(by, lambda unit: record.standing(unit, **under))} == books
        assert {UUID(id_).int for _, id_ in ask(by, lambda unit: record.of_refs(unit, **under))} == books
        counted = ask(by, lambda unit: record.coverage_of_data(unit, by=by, person_id=person).facilities)
        assert sum(one.resources for one in counted) == len(reads & hers)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases(), person=st.sampled_from(PERSONS))
def test_identity_trail_relations_and_messages_show_what_is_permitted(conn, case, person):
    by, _, world, relations = case
    with clock.frozen(NOW), conn.transaction(force_rollback=True):
        store(conn, world, relations)
        lay(conn)
        own = [Held(one.person, one.kind, one.unit, one.start, one.end) for one in relations if one.person == person]
        opened = ask(by, lambda unit: [identity.person(unit, by=by, person_id=person)])
        at = [Row(person, facility, rtype="Patient") for facility in FACILITIES[:2]]
        assert bool(opened) <= any(access.permits(by, Right.IDENTITY_PERSON_READ, row, own, at=NOW) for row in at)
        found = ask(by, lambda unit: identity.find(unit, by=by, id="P-0"))
        assert bool(found) <= any(
            access.permits(by, Right.IDENTITY_PERSON_FIND, Row(who, facility, rtype="Patient")) for who in PERSONS for facility in FACILITIES
        )
        trail = ask(
            by,
            lambda unit: audit.trail(
                unit, by=by, seen=access.predicate(unit, by=by, right=Right.AUDIT_TRAIL_READ, columns=TRAIL), tag=audit.Tag.PAGE_READ
            ),
        )
        for one in trail:
            assert access.permits(by, Right.AUDIT_TRAIL_READ, Row(one.person_id, one.facility, rtype="Patient"), own, at=NOW)
        tied = ask(by, lambda unit: access.relations_of(unit, by=by, person_id=person))
        assert bool(tied) <= access.permits(by, Right.ACCESS_RELATION_READ, Row(person, rtype="Patient"), own, at=NOW)
        listed = ask_outside(by)
        assert {one.facility for one in listed} <= {
            facility for facility in FACILITIES if access.permits(by, Right.INGEST_RECEIPT_READ, Row(facility=facility, rtype="Patient"))
        }


def lay(conn):
    """Two people known at two facilities, looks at both, and a message of each facility."""
    operator = Actor.operator()
    for number, (person, facility) in enumerate(zip(PERSONS, FACILITIES, strict=False)):
        conn.execute("INSERT INTO person (id, created_at) VALUES (%s, now())", (person,))
        conn.execute(
            "INSERT INTO person_source (facility, local_id, variant, person_id, patient_id, sent, kept, seen_at, sequence)"
            " VALUES (%s, %s, 1, %s, %s, '{}', '{}', now(), %s)",
            (facility, f"P-{number}", person, UUID(int=500 + number), number + 1),
        )
        audit.note(conn, by=operator, tag=audit.Tag.PAGE_READ, about_type="Patient", about_id=str(person), person_id=person, facility=facility)


def ask_outside(by):
    """Messages come in a unit of their own."""
    try:
        return ingest.messages(by=by)
    except (Denied, Forbidden):
        return []


def test_all_categories_and_some_are_all():
    """A citizen who also works in a laboratory still sees the own record whole: found by the property above."""
    both = Lock("bound", openings=UNMASKED).wider(Lock("bound", openings=frozenset({Opening(frozenset({"hiv"}), persons=frozenset(PERSONS))})))
    assert told_openings(both.openings) == "*"
