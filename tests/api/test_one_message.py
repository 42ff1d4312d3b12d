"""Reads and searches in one message to PostgreSQL: the same answer and the same row in the trail as by the long road, and who is proven decides."""

from __future__ import annotations

import tempfile
from typing import Any

import pytest
from django.db import connections

from tests.api import world as w
from yba import accounts
from yba.accounts import tokens
from yba.kit.db import unit_of_work

LOINC = "http://loinc.org"


@pytest.fixture
def client(database: Any) -> w.Client:
    found = w.software()
    assert found.get("Patient/none").status == 404  # from now on this process knows the session
    return found


@pytest.fixture
def mai(client: w.Client) -> str:
    made = client.post("Patient", w.patient()).id
    for number in range(4):
        client.post("Observation", w.observation(made, code="718-7" if number % 2 else "2345-7", value=number))
    return made


def messages(client: w.Client, path: str) -> tuple[int, w.Reply]:
    """How many messages PostgreSQL answers for a request, once its statements are prepared."""
    client.get(path)
    pgconn = connections["default"].connection.pgconn
    with tempfile.TemporaryFile() as told:
        pgconn.trace(told.fileno())
        reply = client.get(path)
        pgconn.untrace()
        told.seek(0)
        return told.read().count(b"ReadyForQuery"), reply


def trail(database: Any) -> list[tuple[Any, ...]]:
    with database.as_owner() as conn:
        rows = conn.execute(
            "SELECT who, actor_kind, purpose, tag, about_type, about_id, person_id, facility, reason, detail, version, address, port, device, role,"
            " under, outcome FROM record_access ORDER BY id"
        ).fetchall()
    return [tuple(row) for row in rows]


def shown(reply: w.Reply) -> tuple[Any, ...]:
    doc = reply.doc
    if doc["resourceType"] == "Bundle":
        doc = {key: value for key, value in doc.items() if key not in {"id", "meta"}}
        doc["link"] = [one["relation"] for one in doc["link"]]
    return reply.status, reply.headers.get("etag"), reply.headers.get("last-modified"), doc


@pytest.mark.parametrize(
    "asked",
    [
        "Patient/{mai}", "Patient/nobody", "Basic/nothing", "Patient?identifier=http://benhvien.test/ma-bn|P-1", "Patient?identifier=P-1&_total=accurate",
        "Observation?code={loinc}|718-7", "Observation?code={loinc}|718-7,{loinc}|2345-7&_count=3", "Observation?code=none&_total=accurate",
        "Patient?_id={mai}", "Observation?_count=2", "Observation?_sort=-_lastUpdated&_count=3", "Observation?code={loinc}|718-7&_elements=code",
        "Patient?gender=female&identifier=P-1", "Patient/{mai}?_summary=true", "Patient?family=nguy&birthdate=1985-03-02",
        "Patient?birthdate=1985-03-02,1990", "Patient?birthdate=1985&name=nguy&family:exact=none",
    ],
)  # fmt: skip
def test_one_message_says_and_notes_what_the_long_road_does(client: w.Client, mai: str, database: Any, asked: str) -> None:
    count = same_by_both_roads(client, database, asked.format(mai=mai, loinc=LOINC))
    assert count == (2 if ":exact" in asked else 1)


@pytest.mark.parametrize(
    ("asked", "most"),
    [
        ("Observation?subject=Patient/{mai}&_sort=-date&_count=2", 2), ("Observation?patient={mai}&code={loinc}|718-7", 2),
        ("Observation?subject=Patient/nobody", 2), ("Observation?subject:Patient.identifier=P-1&code=718-7&_total=accurate", 2),
        ("Observation?subject:Patient.name=nguy", 3), ("Patient?_has:Observation:patient:code=718-7", 3), ("Patient?family=nguy", 2),
        ("Patient?identifier=P-1&_revinclude=Observation:subject", 3), ("Observation?code=718-7&_include=Observation:subject", 3),
        ("Observation?code=718-7&_include=Observation:subject&_revinclude=DiagnosticReport:result&_revinclude=Provenance:target", 3),
        ("Patient/{mai}/$everything", 2), ("Patient/{mai}/$everything?_type=Observation&_count=2", 3), ("Patient/nobody/$everything", 1),
        ("Observation?subject=Patient/{mai}&_sort=date", 2), ("Observation?value-quantity=gt1&subject=Patient/{mai}", 4),
    ],
)  # fmt: skip
def test_a_few_messages_say_and_note_what_the_long_road_does(client: w.Client, mai: str, database: Any, asked: str, most: int) -> None:
    assert same_by_both_roads(client, database, asked.format(mai=mai, loinc=LOINC)) <= most


def test_what_stands_in_for_the_time_of_some_is_ordered_as_the_long_road_orders_it(client: w.Client, mai: str, database: Any) -> None:
    doc = w.observation(mai, code="718-7")
    client.post("Observation", {**{key: value for key, value in doc.items() if key != "effectiveDateTime"}, "issued": "2020-01-01T00:00:00Z"})
    same_by_both_roads(client, database, f"Observation?subject=Patient/{mai}&_sort=date")


@pytest.mark.parametrize("path", ["Observation?subject=Patient/{mai}", "Patient/{mai}/$everything", "Observation?subject=Patient/{mai}&code=none"])
def test_what_is_masked_is_said_by_both_roads(client: w.Client, mai: str, database: Any, path: str) -> None:
    with database.as_owner() as conn:
        conn.execute("UPDATE resource SET labels = '{hiv}' WHERE rtype = 'Observation' AND version = 1 AND doc::text LIKE '%2345-7%'")
        conn.commit()
    same_by_both_roads(client, database, path.format(mai=mai))


def test_what_is_restricted_when_it_is_written_is_known_at_once_and_not_to_others(client: w.Client, mai: str, database: Any) -> None:
    asked = f"Condition?patient=Patient/{mai}"
    coded = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "B20"}]}
    assert "security" not in client.get(asked).doc["meta"]
    assert client.post("Condition", {"resourceType": "Condition", "code": coded, "subject": {"reference": f"Patient/{mai}"}}).status == 201
    assert client.get(asked).doc["meta"]["security"][0]["code"] == "REDACTED"
    same_by_both_roads(client, database, asked)
    with database.connect() as conn:  # the app role, nobody's lock
        assert conn.execute("SELECT count(*) FROM labelled_person").fetchone() == (0,)
        conn.execute("SELECT set_config('yba.scope', 'bound', false), set_config('yba.facilities', %s, false)", (f"{{{w.THERE}}}",))
        assert conn.execute("SELECT count(*) FROM labelled_person").fetchone() == (0,)
        conn.execute("SELECT set_config('yba.facilities', %s, false)", (f"{{{w.HERE}}}",))
        assert conn.execute("SELECT count(*) FROM labelled_person").fetchone() == (1,)


def same_by_both_roads(client: w.Client, database: Any, path: str) -> int:
    """Ask in single messages and in a unit of work: the same answer, the same in the trail; returns how many messages the first took."""
    count, short = messages(client, path)
    before = trail(database)
    short = client.get(path)
    after = trail(database)
    tokens._seen.clear()
    long = client.get(path)
    assert shown(short) == shown(long)
    last = trail(database)
    assert last[len(after) :] == after[len(before) :]
    assert len(last) - len(after) == (0 if short.status == 404 else 2 if "$everything" in path else 1)
    return count


def test_pages_go_on_where_the_one_message_ended(client: w.Client, mai: str) -> None:
    seen, path = [], f"Observation?code={LOINC}|718-7,{LOINC}|2345-7&_count=3"
    while path:
        reply = client.get(path)
        seen += [one["resource"]["id"] for one in reply.doc["entry"]]
        client.post("Observation", w.observation(mai, code="718-7"))
        following = [one["url"] for one in reply.doc["link"] if one["relation"] == "next"]
        path = following[0].partition("/fhir/")[2] if following else ""
    assert len(seen) == len(set(seen)) == 4


@pytest.mark.parametrize("path", ["Patient/{mai}", "Patient?identifier=P-1"])
def test_who_is_known_no_longer_is_not_proven_and_nothing_is_noted(client: w.Client, mai: str, database: Any, path: str) -> None:
    before = trail(database)
    with unit_of_work(by=w.OPERATOR) as conn:
        accounts.disable_client(conn, by=w.OPERATOR, facility=w.HERE)
    noted = len(trail(database))
    assert client.get(path.format(mai=mai)).status == 401
    assert trail(database)[len(before) :] == trail(database)[len(before) : noted]


def test_another_facilitys_software_sees_nothing_and_leaves_nothing(client: w.Client, mai: str, database: Any) -> None:
    other = w.software(w.THERE)
    other.get("Patient/none")
    before = trail(database)
    assert other.get(f"Patient/{mai}").status == 404
    assert trail(database) == before
    assert "entry" not in other.get("Patient?identifier=P-1").doc
    assert trail(database)[len(before)][0] == f"client:{w.THERE}"


def test_what_was_deleted_is_gone_and_what_the_caller_has_is_not_sent_again(client: w.Client, mai: str) -> None:
    made = client.post("Observation", w.observation(mai)).id
    assert client.get(f"Observation/{made}", if_none_match='W/"1"').status == 304
    assert client.ask("DELETE", f"Observation/{made}").status == 204
    assert client.get(f"Observation/{made}").status == 410


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("Observation?subject=Patient/{mai}&_sort=-date", 2),  # whose Patient, rows with their row of the trail
        ("Patient?family=nguy&birthdate=1985-03-02", 1),
        ("Observation?subject:Patient.identifier=P-1&code=718-7", 2),
        ("Patient?identifier=P-1&_revinclude=Observation:subject", 3),
        ("Patient/{mai}/$everything", 2),
        ("Observation?subject=Patient/{mai}&_total=accurate&_count=2", 2),
    ],
)
def test_how_many_messages_a_search_takes(client: w.Client, mai: str, path: str, most: int) -> None:
    count, reply = messages(client, path.format(mai=mai))
    assert reply.status == 200
    assert reply.doc["entry"]
    assert count <= most
