"""One visit, two roads, in the real database: the same links whatever came first, was sent twice, corrected, withdrawn, merged or split."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import orjson
import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.builder import tables
from tests.record.rest_world import encounter, patient, save
from tests.record.world import OPERATOR, merge, people, split, take, undo
from yba import ingest, record
from yba.fhir import search
from yba.kit import Actor, new_id
from yba.kit.clock import VIETNAM
from yba.kit.db import reading, unit_of_work
from yba.record import same_visit, visits

SYSTEM = Actor.system("test")
NOON = datetime(2026, 3, 12, 12, tzinfo=VIETNAM)
AN, BINH = UUID(int=0xA), UUID(int=0xB)
HERE = "11001"


def told(number, person=AN, facility=HERE, channel="fhir", start=0, hours=1, kind="AMB", labels=(), status="finished"):
    """A put of an Encounter."""
    begin = NOON + timedelta(hours=start)
    doc = {
        "resourceType": "Encounter", "id": str(UUID(int=number)), "status": status, "class": {"code": kind}, "subject": {"reference": f"Patient/{person}"},
        "period": {"start": begin.isoformat(), "end": (begin + timedelta(hours=hours)).isoformat()},
    }  # fmt: skip
    index = search.index("Encounter", doc)
    return record.Put("Encounter", doc["id"], person, orjson.dumps(doc), index.tokens, index.start, index.end, facility, None, tuple(labels), channel)


def links(conn):
    return {UUID(one).int: UUID(primary).int for one, primary in conn.execute("SELECT id, primary_id FROM visit_link")}


def expected(state):
    """What must be linked of what stands: number -> put; people and facilities apart, in plain Python."""
    found = {}
    for place in {(put.person_id, put.facility_id) for put in state.values()}:
        here = [put for put in state.values() if (put.person_id, put.facility_id) == place]
        rows = [same_visit.Told(put.id, put.mapped_by, put.start, put.end, doc["class"]["code"], doc["status"], frozenset(), put.labels)
                for put in here for doc in [orjson.loads(put.doc)]]  # fmt: skip
        found |= {UUID(id_).int: UUID(primary.id).int for id_, primary in same_visit.linked(rows).items()}
    return found


TOLD = st.fixed_dictionaries({
    "person": st.sampled_from([AN, BINH]), "facility": st.sampled_from([HERE, "11002"]), "start": st.integers(0, 12), "hours": st.integers(0, 6),
    "kind": st.sampled_from(["AMB", "IMP"]), "status": st.sampled_from(["finished", "finished", "finished", "entered-in-error"]),
})  # fmt: skip
ACTS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["put", "put", "again", "bury", "move"]), TOLD, st.booleans()), min_size=2, max_size=14
)  # fmt: skip
LABEL = "hiv"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_any_order_and_any_split_of_channels_give_the_same_links(conn, acts):
    state = {}
    with conn.transaction(force_rollback=True):
        batch = []

        def flush():
            record.put_many(conn, by=OPERATOR, puts=batch)
            batch.clear()

        for number, act, what, wait in acts:
            if act == "bury":
                flush()
                record.tombstone_many(conn, by=OPERATOR, refs=[("Encounter", str(UUID(int=number)))], reason="test")
                state.pop(number, None)
                continue
            if act == "again" and number in state:
                batch.append(state[number])
            elif act == "move" and number in state:
                state[number] = told(
                    number, **{**what, "person": BINH if state[number].person_id == AN else AN}, channel=("1", "fhir", "desk")[number % 3]
                )
                batch.append(state[number])
            else:
                state[number] = told(number, **what, channel=("1", "fhir", "desk")[number % 3])
                batch.append(state[number])
            if not wait:
                flush()
        flush()
        found = links(conn)
        assert found == expected(state)
        conn.execute("DELETE FROM visit_link")
        visits.settle(conn, by=OPERATOR, people=[AN, BINH])
        assert links(conn) == found, "derived from nothing it is the same"


def test_never_across_people_or_facilities(conn):
    record.put_many(conn, by=OPERATOR, puts=[told(1, channel="1"), told(2, BINH), told(3, facility="11002"), told(4, facility="")])
    assert links(conn) == {}


def test_claims_alone_write_nothing_and_read_no_encounter(conn):
    record.put_many(conn, by=OPERATOR, puts=[told(1, channel="1"), told(2, channel="1", start=1)])
    plan = "\n".join(row[0] for row in conn.execute(b"EXPLAIN " + record.store.visits._TOLD.encode(), {"people": "{" + f"{AN},{BINH}" + "}"}))
    assert links(conn) == {}
    assert "resource_written" in plan or "Seq Scan on resource_encounter" in plan  # of two rows the planner reads both


CLAIM = {"MA_BN": "A1", "SO_CCCD": "011159000001", "MA_THE_BHYT": None, "NGAY_VAO": "202603120800", "NGAY_RA": "202603121000"}
CLIENT = Actor.facility_client(HERE)


def woman():
    """The Patient that the claim is about, as the hospital's software sends her."""
    return patient("A1", "011159000001", facility=HERE, name="Nguyễn Thị Thử") | {"gender": "female"}


def fhir_visit(subject, start="2026-03-12T08:10:00+07:00", end="2026-03-12T09:40:00+07:00", **more):
    return encounter(subject, start, end, **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}, **more})


def linked_now():
    with reading(by=OPERATOR) as conn:
        return conn.execute("SELECT id, primary_id, channel, primary_channel, person_id FROM visit_link").fetchall()


def page(person, by=OPERATOR):
    with reading(by=by) as conn:
        return record.page_of(conn, by=by, person_id=person)


def test_a_claim_and_an_encounter_of_one_visit_are_one_on_the_page(database):
    sent = save(woman(), by=CLIENT)[0]
    save(fhir_visit(sent.id), by=CLIENT)
    assert linked_now() == []
    landing = take(tables("25.000001", **CLAIM))
    (person,) = people()
    ((_, _, channel, primary, whose),) = linked_now()
    assert (channel, primary, whose) == ("fhir", "claims", person)
    shown = page(person)
    assert shown.data.visits == len(shown.visits) == 1
    assert [channel for _, channel in shown.visits[0].sources] == ["claims", "fhir"]
    text = record.as_text(shown, today=NOON.date())
    assert "1 lần khám" in text
    assert "hồ sơ thanh toán BHYT; phần mềm của cơ sở (FHIR)" in text
    with reading(by=OPERATOR) as conn:
        assert [one.visits for one in record.coverage_of_data(conn, by=OPERATOR, person_id=person).facilities] == [1]
        assert sum(one.rtype == "Encounter" for one in record.of_person(conn, by=OPERATOR, person_id=person)) == 2, "both stay what they are"
        counted = record.counts(conn, by=OPERATOR)
        assert (counted.resources["Encounter"], counted.visits, counted.again) == (2, 1, {"fhir": 1})
    ingest.withdraw(by=OPERATOR, transaction=landing.transaction, reason="nhầm")
    assert linked_now() == []
    assert page(person).data.visits == 1, "what the hospital's software said still stands"


def test_a_correction_moves_the_link_with_the_times(database):
    sent = save(woman(), by=CLIENT)[0]
    visit = save(fhir_visit(sent.id), by=CLIENT)[0]
    take(tables("25.000001", **CLAIM))
    assert len(linked_now()) == 1
    take(tables("25.000001", **CLAIM | {"NGAY_VAO": "202603140800", "NGAY_RA": "202603141000"}))
    assert linked_now() == []
    save(fhir_visit(sent.id, "2026-03-14T08:00:00+07:00", "2026-03-14T09:00:00+07:00") | {"id": visit.id}, by=CLIENT)
    assert len(linked_now()) == 1
    with unit_of_work(by=CLIENT) as conn:
        record.delete(conn, by=CLIENT, refs=[("Encounter", visit.id)])
    assert linked_now() == []


def test_the_desk_is_a_third_road_and_its_rows_stay_its_own(database):
    sent = save(woman(), by=CLIENT)[0]
    desk = save(fhir_visit(sent.id), by=CLIENT, channel="desk")[0]
    save(fhir_visit(sent.id), by=CLIENT)
    assert [row[2:4] for row in linked_now()] == [("desk", "fhir")]
    save(fhir_visit(sent.id, status="in-progress") | {"id": desk.id}, by=CLIENT)
    assert [row[2:4] for row in linked_now()] == [("desk", "fhir")], "who wrote it first says how it came"
    take(tables("25.000001", **CLAIM))
    assert sorted(row[2:4] for row in linked_now()) == [("desk", "claims"), ("fhir", "claims")]
    with pytest.raises(record.NotStorable.__base__):
        save(fhir_visit(sent.id), by=CLIENT, channel="claims")


def test_merge_split_and_undo_take_the_links_along(database):
    take(tables("25.000001", **CLAIM))
    other = {"name": "Trần Mỹ Hạnh", "birthDate": "1990-01-02", "gender": "female"}
    sent = save(
        patient("Z9", "", facility=HERE) | {"name": [{"text": other["name"]}], "birthDate": other["birthDate"], "gender": "female"}, by=CLIENT
    )[0]
    save(fhir_visit(sent.id), by=CLIENT)
    keep, drop = sorted(people(), key=lambda person: person == sent.person_id)
    assert linked_now() == []
    done = merge(keep, drop)
    assert [row[4] for row in linked_now()] == [keep]
    undo(done.act)
    assert linked_now() == []
    merge(keep, drop)
    with reading(by=OPERATOR) as conn:
        sources = conn.execute(
            "SELECT facility, local_id, variant FROM person_source WHERE local_id LIKE %s AND person_id = %s", ("%Z9", keep)
        ).fetchall()
    split(keep, sources)
    assert linked_now() == []


def test_what_both_tell_is_counted_once(conn):
    stay = [told(1, channel="1", hours=3), told(2), told(4, start=2), told(3, channel="1", start=100)]
    code = {"coding": [{"system": "http://loinc.org", "code": "718-7"}], "text": "Hemoglobin"}

    def fact(number, rtype, visit, **doc):
        whole = {"resourceType": rtype, "id": str(UUID(int=number)), "subject": {"reference": f"Patient/{AN}"}, **doc}
        whole["context" if rtype == "MedicationDispense" else "encounter"] = {"reference": f"Encounter/{UUID(int=visit)}"}
        index = search.index(rtype, whole)
        return record.Put(rtype, whole["id"], AN, orjson.dumps(whole), index.tokens, index.start, index.end, HERE, None, (), "1")

    def dispense(number, visit, words):
        return fact(
            number, "MedicationDispense", visit, status="completed", medicationCodeableConcept={"text": words}, whenHandedOver=NOON.isoformat()
        )

    def result(number, visit, value, **more):
        return fact(
            number,
            "Observation",
            visit,
            status="final",
            code=code,
            valueQuantity={"value": value, "unit": "g/L"},
            effectiveDateTime=NOON.isoformat(),
            **more,
        )

    facts = [
        dispense(11, 1, "Amlodipin 5mg"), dispense(12, 2, "AMLODIPIN  5mg"), dispense(13, 1, "Metformin 500mg"), dispense(14, 3, "Amlodipin 5mg"),
        result(21, 1, 120), result(22, 2, 120), result(23, 2, 120), result(24, 1, 90), result(25, 3, 120), result(26, 2, 60), result(27, 4, 60),
    ]  # fmt: skip
    record.put_many(conn, by=OPERATOR, puts=[*facts, *stay])
    shown = record.page_of(conn, by=OPERATOR, person_id=AN)
    assert {one.name.casefold().replace("  ", " "): one.times for one in shown.medicines} == {"amlodipin 5mg": 2, "metformin 500mg": 1}
    (hemoglobin,) = shown.results
    assert hemoglobin.times == 6, "120 twice as the one channel tells it, 90 once, 60 in each of two rooms, 120 at the other visit"
    assert len(shown.visits) == 2


def test_the_whole_of_it_is_derived_from_what_is_stored(database):
    with unit_of_work(by=OPERATOR) as conn:
        record.put_many(conn, by=OPERATOR, puts=[told(1, channel="1"), told(2), told(3, BINH, channel="1"), told(4, BINH, start=1)])
        before = links(conn)
        conn.execute("DELETE FROM visit_link WHERE person_id = %s", (AN,))
        conn.execute("UPDATE visit_link SET primary_id = %s", (str(new_id()),))
    assert record.derive_visits(by=OPERATOR) == 3
    with reading(by=OPERATOR) as conn:
        assert links(conn) == before == {2: 1, 4: 3}
    assert record.derive_visits(by=OPERATOR) == 0


def test_the_later_of_two_writers_sees_what_the_first_wrote(database):
    def write():
        with unit_of_work(by=OPERATOR) as conn:
            record.put_many(conn, by=OPERATOR, puts=[told(2)])
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with unit_of_work(by=OPERATOR) as conn:
            record.put_many(conn, by=OPERATOR, puts=[told(1, channel="1")])
            late = pool.submit(write)
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while not late.done() and conn.execute(waiting).fetchone() == (0,):
                time.sleep(0.01)
            assert not late.done(), "it waits for the person"
        late.result(timeout=60)
    with reading(by=OPERATOR) as conn:
        assert links(conn) == {2: 1}
