"""Searches over the record: what is found equals the obvious search over what the actor may see; pages, includes and chains leak nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.record.rest_world import CLIENT, HERE, OPERATOR, OTHER, THERE, condition, doctor, encounter, observation, patient, save
from yba import record
from yba.fhir import match
from yba.fhir.query import BadSearch, parse
from yba.fhir.sorting import sort_key
from yba.kit import Actor, Grant, clock
from yba.kit.db import reading, unit_of_work
from yba.kit.settings import SEARCH_SCAN
from yba.specs import systems

_NAMES = ["Nguyễn Văn An", "Nguyễn Thị Ánh", "Trần Bình"]


def ask(rtype, question, by=OPERATOR, cursor=None):
    """One page of a search written as in a URL."""
    pairs = [tuple(part.split("=", 1)) for part in question.split("&") if part]
    with reading(by=by) as conn:
        return record.find(conn, by=by, query=parse(rtype, pairs), cursor=cursor)


def ids(found):
    return {(row.rtype, row.id) for row in found.rows}


@pytest.fixture(scope="module")
def filled(migrated):
    """Three people at two facilities: visits, results, diagnoses, one of them restricted, and a link across people."""
    migrated.renew()
    people = []
    for number, (name, birth) in enumerate(zip(_NAMES, ["1959-03-12", "1985-07-07", "2001-01-31"], strict=True)):
        by, facility = (CLIENT, HERE) if number < 2 else (OTHER, THERE)
        [one] = save(patient(f"BN{number}", f"01115900000{number}", facility=facility, name=name) | {"birthDate": birth}, by=by)
        people.append(one)
        save({**encounter(one.id), "id": f"e{number}"}, by=by)
        for nth, (code, amount) in enumerate([("718-7", 120), ("718-7", 135), ("2345-7", 5)]):
            doc = observation(one.id, code, effectiveDateTime=f"2026-11-{10 + nth + number}", encounter={"reference": f"Encounter/e{number}"})
            save({**doc, "id": f"o{number}{nth}", "valueQuantity": {"value": amount, "unit": "g/L"}}, by=by)
        save({**observation(one.id, "9-9", issued="2026-11-19T08:00:00+07:00"), "id": f"o{number}x", "status": "preliminary"}, by=by)
        save({**condition(one.id, "I10", recordedDate="2026-11-20"), "id": f"c{number}"}, by=by)
    save({**condition(people[0].id, "B20"), "id": "hiv"})
    save({"resourceType": "Organization", "id": "khoa", "name": "Khoa Nội"})
    save(
        {
            **observation(people[0].id, "cross"),
            "id": "cross",
            "performer": [{"reference": "Organization/khoa"}],
            "encounter": {"reference": "Encounter/e2"},
        }
    )
    save({**observation(people[0].id, "both"), "id": "toOther", "derivedFrom": [{"reference": "Observation/o20"}]})
    # What of the same person names something restricted is restricted too (tests/record/test_beside.py); what of another person does is not.
    save({**observation(people[0].id, "own"), "id": "ofHiv", "focus": [{"reference": "Condition/hiv"}]})
    save({**observation(people[1].id, "alien"), "id": "toHiv", "focus": [{"reference": "Condition/hiv"}]})
    return people


_TERMS = st.sampled_from([
    "code=718-7", "code=http://loinc.org|718-7", "code=nope", "code:not=718-7", "status=final", "status=final,preliminary", "status:not=final",
    "date=2026-11-11", "date=gt2026-11-11", "date=le2026-11-12", "date=2026-11", "date:missing=true", "value-quantity=gt120", "value-quantity=135|http://unitsofmeasure.org|g",
    "patient=P0", "subject=Patient/P1", "subject:Patient=P2", "patient=nobody", "patient.name=nguyen", "subject:Patient.birthdate=lt1980",
    "encounter=Encounter/e0", "encounter.date=gt2020", "encounter:missing=true", "_id=o00,o11", "_lastUpdated=gt2020", "performer:Organization.name=khoa",
    "_has:Observation:derived-from:code=both", "patient.identifier=https://yba.vn/id/cccd|011159000001", "combo-code=718-7", "code-value-quantity=718-7$gt120",
])  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(terms=st.lists(_TERMS, min_size=0, max_size=3, unique=True), who=st.sampled_from(["operator", "client", "doctor", "other"]),
       sort=st.sampled_from(["", "_sort=date", "_sort=-date", "_sort=-code,date", "_sort=_id", "_sort=-_lastUpdated"]))  # fmt: skip
def test_what_is_found_is_what_the_obvious_search_finds(filled, terms, who, sort):
    by = {"operator": OPERATOR, "client": CLIENT, "doctor": doctor(HERE), "other": doctor(THERE, account=9)}[who]
    texts = [term.replace("P0", filled[0].id).replace("P1", filled[1].id).replace("P2", filled[2].id) for term in terms]
    query = parse("Observation", [tuple(text.split("=", 1)) for text in [*texts, *([sort] if sort else []), "_count=1000"]])
    with reading(by=by) as conn:
        whole = record.find(conn, by=by, query=parse("Observation", [("_count", "1000")]))
        others = [
            row
            for rtype in ("Patient", "Encounter", "Organization")
            for row in record.find(conn, by=by, query=parse(rtype, [("_count", "1000")])).rows
        ]
        found = record.find(conn, by=by, query=query)
    every = {f"{row.rtype}/{row.id}": row.doc for row in (*whole.rows, *others)}
    docs = {name: doc for name, doc in every.items() if name.startswith("Observation/")}

    def reverse(rtype, _param, _target):
        return [doc for name, doc in every.items() if name.startswith(rtype)]

    world = match.World(resolve=every.get, reverse=reverse, now=clock.now())
    expected = {name for name, doc in docs.items() if match.matches(query, doc, world)}
    assert {f"Observation/{row.id}" for row in found.rows} == expected
    if sort:
        keys = [sort_key("Observation", row.doc, query.sort) for row in found.rows]
        assert keys == sorted(keys)


@pytest.mark.parametrize("question", ["", "_sort=-_lastUpdated", "_sort=date", "_sort=-date", "_sort=code", "status=final", "value-quantity=gt1"])
def test_pages_together_are_the_whole_and_totals_count_it(filled, question):
    for by in (OPERATOR, CLIENT, doctor(HERE)):
        whole = ask("Observation", f"{question}&_count=1000&_total=accurate", by)
        assert whole.total == len(whole.rows)
        seen, cursor = [], None
        while True:
            page = ask("Observation", f"{question}&_count=2", by, cursor)
            seen += [row.id for row in page.rows]
            cursor = page.next
            if cursor is None:
                break
        assert seen == [row.id for row in whole.rows]


def test_a_cursor_is_of_one_actor_and_one_question(filled):
    page = ask("Observation", "_count=2", CLIENT)
    with pytest.raises(record.BadCursor):
        ask("Observation", "_count=2", OPERATOR, page.next)
    with pytest.raises(record.BadCursor):
        ask("Observation", "_count=2&status=final", CLIENT, page.next)
    with pytest.raises(record.BadCursor):
        ask("Observation", "_count=2", CLIENT, "x" + page.next)
    with clock.frozen(clock.now() + timedelta(minutes=16)), pytest.raises(record.BadCursor):
        ask("Observation", "_count=2", CLIENT, page.next)


@pytest.mark.parametrize(
    "question", ["patient=P0&_count=2", "patient=P0&_count=2&_sort=date", "status=final&_count=2", "patient=P0&_count=2&_sort=-code"]
)
def test_pages_show_one_moment_while_others_write(filled, question):
    asked = question.replace("P0", filled[0].id)
    expected = [row.id for row in ask("Observation", asked.replace("_count=2", "_count=1000"), OPERATOR).rows]
    page = ask("Observation", asked, OPERATOR)
    seen = [(row.id, row.version) for row in page.rows]
    last = [one for one in expected if one not in {id_ for id_, _ in seen} and one.startswith(("o0", "o1"))]
    with reading(by=OPERATOR) as conn:
        old = {id_: record.get(conn, by=OPERATOR, rtype="Observation", id=id_) for id_ in last}
    save({**old[last[0]].doc, "status": "entered-in-error", "effectiveDateTime": "2020-01-01"})
    with unit_of_work(by=CLIENT) as conn:
        record.delete(conn, by=CLIENT, refs=[("Observation", last[1])])
    [new] = save(observation(filled[0].id, "new", effectiveDateTime="2026-11-12"))
    [twice] = save(observation(filled[0].id, "new", effectiveDateTime="2026-11-12"))
    save({**observation(filled[0].id, "newer", effectiveDateTime="2026-11-12"), "id": twice.id})
    while page.next:
        page = ask("Observation", asked, OPERATOR, page.next)
        seen += [(row.id, row.version) for row in page.rows]
    assert [id_ for id_, _ in seen] == expected
    assert all(version == old[id_].version for id_, version in seen if id_ in old)
    with unit_of_work(by=CLIENT) as conn:
        record.delete(conn, by=CLIENT, refs=[("Observation", new.id), ("Observation", twice.id)])
    save(*[{**row.doc} for row in old.values()])


def test_people_are_found_by_name_birth_and_number(filled):
    assert {row.doc["name"][0]["text"] for row in ask("Patient", "name=nguyen").rows} == set(_NAMES[:2])
    assert ids(ask("Patient", "family=Nguyễn&birthdate=1959-03-12", CLIENT)) == {("Patient", filled[0].id)}
    assert ids(ask("Patient", "identifier=https://yba.vn/id/cccd|011159000002", CLIENT)) == set()
    assert ("Patient", filled[2].id) in ids(ask("Patient", "identifier=https://yba.vn/id/cccd|011159000002", OTHER))
    save({**patient("BN1", "011159000001", name="Lê Thị Ánh") | {"birthDate": "1985-07-07"}, "id": filled[1].id})
    assert {row.doc["name"][0]["text"] for row in ask("Patient", "name=nguyen", CLIENT).rows} == {_NAMES[0]}
    save({**patient("BN1", "011159000001", name=_NAMES[1]) | {"birthDate": "1985-07-07"}, "id": filled[1].id})


def test_a_search_of_the_record_takes_every_patient_of_the_person(filled):
    golden = str(filled[0].person_id)
    assert ids(ask("Observation", f"patient={golden}")) == ids(ask("Observation", f"patient={filled[0].id}"))
    assert len(ids(ask("Observation", f"patient={golden}"))) == 6


def test_includes_bring_along_only_what_may_be_seen(filled):
    page = ask("Observation", "_id=cross&_include=Observation:encounter&_include=Observation:performer&_include=Observation:subject", CLIENT)
    assert {(row.rtype, row.id) for row in page.included} == {("Organization", "khoa"), ("Patient", filled[0].id)}
    page = ask("Observation", "_id=cross&_include=*", OPERATOR)
    assert ("Encounter", "e2") in {(row.rtype, row.id) for row in page.included}
    page = ask("Observation", "_id=toOther&_include=*", CLIENT)
    assert {(row.rtype, row.id) for row in page.included} == {("Patient", filled[0].id)}
    page = ask("Observation", "_id=toHiv,ofHiv&_include=*", CLIENT)
    assert ids(page) == {("Observation", "toHiv")}
    assert {(row.rtype, row.id) for row in page.included} == {("Patient", filled[1].id)}
    page = ask("Patient", f"_id={filled[0].id}&_revinclude=Condition:patient&_revinclude=Encounter:patient", CLIENT)
    assert {(row.rtype, row.id) for row in page.included} == {("Condition", "c0"), ("Encounter", "e0")}
    page = ask("Encounter", "_id=e2&_revinclude=Observation:encounter", OTHER)
    assert "cross" not in {row.id for row in page.included}
    page = ask("Encounter", "_id=e0&_revinclude=*", CLIENT)
    assert {"o00", "o01", "o02"} <= {row.id for row in page.included}
    page = ask("Encounter", "_id=e0&_revinclude=Observation:encounter&_include:iterate=Observation:subject", CLIENT)
    assert ("Patient", filled[0].id) in {(row.rtype, row.id) for row in page.included}


def test_chains_and_has_find_nothing_through_what_may_not_be_seen(filled):
    assert ids(ask("Observation", "encounter.status=finished&code=cross", OPERATOR)) == {("Observation", "cross")}
    assert ids(ask("Observation", "encounter.status=finished&code=cross", CLIENT)) == set()
    assert ids(ask("Patient", "_has:Condition:patient:code=B20", CLIENT)) == set()
    assert ids(ask("Observation", "focus:Condition.code=B20", CLIENT)) == set()
    assert ids(ask("Observation", "_has:Observation:derived-from:code=both", CLIENT)) == set()
    assert ("Observation", "o20") in ids(ask("Observation", "_has:Observation:derived-from:code=both", OPERATOR))
    assert ask("Condition", "code=B20&_total=accurate", CLIENT).total == 0


def test_that_something_is_masked_is_said_of_a_record_and_never_of_a_match(filled):
    assert ask("Condition", f"patient={filled[0].id}&code=nope", CLIENT).masked
    assert not ask("Condition", f"patient={filled[1].id}", CLIENT).masked
    assert not ask("Condition", "code=B20", CLIENT).masked


def test_a_resident_searches_the_own_record_alone(filled):
    me = Actor.user(UUID(int=77), [Grant("citizen", persons=frozenset({filled[0].person_id}))], purpose="own-record", persons=[filled[0].person_id])
    assert ids(ask("Condition", "", me)) == {("Condition", "c0"), ("Condition", "hiv")}
    with reading(by=me) as conn:
        whole = record.everything(conn, by=me, person_id=filled[0].person_id)
        first = record.everything(conn, by=me, person_id=filled[0].person_id, count=5)
        second = record.everything(conn, by=me, person_id=filled[0].person_id, count=100, cursor=first.next)
    assert [row.id for row in (*first.rows, *second.rows)] == [row.id for row in whole.rows]
    assert {row.rtype for row in whole.rows} == {"Patient", "Encounter", "Observation", "Condition"}
    with reading(by=me) as conn, pytest.raises(record.BadCursor):
        record.everything(conn, by=me, person_id=filled[0].person_id, types=["Condition"], cursor=first.next)


def test_what_is_not_indexed_is_refused_above_the_bound(filled):
    with SEARCH_SCAN.set_to(3):
        with pytest.raises(record.TooCostly):
            ask("Observation", "value-quantity=gt1")
        assert ask("Observation", "code=2345-7&value-quantity=gt1").rows
        assert ask("Observation", "status=final&_count=2").rows


def test_the_whole_record_by_types_and_lists(filled):
    page = ask(None, "_type=Condition,Encounter&_id=c0,e0,e1", CLIENT)
    assert ids(page) == {("Condition", "c0"), ("Encounter", "e0"), ("Encounter", "e1")}
    listed = [{"item": {"reference": "Observation/o00"}}, {"item": {"reference": "Observation/o20"}}]
    save(
        {
            "resourceType": "List",
            "id": "mine",
            "status": "current",
            "mode": "working",
            "entry": listed,
            "subject": {"reference": f"Patient/{filled[0].id}"},
        }
    )
    assert ids(ask("Observation", "_list=mine", CLIENT)) == {("Observation", "o00")}


def test_codes_are_found_by_what_is_above_them_and_by_value_set(filled):
    icd = systems.system("icd10")
    assert ids(ask("Condition", f"code:below={icd}|I10-I15", CLIENT)) >= {("Condition", "c0"), ("Condition", "c1")}
    assert ids(ask("Condition", f"code:below={icd}|J09-J18", CLIENT)) == set()
    assert ("Observation", "o0x") in ids(ask("Observation", "status:in=http://hl7.org/fhir/ValueSet/observation-status", CLIENT))
    with pytest.raises(BadSearch, match="value set"):
        ask("Observation", "status:in=http://nowhere", CLIENT)


@pytest.mark.parametrize("table", ["search_text", "search_text_seen", "search_range", "search_range_seen"])
def test_the_rows_of_the_index_are_under_row_security(filled, table):
    query = f"SELECT DISTINCT facility_id FROM {table}".encode()  # noqa: S608  one of ours
    with reading(by=OTHER) as conn:
        assert {row[0] for row in conn.execute(query)} <= {THERE}
        if table.startswith("search_text"):
            assert conn.execute(query).fetchall() == [(THERE,)]
    with reading(by=doctor(HERE)) as conn:
        assert conn.execute(query).fetchall() == [], "nothing before a right is asked for"
