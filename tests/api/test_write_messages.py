"""What a write costs in messages to PostgreSQL, and that what goes in few of them says, notes and refuses what it did in many."""

from __future__ import annotations

import tempfile
from typing import Any

import orjson
from django.db import connections

from tests.api import world as w
from tests.record.test_moving_races import Beside, until_somebody_waits
from tests.record.world import merge
from yba import record
from yba.accounts import tokens
from yba.audit import Tag
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work
from yba.operations import bench_fhir_data as data
from yba.record.model import Put
from yba.record.store import rest
from yba.specs import systems

# Who asks with locks, what is there and whom it may be; all rows with COMMIT. Somebody alike: weights, that person, the doubt that is opened.
MOST = {"transaction": 2, "visit": 2, "create": 2, "alike": 6}
CLIENT = Actor.facility_client(w.HERE)


def costs(act: Any) -> tuple[int, int]:
    """Statements and messages."""
    pgconn = connections["default"].connection.pgconn
    with tempfile.TemporaryFile() as told:
        pgconn.trace(told.fileno())
        act()
        pgconn.untrace()
        told.seek(0)
        lines = told.read().split(b"\n")
    return sum(b"\tF\t" in line and b"\tExecute\t" in line for line in lines), sum(b"\tReadyForQuery\t" in line for line in lines)


def messages(act: Any) -> int:
    return costs(act)[1]


def sent(client: w.Client, body: bytes) -> dict[str, Any]:
    reply = client.post("", body)
    assert reply.status == 200, reply.data
    return reply.doc


def alike(number: int) -> bytes:
    """The transaction of somebody with the name and birth of another Patient."""
    bundle = orjson.loads(data.pair(data.Person(100 + number)))
    bundle["entry"][0]["resource"]["identifier"][0]["value"] += "-2"
    return orjson.dumps(bundle)


def test_what_each_write_costs(client: w.Client) -> None:
    for number in (1, 2):  # the first prepares the statements
        subject = sent(client, data.pair(data.Person(100 + number)))["entry"][0]["response"]["location"].split("/")[1]
        asked = {
            "transaction": lambda number=number: sent(client, data.pair(data.Person(number))),
            "visit": lambda number=number: sent(client, data.visit(data.Person(10 + number))),
            "create": lambda subject=subject: client.post("Observation", w.observation(subject)),
            "alike": lambda number=number: sent(client, alike(number)),
        }
        found = {name: messages(act) for name, act in asked.items()}
    assert {name: count for name, count in found.items() if count > MOST[name]} == {}


def test_what_names_stored_resources_costs_nothing_more_where_nothing_is_restricted(client: w.Client) -> None:
    """Whether anybody of an act has anything restricted is asked in the statement that holds the Patient's place; more is asked of who has."""
    subject = client.post("Patient", w.patient("P-1")).id
    coded = {"coding": [{"system": systems.system("icd10"), "code": "J18"}]}
    about = {"resourceType": "Condition", "subject": {"reference": f"Patient/{subject}"}, "code": coded}
    stored = client.post("Condition", about).id
    alone = {
        "resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "Thuốc A"},
        "subject": {"reference": f"Patient/{subject}"},
    }  # fmt: skip
    naming = alone | {"reasonReference": [{"reference": f"Condition/{stored}"}]}
    for doc in (alone, naming):  # prepares the statements
        client.post("MedicationRequest", doc)
    found = [costs(lambda doc=doc: client.post("MedicationRequest", doc)) for doc in (alone, naming)]
    assert found[0] == found[1]
    client.post("Condition", about | {"code": {"coding": [coded["coding"][0] | {"code": "F20"}]}})
    client.post("MedicationRequest", naming)
    assert [costs(lambda doc=doc: client.post("MedicationRequest", doc)) > found[0] for doc in (alone, naming)] == [False, True]


def test_a_visit_is_stored_found_noted_and_related_in_one_act(client: w.Client, database: Any) -> None:
    made = sent(client, data.visit(data.Person(7)))
    ids = [one["response"]["location"].split("/")[0:2] for one in made["entry"]]
    subject = next(id_ for rtype, id_ in ids if rtype == "Patient")
    assert client.get(f"Observation?subject=Patient/{subject}&_summary=count").doc["total"] == data.OBSERVATIONS
    assert client.get(f"Patient?family={data.Person(7).family}&_summary=count").doc["total"] == 1
    with database.as_owner() as conn:
        noted = conn.execute("SELECT count(*) FROM record_access WHERE tag = %s", (Tag.RESOURCE_PUT.value,)).fetchone()
        people = conn.execute("SELECT count(DISTINCT person_id) FROM resource").fetchone()
        relation = conn.execute("SELECT unit, kind FROM relation WHERE kind = 'visit'").fetchall()
    assert noted == (data.RESOURCES,)
    assert people == (1,)
    assert relation == [(f"facility:{w.HERE}", "visit")]


def test_a_patient_number_of_another_human_leaves_nothing(client: w.Client, database: Any) -> None:
    sent(client, data.pair(data.Person(3)))
    bundle = orjson.loads(data.pair(data.Person(3)))
    bundle["entry"][0]["resource"] |= {"birthDate": "1999-01-01", "gender": "unknown", "name": [{"family": "Lò", "given": ["Thị", "Khác"]}]}
    before = _count(database)
    assert client.post("", bundle).status == 409
    assert _count(database) == before


def _count(database: Any) -> list[Any]:
    with database.as_owner() as conn:
        tables = ("resource", "locator", "person", "person_source", "relation", "match_row", "search_text")
        return [conn.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables]  # noqa: S608  our own list


def test_a_document_that_is_kept_whole_keeps_its_text(database: Any) -> None:
    texts = [b'{"id":"a","resourceType":"Basic","x":13.50}', b'{"resourceType":"Basic","id":"b","x":1.0,"y":"it\'s \\"\\\\"}']
    puts = [Put("Basic", id_, record.NOBODY, doc, [], None, None, w.HERE, None, (), "fhir") for id_, doc in zip("ab", texts, strict=True)]
    with unit_of_work(by=Actor.operator()) as conn:
        for put, sure in zip(puts, (True, False), strict=True):
            assert rest.insert_few(conn, [put], clock.now(), sure=sure)
        found = [record.get(conn, by=Actor.operator(), rtype="Basic", id=id_) for id_ in "ab"]
    assert [one.json.encode() for one in found if one] == texts


def citizen(number: str, **more: Any) -> dict[str, Any]:
    doc = w.patient(number, **more)
    doc["identifier"].append({"system": systems.identifier("citizen"), "value": "011185000123"})
    return doc


def test_a_merge_beside_it_takes_what_a_new_patient_brought(client: w.Client, database: Any) -> None:
    """The act looks up nobody whose Patient it made itself: a merge that comes meanwhile must wait for it, and take all along."""
    other = client.post("Patient", w.patient("P-9", birthDate="1950-01-01", name=[{"family": "Trần", "given": ["Văn", "Bách"]}], gender="male")).id
    keep = w.persons_of("Patient", other)[0]
    drop = w.persons_of("Patient", client.post("Patient", citizen("P-1")).id)[0]
    with unit_of_work(by=CLIENT, late=True) as conn:
        patient = record.identify(by=CLIENT, writes=[record.Write("Patient", None, citizen("P-2"))])[0]
        saved = record.save(conn, by=CLIENT, writes=[patient, record.Write("Observation", None, w.observation(str(patient.id)))])
        conn.execute("SELECT 1")  # what waited is written now
        assert [one.person_id for one in saved] == [drop, drop]
        beside = Beside(lambda: merge(keep, drop))
        until_somebody_waits(database)
    beside.done()
    with unit_of_work(by=Actor.operator()) as conn:
        assert conn.execute("SELECT count(*) FROM resource WHERE person_id = %s", (drop,)).fetchone() == (0,)
    assert w.persons_of("Observation", saved[1].id) == [keep]


def test_a_session_that_is_over_writes_nothing_and_is_told_nothing(client: w.Client, database: Any) -> None:
    """Who asks is proven in the message of the first statement: what is wrong with a body must not be told before."""
    sent(client, data.pair(data.Person(1)))
    bundle = orjson.loads(data.pair(data.Person(2)))
    wrong = orjson.loads(data.pair(data.Person(3)))
    wrong["entry"][0]["resource"]["gender"] = "?"
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET", "url": "Patient"}}]}
    empty = {"resourceType": "Bundle", "type": "transaction"}
    asked = [
        ("", bundle),
        ("", wrong),
        ("", batch),
        ("", empty),
        ("", {"resourceType": "Patient"}),
        ("Patient", {}),
        ("Observation", w.observation("x")),
    ]
    assert client.post("", wrong).status == 422
    before = _count(database)
    with database.as_owner() as conn:
        conn.execute("UPDATE accounts_session SET expires_at = now()")
        conn.commit()
    kept = dict(tokens._seen)
    for path, body in asked:
        tokens._seen.update(kept)  # another process has not heard of it yet
        reply = client.post(path, body)
        assert (reply.status, reply.codes) == (401, ["login"]), (path, body, reply.data)
    assert _count(database) == before


def test_a_batch_writes_each_entry_by_itself_in_one_transaction(client: w.Client, database: Any) -> None:
    docs = [w.patient("P-1"), w.patient("P-2", gender="?"), w.patient("P-3")]
    entries = [{"resource": doc, "request": {"method": "POST", "url": "Patient"}} for doc in docs]
    for _ in range(2):  # the second time who asks is guessed at
        reply = client.post("", {"resourceType": "Bundle", "type": "batch", "entry": entries})
        assert [one["response"]["status"][:3] for one in reply.doc["entry"]][1] == "422"
    with database.as_owner() as conn:
        acts = conn.execute("SELECT count(DISTINCT transaction) FROM record_access WHERE tag = %s", (Tag.RESOURCE_PUT.value,)).fetchone()
    assert acts == (1,)
